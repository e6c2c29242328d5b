"""What the measurement of two bars is computed from: per case its track, its outcome on merit, what the committee was
shown, and its sealed reviews. Plain frozen values, so that a figure can be kept, compared and computed again without
one of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from portal.calibration.queries.scores import Sheet, Sheets
from portal.calibration.queries.table import CaseRow, Pinned
from portal.domain.case_types import COMPARED
from portal.domain.ladder import Family, Rubric
from portal.domain.scoring import overall, review_overall
from portal.models.decision import Outcome
from portal.reviews.queries import AnchorSheet

FEWEST_EARLIER = 5  # decided cases on a track before those of closed cycles are pooled in
FEWEST_RATERS = 3


@dataclass(frozen=True)
class ReviewFacts:
    """One sealed review: its reviewer, the track they come from, its overall and its mean by pillar id, in points."""

    reviewer: str
    home: str
    overall: float
    pillars: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class CaseFacts:
    """One case as measurement sees it. `outcome` is None while undecided; `shown` is the overall the committee saw.

    `anchor` marks an anchor packet: it ties reviewers together and is counted nowhere as a case."""

    case: str
    cycle: str
    earlier: bool
    track: str
    outcome: str | None
    shown: float | None
    committee: str
    reviews: tuple[ReviewFacts, ...]
    grade: int = 0
    anchor: bool = False

    @property
    def approved(self) -> float:
        """1 for approved on merit (deferred counts: the bar was met), 0 for refused, nan while undecided."""
        if self.outcome is None:
            return float("nan")
        return float(self.outcome in (Outcome.APPROVED.value, Outcome.DEFERRED.value))


def facts_of(cases: Iterable[CaseRow], sheets: Sheets, *, earlier: bool = False) -> tuple[CaseFacts, ...]:
    """The cases that are compared, in the order given; `earlier` marks those of closed cycles.

    A switch, a smaller role or a confirmation asks for no higher bar: such cases are decided here and not measured."""
    return tuple(_facts(c, sheets.get(c.id, []), earlier) for c in cases if c.case_type in COMPARED)


def _facts(case: CaseRow, sheets: Sequence[Sheet], earlier: bool) -> CaseFacts:
    return CaseFacts(
        case=case.id,
        cycle=case.cycle_name,
        earlier=earlier,
        track=case.track_kind,
        outcome=case.outcome.value if case.outcome else None,
        shown=case.shown,
        committee=case.committee_id or "",
        reviews=tuple(found for sheet in sheets if (found := _counted(case.pinned, sheet)) is not None),
        grade=case.grade,
    )


def anchor_facts(family: Family, sheets: Iterable[AnchorSheet]) -> tuple[CaseFacts, ...]:
    """The sealed scores of the family's anchor packets, packet by packet: no decision, nothing shown."""
    packets: dict[str, list[AnchorSheet]] = {}
    for sheet in sheets:
        packets.setdefault(sheet.anchor_id, []).append(sheet)
    return tuple(_anchor(family.rubric(found[0].level_id), found) for found in packets.values())


def _anchor(rubric: Rubric, sheets: Sequence[AnchorSheet]) -> CaseFacts:
    scored = (_review(rubric, Sheet(sheet.reviewer_id, sheet.home, sheet.values)) for sheet in sheets)
    return CaseFacts(
        case=f"anchor:{sheets[0].anchor_id}",
        cycle="",
        earlier=False,
        track=sheets[0].track_kind,
        outcome=None,
        shown=None,
        committee="",
        reviews=tuple(found for found in scored if found is not None),
        grade=sheets[0].grade,
        anchor=True,
    )


def _counted(pinned: Pinned, sheet: Sheet) -> ReviewFacts | None:
    return _reviewed(pinned, sheet.reviewer_id, sheet.home, tuple(sheet.values.items()))


@lru_cache(maxsize=8192)
def _reviewed(
    pinned: Pinned, reviewer_id: str, home: str, values: tuple[tuple[str, int | None], ...]
) -> ReviewFacts | None:
    """The same scores of the same rubric are the same facts: computed once."""
    return _review(pinned.rubric, Sheet(reviewer_id, home, dict(values)))


def _review(rubric: Rubric, sheet: Sheet) -> ReviewFacts | None:
    whole = review_overall(rubric, sheet.values)
    if whole is None:
        return None
    pillars = []
    for pillar in rubric.pillars:
        inside = {line.id: sheet.values.get(line.id) for line in rubric.competencies if line.pillar.id == pillar.id}
        mean = overall(rubric, inside)
        if mean is not None:
            pillars.append((pillar.id, mean))
    return ReviewFacts(sheet.reviewer_id, sheet.home, whole, tuple(pillars))


def pooled(now: Iterable[CaseFacts], earlier: Iterable[CaseFacts]) -> tuple[CaseFacts, ...]:
    """This cycle's cases together with those of closed cycles at the same grades.

    At a grade a track's closed cycles count once they hold five decided cases, and three people scored them: fewer
    would be no aggregate, and the difference to this cycle's figures would name somebody's result."""
    before = tuple(f for f in earlier if f.outcome is not None)
    decided = Counter((f.grade, f.track) for f in before)
    enough = tuple(f for f in before if decided[f.grade, f.track] >= FEWEST_EARLIER)
    raters = {r.reviewer for f in enough for r in f.reviews}
    return (*now, *(enough if len(raters) >= FEWEST_RATERS else ()))


def to_plain(facts: Iterable[CaseFacts]) -> list[dict[str, Any]]:
    """For storage in a bar check; that something is no anchor packet goes without saying."""
    return [{key: value for key, value in asdict(f).items() if key != "anchor" or value} for f in facts]


def from_plain(rows: Iterable[Mapping[str, Any]]) -> tuple[CaseFacts, ...]:
    """What `to_plain` wrote, after its way through JSON."""
    return tuple(CaseFacts(**{**row, "reviews": tuple(map(_review_from, row["reviews"]))}) for row in rows)


def _review_from(row: Mapping[str, Any]) -> ReviewFacts:
    return ReviewFacts(**{**row, "pillars": tuple((name, mean) for name, mean in row["pillars"])})
