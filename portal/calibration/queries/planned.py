"""What a cycle is going to be decided from, before anything is decided: its cases, who is asked to review them, and
which committee is named for them. Only for who runs the cases."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.cycles.sight import runs
from portal.domain.case_flow import State
from portal.domain.case_types import COMPARED
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.person import Person

OUT = (State.DRAFT, State.WITHDRAWN)


@dataclass(frozen=True)
class Planned:
    """One submitted case: its track, its committee ("" while none is named), its reviewers as (id, home track)."""

    case: str
    family: str
    grade: int
    track: str
    committee: str
    reviewers: tuple[tuple[str, str], ...]


def planned_cases(s: Session, cycle: Cycle, actor: Person) -> list[Planned]:
    """The submitted steps up of a cycle that this person runs, in the order of ladder, grade and id."""
    q = select(Case).join(Case.candidate).where(Case.cycle_id == cycle.id, Case._state.not_in(OUT), runs(actor))
    q = q.where(Case.case_type.in_(COMPARED))
    cases = s.scalars(
        q.options(selectinload(Case.assignments), joinedload(Case.candidate)).order_by(
            Case.family_id, Case.grade, Case.id
        )
    )
    covering = {grade: c.id for c in cycle.committees for grade in range(c.grade_from, c.grade_to + 1)}
    return [_planned(case, covering.get(case.grade, "")) for case in cases]


def _planned(case: Case, named: str) -> Planned:
    return Planned(
        case=case.id,
        family=case.family_id,
        grade=case.grade,
        track=case.track_kind,
        committee=case.committee_id or named,
        reviewers=tuple((a.reviewer_id, a.track_kind) for a in case.active_assignments),
    )
