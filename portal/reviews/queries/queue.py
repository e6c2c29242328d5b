"""A reviewer's queue, as rows: what is due, what is begun, what is done, in one order that progress does not change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.domain.case_flow import FROM_REVIEW, State
from portal.domain.case_types import rubric_for
from portal.domain.ladder import Family
from portal.domain.rubric_files import read_pinned
from portal.models.case import Assignment, Case
from portal.models.cycle import Cycle
from portal.models.ladder import RubricVersion
from portal.models.packet import Snapshot
from portal.models.person import Person
from portal.models.review import Amendment, Review, Score
from portal.reviews.queries.sealed import Candidate, is_free

ONLY = ("open", "sealed", "changed")


@dataclass(frozen=True)
class Task:
    """One review somebody is asked for. `given` of `wanted` competencies are scored."""

    case_id: str
    candidate: str
    track_kind: str
    track: str
    level: str
    cycle: str
    slug: str
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
class Wanted:
    """Which part of a queue somebody works through; empty is all of it. `only` is open, sealed or changed."""

    only: str = ""
    cycle: str = ""
    track: str = ""

    def takes(self, task: Task) -> bool:
        if (self.cycle and task.slug != self.cycle) or (self.track and task.track_kind != self.track):
            return False
        stands = {"open": task.is_open, "sealed": task.sealed_at is not None, "changed": task.packet_changed}
        return stands.get(self.only, True)

    @property
    def words(self) -> dict[str, Any]:
        """The same for an address; what is not filtered is left out."""
        return {name: value for name, value in vars(self).items() if value}


EVERYTHING = Wanted()


def wanted(words: Mapping[str, str]) -> Wanted:
    """The filter that an address asks for; what it does not know filters nothing."""
    only = words.get("only", "")
    return Wanted(only if only in ONLY else "", words.get("cycle", "")[:60], words.get("track", "")[:20])


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
    due = func.coalesce(Assignment.due_at, Cycle.review_by, type_=Cycle.review_by.type)
    latest = select(func.max(Snapshot.number)).where(Snapshot.case_id == Case.id).scalar_subquery()
    q = (
        select(
            Case.id,
            Candidate.name.label("candidate"),
            Case.rubric_hash,
            Case.case_type,
            Case.from_level_id,
            Case.to_level_id,
            Case.track_kind,
            Case._state.label("state"),
            Cycle.name.label("cycle"),
            Cycle.slug,
            due.label("due"),
            Assignment.no_conflict_at,
            Assignment.waived_at,
            Review.saved_at,
            Review.sealed_at,
            _given().label("given"),
            (_last_read(used) < latest).label("packet_changed"),
        )
        .select_from(Assignment)
        .join(Case, Case.id == Assignment.case_id)
        .join(Cycle, Cycle.id == Case.cycle_id)
        .join(Candidate, Candidate.id == Case.candidate_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .outerjoin(used, used.id == Review.snapshot_id)
        .where(Assignment.reviewer_id == actor.id, Assignment.ended_at.is_(None))
        .where(Case._state.in_(FROM_REVIEW), is_free(actor))
        .order_by(due, Candidate.name, Case.id)
    )
    rows = list(s.execute(q))
    families = pinned_families(s, {row.rubric_hash for row in rows})
    return [_task(row, families[row.rubric_hash]) for row in rows]


def _last_read(used: Any) -> Any:
    """The number of the snapshot the review rests on, or its last amendment."""
    later = aliased(Snapshot)
    q = select(func.max(later.number)).join(Amendment, Amendment.snapshot_id == later.id)
    return func.coalesce(q.where(Amendment.review_id == Review.id).correlate(Review).scalar_subquery(), used.number)


def _given() -> Any:
    """How many competencies a review has a score for, or a reason for none."""
    said = or_(Score.value.is_not(None), Score.no_score.is_not(None))
    return select(func.count()).where(Score.review_id == Review.id, said).correlate(Review).scalar_subquery()


def _task(row: Any, family: Family) -> Task:
    level = family.level(row.to_level_id)
    rubric = rubric_for(family, row.case_type, row.from_level_id, row.to_level_id)
    return Task(
        case_id=row.id,
        candidate=row.candidate,
        track_kind=row.track_kind,
        track=family.track(level.track).name,
        level=level.title,
        cycle=row.cycle,
        slug=row.slug,
        due=row.due,
        state=row.state,
        cleared=row.no_conflict_at is not None,
        waived=row.waived_at is not None,
        given=row.given,
        wanted=len(rubric.competencies),
        saved_at=row.saved_at,
        sealed_at=row.sealed_at,
        packet_changed=bool(row.packet_changed) and row.state is State.IN_REVIEW,
    )


def pinned_families(s: Session, hashes: set[str]) -> dict[str, Family]:
    """Pinned rubrics by content hash; no statement for none."""
    if not hashes:
        return {}
    q = select(RubricVersion.content_hash, RubricVersion.org_text, RubricVersion.family_text)
    rows = s.execute(q.where(RubricVersion.content_hash.in_(hashes)).order_by(RubricVersion.content_hash))
    return {found: read_pinned(org, family) for found, org, family in rows}


def place_in(tasks: list[Task], case_id: str, kept: Wanted = EVERYTHING) -> Place | None:
    """Counted among reviews of cases in review, sealed ones included, so that the numbers stay while one works; with a
    filter among those it takes, and the one at hand, which may have left it by being worked on."""
    open_cases = (t for t in tasks if t.state is State.IN_REVIEW and not t.waived)
    ids = [t.case_id for t in open_cases if t.case_id == case_id or kept.takes(t)]
    if case_id not in ids:
        return None
    at = ids.index(case_id)
    after = ids[at + 1] if at + 1 < len(ids) else None
    return Place(at + 1, len(ids), ids[at - 1] if at else None, after)
