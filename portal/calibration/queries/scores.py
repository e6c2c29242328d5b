"""What was scored, in bulk: the first sealed reviews of reviewers without a conflict, for any number of cases in one
statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.policy import conflict
from portal.cases.queries import rubric_of
from portal.domain.scoring import Position, position
from portal.models.case import Assignment, Case
from portal.models.review import Score


@dataclass(frozen=True)
class Sheet:
    """One sealed review: who wrote it, which track they come from, and a score by competency (None: not assessed)."""

    reviewer_id: str
    home: str
    values: Mapping[str, int | None]


def counted_assignments(case: Case) -> list[Assignment]:
    """Those whose review counts: still assigned, without a conflict, sealed."""
    return [
        a for a in case.active_assignments if a.review and a.review.sealed_at and conflict(a.reviewer, case) is None
    ]


def sheets_of(s: Session, cases: Sequence[Case]) -> dict[str, list[Sheet]]:
    """By case id, in the order of assignment. The cases' assignments, reviewers and reviews must be loaded."""
    counted = {a.review.id: a for case in cases for a in counted_assignments(case) if a.review}
    values: dict[int, dict[str, int | None]] = {review_id: {} for review_id in counted}
    q = select(Score.review_id, Score.competency_id, Score.value).where(Score.review_id.in_(list(counted)))
    for review_id, competency, value in s.execute(q.order_by(Score.review_id, Score.competency_id)):
        values[review_id][competency] = value
    found: dict[str, list[Sheet]] = {case.id: [] for case in cases}
    for review_id, a in counted.items():
        found[a.case_id].append(Sheet(a.reviewer_id, a.track_kind, values[review_id]))
    return found


def position_of(s: Session, case: Case) -> Position:
    """Where one case stands against the written bar of its pinned rubric."""
    return position(rubric_of(case), [sheet.values for sheet in sheets_of(s, [case])[case.id]])
