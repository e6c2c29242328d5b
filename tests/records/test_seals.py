"""Rows sealed under a key that changes with every row: with the first key kept elsewhere, whoever holds the database
can neither change what stands nor cut it short unnoticed, even hashing everything anew."""

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.adapters.database import begin_write
from portal.domain.problems import InvalidInput
from portal.models.audit import AuditEvent, AuditHead, next_key, record, start_key
from portal.records.chain import verify
from portal.records.seals import FirstKey, read_first_key
from tests.world import NOW, World

KEY, OTHER = "11" * 32, "22" * 32
NOT_SEALED = "it was not sealed with the key of its time"


def write(world: World, times: int) -> None:
    for n in range(times):
        record(world.s, actor=world.pia, action="act", thing=f"case:{n}", at=NOW, payload=n)


def started(world: World, key: str = KEY, rows: int = 5) -> FirstKey:
    head = start_key(world.s, actor=None, key=key, at=NOW)
    first = FirstKey(head.epoch, head.sequence + 1, key)
    write(world, rows)
    return first


def rehash(s: Session, start: int) -> None:
    """What somebody with the database would do: make the chain fit again from this row on."""
    rows = list(s.scalars(select(AuditEvent).order_by(AuditEvent.sequence)))
    previous = rows[start - 2].event_hash
    for row in rows[start - 1 :]:
        row.previous_hash = previous
        previous = row.expected_hash()
        values = {"previous_hash": row.previous_hash, "event_hash": previous}
        s.expunge(row)
        s.execute(update(AuditEvent).where(AuditEvent.sequence == row.sequence).values(values))
    s.execute(update(AuditHead).values(event_hash=previous, sequence=len(rows)))
    s.expire_all()


def test_every_row_after_the_start_is_sealed_and_its_key_is_gone(world: World) -> None:
    first = started(world)
    chain = verify(world.s, [first])
    assert (chain.bad, chain.sealed) == (None, 5)
    head = world.s.get(AuditHead, 1)
    key = KEY
    for _ in range(5):
        key = next_key(key)
    assert head.key == key
    assert KEY not in {head.key, *world.s.scalars(select(AuditEvent.seal))}


def test_without_a_key_nothing_is_sealed_and_the_chain_is_checked_all_the_same(world: World) -> None:
    write(world, 3)
    assert set(world.s.scalars(select(AuditEvent.seal))) == {""}
    assert (verify(world.s).bad, verify(world.s).sealed) == (None, 0)


def test_a_chain_hashed_anew_is_found_by_its_seals_alone(world: World) -> None:
    first = started(world)
    begin_row = first.sequence + 1
    world.s.execute(update(AuditEvent).where(AuditEvent.sequence == begin_row).values(action="nothing"))
    rehash(world.s, begin_row)
    assert verify(world.s).bad is None
    found = verify(world.s, [first])
    assert (found.bad, found.why) == (begin_row, NOT_SEALED)


def test_the_key_that_waits_seals_nothing_earlier(world: World) -> None:
    """Taking the seals away, or starting one's own key, is found at the first row that should have been sealed."""
    first = started(world)
    world.s.execute(update(AuditEvent).values(seal="", epoch=0))
    world.s.expire_all()
    assert verify(world.s, [first]).bad == first.sequence


def test_a_tail_cut_off_with_its_head_row_is_found_without_an_exported_head(world: World) -> None:
    first = started(world)
    length = world.s.get(AuditHead, 1).sequence
    for cut in (1, 4, 6):
        kept = world.s.get(AuditEvent, length - cut)
        with world.s.begin_nested() as point:
            world.s.execute(delete(AuditEvent).where(AuditEvent.sequence > kept.sequence))
            world.s.execute(update(AuditHead).values(sequence=kept.sequence, event_hash=kept.event_hash))
            world.s.expire_all()
            found = verify(world.s, [first])
            assert (found.bad, "cut off or written anew" in found.why) == (kept.sequence + 1, True)
            point.rollback()
        world.s.expire_all()
    assert verify(world.s, [first]).bad is None


def test_a_log_cut_back_to_before_its_key_is_found(world: World) -> None:
    first = started(world)
    kept = world.s.get(AuditEvent, first.sequence - 2)
    world.s.execute(delete(AuditEvent).where(AuditEvent.sequence > kept.sequence))
    values = {"sequence": kept.sequence, "event_hash": kept.event_hash, "epoch": 0, "key": ""}
    world.s.execute(update(AuditHead).values(values))
    world.s.expire_all()
    assert verify(world.s).bad is None
    assert verify(world.s, [first]).bad == kept.sequence + 1


def test_another_key_may_follow_and_each_checks_its_own_rows(world: World) -> None:
    first, second = started(world), started(world, OTHER, rows=2)
    found = {
        "both": verify(world.s, [first, second]),
        "first": verify(world.s, [first]),
        "second": verify(world.s, [second]),
    }
    assert {name: (chain.bad, chain.sealed) for name, chain in found.items()} == {
        "both": (None, 8),  # five, the row that announces the second key, and two
        "first": (None, 6),
        "second": (None, 2),
    }
    wrong = FirstKey(second.epoch, second.sequence, KEY)
    assert verify(world.s, [first, wrong]).bad == second.sequence
    early = FirstKey(second.epoch, second.sequence - 1, OTHER)
    assert verify(world.s, [first, early]).bad == second.sequence - 1


def test_a_key_just_started_waits_for_its_first_row(world: World) -> None:
    first = started(world, rows=0)
    assert verify(world.s, [first]).bad is None
    world.s.execute(update(AuditHead).values(key=OTHER))
    world.s.expire_all()
    assert verify(world.s, [first]).bad == first.sequence


@pytest.mark.parametrize("text", ["", "{}", '{"epoch": 1, "sequence": 2, "key": "abc"}', "[1]"])
def test_what_is_no_first_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="not a key written by"):
        read_first_key(text)


def test_a_first_key_reads_as_it_was_written() -> None:
    first = FirstKey(1, 7, KEY)
    assert read_first_key(first.as_text()) == first


def test_the_command_line_starts_a_key_and_checks_with_it(
    world: World, settings, monkeypatch, tmp_path, capsys
) -> None:
    from portal.cli import main

    world.commit()
    for name, value in {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "STORAGE_URL": settings.storage_url,
    }.items():
        monkeypatch.setenv(f"EVENBAR_{name}", value)
    file = tmp_path / "first.key"
    assert main(["audit", "new-key", str(file)]) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert main(["audit", "new-key", str(file)]) != 0  # never over a key that is there, and then none is started
    world.s.rollback()
    begin_write(world.s)
    write(world, 2)
    world.commit()
    assert main(["audit", "verify", "--key", str(file)]) == 0
    assert "2 of them sealed with the key of their time" in capsys.readouterr().out
    begin_write(world.s)
    world.s.execute(update(AuditEvent).values(seal=""))
    world.commit()
    assert main(["audit", "verify", "--key", str(file)]) == 1
    file.write_text("{}")
    assert main(["audit", "verify", "--key", str(file)]) == 2
