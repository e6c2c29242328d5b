"""Rows that routes name by a case and a person: an assignment, a recusal; and the case as saving a review needs it."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.cases.queries import case as whole_case
from portal.models.case import Assignment, Case, Recusal
from portal.models.cycle import Committee
from portal.models.packet import Referee
from portal.models.person import Person

_FOR_SAVING = (
    joinedload(Case.candidate),
    joinedload(Case.rubric_version),
    joinedload(Case.committee).options(joinedload(Committee.chair), selectinload(Committee.seats)),
    selectinload(Case.assignments).joinedload(Assignment.review),
    selectinload(Case.recusals),
    selectinload(Case.referees),
)


def case_for_saving(s: Session, *, case_id: str) -> Case | None:
    """A case with what `policy.can_write` asks and no more: a form that saves itself asks for it every few seconds."""
    return s.scalar(select(Case).where(Case.id == case_id).options(*_FOR_SAVING))


def assignment(s: Session, *, case_id: str, person_id: str) -> Assignment | None:
    """The assignment of this person, live or declined, on a case loaded for policies."""
    case = whole_case(s, case_id=case_id)
    found = case.assignments if case else []
    return next((a for a in found if a.reviewer_id == person_id and (a.ended_at is None or a.declined_at)), None)


def referee(s: Session, *, case_id: str, person_id: str) -> Referee | None:
    """This person as a referee, on a case loaded for policies."""
    case = whole_case(s, case_id=case_id)
    return next((r for r in case.referees if r.person_id == person_id), None) if case else None


def recusal(s: Session, *, case_id: str, person_id: str) -> Recusal | None:
    """The recusal of this person that is in force."""
    case = whole_case(s, case_id=case_id)
    found = case.recusals if case else []
    return next((r for r in found if r.person_id == person_id and r.lifted_at is None), None)


def people_by_id(s: Session, ids: set[str]) -> dict[str, Person]:
    return {p.id: p for p in s.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.id))}


def frozen_reviews(case: Case) -> int:
    """How many sealed reviews are left out because their writer is recused."""
    return sum(bool(a.review and a.review.sealed_at) and a.reviewer_id in case.recused_ids for a in case.assignments)
