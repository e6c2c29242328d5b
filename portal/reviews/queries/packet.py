"""What a reviewer reads of a case: the packet as it was frozen, colleagues' feedback, and once sealed the rest."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.cases.policy import conflict
from portal.models.case import Assignment, Case
from portal.models.packet import Referee, RefereeState, Snapshot, Statement
from portal.models.review import Review


def latest_snapshot(s: Session, case: Case) -> Snapshot | None:
    q = select(Snapshot).where(Snapshot.case_id == case.id).order_by(Snapshot.number.desc()).limit(1)
    return s.scalar(q)


def evidence_ids(snapshot: Snapshot) -> frozenset[str]:
    """Ids of the evidence rows a review on this snapshot may cite."""
    return frozenset(str(row["id"]) for row in snapshot.content.get("evidence", ()))


def feedback(s: Session, case: Case) -> list[Referee]:
    """What referees answered, by pseudonym, so that the order tells nothing either."""
    q = select(Referee).where(Referee.case_id == case.id, Referee.state == RefereeState.ANSWERED)
    return list(s.scalars(q.order_by(Referee.pseudonym, Referee.id)))


def signed_statements(s: Session, case: Case) -> list[Statement]:
    q = select(Statement).where(Statement.case_id == case.id, Statement.signed_at.is_not(None))
    return list(s.scalars(q.options(joinedload(Statement.writer)).order_by(Statement.signed_at, Statement.writer_id)))


def sealed_reviews(s: Session, case: Case) -> list[Review]:
    """The sealed reviews that count, by pseudonym, with scores, writer and the packet they were written on."""
    q = (
        select(Review)
        .join(Review.assignment)
        .where(Review.case_id == case.id, Review.sealed_at.is_not(None), Assignment.ended_at.is_(None))
        .options(
            selectinload(Review.scores),
            joinedload(Review.snapshot),
            joinedload(Review.assignment).joinedload(Assignment.reviewer),
        )
        .order_by(Assignment.pseudonym, Assignment.id)
    )
    return [review for review in s.scalars(q) if not conflict(review.assignment.reviewer, case)]
