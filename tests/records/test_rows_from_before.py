"""Rows written before reasons stood apart, whose hash is over the reason's text: they can be erased, and what they were
is told by one row of the upgrade alone. No other row makes a changed row fit, whoever holds the key of the next one."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.orm import Session

from portal.adapters.database import begin_write, writing
from portal.adapters.migrations import downgrade, upgrade
from portal.models.audit import (
    BEFORE,
    GENESIS,
    KEY_STARTED,
    AuditEvent,
    AuditHead,
    AuditReason,
    canonical,
    digest,
    earlier_seal_of,
    next_key,
    record,
    start_key,
)
from portal.records.chain import continues, verify
from portal.records.reasons import ACT, erase
from portal.records.seals import FirstKey
from portal.settings import ROOT
from tests.world import NOW, World

FOLDER, KEY = ROOT / "migrations", "11" * 32
FIRST = FirstKey(1, 2, KEY)
SAID = {1: "", 2: "Because.", 3: "", 4: "Ada is on leave."}  # the first row tells that the key was started
CHANGED = {"action": "decision_recorded", "thing": "decision:other", "case_id": "another"}


def named(s: Session, *rows: int, action: str = ACT) -> None:
    """A row more that tells of these rows what they are now: anybody can write it who holds the key of the next row."""
    s.expire_all()
    lines = s.scalars(select(AuditEvent).where(AuditEvent.sequence.in_(rows)))
    left = canonical({str(line.sequence): line.rest() for line in lines})
    record(s, actor=None, action=action, thing="case:x", at=NOW, reason=left)


def change(s: Session, row: int, **values: str) -> None:
    s.execute(update(AuditEvent).where(AuditEvent.sequence == row).values(**values))
    s.expire_all()


@pytest.fixture
def first(world: World) -> FirstKey:
    """Five decisions, sealed; the third one with a reason."""
    head = start_key(world.s, actor=None, key=KEY, at=NOW)
    first = FirstKey(head.epoch, head.sequence + 1, KEY)
    for n in range(5):
        why = "It was said so." if n == 2 else ""
        record(world.s, actor=world.pia, action="decided", thing=f"case:{n}", at=NOW, case_id=f"c{n}", reason=why)
    return first


@pytest.mark.parametrize("actions", [[ACT], [ACT, BEFORE], [BEFORE, ACT]])
@pytest.mark.parametrize("offset", [1, 2])
def test_no_erasure_makes_a_changed_row_fit(world: World, first: FirstKey, offset: int, actions: list[str]) -> None:
    """Neither a row that never had a reason nor one whose reason, and the code of it, were taken away."""
    row, head = first.sequence + offset, world.s.get_one(AuditHead, 1)
    old = (head.sequence, head.event_hash)
    world.s.execute(delete(AuditReason).where(AuditReason.sequence == row))
    change(world.s, row, reason_hash="", **CHANGED)
    for action in actions:
        named(world.s, row, action=action)
    assert (continues(world.s, sequence=old[0], event_hash=old[1]), verify(world.s, [first]).bad) == (True, row)


def test_a_change_is_found_by_the_exported_head_where_nothing_is_sealed(
    world: World, settings, monkeypatch, tmp_path: Path, capsys
) -> None:
    """A list that is newer than the head may be anybody's."""
    from portal.cli import main

    line = record(world.s, actor=world.pia, action="decided", thing="case:1", at=NOW)
    world.commit()
    for name in ("database_url", "secret_key", "storage_url"):
        monkeypatch.setenv(f"EVENBAR_{name.upper()}", getattr(settings, name))
    head = str(tmp_path / "head.json")
    assert (main(["audit", "export-head", head]), main(["audit", "verify", "--head", head])) == (0, 0)
    world.s.rollback()
    begin_write(world.s)
    change(world.s, line.sequence, **CHANGED)
    for action in (ACT, BEFORE):
        named(world.s, line.sequence, action=action)
    world.commit()
    assert main(["audit", "verify", "--head", head]) == 1
    assert "is newer than the exported head" in capsys.readouterr().err


