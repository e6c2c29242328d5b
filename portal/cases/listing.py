"""The table of cases: what somebody may know of, narrowed by what they ask for, a page at a time."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, literal, or_, select
from sqlalchemy import case as case_when
from sqlalchemy.orm import Session

from portal.cases.queries import sees
from portal.cycles.sight import free_of_conflict
from portal.domain.case_flow import State
from portal.models.case import Case, CaseEvent
from portal.models.cycle import CommitteeSeat, Cycle
from portal.models.person import Person, Role
from portal.web.paging import Page, page_of

PAGE_SIZE = 100


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed to; an empty part narrows nothing. `state` is one the reader is shown."""

    name: str = ""
    cycle: str = ""
    state: str = ""
    track: str = ""

    @property
    def narrows(self) -> bool:
        return any((self.name, self.cycle, self.state, self.track))


def page_for(s: Session, actor: Person, asked: Asked, *, number: int = 1) -> Page:
    """Rows of id, candidate, type, levels, track, grade, state as the actor may know it, cycle; newest cycle first.

    Two statements."""
    fits = _fits(actor, asked)
    of_case = select(func.count(Case.id)).join(Case.candidate).join(Case.cycle).where(fits)
    total = s.scalar(of_case) or 0
    q = (
        select(
            Case.id,
            Person.name.label("candidate"),
            Case.case_type,
            Case.family_id,
            Case.from_level_id,
            Case.to_level_id,
            Case.track_kind,
            Case.grade,
            Case.rubric_hash,
            _shown_state(actor).label("state"),
            case_when((_is_hidden(actor), _calibration_began()), else_=Case.state_since).label("state_since"),
            Cycle.name.label("cycle"),
            Cycle.slug,
        )
        .select_from(Case)
        .join(Case.candidate)
        .join(Case.cycle)
        .where(fits)
        .order_by(Cycle.opens_at.desc(), Person.name, Case.id)
    )
    return page_of(s, q, total=total, size=PAGE_SIZE, number=number)


def cycles_of(s: Session, actor: Person) -> list[Row[Any]]:
    """Slug and name of the cycles in which this person may know of a case, the newest first."""
    q = select(Cycle.slug, Cycle.name, Cycle.opens_at).join(Case, Case.cycle_id == Cycle.id).join(Case.candidate)
    return list(s.execute(q.where(sees(actor)).distinct().order_by(Cycle.opens_at.desc(), Cycle.slug)))


def _fits(actor: Person, asked: Asked) -> ColumnElement[bool]:
    wanted = [sees(actor)]
    if asked.name:
        wanted.append(Person.name.icontains(asked.name, autoescape=True))
    if asked.cycle:
        wanted.append(Cycle.slug == asked.cycle)
    if asked.state:
        wanted.append(_is_shown_as(actor, State(asked.state)))
    if asked.track:
        wanted.append(Case.track_kind == asked.track)
    return and_(*wanted)


def _is_shown_as(actor: Person, state: State) -> ColumnElement[bool]:
    """Narrowing by state goes by what is shown, or else the length of the list would tell what is not."""
    if state is State.DECIDED:
        return and_(Case._state == State.DECIDED, ~_is_hidden(actor))
    if state is State.IN_CALIBRATION:
        return or_(Case._state == State.IN_CALIBRATION, _is_hidden(actor))
    return Case._state == state


def _is_hidden(actor: Person) -> ColumnElement[bool]:
    return and_(Case._state == State.DECIDED, ~sees_decisions(actor))


def _shown_state(actor: Person) -> Any:
    return case_when((_is_hidden(actor), State.IN_CALIBRATION), else_=Case._state)


def sees_decisions(actor: Person) -> ColumnElement[bool]:
    """The list side of `policy.sees_decision`."""
    deciding = exists().where(CommitteeSeat.committee_id == Case.committee_id, CommitteeSeat.person_id == actor.id)
    return and_(free_of_conflict(actor), or_(literal(actor.has(Role.PEOPLE_PARTNER)), deciding))


def _calibration_began() -> Any:
    q = select(func.max(CaseEvent.at)).where(CaseEvent.case_id == Case.id, CaseEvent.target == State.IN_CALIBRATION)
    return q.correlate(Case).scalar_subquery()
