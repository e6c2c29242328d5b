"""The record of who did and who read what: one row an act, each linked to the one before by its hash.

Why somebody acted is free text that may name a person. It stands apart, and its row holds a code of it under a salt
that stands with the text: erasing takes text and salt away, and the chain stays as it was.

Once a key was started, each row is also sealed: a code over all of it but the text of its reason, under a key that its
own hash replaces after every row. Whoever takes the machine finds the key of the next row and none of an earlier one,
so that what stands is not resealed; the first key, kept elsewhere, checks them all."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, event, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from portal.models.base import Base, new_ids
from portal.models.person import Person

GENESIS = "0" * 64
KEY_STARTED = "audit_key_started"
TEXTS_ERASED = "case_texts_erased"
BEFORE = "rows_from_before"  # written once, by the migration that lists rows whose hash is over their reason's text


class AuditHead(Base):
    """The single row that says where the chain ends; locked while a new event is linked."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int]
    event_hash: Mapped[str] = mapped_column(String(64))
    epoch: Mapped[int] = mapped_column(default=0)  # how many keys were started so far
    key: Mapped[str] = mapped_column(String(64), default="")  # hex, of the next row; empty before the first key


class AuditEvent(Base):
    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_case_id_sequence", "case_id", "sequence"),)

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    action: Mapped[str] = mapped_column(String(60))
    thing: Mapped[str] = mapped_column(String(120))
    case_id: Mapped[str | None] = mapped_column(String(12))
    stage: Mapped[str] = mapped_column(String(20), default="")
    reason_hash: Mapped[str] = mapped_column(
        String(64), default=""
    )  # empty: no reason, or one from before reasons stood apart
    payload_hash: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    event_hash: Mapped[str] = mapped_column(String(64))
    epoch: Mapped[int] = mapped_column(default=0)
    seal: Mapped[str] = mapped_column(String(64), default="")

    said: Mapped["AuditReason | None"] = relationship(uselist=False, back_populates="line")

    @property
    def reason(self) -> str:
        """Why, in the actor's words; nothing when none was given, or when it was erased."""
        return self.said.text if self.said else ""

    def expected_hash(self, reason: str = "") -> str:
        """SHA-256 over the other columns in a fixed order. `reason` is needed only for a row from before reasons stood
        apart, whose hash is over the text itself."""
        return digest([*self._start(), [self.reason_hash] if self.reason_hash else reason, *self._end()])

    def rest(self) -> str:
        """SHA-256 over all that is left of a row whose reason is erased, its own hash included: what a seal is over."""
        return digest([*self._start(), self.reason_hash, *self._end(), self.event_hash])

    def _start(self) -> list[Any]:
        at = self.at.astimezone(UTC).isoformat()
        return [self.sequence, at, self.actor_id, self.action, self.thing, self.case_id, self.stage]

    def _end(self) -> list[str]:
        return [self.payload_hash, self.previous_hash]


