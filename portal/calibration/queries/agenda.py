"""The order of business at one grade: both tracks in turn, the cases reviewers disagree on first, and for each where it
stands against its own written bar. Never a ranking across tracks.

The order follows from the cases and a seed that is shown, so that anybody can check that nobody arranged it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, zip_longest
from typing import Literal

from portal.calibration.queries.scores import Sheet, Sheets
from portal.calibration.queries.table import CaseRow, Pinned
from portal.domain.case_types import APPROVALS, COMPARED, KINDS
from portal.domain.ladder import Rubric
from portal.domain.scoring import Position, position
from portal.models.decision import Outcome

CLOSE = 1.0  # scale points within which reviewers of one competency are taken to agree
WIDE = 2.0  # scale points between the highest and the lowest score of one competency
TRACK_ORDER = ("ic", "manager", "lead", "advisor")
Flag = Literal["wide_disagreement", "single_review", "must_have_not_assessed", "no_cross_track", "review_waived"]
Voting = Literal["not_opened", "open", "closed"]


@dataclass(frozen=True)
class Item:
    """One case on the agenda. `outcome` is None while it is undecided; `position` holds what the committee changed
    (`moved` competencies), `raw` is the overall before. `unanimous`: taken together with others like it."""

    case: CaseRow
    position: Position
    reviews: int
    flags: tuple[Flag, ...]
    voting: Voting
    outcome: Outcome | None
    raw: float | None = None
    moved: int = 0
    unanimous: bool = False

    @property
    def rubric(self) -> Rubric:
        return self.case.rubric

    @property
    def approved(self) -> bool | None:
        return None if self.outcome is None else self.outcome in APPROVALS | {Outcome.DEFERRED}

    @property
    def type_name(self) -> str:
        """A gettext message id."""
        return KINDS[self.case.case_type].name

    @property
    def compared(self) -> bool:
        """Whether the case says anything about where the bar of its level lies."""
        return self.case.case_type in COMPARED


Settled = Mapping[str, Mapping[str, float]]
"""What the committee changed, by case id: competency to its new score."""


def agenda(cases: Iterable[CaseRow], sheets: Sheets, seed: str, settled: Settled | None = None) -> list[Item]:
    """The items in order: what is split first, then what is unanimous. `seed` breaks ties within a track and says which
    track begins."""
    moved = settled or {}
    items = [_item(case, sheets.get(case.id, []), moved.get(case.id, {})) for case in cases]
    split, together = ([i for i in items if i.unanimous is alike] for alike in (False, True))
    return [*_in_turn(split, seed), *_in_turn(together, seed)]


def _in_turn(items: Sequence[Item], seed: str) -> list[Item]:
    lanes = [
        sorted((i for i in items if i.case.track_kind == kind), key=lambda i: _rank(i, seed)) for kind in _kinds(seed)
    ]
    return [item for item in chain.from_iterable(zip_longest(*lanes)) if item is not None]


def _kinds(seed: str) -> Sequence[str]:
    ic, manager, *others = TRACK_ORDER
    return (ic, manager, *others) if int(_mixed(seed, "first"), 16) % 2 == 0 else (manager, ic, *others)


def _rank(item: Item, seed: str) -> tuple[float, float, str]:
    return -(item.position.disagreement or 0.0), -(item.position.disagreement_sd or 0.0), _mixed(seed, item.case.id)


def _mixed(seed: str, what: str) -> str:
    return hashlib.sha256(f"{seed}:{what}".encode()).hexdigest()


def _item(case: CaseRow, sheets: Sequence[Sheet], moved: Mapping[str, float]) -> Item:
    given = tuple(tuple(sheet.values.items()) for sheet in sheets)
    stands = _standing(case.pinned, given, tuple(sorted(moved.items())))
    return Item(
        case=case,
        position=stands.now,
        reviews=len(sheets),
        flags=tuple(_flags(case, stands.now, sheets)),
        voting=_voting(case),
        outcome=case.outcome,
        raw=stands.before.overall,
        moved=len(moved),
        unanimous=stands.unanimous,
    )


@dataclass(frozen=True)
class _Standing:
    before: Position
    now: Position
    unanimous: bool


Given = tuple[tuple[tuple[str, int | None], ...], ...]


@lru_cache(maxsize=4096)
def _standing(pinned: Pinned, given: Given, moved: tuple[tuple[str, float], ...]) -> _Standing:
    """What the same scores of the same rubric always come to: computed once, whoever looks and whosever they are."""
    reviews = [dict(one) for one in given]
    before = position(pinned.rubric, reviews)
    now = position(pinned.rubric, reviews, dict(moved)) if moved else before
    return _Standing(before, now, _is_unanimous(pinned.rubric, before, reviews))


def _is_unanimous(rubric: Rubric, where: Position, given: Sequence[Mapping[str, int | None]]) -> bool:
    """Every reviewer alone comes to the same side of the written bar, and no two are more than a point apart."""
    if len(given) < 2 or (where.disagreement or 0.0) > CLOSE:
        return False
    sides = {position(rubric, [one]).meets_bar for one in given}
    return len(sides) == 1 and None not in sides


def _voting(case: CaseRow) -> Voting:
    if not case.rounds:
        return "not_opened"
    return "open" if case.closed < case.rounds else "closed"


def _flags(case: CaseRow, where: Position, sheets: Sequence[Sheet]) -> Iterator[Flag]:
    if (where.disagreement or 0.0) >= WIDE:
        yield "wide_disagreement"
    if any(c.kind == "must_have" and c.got is None for c in where.unmet):
        yield "must_have_not_assessed"
    if any(c.count == 1 for c in where.competencies):
        yield "single_review"
    if case.scored and all(sheet.home == case.track_kind for sheet in sheets):
        yield "no_cross_track"
    if case.waived:
        yield "review_waived"
