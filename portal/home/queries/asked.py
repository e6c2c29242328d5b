"""What others ask of a person: as the manager of a candidate, as a referee, as a reviewer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from portal.cycles.sight import free_of_conflict
from portal.domain.case_flow import FROM_REVIEW, State
from portal.models.case import Assignment, Case
from portal.models.cycle import Cycle
from portal.models.decision import Decision
from portal.models.packet import Referee, RefereeState, Statement
from portal.models.person import Person
from portal.models.review import Review, Score

ASKING = (State.DRAFT, State.SUBMITTED, State.IN_REVIEW)


@dataclass(frozen=True)
class Report:
    """A case of somebody who reports to the reader. `signed_at` and `saved_at` are of the reader's own statement."""

    case_id: str
    candidate: str
    rubric_hash: str
    level_id: str
    state: State
    accepted: bool
    shared: bool
    cycle: str
    submit_by: datetime
    review_by: datetime
    decide_by: datetime
    saved_at: datetime | None
    signed_at: datetime | None
    released_at: datetime | None


@dataclass(frozen=True)
class Feedback:
    """A request for feedback on a colleague. It says nothing of the case but that it was asked."""

    case_id: str
    candidate: str
    cycle: str
    review_by: datetime
    state: RefereeState
    answered_at: datetime | None


@dataclass(frozen=True)
class Reviewing:
    """One's own review of a case; `given` counts competencies with a score or a reason for none."""

    case_id: str
    candidate: str
    rubric_hash: str
    level_id: str
    cycle: str
    review_by: datetime
    no_conflict_at: datetime | None
    saved_at: datetime | None
    sealed_at: datetime | None
    given: int


def reports_cases(s: Session, actor: Person) -> list[Report]:
    """Cases of direct reports in cycles that are still open, by candidate."""
    released = (
        select(func.max(Decision.released_at)).where(Decision.case_id == Case.id).correlate(Case).scalar_subquery()
    )
    q = (
        select(
            Case.id,
            Person.name,
            Case.rubric_hash,
            Case.to_level_id,
            Case._state,
            or_(Case.nominated_by_id.is_(None), Case.accepted_at.is_not(None)),
            Case.shared_with_manager,
            Cycle.name,
            Cycle.submit_by,
            Cycle.review_by,
            Cycle.decide_by,
            Statement.saved_at,
            Statement.signed_at,
            released,
        )
        .join(Case.candidate)
        .join(Case.cycle)
        .outerjoin(Statement, and_(Statement.case_id == Case.id, Statement.writer_id == actor.id))
        .where(Person.manager_id == actor.id, Cycle.closed_at.is_(None), Case._state != State.WITHDRAWN)
        .order_by(Person.name, Case.id)
    )
    rows: Sequence[Any] = s.execute(q).all()
    return [Report(*row) for row in rows]


def feedback_asked(s: Session, actor: Person) -> list[Feedback]:
    """Where a referee's word is still wanted, and where it was given, in cycles that are still open."""
    wanted = and_(Referee.state.in_([RefereeState.PROPOSED, RefereeState.INVITED]), Case._state.in_(ASKING))
    q = (
        select(
            Case.id,
            Person.name,
            Cycle.name,
            func.coalesce(Referee.due_at, Cycle.review_by, type_=Cycle.review_by.type),
            Referee.state,
            Referee.answered_at,
        )
        .select_from(Referee)
        .join(Case, Case.id == Referee.case_id)
        .join(Case.candidate)
        .join(Case.cycle)
        .where(
            Referee.person_id == actor.id,
            Case.candidate_id != actor.id,
            Cycle.closed_at.is_(None),
            or_(wanted, Referee.state == RefereeState.ANSWERED),
        )
        .order_by(Person.name, Case.id)
    )
    return [Feedback(*row) for row in s.execute(q)]


def reviews_asked(s: Session, actor: Person) -> list[Reviewing]:
    """One's own reviews in cycles that are still open: owed while the case is in review, sealed from then on."""
    given = (
        select(func.count())
        .where(Score.review_id == Review.id, or_(Score.value.is_not(None), Score.no_score.is_not(None)))
        .correlate(Review)
        .scalar_subquery()
    )
    owed = and_(Case._state == State.IN_REVIEW, Assignment.waived_at.is_(None))
    q = (
        select(
            Case.id,
            Person.name,
            Case.rubric_hash,
            Case.to_level_id,
            Cycle.name,
            func.coalesce(Assignment.due_at, Cycle.review_by, type_=Cycle.review_by.type),
            Assignment.no_conflict_at,
            Review.saved_at,
            Review.sealed_at,
            given,
        )
        .select_from(Assignment)
        .join(Case, Case.id == Assignment.case_id)
        .join(Case.candidate)
        .join(Case.cycle)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .where(
            Assignment.reviewer_id == actor.id,
            Assignment.ended_at.is_(None),
            Cycle.closed_at.is_(None),
            Case._state.in_(FROM_REVIEW),
            free_of_conflict(actor),
            or_(owed, Review.sealed_at.is_not(None)),
        )
        .order_by(Person.name, Case.id)
    )
    rows: Sequence[Any] = s.execute(q).all()
    return [Reviewing(*row) for row in rows]
