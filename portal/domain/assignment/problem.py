"""What there is to assign, as plain data: cases with the reviews they still need, people with their bounds, and who may
not review what, with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# What a pair costs, in units of which one review more on a busy desk costs about one.
OTHER_FAMILY = 3.0
ONE_BELOW = 2.0
FAR_ABOVE = 0.3  # for each grade beyond two above the target
OTHER_TRACK = 0.5  # beyond the one seat that has to cross: people of the track know its craft best
MIXING = 0.3  # a fixed part of chance, so that panels mix instead of sitting together again and again


@dataclass(frozen=True)
class WantedCase:
    """A case and how many reviews it needs in all. `grade` is that of the target level; `track` a kind of track."""

    id: str
    label: str
    family: str
    grade: int
    track: str
    needed: int


@dataclass(frozen=True)
class Reviewer:
    """Somebody who may be asked, with where they stand on their own ladder."""

    id: str
    name: str
    family: str
    grade: int
    track: str


@dataclass(frozen=True)
class Bounds:
    """Reviews a person may get in all (hard), should get at least (soft, reported), and what ties the tracks together
    within a grade: people with reviews on both tracks, and the share of cross-track reviews."""

    most: int
    least: int = 0
    bridges: int = 2
    cross_share: float = 0.15


@dataclass(frozen=True, eq=False)
class Problem:
    """`bar[i, r]` is 0 where reviewer r may review case i, else n for `reasons[n - 1]`. `kept` are pairs (i, r) that
    stay as they are. `anchored` are the (family, grade) whose reviewers all score an anchor packet first. `busy`:
    reviews each person has of cases that are not in here."""

    cases: Sequence[WantedCase]
    reviewers: Sequence[Reviewer]
    bounds: Bounds
    bar: Ints
    reasons: Sequence[str] = ()
    kept: Sequence[tuple[int, int]] = ()
    anchored: frozenset[tuple[str, int]] = field(default_factory=frozenset)
    busy: Sequence[int] = ()

    def __post_init__(self) -> None:
        if self.bar.shape != (len(self.cases), len(self.reviewers)):
            raise ValueError(
                f"bar has shape {self.bar.shape} for {len(self.cases)} cases, {len(self.reviewers)} people"
            )

    @cached_property
    def held(self) -> Bools:
        """cases x reviewers: pairs that stay."""
        held = np.zeros(self.bar.shape, dtype=np.bool_)
        for case, reviewer in self.kept:
            held[case, reviewer] = True
        return held

    @cached_property
    def free(self) -> Bools:
        """cases x reviewers: pairs that may be made."""
        found: Bools = (self.bar == 0) & ~self.held
        return found

    @cached_property
    def other(self) -> Bools:
        """cases x reviewers: the reviewer comes from another track than the case."""
        found: Bools = _column(self.cases, "track")[:, None] != _column(self.reviewers, "track")[None, :]
        return found

    @cached_property
    def crosses(self) -> Bools:
        """Cases that have somebody of another track already."""
        found: Bools = np.any(self.held & self.other, axis=1)
        return found

    @cached_property
    def need(self) -> Ints:
        """Reviews each case still needs; one more where all it has are of its own track."""
        missing = np.array([case.needed for case in self.cases], dtype=np.int64) - self.held.sum(axis=1)
        found: Ints = np.maximum(np.maximum(missing, 0), (~self.crosses).astype(np.int64))
        return found

    @cached_property
    def load(self) -> Ints:
        """Reviews each person has already."""
        found: Ints = self.held.sum(axis=0).astype(np.int64)
        return found + np.array(self.busy, dtype=np.int64) if len(self.busy) else found

    @cached_property
    def room(self) -> Ints:
        """Reviews each person may still get."""
        found: Ints = np.maximum(self.bounds.most - self.load, 0)
        return found

    @cached_property
    def target(self) -> int:
        """Reviews a person has when all have the same, rounded up."""
        total = int(self.need.sum() + self.load.sum())
        return -(-total // max(1, len(self.reviewers)))

    @cached_property
    def cost(self) -> Floats:
        """cases x reviewers: what speaks against a pair that is possible; family, grade and track are all that is known
        of what people are good at."""
        grades = np.array([c.grade for c in self.cases]), np.array([r.grade for r in self.reviewers])
        above = grades[1][None, :] - grades[0][:, None]
        family = _column(self.cases, "family")[:, None] != _column(self.reviewers, "family")[None, :]
        found: Floats = OTHER_FAMILY * family + ONE_BELOW * (above < 0) + FAR_ABOVE * np.maximum(above - 2, 0)
        return found + OTHER_TRACK * self.other + MIXING * self._chance()

    def _chance(self) -> Floats:
        """The same number in [0, 1) for the same two ids, whatever else is in the problem."""
        case = np.array([crc32(c.id.encode()) for c in self.cases], dtype=np.uint64)
        person = np.array([crc32(r.id.encode()) for r in self.reviewers], dtype=np.uint64)
        mixed = (case[:, None] ^ (person[None, :] * np.uint64(2654435761))) * np.uint64(0x9E3779B97F4A7C15)
        return (mixed >> np.uint64(40)).astype(np.float64) / float(1 << 24)

    def load_price(self, load: int) -> float:
        """What the `load`-th review of one person costs: a little more each time, much more beyond the common share."""
        return 0.15 * load + 1.5 * max(0, load - self.target)


def _column(rows: Sequence[Any], name: str) -> NDArray[np.str_]:
    return np.array([getattr(row, name) for row in rows], dtype=np.str_)