@pytest.fixture
def old(engine: Engine) -> Engine:
    """A sealed log as it was before: rows hashed with their reasons' text, and sealed over that hash."""
    downgrade(engine, FOLDER, "0015")
    columns = "sequence, at, action, thing, stage, reason, payload_hash, previous_hash, event_hash, epoch, seal"
    values = ":n, :at, :action, 'x', '', :why, :pay, :prev, :own, :epoch, :seal"
    row = f"INSERT INTO audit_event ({columns}) VALUES ({values})"
    previous, key, payload = GENESIS, "", digest(None)
    with writing(engine).begin() as connection:
        for n, why in SAID.items():
            action = "noted" if key else KEY_STARTED
            own = digest([n, NOW.isoformat(), None, action, "x", None, "", why, payload, previous])
            given = {"n": n, "at": NOW, "action": action, "why": why, "pay": payload, "prev": previous, "own": own}
            connection.execute(text(row), given | {"epoch": int(n > 1), "seal": earlier_seal_of(key, 1, own)})
            previous, key = own, next_key(key) or KEY
        head = "INSERT INTO audit_head (id, sequence, event_hash, epoch, key) VALUES (1, 4, :own, 1, :key)"
        connection.execute(text(head), {"own": previous, "key": key})
    return engine


def test_the_migration_takes_reasons_along_and_lists_their_rows_under_the_key_of_its_time(old: Engine) -> None:
    upgrade(old, FOLDER)
    with Session(old) as s:
        found = verify(s, [FIRST])
        rows = {str(n): s.get_one(AuditEvent, n).rest() for n in (2, 4)}
        last = s.get_one(AuditEvent, 5)
        assert (found.length, found.bad, found.sealed, found.relies_on) == (5, None, 4, 0)
        assert (last.action, last.reason, s.get_one(AuditEvent, 4).reason) == (BEFORE, canonical(rows), SAID[4])


def test_a_log_without_a_row_gets_none(engine: Engine) -> None:
    downgrade(engine, FOLDER, "0017")
    upgrade(engine, FOLDER)
    with Session(engine) as s:
        assert verify(s).length == 0


def erased(s: Session, row: int, at: datetime = NOW) -> None:
    begin_write(s)
    erase(s, [s.get_one(AuditEvent, row)], "case:x", actor=None, at=at)


def test_a_row_from_before_fits_with_its_reason_and_after_its_erasure(old: Engine) -> None:
    upgrade(old, FOLDER)
    with Session(old) as s:
        erased(s, 4)
        s.expire_all()
        found = verify(s, [FIRST])
        assert (found.bad, found.relies_on, s.get_one(AuditEvent, 4).reason) == (None, 5, "")


def test_one_erased_before_the_upgrade_fits_as_well(old: Engine) -> None:
    upgrade(old, FOLDER, "0017")
    with Session(old) as s:
        erased(s, 4)
        s.commit()
    upgrade(old, FOLDER)
    with Session(old) as s:
        assert (verify(s).bad, verify(s).relies_on) == (None, 6)


@pytest.mark.parametrize("row", [2, 3, 4])
def test_a_row_from_before_is_not_changed_after_the_upgrade(old: Engine, row: int) -> None:
    """With an erasure of the changed row and a second list, both sealed with the key that waited."""
    upgrade(old, FOLDER)
    with Session(old) as s:
        begin_write(s)
        s.execute(delete(AuditReason).where(AuditReason.sequence == row))
        change(s, row, action="decided")
        for action in (ACT, BEFORE):
            named(s, row, action=action)
        assert verify(s, [FIRST]).bad == row


def test_a_list_of_ones_own_does_not_take_the_place_of_that_of_the_upgrade(old: Engine) -> None:
    upgrade(old, FOLDER)
    with Session(old) as s:
        begin_write(s)
        s.execute(delete(AuditReason).where(AuditReason.sequence == 4))
        change(s, 4, action="decided")
        named(s, 4, 5)
        named(s, 4, action=BEFORE)
        s.execute(delete(AuditReason).where(AuditReason.sequence == 5))
        s.expire_all()
        found = verify(s, [FIRST])
        assert (found.bad, found.why) == (4, "the row that lists it was not written at the upgrade")


def test_what_was_changed_before_the_upgrade_is_not_listed(old: Engine) -> None:
    upgrade(old, FOLDER, "0017")
    with writing(old).begin() as connection:
        connection.execute(text("UPDATE audit_event SET action = 'decided' WHERE sequence = 4"))
    upgrade(old, FOLDER)
    with Session(old) as s:
        assert (verify(s, [FIRST]).bad, '"4"' in s.get_one(AuditEvent, 5).reason) == (4, False)