class AuditReason(Base):
    """The reason of one row. Without a salt it is from before reasons stood apart."""

    __tablename__ = "audit_reason"

    sequence: Mapped[int] = mapped_column(
        ForeignKey("audit_event.sequence", ondelete="CASCADE", onupdate="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    salt: Mapped[str] = mapped_column(String(48))
    text: Mapped[str] = mapped_column(Text)

    line: Mapped[AuditEvent] = relationship(back_populates="said")


def reason_code(salt: str, text: str) -> str:
    """HMAC-SHA-256 of a reason under its salt, in hex; empty without a salt."""
    return hmac.new(salt.encode(), text.encode(), "sha256").hexdigest() if salt else ""


def seal_of(key: str, epoch: int, rest: str) -> str:
    """HMAC-SHA-256 of a row's `rest()` under the key of this row, in hex; empty without a key."""
    return hmac.new(bytes.fromhex(key), f"row:{epoch}:{rest}".encode(), "sha256").hexdigest() if key else ""


def earlier_seal_of(key: str, epoch: int, event_hash: str) -> str:
    """As rows were sealed before the list of rows from before (`BEFORE`): over the row's hash alone."""
    return hmac.new(bytes.fromhex(key), f"{epoch}:{event_hash}".encode(), "sha256").hexdigest() if key else ""


def next_key(key: str) -> str:
    """The key of the row after: it follows from this one, and this one does not follow from it."""
    return hashlib.sha256(b"evenbar audit key" + bytes.fromhex(key)).hexdigest() if key else ""


def canonical(value: Any) -> str:
    """Plain data as JSON in the one form that is hashed."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON of plain data."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def record(
    session: Session,
    *,
    actor: Person | None,
    action: str,
    thing: str,
    at: datetime,
    case_id: str | None = None,
    stage: str = "",
    reason: str = "",
    payload: Any = None,
) -> AuditEvent:
    """Link one event to the chain, in the caller's transaction: what is rolled back leaves no event.

    `thing` names the kind and id, as in `decision:k3x…`; `payload` is plain data of which only the hash is kept."""
    head = _locked_head(session)
    line = AuditEvent(
        sequence=head.sequence + 1,
        at=at,
        actor_id=actor.id if actor else None,
        action=action,
        thing=thing,
        case_id=case_id,
        stage=stage,
        reason_hash="",
        payload_hash=digest(payload),
        previous_hash=head.event_hash,
    )
    if reason:
        salt = "".join(new_ids(4))
        line.said, line.reason_hash = AuditReason(salt=salt, text=reason), reason_code(salt, reason)
    _close(line, head)
    session.add(line)
    session.flush()
    return line


def record_readings(
    session: Session, *, actor: Person, what: str, cases: Iterable[tuple[str, str]], at: datetime
) -> None:
    """One event a case, given as its id and stage, that its `what` was read; as `record` links them, in three
    statements however many there are."""
    head, rows = _locked_head(session), []
    for case_id, stage in cases:
        line = AuditEvent(
            sequence=head.sequence + 1,
            at=at,
            actor_id=actor.id,
            action="read",
            thing=f"{what}:{case_id}",
            case_id=case_id,
            stage=stage,
            reason_hash="",
            payload_hash=digest(None),
            previous_hash=head.event_hash,
        )
        _close(line, head)
        rows.append({c.key: getattr(line, c.key) for c in AuditEvent.__table__.columns})
    if rows:
        session.flush()
        session.execute(insert(AuditEvent), rows)


def _close(line: AuditEvent, head: AuditHead) -> None:
    """Hash and seal a row that is otherwise complete, and move the head on to it."""
    line.event_hash, line.epoch = line.expected_hash(), head.epoch
    line.seal = seal_of(head.key, head.epoch, line.rest())
    head.sequence, head.event_hash, head.key = line.sequence, line.event_hash, next_key(head.key)


def _locked_head(session: Session) -> AuditHead:
    head = session.scalar(select(AuditHead).where(AuditHead.id == 1).with_for_update())
    if head is None:
        head = AuditHead(id=1, sequence=0, event_hash=GENESIS, epoch=0, key="")
        session.add(head)
    return head


def start_key(session: Session, *, actor: Person | None, key: str, at: datetime) -> AuditHead:
    """Seal every row from the next one on under a new key, 64 hex digits; that it was started is itself a row, the last
    one under the key before. The caller keeps `key` away from this machine: here it is gone after the first row."""
    fingerprint = hashlib.sha256(bytes.fromhex(key)).hexdigest()[:16]
    record(session, actor=actor, action=KEY_STARTED, thing=f"audit_key:{fingerprint}", at=at)
    head = _locked_head(session)
    head.epoch, head.key = head.epoch + 1, key
    session.flush()
    return head


@event.listens_for(AuditEvent, "before_update")
@event.listens_for(AuditEvent, "before_delete")
@event.listens_for(AuditReason, "before_update")
@event.listens_for(AuditReason, "before_delete")
def _the_record_is_append_only(*_: object) -> None:
    raise RuntimeError("the audit log is append-only")
