"""What must happen outside the database after a commit: mails and letters, written in the same transaction as their
cause."""

import re
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.models.base import Base, code_type
from portal.models.person import MailPace, MailPreference, Person

LEASE = timedelta(minutes=1)  # whoever works on a row renews it
ATTEMPTS = 8
MAIL = "mail"
WAITS = "mail_waits"  # for its reader's next digest


class OutboxState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class OutboxRow(Base):
    """`key` makes an intent unique: the same cause never sends twice. A lapsed lease is taken up again."""

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("key"), Index("ix_outbox_state_due_at", "state", "due_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(200))
    payload: Mapped[dict[str, Any]]
    state: Mapped[OutboxState] = mapped_column(code_type(OutboxState), default=OutboxState.PENDING)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)  # who gets the mail
    case_id: Mapped[str | None] = mapped_column(ForeignKey("promotion_case.id"), index=True)  # what it links to
    bundle_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"), index=True)  # the digest it went into
    note: Mapped[str] = mapped_column(String(40), default="", server_default="")

    def settle(self, at: datetime) -> None:
        """It is done. A way in that was sent is forgotten here: the row only says that it went out."""
        self.state, self.done_at, self.last_error = OutboxState.DONE, at, ""
        if self.payload.get("template") in GIVES_A_WAY_IN:
            self.payload = {**self.payload, "values": {}}


GIVES_A_WAY_IN = frozenset({"invite", "reset"})
_CASE = re.compile(r"^/cases/([0-9a-z]{12})(?:/|$)")
# What cannot wait for a digest: a way in, a step with a clock of its own, and what the reader waits for.
AT_ONCE = frozenset({"invite", "reset", "digest", "letter_released", "returned", "ballot_open", "appeal_to_answer"})
DIGEST_HOUR = 8


def enqueue(
    session: Session, *, kind: str, key: str, payload: dict[str, Any], at: datetime, **columns: Any
) -> OutboxRow | None:
    """Write an intent once; a second call with the same key changes nothing and gives None, also when two transactions
    try at the same moment."""
    if session.scalar(select(OutboxRow.id).where(OutboxRow.key == key)) is not None:
        return None
    row = OutboxRow(kind=kind, key=key, payload=payload, due_at=columns.pop("due_at", at), created_at=at, **columns)
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        if session.scalar(select(OutboxRow.id).where(OutboxRow.key == key)) is None:
            raise
        return None
    return row


def enqueue_mail(
    session: Session, *, to_id: str, template: str, key: str, at: datetime, by: datetime | None = None, **values: str
) -> OutboxRow | None:
    """A mail to one person: a template of templates/mail and values for links; never content of a case.

    `by` is the day it speaks of: it goes along as a calendar file, and no digest holds the mail back beyond it. Whoever
    chose digests gets what can wait in the next one. Gives None when it was asked for before."""
    if by is not None:
        values["by"] = by.isoformat()
    due, kind = at, MAIL
    if template not in AT_ONCE and (slot := _digest_slot(session, to_id, at)) and (by is None or slot < by):
        due, kind = slot, WAITS
    found = _CASE.match(values.get("path", ""))
    payload = {"to": to_id, "template": template, "values": values}
    about = {"person_id": to_id, "case_id": found[1] if found else None}
    return enqueue(session, kind=kind, key=f"mail:{key}:{to_id}", payload=payload, at=at, due_at=due, **about)


def _digest_slot(session: Session, person_id: str, at: datetime) -> datetime | None:
    q = select(MailPreference.pace, Person.timezone).join(Person, Person.id == MailPreference.person_id)
    row = session.execute(q.where(MailPreference.person_id == person_id)).first()
    if row is None or row.pace is MailPace.EACH:
        return None
    return next_digest(row.pace, row.timezone, at)


def next_digest(pace: MailPace, timezone: str, at: datetime) -> datetime:
    """The next eight o'clock in the reader's zone; for the weekly, that of a Monday."""
    zone = ZoneInfo(timezone)
    here = at.astimezone(zone)
    day = here.date() if here.hour < DIGEST_HOUR else here.date() + timedelta(days=1)
    if pace is MailPace.WEEKLY:
        day += timedelta(days=-day.weekday() % 7)
    return datetime.combine(day, time(DIGEST_HOUR), tzinfo=zone)
