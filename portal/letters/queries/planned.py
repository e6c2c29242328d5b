"""The ordered releases of a cycle: what waits for its moment, and what was held back at it."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.cases import queries as cases
from portal.letters.queries.batch import Batch, Line
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.decision import Decision, Outcome
from portal.models.release import Release, ReleaseItem


@dataclass(frozen=True)
class Planned:
    """An ordered release as one people partner may know it: how many of each outcome wait, and what was held back."""

    release: Release
    counts: dict[Outcome, int]
    held: tuple[tuple[Case, str], ...]

    @property
    def waiting(self) -> int:
        return sum(self.counts.values())


_WITH_ITEMS = (
    joinedload(Release.cycle),
    joinedload(Release.ordered_by),
    selectinload(Release.items).joinedload(ReleaseItem.decision).joinedload(Decision.case),
)


def release(s: Session, *, slug: str, release_id: str) -> Release | None:
    """An ordered release of that cycle, with all that policies ask of its cases."""
    q = select(Release).join(Cycle, Cycle.id == Release.cycle_id).where(Cycle.slug == slug, Release.id == release_id)
    found = s.scalar(q.options(*_WITH_ITEMS))
    for item in found.items if found else ():
        cases.case(s, case_id=item.decision.case_id)
    return found


def planned(s: Session, cycle: Cycle, found: Batch) -> list[Planned]:
    """The ordered releases of a cycle that still have letters waiting or held back, as far as this batch reaches; the
    earliest moment first."""
    lines = {line.decision.id: line for line in found.lines if line.decision and not line.decision.released_at}
    kept = select(ReleaseItem.release_id).where(ReleaseItem.live | (ReleaseItem.trouble != ""))
    q = select(Release).where(Release.cycle_id == cycle.id, Release.id.in_(kept)).options(*_WITH_ITEMS)
    rows = s.scalars(q.order_by(Release.moment, Release.id)).all()
    made = [_planned(row, lines) for row in rows]
    return [one for one in made if one.waiting or one.held]


def _planned(row: Release, lines: dict[str, Line]) -> Planned:
    mine = [item for item in row.items if item.decision_id in lines]
    waiting = Counter(item.decision.outcome for item in mine if item.live)
    held = tuple((lines[item.decision_id].case, item.trouble) for item in mine if item.trouble)
    return Planned(row, {o: waiting[o] for o in Outcome if waiting[o]}, held)
