"""What those who keep the house look after: the first steps of an empty portal, closed cycles to check, mails and
letters that do not get out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from portal.models.cycle import Committee, Cycle
from portal.models.outbox import WAITS, OutboxRow, OutboxState
from portal.models.person import Person


@dataclass(frozen=True)
class Beginnings:
    """How far a new portal is: counts of people, cycles, and committees in cycles that are open."""

    people: int
    cycles: int
    committees: int

    @property
    def done(self) -> bool:
        return bool(self.cycles and self.committees)


@dataclass(frozen=True)
class Queue:
    """Rows of the outbox of one kind in one state; `oldest` is when the first of them was written."""

    kind: str
    state: OutboxState
    count: int
    oldest: datetime


def beginnings(s: Session) -> Beginnings:
    people = select(func.count(Person.id)).where(Person.active).scalar_subquery()
    cycles = select(func.count(Cycle.id)).scalar_subquery()
    committees = select(func.count(Committee.id)).scalar_subquery()
    return Beginnings(*s.execute(select(people, cycles, committees)).one())


def closed_since(s: Session, since: datetime) -> list[Row[Any]]:
    """Cycles closed after a moment: slug, name, closed_at; the last first."""
    q = select(Cycle.slug, Cycle.name, Cycle.closed_at).where(Cycle.closed_at >= since)
    return list(s.execute(q.order_by(Cycle.closed_at.desc(), Cycle.slug)))


def waiting_outside(s: Session) -> list[Queue]:
    """What the outbox still holds, by kind and state. Never what a row is about, nor an error that might quote it."""
    q = (
        select(OutboxRow.kind, OutboxRow.state, func.count(), func.min(OutboxRow.created_at))
        .where(OutboxRow.state != OutboxState.DONE, OutboxRow.kind != WAITS)
        .group_by(OutboxRow.kind, OutboxRow.state)
        .order_by(OutboxRow.kind, OutboxRow.state)
    )
    return [Queue(*row) for row in s.execute(q)]
