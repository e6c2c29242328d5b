"""The doctor finds what must not be, names it in a line, and the worker takes orphans away."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import time_machine
from sqlalchemy import Engine, delete, insert, select, text, update
from sqlalchemy.orm import Session

from portal.adapters.storage import Storage
from portal.domain.attachments import FileKind
from portal.domain.case_flow import State
from portal.models.audit import AuditEvent
from portal.models.case import Case
from portal.models.decision import Decision
from portal.models.letter import Letter
from portal.models.outbox import OutboxRow, OutboxState
from portal.models.packet import Attachment, Evidence, Snapshot, SnapshotAttachment
from portal.records import jobs
from portal.records.doctor import INVARIANTS, examine
from portal.records.jobs import orphans, sweep
from tests.world import NOW, World

LATER = datetime.now(UTC) + timedelta(days=2)  # files have the time of the real clock
OLD, FILE = b"left by a crash", b"a plan"


@pytest.fixture
def store(settings: Any) -> Storage:
    return Storage.from_url(settings.storage_url)


@pytest.fixture
def case(world: World, store: Storage) -> Case:
    """Released, with a file in the snapshot; the letter is not there, since nothing was released by the rules."""
    made = world.case("ada", State.IN_REVIEW)
    row = world.s.scalars(select(Evidence).where(Evidence.case_id == made.id).order_by(Evidence.id)).first()
    world.s.add(
        Attachment(
            id="a00000000000",
            case_id=made.id,
            evidence_id=row.id,
            sha256=store.put(FILE),
            size=len(FILE),
            kind=FileKind.TEXT,
            name="plan.txt",
            added_at=NOW,
        )
    )
    world.s.flush()
    world.commit()
    return made


def found(s: Session, store: Storage) -> dict[str, tuple[str, ...]]:
    return {f.invariant: f.against for f in examine(s, store, LATER) if f.against}


def test_a_sound_instance_has_no_finding(world: World, case, store) -> None:
    assert [f.against for f in examine(world.s, store, LATER)] == [()] * len(INVARIANTS)


def altered_log(s: Session, store: Storage, case: Case) -> None:
    s.execute(update(AuditEvent).where(AuditEvent.sequence == 1).values(action="nothing_happened"))


def altered_state(s: Session, store: Storage, case: Case) -> None:
    s.execute(update(Case).where(Case.id == case.id).values(_state=State.SUBMITTED))


def no_snapshot(s: Session, store: Storage, case: Case) -> None:
    s.execute(delete(Snapshot).where(Snapshot.case_id == case.id))


def altered_snapshot(s: Session, store: Storage, case: Case) -> None:
    s.execute(update(Snapshot).where(Snapshot.case_id == case.id).values(content={"sections": {}, "evidence": []}))


def unkept_file(s: Session, store: Storage, case: Case) -> None:
    snapshot = s.scalars(select(Snapshot)).one()
    content = {"evidence": [{"attachments": [{"id": "a00000000000", "sha256": "00"}]}]}
    s.execute(update(Snapshot).values(content=content))
    s.execute(insert(SnapshotAttachment).values(snapshot_id=snapshot.id, attachment_id="a00000000000"))


def missing_file(s: Session, store: Storage, case: Case) -> None:
    store.remove(next(store.everything()))


def other_size(s: Session, store: Storage, case: Case) -> None:
    s.execute(update(Attachment).values(size=7))


def an_orphan(s: Session, store: Storage, case: Case) -> None:
    store.put(OLD)


def given_up(s: Session, store: Storage, case: Case) -> None:
    s.add(
        OutboxRow(
            kind="mail", key="k", payload={}, state=OutboxState.FAILED, due_at=NOW, created_at=NOW, last_error="x"
        )
    )
    s.flush()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (altered_log, {"each row of the audit log is linked to the one before": "row 1: "}),
        (altered_state, {"each case stands where its last step led": "is submitted, its last step led to in_review"}),
        (no_snapshot, {"each submitted case has a snapshot": "was submitted and has no snapshot"}),
        (altered_snapshot, {"each snapshot is what was frozen": "is not what was frozen"}),
        (missing_file, {"each file that is referred to lies in the store": "is not in the store; restore it"}),
        (other_size, {"each file that is referred to lies in the store": "has 6 bytes in the store, 7 were sent"}),
        (an_orphan, {"each file in the store is referred to": "(15 bytes, since"}),
        (given_up, {"no mail or letter was given up": "1 of kind mail"}),
        (
            unkept_file,
            {
                "each snapshot is what was frozen": "is not what was frozen",
                "each file a snapshot names is kept for it": "names attachment a00000000000, which is not kept for it",
            },
        ),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_each_harm_is_found_and_nothing_else(
    world: World, case, store, harm: Callable[..., None], said: dict[str, str]
) -> None:
    harm(world.s, store, case)
    findings = found(world.s, store)
    assert findings.keys() == said.keys()
    assert [name for name, words in said.items() if words not in findings[name][0]] == []


def test_a_released_decision_without_its_letter_and_an_altered_letter(world: World, store) -> None:
    case = world.case("ada", State.RELEASED)
    invariant = "each released decision has its letter, as it was frozen"
    decision = world.s.scalars(select(Decision).where(Decision.case_id == case.id)).one()
    assert found(world.s, store) == {invariant: (f"decision {decision.id} was released without a letter",)}
    world.s.add(
        Letter(
            case_id=case.id,
            decision=decision,
            code="AAAA",
            data={"a": 1},
            data_sha256="0" * 64,
            pdf_sha256=store.put(b"%PDF-"),
            prepared_at=NOW,
        )
    )
    world.s.flush()
    assert found(world.s, store) == {invariant: ("the data of letter AAAA is not what was frozen",)}


def test_a_row_that_refers_to_nothing_is_found_on_sqlite(world: World, case, store, engine: Engine) -> None:
    if engine.dialect.name == "postgresql":  # there the database itself never lets go of a reference
        assert found(world.s, store) == {}
        return
    world.s.rollback()
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(text("DELETE FROM evidence"))
        connection.commit()
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    assert "attachment" in found(world.s, store)["the tables are whole, and what they refer to is there"][0]


def test_the_worker_takes_old_orphans_and_nothing_else(world: World, case, store, engine: Engine) -> None:
    store.put(OLD)
    with time_machine.travel(LATER - timedelta(days=2), tick=False):
        assert (sweep(engine, store), len(list(store.everything()))) == (0, 2)
    with time_machine.travel(LATER, tick=False):
        assert (sweep(engine, store), [s.size for s in store.everything()]) == (1, [len(FILE)])


def test_a_file_that_is_referred_to_meanwhile_stays(world: World, case, store, engine: Engine) -> None:
    with (
        time_machine.travel(LATER, tick=False),
        mock.patch.object(jobs, "orphans", lambda s, storage, at: list(storage.everything())),
    ):
        assert (sweep(engine, store), len(list(store.everything()))) == (0, 1)


def test_with_the_wrong_database_nothing_is_taken(world: World, case, store, engine: Engine) -> None:
    for n in range(jobs.PLAUSIBLE + 1):
        store.put(f"a letter {n}".encode())
    with time_machine.travel(LATER, tick=False):
        assert (sweep(engine, store), len(orphans(world.s, store, LATER))) == (0, jobs.PLAUSIBLE + 1)


def test_what_a_killed_upload_left_is_an_orphan_too(world: World, case, engine: Engine, tmp_path: Path, store) -> None:
    left = tmp_path / "store" / "arriving" / "0f"
    left.parent.mkdir()
    left.write_bytes(b"half")
    assert [o.path for o in orphans(world.s, store, LATER)] == ["arriving/0f"]
    with time_machine.travel(LATER, tick=False):
        assert (sweep(engine, store), left.exists()) == (1, False)
