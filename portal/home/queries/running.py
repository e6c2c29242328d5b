"""What a people partner's cycles wait for: piles of cases by what has to happen next, counted in the database, so that
a cycle of ten thousand cases costs no more lines than one of ten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from portal.cycles.sight import declines_open, in_conflict, runs
from portal.domain.case_flow import ENDED, State
from portal.home.queries.deciding import a_correction_waits
from portal.models.appeal import Appeal, AppealPanel
from portal.models.case import Assignment, Case
from portal.models.cycle import Cycle
from portal.models.decision import Decision
from portal.models.letter import Letter
from portal.models.person import Person
from portal.models.release import ReleaseItem
from portal.models.review import Review

NAMED = 3


@dataclass(frozen=True)
class Pile:
    """Cases of one cycle that wait for the same thing. `first` are the candidates and case ids that wait longest."""

    what: str
    slug: str
    cycle: str
    submit_by: datetime
    review_by: datetime
    decide_by: datetime
    count: int
    first: tuple[tuple[str, str], ...]


def piles(s: Session, actor: Person, at: datetime) -> list[Pile]:
    """By cycle and pile; none of the cases one has a conflict with, or owes a review of, is in any number."""
    where = _standing(actor)
    sorted_out = select(where, _what(where.c, at).label("what")).subquery()
    c = sorted_out.c
    window: Any = {"partition_by": (c.slug, c.what), "order_by": (c.state_since, c.candidate, c.case_id)}
    ranked = select(
        sorted_out,
        func.row_number().over(**window).label("place"),
        func.count().over(partition_by=(c.slug, c.what)).label("n"),
    ).subquery()
    r = ranked.c
    q = (
        select(r.what, r.slug, r.cycle, r.submit_by, r.review_by, r.decide_by, r.n, r.candidate, r.case_id)
        .where(r.place <= NAMED, r.what.is_not(None))
        .order_by(r.decide_by, r.slug, r.what, r.place)
    )
    rows: Sequence[Any] = s.execute(q).all()
    return [_pile(list(group)) for _, group in groupby(rows, key=lambda row: (row.slug, row.what))]


def _pile(rows: list[Any]) -> Pile:
    r = rows[0]
    first = tuple((row.candidate, row.case_id) for row in rows)
    return Pile(r.what, r.slug, r.cycle, r.submit_by, r.review_by, r.decide_by, r.n, first)


def _standing(actor: Person) -> Subquery:
    """Each case in motion with what its next step depends on. One whose release is ordered waits for nobody."""
    last = select(Decision.id).where(Decision.case_id == Case.id).order_by(Decision.number.desc()).limit(1)
    answering = exists().where(AppealPanel.appeal_id == Appeal.id, AppealPanel.set_aside.is_(False))
    waiting = exists().where(Appeal.case_id == Case.id, Appeal.answered_at.is_(None), ~answering)
    ordered = exists().where(ReleaseItem.decision_id == Decision.id, ReleaseItem.live)
    q = (
        select(
            Case.id.label("case_id"),
            Person.name.label("candidate"),
            Person.active.label("here"),
            case((a_correction_waits(), State.DECIDED), else_=Case._state).label("state"),
            Case.state_since,
            Case.committee_id,
            Cycle.slug,
            Cycle.name.label("cycle"),
            Cycle.submit_by,
            Cycle.review_by,
            Cycle.decide_by,
            Cycle.min_reviewers,
            Case.scored,
            _reviewers().label("assigned"),
            _reviewers(Assignment.track_kind != Case.track_kind).label("crossing"),
            _reviewers(Review.sealed_at.is_not(None)).label("sealed"),
            _reviewers(Review.sealed_at.is_(None), Assignment.waived_at.is_(None)).label("outstanding"),
            declines_open().label("declined"),
            Decision.confirmed_at,
            Letter.rendered_at,
            waiting.label("unanswered"),
        )
        .select_from(Case)
        .join(Case.candidate)
        .join(Case.cycle)
        .outerjoin(Decision, Decision.id == last.correlate(Case).scalar_subquery())
        .outerjoin(Letter, Letter.decision_id == Decision.id)
        .where(_in_motion(), runs(actor), ~_owes_review(actor), ~ordered)
    )
    return q.subquery()


def _in_motion() -> ColumnElement[bool]:
    return or_(Case._state.not_in([State.RELEASED, *ENDED]), a_correction_waits())


def _reviewers(*further: ColumnElement[bool]) -> Any:
    """How many reviewers without a conflict; joins Case and its candidate as Person."""
    reviewer = aliased(Person)
    q = (
        select(func.count(Assignment.id))
        .select_from(Assignment)
        .join(reviewer, reviewer.id == Assignment.reviewer_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .where(Assignment.case_id == Case.id, Assignment.ended_at.is_(None), ~in_conflict(reviewer), *further)
    )
    return q.correlate(Case, Person).scalar_subquery()


def _owes_review(actor: Person) -> ColumnElement[bool]:
    sealed = exists().where(Review.assignment_id == Assignment.id, Review.sealed_at.is_not(None))
    return exists().where(
        Assignment.case_id == Case.id,
        Assignment.reviewer_id == actor.id,
        Assignment.ended_at.is_(None),
        Assignment.waived_at.is_(None),
        ~sealed,
    )


def _what(c: Any, at: datetime) -> ColumnElement[str]:
    """The pile a case lies on; the first that fits."""
    leaving = [State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.IN_CALIBRATION]
    few = and_(c.scored, or_(c.assigned < c.min_reviewers, c.crossing == 0))
    all_in = and_(c.outstanding == 0, or_(c.sealed > 0, ~c.scored))
    late = c.review_by < literal(at, type_=c.review_by.type)
    return case(
        (and_(~c.here, c.state.in_(leaving)), "left"),
        (c.state == State.DRAFT, "drafts"),
        (and_(c.state == State.SUBMITTED, few), "assign"),
        (c.state == State.SUBMITTED, "open_review"),
        (and_(c.state == State.IN_REVIEW, c.declined > 0), "declined"),
        (and_(c.state == State.IN_REVIEW, all_in), "send"),
        (and_(c.state == State.IN_REVIEW, late), "overdue"),
        (c.state == State.IN_REVIEW, "reviewing"),
        (and_(c.state == State.IN_CALIBRATION, c.committee_id.is_(None)), "no_committee"),
        (c.state == State.IN_CALIBRATION, "calibrating"),
        (and_(c.state == State.DECIDED, c.confirmed_at.is_(None)), "confirming"),
        (and_(c.state == State.DECIDED, c.rendered_at.is_(None)), "prepare"),
        (c.state == State.DECIDED, "release"),
        (and_(c.state == State.UNDER_APPEAL, c.unanswered), "appoint"),
        (c.state == State.UNDER_APPEAL, "appeals"),
    )
