"""What is waited for in open cycles, from whom and since when: reviews, feedback, statements and packets."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.domain.case_flow import State
from portal.domain.ladder_org import Policy
from portal.domain.rubric_files import read_pinned
from portal.models.case import Assignment, Case, Extension
from portal.models.cycle import Cycle, CyclePin
from portal.models.ladder import RubricVersion
from portal.models.outbox import OutboxRow
from portal.models.packet import Referee, RefereeState, Snapshot, Statement
from portal.models.person import Person
from portal.models.review import Review
from portal.reviews.queries.assignments import may_run
from portal.reviews.queries.sealed import Candidate, Reviewer, reviewer_is_free


class What(StrEnum):
    REVIEW = "review"
    FEEDBACK = "feedback"
    STATEMENT = "statement"
    PACKET = "packet"


@dataclass(frozen=True)
class Waited:
    """One thing somebody owes. `key` names it for good; `here` is False when they have left."""

    key: str
    what: What
    case_id: str
    slug: str
    candidate: str
    person_id: str
    person: str
    timezone: str
    here: bool
    asked_at: datetime
    due: datetime
    path: str


_ASKING = (State.DRAFT, State.SUBMITTED, State.IN_REVIEW)
_WHO = (Case.id, Cycle.slug, Candidate.name, Person.id, Person.name, Person.timezone, Person.active)


def waited_for(s: Session, *, cycle: Cycle | None = None, actor: Person | None = None) -> list[Waited]:
    """By due day, then by name; of one cycle, and of cases this people partner runs, where they are given."""
    where: list[ColumnElement[bool]] = [Cycle.closed_at.is_(None)]
    where += [Case.cycle_id == cycle.id] if cycle else []
    where += [may_run(actor)] if actor else []
    policies = policies_of(s)
    found = [*_reviews(s, where), *_feedback(s, where, policies), *_statements(s, where, policies), *_packets(s, where)]
    return sorted(found, key=lambda one: (one.due, one.person, one.key))


def policies_of(s: Session) -> dict[str, Policy]:
    """The organisation's rules as each open cycle pinned them, by slug. One statement."""
    q = (
        select(Cycle.slug, RubricVersion.org_text, RubricVersion.family_text)
        .join(CyclePin, CyclePin.cycle_id == Cycle.id)
        .join(RubricVersion, RubricVersion.content_hash == CyclePin.content_hash)
        .where(Cycle.closed_at.is_(None))
        .order_by(Cycle.slug, CyclePin.family_id.desc())
    )
    return {slug: read_pinned(org, family).org.policy for slug, org, family in s.execute(q)}


def _of(s: Session, where: list[ColumnElement[bool]], q: Any) -> list[Any]:
    joined = q.join(Cycle, Cycle.id == Case.cycle_id).join(Candidate, Candidate.id == Case.candidate_id)
    return list(s.execute(joined.where(*where).order_by(Case.id, Person.id)))


def _waited(row: Any, what: What, key: str, asked: datetime, due: datetime, part: str) -> Waited:
    case_id, slug, candidate, person_id, name, timezone, here = row[:7]
    path = f"/cases/{case_id}/{part}"
    return Waited(key, what, case_id, slug, candidate, person_id, name, timezone, here, asked, due, path)


