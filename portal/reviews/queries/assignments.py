"""The assignment board of a cycle: cases before and in review, who reviews each, and how much each reviewer has.

Only cases this people partner may run are counted, also in the loads: a load that rose by one would tell them who
reviews their own case."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from portal.domain.case_flow import State
from portal.models.case import Assignment, Case
from portal.models.cycle import Cycle
from portal.models.person import Person
from portal.models.review import Review
from portal.reviews.policy import ASSIGNABLE
from portal.reviews.queries.queue import pinned_families
from portal.reviews.queries.sealed import Candidate, Reviewer, is_free, reviewer_is_free

PAGE = 100


@dataclass(frozen=True)
class Seat:
    """One reviewer on one case, as the board shows it. `free` is False when a conflict has come up since."""

    person_id: str
    name: str
    track_kind: str
    free: bool
    waived: bool
    saved_at: datetime | None
    sealed_at: datetime | None


@dataclass(frozen=True)
class BoardCase:
    id: str
    candidate: str
    track_kind: str
    track: str
    level: str
    grade: int
    state: State
    seats: tuple[Seat, ...]
    needed: int

    @property
    def assigned(self) -> int:
        return sum(seat.free for seat in self.seats)

    @property
    def missing(self) -> int:
        return max(0, self.needed - self.assigned)

    @property
    def crosses(self) -> bool:
        return any(seat.free and seat.track_kind != self.track_kind for seat in self.seats)

    @property
    def sealed(self) -> int:
        return sum(seat.free and seat.sealed_at is not None for seat in self.seats)


@dataclass(frozen=True)
class Load:
    """How many reviews one person was asked for in the cycle, and how many of them are sealed."""

    name: str
    asked: int
    sealed: int


@dataclass(frozen=True)
class Board:
    cases: tuple[BoardCase, ...]
    loads: tuple[Load, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def cycle(s: Session, *, slug: str) -> Cycle | None:
    """The cycle alone: the board asks nothing of its rubrics and committees."""
    return s.scalar(select(Cycle).where(Cycle.slug == slug))


def board(s: Session, cycle: Cycle, actor: Person, *, page: int = 1) -> Board:
    """One page of the cycle's cases before and in review, submitted ones first. Five statements."""
    total = s.scalar(_runs(select(func.count()), cycle, actor)) or 0
    page = min(max(1, page), max(1, -(-total // PAGE)))
    columns = (Case.id, Candidate.name, Case.rubric_hash, Case.to_level_id, Case.track_kind, Case.grade, Case._state)
    q = _runs(select(*columns), cycle, actor).order_by(Case._state.desc(), Candidate.name, Case.id)
    rows = list(s.execute(q.limit(PAGE).offset((page - 1) * PAGE)))
    families = pinned_families(s, {row.rubric_hash for row in rows})
    seats = _seats(s, [row.id for row in rows])
    cases = []
    for id_, candidate, pinned, level_id, kind, grade, state in rows:
        level = families[pinned].level(level_id)
        track = families[pinned].track(level.track).name
        sat = tuple(seats[id_])
        cases.append(BoardCase(id_, candidate, kind, track, level.title, grade, state, sat, cycle.min_reviewers))
    return Board(tuple(cases), tuple(loads(s, cycle, actor)), total, page)


def _runs(q: Any, cycle: Cycle, actor: Person) -> Any:
    joined = q.select_from(Case).join(Candidate, Candidate.id == Case.candidate_id)
    return joined.where(Case.cycle_id == cycle.id, Case.scored, Case._state.in_(ASSIGNABLE), may_run(actor))


def may_run(actor: Person) -> ColumnElement[bool]:
    """The SQL side of `policy.can_assign` for a people partner; joins Case and Candidate."""
    mine, written = aliased(Assignment), aliased(Review)
    owed = (
        select(mine.id)
        .outerjoin(written, written.assignment_id == mine.id)
        .where(mine.case_id == Case.id, mine.reviewer_id == actor.id, mine.ended_at.is_(None))
        .where(mine.waived_at.is_(None), written.sealed_at.is_(None))
        .exists()
    )
    return and_(is_free(actor), ~owed)


def _seats(s: Session, case_ids: list[str]) -> dict[str, list[Seat]]:
    q = (
        select(
            Assignment.case_id,
            Reviewer.id,
            Reviewer.name,
            Assignment.track_kind,
            reviewer_is_free().label("free"),
            Assignment.waived_at,
            Review.saved_at,
            Review.sealed_at,
        )
        .select_from(Assignment)
        .join(Case, Case.id == Assignment.case_id)
        .join(Candidate, Candidate.id == Case.candidate_id)
        .join(Reviewer, Reviewer.id == Assignment.reviewer_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .where(Assignment.case_id.in_(case_ids), Assignment.ended_at.is_(None))
        .order_by(Assignment.case_id, Reviewer.name, Reviewer.id)
    )
    found: dict[str, list[Seat]] = defaultdict(list)
    for row in s.execute(q):
        found[row.case_id].append(_seat(row))
    return found


def _seat(row: Any) -> Seat:
    waived = row.waived_at is not None
    return Seat(row.id, row.name, row.track_kind, bool(row.free), waived, row.saved_at, row.sealed_at)


def loads(s: Session, cycle: Cycle, actor: Person) -> list[Load]:
    """Most asked first. Waived reviews are no load."""
    asked, sealed = func.count(), func.count(Review.sealed_at)
    q = _asked(select(Reviewer.name, asked, sealed), cycle.id, actor).join(
        Reviewer, Reviewer.id == Assignment.reviewer_id
    )
    return [
        Load(*row) for row in s.execute(q.group_by(Reviewer.id, Reviewer.name).order_by(asked.desc(), Reviewer.name))
    ]


def load_by_person(s: Session, cycle_id: str, actor: Person) -> dict[str, int]:
    q = _asked(select(Assignment.reviewer_id, func.count()), cycle_id, actor)
    return {person_id: n for person_id, n in s.execute(q.group_by(Assignment.reviewer_id))}


def _asked(q: Any, cycle_id: str, actor: Person) -> Any:
    return (
        q.select_from(Assignment)
        .join(Case, Case.id == Assignment.case_id)
        .join(Candidate, Candidate.id == Case.candidate_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .where(Case.cycle_id == cycle_id, Assignment.ended_at.is_(None), Assignment.waived_at.is_(None))
        .where(Case._state != State.WITHDRAWN, may_run(actor))
    )
