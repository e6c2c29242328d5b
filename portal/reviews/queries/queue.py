"""A reviewer's queue, as rows: what is due, what is begun, what is done, in one order that progress does not change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.domain.case_flow import FROM_REVIEW, State
from portal.domain.ladder import Family
from portal.domain.rubric_files import read_pinned
from portal.models.case import Assignment, Case
from portal.models.cycle import Cycle
from portal.models.ladder import RubricVersion
from portal.models.packet import Snapshot
from portal.models.person import Person
from portal.models.review import Review, Score
from portal.reviews.queries.sealed import Candidate, is_free


@dataclass(frozen=True)
class Task:
    """One review somebody is asked for. `given` of `wanted` competencies are scored."""

    case_id: str
    candidate: str
    track_kind: str
    track: str
    level: str
    cycle: str
    due: datetime
    state: State
    cleared: bool
    waived: bool
    given: int
    wanted: int
    saved_at: datetime | None
    sealed_at: datetime | None
    packet_changed: bool

    @property
    def is_open(self) -> bool:
        return self.state is State.IN_REVIEW and self.sealed_at is None and not self.waived

    @property
    def is_begun(self) -> bool:
        return self.is_open and self.saved_at is not None


@dataclass(frozen=True)
class Place:
    """Where one case stands in the queue: number `number` of `total`, with its neighbours' ids."""

    number: int
    total: int
    previous: str | None
    next: str | None


def queue(s: Session, actor: Person) -> list[Task]:
    """Every review this person is asked for and may know of, by due date, then by name. Two statements."""
    used = aliased(Snapshot)
    latest = select(func.max(Snapshot.number)).where(Snapshot.case_id == Case.id).scalar_subquery()
    q = (
        select(
            Case.id,
            Candidate.name.label("candidate"),
            Case.rubric_hash,
            Case.to_level_id,
            Case.track_kind,
            Case._state.label("state"),
            Cycle.name.label("cycle"),
            Cycle.review_by,
            Assignment.no_conflict_at,
            Assignment.waived_at,
            Review.saved_at,
            Review.sealed_at,
            _given().label("given"),
            (used.number < latest).label("packet_changed"),
        )
        .select_from(Assignment)
        .join(Case, Case.id == Assignment.case_id)
        .join(Cycle, Cycle.id == Case.cycle_id)
        .join(Candidate, Candidate.id == Case.candidate_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .outerjoin(used, used.id == Review.snapshot_id)
        .where(Assignment.reviewer_id == actor.id, Assignment.ended_at.is_(None))
        .where(Case._state.in_(FROM_REVIEW), is_free(actor))
        .order_by(Cycle.review_by, Candidate.name, Case.id)
    )
    rows = list(s.execute(q))
    families = pinned_families(s, {row.rubric_hash for row in rows})
    return [_task(row, families[row.rubric_hash]) for row in rows]


def _given() -> Any:
    """How many competencies a review has a score for, or a reason for none."""
    said = or_(Score.value.is_not(None), Score.no_score.is_not(None))
    return select(func.count()).where(Score.review_id == Review.id, said).correlate(Review).scalar_subquery()


def _task(row: Any, family: Family) -> Task:
    level = family.level(row.to_level_id)
    return Task(
        case_id=row.id,
        candidate=row.candidate,
        track_kind=row.track_kind,
        track=family.track(level.track).name,
        level=level.title,
        cycle=row.cycle,
        due=row.review_by,
        state=row.state,
        cleared=row.no_conflict_at is not None,
        waived=row.waived_at is not None,
        given=row.given,
        wanted=len(family.competencies_of(level.track)),
        saved_at=row.saved_at,
        sealed_at=row.sealed_at,
        packet_changed=bool(row.packet_changed) and row.sealed_at is None,
    )


def pinned_families(s: Session, hashes: set[str]) -> dict[str, Family]:
    """Pinned rubrics by content hash; no statement for none."""
    if not hashes:
        return {}
    q = select(RubricVersion.content_hash, RubricVersion.org_text, RubricVersion.family_text)
    rows = s.execute(q.where(RubricVersion.content_hash.in_(hashes)).order_by(RubricVersion.content_hash))
    return {found: read_pinned(org, family) for found, org, family in rows}


def place_in(tasks: list[Task], case_id: str) -> Place | None:
    """Counted among reviews of cases in review, sealed ones included, so that the numbers stay while one works."""
    ids = [t.case_id for t in tasks if t.state is State.IN_REVIEW and not t.waived]
    if case_id not in ids:
        return None
    at = ids.index(case_id)
    after = ids[at + 1] if at + 1 < len(ids) else None
    return Place(at + 1, len(ids), ids[at - 1] if at else None, after)
