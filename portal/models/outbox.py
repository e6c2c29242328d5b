"""What must happen outside the database after a commit: mails and letters, written in the same transaction as their
cause."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.models.base import Base, code_type

LEASE = timedelta(minutes=5)
ATTEMPTS = 8


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


def enqueue(session: Session, *, kind: str, key: str, payload: dict[str, Any], at: datetime) -> None:
    """Write an intent once; a second call with the same key changes nothing."""
    if session.scalar(select(OutboxRow.id).where(OutboxRow.key == key)) is None:
        session.add(OutboxRow(kind=kind, key=key, payload=payload, due_at=at, created_at=at))
        session.flush()


def enqueue_mail(session: Session, *, to_id: str, template: str, key: str, at: datetime, **values: str) -> None:
    """A mail to one person: a template of templates/mail and values for links; never content of a case."""
    payload = {"to": to_id, "template": template, "values": values}
    enqueue(session, kind="mail", key=f"mail:{key}:{to_id}", payload=payload, at=at)
