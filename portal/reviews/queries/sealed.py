"""Scores that count: first sealed, by reviewers who are still assigned and free of conflict. Read by calibration."""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, literal, select
from sqlalchemy.orm import Session, aliased

from portal.cases.queries import rubric_of
from portal.cycles.sight import is_kept_apart, is_recused, is_referee, wrote_statement
from portal.domain.case_flow import FROM_CALIBRATION, State
from portal.domain.scoring import Position, position
from portal.models.case import Assignment, Case
from portal.models.person import Person
from portal.models.review import Review, Score

Candidate = aliased(Person, name="candidate")
Reviewer = aliased(Person, name="reviewer")


def sealed_scores(s: Session, case: Case) -> list[dict[str, int | None]]:
    """One mapping a review that counts: value by competency, None where it could not be assessed."""
    q = _counted(Score.review_id, Score.competency_id, Score.value).where(Case.id == case.id)
    found: dict[int, dict[str, int | None]] = {}
    for review_id, competency, value in s.execute(q.order_by(Score.review_id, Score.competency_id)):
        found.setdefault(review_id, {})[competency] = value
    return list(found.values())


def position_of(s: Session, case: Case) -> Position:
    """Where the case stands against the bar of the rubric it has pinned."""
    return position(rubric_of(case), sealed_scores(s, case))


def measurement_rows(
    s: Session,
    *,
    cycle_id: str,
    grade: int | None = None,
    family_id: str | None = None,
    states: Collection[State] = FROM_CALIBRATION,
    also: Collection[str] = (),
) -> list[Row[Any]]:
    """Every score that counts in a cycle, and in the cycles `also`: case_id, reviewer_id, competency_id, value (None:
    could not be assessed), track_kind (the case's), home (the reviewer's own side). One statement, whatever the number
    of cases.

    `states` leaves out cases whose reviews nobody may compare yet."""
    given: dict[str, Any] = {"cycles": [cycle_id, *also], "states": list(states)}
    if grade is not None:
        given["grade"] = grade
    if family_id is not None:
        given["family"] = family_id
    return list(s.execute(_measured(grade is not None, family_id is not None), given))


@cache
def _measured(graded: bool, of_family: bool) -> Any:
    """Built once for each of its shapes; the values come with each question."""
    states: Any = bindparam("states", type_=Case._state.type, expanding=True)
    q = _counted(
        Case.id.label("case_id"),
        Assignment.reviewer_id,
        Score.competency_id,
        Score.value,
        Case.track_kind,
        Assignment.track_kind.label("home"),
    ).where(Case.cycle_id.in_(bindparam("cycles", expanding=True)), Case._state.in_(states))
    if graded:
        q = q.where(Case.grade == bindparam("grade"))
    if of_family:
        q = q.where(Case.family_id == bindparam("family"))
    return q.order_by(Case.id, Assignment.reviewer_id, Score.competency_id)


def _counted(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Score)
        .join(Review, Review.id == Score.review_id)
        .join(Assignment, Assignment.id == Review.assignment_id)
        .join(Case, Case.id == Assignment.case_id)
        .join(Candidate, Candidate.id == Case.candidate_id)
        .join(Reviewer, Reviewer.id == Assignment.reviewer_id)
        .where(Review.sealed_at.is_not(None), Assignment.ended_at.is_(None), reviewer_is_free())
    )


def reviewer_is_free() -> ColumnElement[bool]:
    """The assigned reviewer has no conflict; joins Case, Candidate and Reviewer."""
    return free_from(Reviewer.id, Reviewer.chain)


def is_free(actor: Person) -> ColumnElement[bool]:
    """This person has no conflict with the case; joins Case and Candidate."""
    return free_from(literal(actor.id), literal(actor.chain))


def free_from(person_id: Any, chain: Any) -> ColumnElement[bool]:
    """The SQL side of `cases.policy.conflict`, negated; joins Case and Candidate."""
    return and_(
        Candidate.id != person_id,
        ~Candidate.chain.contains("/" + person_id + "/"),
        ~chain.contains("/" + Candidate.id + "/"),
        ~is_recused(person_id),
        ~is_referee(person_id),
        ~wrote_statement(person_id),
        ~is_kept_apart(person_id),
    )
