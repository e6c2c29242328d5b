"""Reads about cycles: the list, one with its settings, and the cockpit's rows. Cases are counted and listed only as far
as the reader runs them: never their own, never one they have a conflict with."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.cycles.sight import declines_open, in_conflict, runs
from portal.cycles.standing import CaseRow
from portal.models.calibration import Ballot
from portal.models.case import Assignment, Case, Extension
from portal.models.cycle import Committee, CommitteeSeat, Cycle, CyclePin, MarginSetting
from portal.models.decision import Decision
from portal.models.letter import Letter
from portal.models.person import Person
from portal.models.release import ReleaseItem
from portal.models.review import Review

_LOADED = (
    selectinload(Cycle.pins).joinedload(CyclePin.rubric_version),
    selectinload(Cycle.margins).joinedload(MarginSetting.set_by),
    selectinload(Cycle.committees).options(
        joinedload(Committee.chair),
        joinedload(Committee.deputy),
        selectinload(Committee.seats).joinedload(CommitteeSeat.person),
    ),
)


def cycle(s: Session, *, slug: str) -> Cycle | None:
    """One cycle with its pins, margins and committees, in a fixed number of statements."""
    return s.scalar(select(Cycle).where(Cycle.slug == slug).options(*_LOADED))


def committee(s: Session, *, slug: str, committee_id: str) -> Committee | None:
    found = cycle(s, slug=slug)
    return next((c for c in found.committees if c.id == committee_id), None) if found else None


def listed(s: Session) -> list[Cycle]:
    """Every cycle, the newest first."""
    return list(s.scalars(select(Cycle).order_by(Cycle.opens_at.desc(), Cycle.slug)))


def counts_by_cycle(s: Session, actor: Person) -> dict[str, int]:
    """How many cases this person runs, by the id of their cycle."""
    q = select(Case.cycle_id, func.count(Case.id)).join(Case.candidate).where(runs(actor)).group_by(Case.cycle_id)
    return {cycle_id: count for cycle_id, count in s.execute(q)}


def case_rows(s: Session, of: Cycle, actor: Person, *, at: datetime) -> list[CaseRow]:
    """The cases of a cycle that this person runs as they stand `at` a moment, by candidate. One statement, however many
    cases there are."""
    q = (
        select(
            Case.id,
            Person.name.label("candidate"),
            Case.track_kind,
            Case.to_level_id,
            Case.grade,
            Case._state.label("state"),
            Case.state_since,
            Case.nominated_by_id,
            Case.accepted_at,
            *_about_type(),
            *_about_reviews(of, at),
            *_about_ballots(),
            *_about_decision(),
        )
        .join(Case.candidate)
        .where(Case.cycle_id == of.id, runs(actor))
        .order_by(Person.name, Case.id)
    )
    grades = [(c.grade_from, c.grade_to) for c in of.committees]
    return [_row(found, of, grades) for found in s.execute(q)]


def _about_type() -> tuple[ColumnElement[Any], ...]:
    """Whether anything is scored, and the deadline where it is not the cycle's."""
    until = select(func.max(Extension.until)).where(Extension.case_id == Case.id).scalar_subquery()
    own_dates = (Case.reason != "").label("own_dates")
    return (Case.scored.label("scored"), own_dates, until.label("until"))


def _about_reviews(of: Cycle, at: datetime) -> tuple[ColumnElement[Any], ...]:
    """Counts over the reviewers who are still asked and have no conflict."""
    reviewer = aliased(Person)
    free = (
        select(func.count(Assignment.id))
        .join(reviewer, reviewer.id == Assignment.reviewer_id)
        .where(Assignment.case_id == Case.id, Assignment.ended_at.is_(None), ~in_conflict(reviewer))
    )
    is_sealed = exists().where(Review.assignment_id == Assignment.id, Review.sealed_at.is_not(None))
    waited = ~is_sealed, Assignment.waived_at.is_(None)
    due = func.coalesce(Assignment.due_at, of.review_by, type_=Assignment.due_at.type)
    first_due = func.min(due, type_=Assignment.due_at.type)
    return (
        free.scalar_subquery().label("assigned"),
        free.where(Assignment.track_kind != Case.track_kind).scalar_subquery().label("crossing"),
        free.where(*waited).scalar_subquery().label("outstanding"),
        free.with_only_columns(first_due).where(*waited).scalar_subquery().label("review_due"),
        free.where(*waited, due < at).scalar_subquery().label("overdue"),
        free.where(is_sealed).scalar_subquery().label("sealed"),
        declines_open().label("declined"),
    )


def _about_ballots() -> tuple[ColumnElement[Any], ...]:
    opened = select(func.max(Ballot.opened_at)).where(Ballot.case_id == Case.id, Ballot.closed_at.is_(None))
    closed = select(func.max(Ballot.closed_at)).where(Ballot.case_id == Case.id)
    return (opened.scalar_subquery().label("ballot_opened"), closed.scalar_subquery().label("ballot_closed"))


def _about_decision() -> tuple[ColumnElement[Any], ...]:
    """When the last decision was recorded and confirmed, and whether its letter is there."""
    found = select(Decision.id).where(Decision.case_id == Case.id).order_by(Decision.number.desc()).limit(1)
    last = found.correlate(Case).scalar_subquery()
    decision = aliased(Decision)
    of_last = decision.id == last
    letter = exists().where(Letter.decision_id == last, Letter.pdf_sha256.is_not(None))
    return (
        select(decision.recorded_at).where(of_last).scalar_subquery().label("decided"),
        select(decision.confirmed_at).where(of_last).scalar_subquery().label("confirmed"),
        letter.label("letter_ready"),
        select(ReleaseItem.moment)
        .where(ReleaseItem.decision_id == last, ReleaseItem.live)
        .scalar_subquery()
        .label("leaves"),
    )


def _row(found: Row[Any], of: Cycle, grades: list[tuple[int, int]]) -> CaseRow:
    return CaseRow(
        id=found.id,
        candidate=found.candidate,
        track_kind=found.track_kind,
        to_level=found.to_level_id,
        grade=found.grade,
        state=found.state,
        since=found.state_since,
        submit_by=found.until if found.own_dates and found.until else max(of.submit_by, found.until or of.submit_by),
        scored=found.scored,
        accepted=found.nominated_by_id is None or found.accepted_at is not None,
        committee_named=any(low <= found.grade <= high for low, high in grades),
        assigned=found.assigned,
        crossing=found.crossing,
        outstanding=found.outstanding,
        review_due=found.review_due,
        overdue=found.overdue,
        sealed=found.sealed,
        declined=found.declined,
        ballot_opened=found.ballot_opened,
        ballot_closed=found.ballot_closed,
        decided=found.decided,
        confirmed=found.confirmed,
        letter_ready=found.letter_ready,
        leaves=found.leaves,
    )


def people_by_email(s: Session, emails: Collection[str]) -> dict[str, Person]:
    """The active people with these addresses, by address."""
    q = select(Person).where(Person.email.in_(sorted(emails)), Person.active).order_by(Person.email)
    return {person.email: person for person in s.scalars(q)}
