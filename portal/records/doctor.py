"""What must be true of the data, each as a question to database and store; for whoever looks after an instance."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.adapters.storage import Storage
from portal.domain.case_flow import State
from portal.models.audit import digest
from portal.models.case import Case, CaseEvent
from portal.models.decision import Decision
from portal.models.letter import AppealLetter, Letter
from portal.models.outbox import OutboxRow, OutboxState
from portal.models.packet import Attachment, Snapshot, SnapshotAttachment
from portal.records.chain import verify
from portal.records.jobs import orphans, referred_to

NOT_SUBMITTED = (State.DRAFT, State.WITHDRAWN)
Question = Callable[[Session, Storage, datetime], Iterable[str]]


@dataclass(frozen=True)
class Finding:
    """An invariant in words, and what contradicts it; nothing when it holds."""

    invariant: str
    against: tuple[str, ...]


def examine(s: Session, storage: Storage, at: datetime) -> Iterator[Finding]:
    """Every invariant, one after the other. Reads only."""
    for invariant, ask in INVARIANTS.items():
        yield Finding(invariant, tuple(ask(s, storage, at)))


def _tables(s: Session, _storage: Storage, _at: datetime) -> Iterator[str]:
    if s.get_bind().dialect.name != "sqlite":
        return
    yield from (str(line) for (line,) in s.execute(text("PRAGMA integrity_check")) if line != "ok")
    for row in s.execute(text("PRAGMA foreign_key_check")):
        yield f"table {row[0]}, row {row[1]} refers to a row of {row[2]} that is not there"


def _log(s: Session, _storage: Storage, _at: datetime) -> Iterator[str]:
    chain = verify(s)
    if chain.bad is not None:
        yield f"row {chain.bad}: {chain.why}"


def _states(s: Session, _storage: Storage, _at: datetime) -> Iterator[str]:
    last = select(func.max(CaseEvent.id)).group_by(CaseEvent.case_id)
    q = select(Case.id, Case._state, CaseEvent.target).join(CaseEvent, CaseEvent.case_id == Case.id)
    q = q.where(CaseEvent.id.in_(last), Case._state != CaseEvent.target).order_by(Case.id)
    for case_id, state, target in s.execute(q):
        yield f"case {case_id} is {state.value}, its last step led to {target.value}"


def _submitted(s: Session, _storage: Storage, _at: datetime) -> Iterator[str]:
    held = select(Snapshot.id).where(Snapshot.case_id == Case.id).exists()
    for case_id in s.scalars(select(Case.id).where(Case._state.not_in(NOT_SUBMITTED), ~held).order_by(Case.id)):
        yield f"case {case_id} was submitted and has no snapshot"


def _snapshots(s: Session, _storage: Storage, _at: datetime) -> Iterator[str]:
    q = select(Snapshot.case_id, Snapshot.number, Snapshot.content, Snapshot.content_hash).order_by(Snapshot.id)
    for case_id, number, content, content_hash in s.execute(q.execution_options(yield_per=100)):
        if digest(content) != content_hash:
            yield f"snapshot {number} of case {case_id} is not what was frozen"


def _frozen_files(s: Session, _storage: Storage, _at: datetime) -> Iterator[str]:
    q = select(SnapshotAttachment.snapshot_id, Attachment.id, Attachment.sha256).join(
        Attachment, Attachment.id == SnapshotAttachment.attachment_id
    )
    kept = {(snapshot, one, sha256) for snapshot, one, sha256 in s.execute(q)}
    contents = select(Snapshot.id, Snapshot.case_id, Snapshot.content).order_by(Snapshot.id)
    for snapshot_id, case_id, content in s.execute(contents.execution_options(yield_per=100)):
        for one in _files_in(content):
            if (snapshot_id, one["id"], one["sha256"]) not in kept:
                yield f"a snapshot of case {case_id} names attachment {one['id']}, which is not kept for it"


def _files_in(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for row in content.get("evidence", ()) for one in row.get("attachments", ())]


def _letters(s: Session, _storage: Storage, _at: datetime) -> Iterator[str]:
    for letter in s.execute(select(Letter.code, Letter.data, Letter.data_sha256).order_by(Letter.id)):
        if digest(letter.data) != letter.data_sha256:
            yield f"the data of letter {letter.code} is not what was frozen"
    answers = select(AppealLetter.code, AppealLetter.data, AppealLetter.data_sha256).order_by(AppealLetter.id)
    for letter in s.execute(answers):
        if digest(letter.data) != letter.data_sha256:
            yield f"the data of letter {letter.code} is not what was frozen"
    q = select(Decision.id).outerjoin(Letter, Letter.decision_id == Decision.id)
    q = q.where(Decision.released_at.is_not(None), Letter.pdf_sha256.is_(None)).order_by(Decision.id)
    for decision_id in s.scalars(q):
        yield f"decision {decision_id} was released without a letter"


def _files(s: Session, storage: Storage, _at: datetime) -> Iterator[str]:
    lying = {found.name: found.size for found in storage.everything() if found.name}
    for name in sorted(referred_to(s) - lying.keys()):
        yield f"the file {name} is not in the store; restore it from a backup"
    sizes = select(Attachment.id, Attachment.sha256, Attachment.size).order_by(Attachment.id)
    for one, name, size in s.execute(sizes):
        if lying.get(name, size) != size:
            yield f"attachment {one} has {lying[name]} bytes in the store, {size} were sent"


def _orphans(s: Session, storage: Storage, at: datetime) -> Iterator[str]:
    for found in orphans(s, storage, at):
        yield f"{found.path} ({found.size} bytes, since {found.since:%Y-%m-%d}); the worker removes it"


def _outbox(s: Session, _storage: Storage, _at: datetime) -> Iterator[str]:
    q = select(OutboxRow.kind, func.count()).where(OutboxRow.state == OutboxState.FAILED).group_by(OutboxRow.kind)
    for kind, count in s.execute(q.order_by(OutboxRow.kind)):
        yield f"{count} of kind {kind}"


INVARIANTS: dict[str, Question] = {
    "the tables are whole, and what they refer to is there": _tables,
    "each row of the audit log is linked to the one before": _log,
    "each case stands where its last step led": _states,
    "each submitted case has a snapshot": _submitted,
    "each snapshot is what was frozen": _snapshots,
    "each file a snapshot names is kept for it": _frozen_files,
    "each released decision has its letter, as it was frozen": _letters,
    "each file that is referred to lies in the store": _files,
    "each file in the store is referred to": _orphans,
    "no mail or letter was given up": _outbox,
}
