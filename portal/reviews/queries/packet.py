"""What a review may cite, and the reviews that are open once they are sealed."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.cases.policy import conflict
from portal.models.case import Assignment, Case
from portal.models.packet import Snapshot
from portal.models.review import Amendment, Review


def evidence_ids(snapshot: Snapshot) -> frozenset[str]:
    """Ids of the evidence rows a review on this snapshot may cite."""
    return frozenset(str(row["id"]) for row in snapshot.content.get("evidence", ()))


def sealed_reviews(s: Session, case: Case) -> list[Review]:
    """The sealed reviews that count, by pseudonym, with scores, writer and the packet they were written on."""
    q = (
        select(Review)
        .join(Review.assignment)
        .where(Review.case_id == case.id, Review.sealed_at.is_not(None), Assignment.ended_at.is_(None))
        .options(
            selectinload(Review.scores),
            selectinload(Review.amendments).options(selectinload(Amendment.scores), joinedload(Amendment.snapshot)),
            joinedload(Review.snapshot),
            joinedload(Review.assignment).joinedload(Assignment.reviewer),
        )
        .order_by(Assignment.pseudonym, Assignment.id)
    )
    return [review for review in s.scalars(q) if not conflict(review.assignment.reviewer, case)]