def _reviews(s: Session, where: list[ColumnElement[bool]]) -> list[Waited]:
    q = (
        select(*_WHO, Assignment.id, Assignment.assigned_at, Case.state_since, Assignment.due_at, Cycle.review_by)
        .select_from(Assignment)
        .join(Case, Case.id == Assignment.case_id)
        .join(Person, Person.id == Assignment.reviewer_id)
        .join(Reviewer, Reviewer.id == Assignment.reviewer_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .where(Case._state == State.IN_REVIEW, Assignment.ended_at.is_(None), Assignment.waived_at.is_(None))
        .where(Review.sealed_at.is_(None), reviewer_is_free())
    )
    return [
        _waited(r, What.REVIEW, f"review-{r[7]}", max(r[8], r[9]), r[10] or r[11], "review") for r in _of(s, where, q)
    ]


def _feedback(s: Session, where: list[ColumnElement[bool]], policies: dict[str, Policy]) -> list[Waited]:
    q = (
        select(*_WHO, Referee.id, Referee.proposed_at, Referee.due_at, Cycle.review_by)
        .select_from(Referee)
        .join(Case, Case.id == Referee.case_id)
        .join(Person, Person.id == Referee.person_id)
        .where(Referee.state == RefereeState.INVITED, Case._state.in_(_ASKING))
    )
    return [
        _waited(r, What.FEEDBACK, f"feedback-{r[7]}", r[8], r[9] or min(r[10], _after(r, r[8], policies)), "feedback")
        for r in _of(s, where, q)
    ]


def _after(row: Any, asked: datetime, policies: dict[str, Policy]) -> datetime:
    return asked + timedelta(days=policies.get(row[1], Policy()).referee_days)


def _statements(s: Session, where: list[ColumnElement[bool]], policies: dict[str, Policy]) -> list[Waited]:
    report = aliased(Person)
    manager = select(report.manager_id).where(report.id == Case.candidate_id).correlate(Case).scalar_subquery()
    submitted = select(func.max(Snapshot.taken_at)).where(Snapshot.case_id == Case.id).correlate(Case).scalar_subquery()
    q = (
        select(*_WHO, func.coalesce(submitted, Case.state_since, type_=Case.state_since.type), Cycle.review_by)
        .select_from(Case)
        .join(Person, Person.id == manager)
        .outerjoin(Statement, and_(Statement.case_id == Case.id, Statement.writer_id == Person.id))
        .where(Case._state.in_([State.SUBMITTED, State.IN_REVIEW]), Statement.signed_at.is_(None))
    )
    found = []
    for r in _of(s, where, q):
        due = min(r[8], r[7] + timedelta(days=policies.get(r[1], Policy()).statement_days))
        found.append(_waited(r, What.STATEMENT, f"statement-{r[0]}-{r[3]}", r[7], due, "statement"))
    return found


def _packets(s: Session, where: list[ColumnElement[bool]]) -> list[Waited]:
    until = select(func.max(Extension.until)).where(Extension.case_id == Case.id).correlate(Case).scalar_subquery()
    q = (
        select(*_WHO, Case.created_at, Cycle.submit_by, until)
        .select_from(Case)
        .join(Person, Person.id == Case.candidate_id)
        .where(Case._state == State.DRAFT, or_(Case.nominated_by_id.is_(None), Case.accepted_at.is_not(None)))
    )
    return [
        _waited(r, What.PACKET, f"packet-{r[0]}", r[7], max(r[8], r[9] or r[8]), "packet/edit")
        for r in _of(s, where, q)
    ]


def reminded(s: Session, waited: list[Waited]) -> dict[str, datetime]:
    """When each was last reminded, by key; those who never were are not in it. One statement."""
    q = select(OutboxRow.key, OutboxRow.created_at).where(
        OutboxRow.key.startswith("mail:chase:"), OutboxRow.case_id.in_({one.case_id for one in waited})
    )
    found: dict[str, datetime] = {}
    for key, at in s.execute(q.order_by(OutboxRow.created_at, OutboxRow.id)):
        found[key.split(":")[2]] = at
    return found


def declined(s: Session, cycle: Cycle, actor: Person) -> list[Any]:
    """Reviewers who said that they cannot: case id, candidate, person id, name, when, why; nobody asked in their place
    and no waiver yet."""
    mine, theirs = aliased(Assignment), aliased(Assignment)
    later = exists().where(theirs.case_id == Case.id, theirs.ended_at.is_(None), theirs.assigned_at >= mine.declined_at)
    q = (
        select(Case.id, Candidate.name, Person.id, Person.name, mine.declined_at, mine.ended_reason)
        .select_from(mine)
        .join(Case, Case.id == mine.case_id)
        .join(Candidate, Candidate.id == Case.candidate_id)
        .join(Person, Person.id == mine.reviewer_id)
        .where(Case.cycle_id == cycle.id, Case._state == State.IN_REVIEW, may_run(actor))
        .where(mine.declined_at.is_not(None), mine.waived_at.is_(None), ~later)
        .order_by(mine.declined_at, Case.id, Person.id)
    )
    return list(s.execute(q))
