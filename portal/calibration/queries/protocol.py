"""What happened in the sessions of a grade, as rows: the sessions, what lay on the table, what was changed and what was
minuted. Every case is in it; who reads takes what they may see."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session, aliased

from portal.calibration.queries.eyes import lies_there
from portal.cycles.sight import in_conflict
from portal.models.calibration import Choice
from portal.models.calibration_session import (
    CalibrationSession,
    ChangeReason,
    Minute,
    PositionChange,
    PreVote,
    TableItem,
)
from portal.models.case import Case
from portal.models.cycle import CommitteeSeat
from portal.models.person import Person


class SessionRow(NamedTuple):
    id: str
    seed: str
    agenda: list[str]
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    on_table_id: str | None


class ItemRow(NamedTuple):
    session_id: str
    case_id: str
    box_until: datetime
    revealed_at: datetime | None
    manager_present: bool | None


class ChangeRow(NamedTuple):
    session_id: str
    case_id: str
    competency_id: str
    old: float | None
    new: float
    reason: ChangeReason
    note: str
    cites: list[str]
    proposer: str
    at: datetime


class MinuteRow(NamedTuple):
    session_id: str
    case_id: str | None
    text: str
    by: str
    at: datetime


class Seat(NamedTuple):
    """A seat of the committee that decides a case: `away` must leave the room for it; `given` before the talk."""

    case_id: str
    person_id: str
    name: str
    active: bool
    away: bool
    given: Choice | None

    @property
    def votes(self) -> bool:
        return self.active and not self.away


@dataclass(frozen=True)
class Protocol:
    """The sessions of a place, the last first, and what happened in them, the first first."""

    sessions: list[SessionRow] = field(default_factory=list)
    items: list[ItemRow] = field(default_factory=list)
    changes: list[ChangeRow] = field(default_factory=list)
    minutes: list[MinuteRow] = field(default_factory=list)

    @property
    def live(self) -> SessionRow | None:
        """The one that is not over; there is at most one."""
        return next((one for one in self.sessions if one.closed_at is None), None)

    @property
    def over(self) -> list[SessionRow]:
        return [one for one in self.sessions if one.closed_at is not None]

    def item_of(self, session_id: str, case_id: str | None) -> ItemRow | None:
        return next((i for i in self.items if i.session_id == session_id and i.case_id == case_id), None)


def protocol_at(s: Session, *, cycle_id: str, family_id: str, grade: int) -> Protocol:
    """One statement while there was no session, four once there was."""
    found = s.execute(_sessions(), {"cycle": cycle_id, "family": family_id, "grade": grade})
    sessions = [SessionRow(*row) for row in found]
    if not sessions:
        return Protocol()
    of = {"ids": [one.id for one in sessions]}
    return Protocol(
        sessions,
        [ItemRow(*row) for row in s.execute(_items(), of)],
        [ChangeRow._make(row) for row in s.execute(_changes(), of)],
        [MinuteRow(*row) for row in s.execute(_minutes(), of)],
    )


IDS: Any = bindparam("ids", expanding=True)


@cache
def _sessions() -> Any:
    live, by = CalibrationSession, aliased(Person)
    q = select(live.id, live.seed, live.agenda, by.name, live.opened_at, live.closed_at, lies_there())
    q = q.join(by, by.id == live.opened_by_id).where(live.cycle_id == bindparam("cycle"))
    q = q.where(live.family_id == bindparam("family"), live.grade == bindparam("grade"))
    return q.order_by(live.opened_at.desc(), live.id)


@cache
def _items() -> Any:
    item = TableItem
    q = select(item.session_id, item.case_id, item.box_until, item.revealed_at, item.manager_present)
    return q.where(item.session_id.in_(IDS)).order_by(item.first_at, item.case_id)


@cache
def _changes() -> Any:
    of = PositionChange
    moved = (of.session_id, of.case_id, of.competency_id, of.old, of.new)
    q = select(*moved, of.reason, of.note, of.cites, Person.name, of.at).join(Person, Person.id == of.proposer_id)
    return q.where(of.session_id.in_(IDS)).order_by(of.id)


@cache
def _minutes() -> Any:
    of = Minute
    q = select(of.session_id, of.case_id, of.text, Person.name, of.at).join(Person, Person.id == of.by_id)
    return q.where(of.session_id.in_(IDS)).order_by(of.id)


def settled_in(changes: Iterable[ChangeRow | PositionChange]) -> Mapping[str, Mapping[str, float]]:
    """What was changed, by case id and competency; the last change counts."""
    found: dict[str, dict[str, float]] = {}
    for change in changes:
        found.setdefault(change.case_id, {})[change.competency_id] = change.new
    return found


def seats_of(s: Session, session_id: str, case_ids: Collection[str]) -> list[Seat]:
    """Who sits on the committee of these cases, by name: whether they must leave the room, and what they thought before
    the talk. Callers show counts of that once it is shown to all, and to nobody whose it was."""
    if not case_ids:
        return []
    return [Seat(*row) for row in s.execute(_seats(), {"session": session_id, "ids": list(case_ids)})]


@cache
def _seats() -> Any:
    who = aliased(Person)
    thought = and_(PreVote.session_id == bindparam("session"), PreVote.case_id == Case.id, PreVote.person_id == who.id)
    return (
        select(Case.id, who.id, who.name, who.active, in_conflict(who), PreVote.choice)
        .select_from(Case)
        .join(Case.candidate)
        .join(CommitteeSeat, CommitteeSeat.committee_id == Case.committee_id)
        .join(who, who.id == CommitteeSeat.person_id)
        .outerjoin(PreVote, thought)
        .where(Case.id.in_(IDS))
        .order_by(who.name, who.id)
    )
