"""What one person wrote in the portal, sent or not: their own words, and not whom else they stand beside."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.anchor import AnchorReview
from portal.models.appeal import AppealMember
from portal.models.base import Base
from portal.models.calibration import Elector
from portal.models.calibration_session import Minute, PositionChange
from portal.models.case import Assignment, Recusal
from portal.models.packet import BusinessJustification, DraftComment, Referee, Statement
from portal.models.person import Person
from portal.models.review import Amendment, Review
from portal.models.trial import TrialDecision
from portal.models.unsent import UnsentText

Rows = list[dict[str, Any]]
_HIDDEN = ("version", "pseudonym", "pseudonym_for_candidate", "proposed_by_id", "due_at")


def columns(row: Base, leave: tuple[str, ...] = ()) -> dict[str, Any]:
    """The plain columns of a row as plain data."""
    keys = (c.key for c in row.__mapper__.column_attrs)
    return {key: getattr(row, key) for key in keys if key not in leave and not key.startswith("_")}


def written(s: Session, person: Person) -> dict[str, Rows]:
    """By kind; what was begun and not sent is among it, since nobody else can read that."""
    me = person.id
    return {
        "reviews": _with_scores(s, Review, Review.assignment.has(reviewer_id=me)),
        "amendments": _with_scores(s, Amendment, Amendment.review.has(Review.assignment.has(reviewer_id=me))),
        "anchor_reviews": _with_scores(s, AnchorReview, AnchorReview.reviewer_id == me),
        "statements": _rows(s, Statement, Statement.writer_id == me),
        "justifications": _rows(s, BusinessJustification, BusinessJustification.writer_id == me),
        "comments": _rows(s, DraftComment, DraftComment.writer_id == me),
        "feedback": _rows(s, Referee, Referee.person_id == me),
        "unsent": [row for row in _rows(s, UnsentText, UnsentText.writer_id == me) if row["texts"]],
        "conflicts": _picked(s, Recusal, Recusal.declared_by_id == me, ("case_id", "at", "reason")),
        "declined": _picked(
            s,
            Assignment,
            (Assignment.reviewer_id == me) & Assignment.declined_at.is_not(None),
            ("case_id", "declined_at", "ended_reason"),
        ),
        "votes": _picked(s, Elector, _voted(me), ("ballot_id", "choice", "voted_at", "dissent")),
        "findings": _picked(s, AppealMember, _found(me), ("panel_id", "finding", "said_at")),
        "minutes": _picked(s, Minute, Minute.by_id == me, ("case_id", "at", "text")),
        "changes": _picked(s, PositionChange, PositionChange.by_id == me, ("case_id", "at", "note")),
        "trials": _picked(s, TrialDecision, TrialDecision.by_id == me, ("trial_id", "at", "reason")),
    }


def _voted(me: str) -> Any:
    """Only where something was said: a row without a vote tells whoever must stay away that a ballot was opened."""
    return (Elector.person_id == me) & Elector.choice.is_not(None)


def _found(me: str) -> Any:
    return (AppealMember.person_id == me) & AppealMember.finding.is_not(None)


def _rows(s: Session, table: Any, where: Any) -> Rows:
    q = select(table).where(where).order_by(*table.__mapper__.primary_key)
    return [columns(row, _HIDDEN) for row in s.scalars(q)]


def _picked(s: Session, table: Any, where: Any, keys: tuple[str, ...]) -> Rows:
    """Of a row that says more than what this person wrote, only that."""
    return [{key: row[key] for key in keys} for row in _rows(s, table, where)]


def _with_scores(s: Session, table: Any, where: Any) -> Rows:
    q = select(table).where(where).order_by(*table.__mapper__.primary_key)
    return [{**columns(row), "scores": [columns(score) for score in row.scores]} for row in s.scalars(q)]
