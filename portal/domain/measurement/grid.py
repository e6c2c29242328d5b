"""The posterior of two bars on a deterministic grid: no sampler, no optimiser, safe when decisions are separated or
all alike.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from portal.domain.measurement.marginals import Marginal
from portal.domain.measurement.shapes import Bools, Floats, number

BIN, BINS = 0.01, 400  # scores are binned to a share of the prior's spread or of their own: cost independent of n
FIRST_STEP, FIRST_POINTS = (
    0.05,
    2000,
)  # of the prior's spread; at most so many points where a vague prior needs finer ones
FINEST_NEEDED = 0.02
FIRST_SLOPES, SLOPES = 24, 32
REACH = 4.0  # the grid spans this many prior spreads either side of the prior's mean
LIVE = 25.0  # a grid point this many nats under the highest carries no mass worth a step
FLOOR = -690.0  # no grade rules a difference out by more nats than this, so that grades in contradiction widen
DISAGREE = 12.0  # nats: grades whose likelihoods miss each other by more contradict each other


@dataclass(frozen=True)
class BarPrior:
    """What is held of a bar before any decision: bar ~ N(bar_mean, bar_sd), log slope ~ N(log_slope_mean,
    log_slope_sd).

    In the units of the rubric's scale; the defaults are for points 0-4. ValueError for a spread that is not positive.
    """

    bar_mean: float = 3.0
    bar_sd: float = 1.0
    log_slope_mean: float = math.log(6)
    log_slope_sd: float = 0.8

    def __post_init__(self) -> None:
        for name in ("bar_mean", "bar_sd", "log_slope_mean", "log_slope_sd"):
            if not math.isfinite(number(f"prior: {name}", getattr(self, name))):
                raise ValueError(f"prior: {name} must be a finite number")
            if name.endswith("_sd") and getattr(self, name) <= 0:
                raise ValueError(f"prior: {name} must be positive")


DEFAULT_PRIOR = BarPrior()


class Bins(NamedTuple):
    """Where scores are rounded to: the middle of the first bin and the width, in points."""

    origin: float
    width: float


class Tally(NamedTuple):
    """Decisions of one track at one grade, binned: distinct scores, decisions at each, approvals at each."""

    score: Floats
    decided: Floats
    approved: Floats


class Pair(NamedTuple):
    """The two tracks at one grade."""

    a: Tally
    b: Tally


class Posterior(NamedTuple):
    """What the decisions say: the difference b - a, each track's bar (only where one grade was measured), the log
    slope.
    """

    delta: Marginal
    bar_a: Marginal | None
    bar_b: Marginal | None
    log_slope: Marginal
    grades_disagree: bool


class Range(NamedTuple):
    """First and last lattice index of a bar's grid."""

    first: int
    last: int


class _Grade(NamedTuple):
    """One grade on the lattice: log of likelihood times prior per slope and bar for a and b, and of their
    correlation.
    """

    a: Floats
    b: Floats
    log_correlation: Floats
    first_delta: int


class _Pass(NamedTuple):
    grades: list[_Grade]
    log_joint: Floats  # slopes x differences
    first_delta: int


def bins_for(scores: Floats, prior: BarPrior) -> Bins:
    """A hundredth of the prior's spread wide, finer where a vague prior would blur the scores: a four-hundredth of
    their range.
    """
    usual, lowest, spread = BIN * prior.bar_sd, float(scores.min()), float(np.ptp(scores))
    return Bins(lowest, min(usual, spread / BINS) if spread > 0 else usual)


def tally(score: Floats, approved: Floats, bins: Bins) -> Tally:
    """Bin scores and count decisions and approvals in each bin."""
    filled, place = np.unique(np.rint((score - bins.origin) / bins.width), return_inverse=True)
    decided = np.bincount(place, minlength=filled.size).astype(np.float64)
    approvals = np.bincount(place, weights=approved, minlength=filled.size).astype(np.float64)
    return Tally(bins.origin + filled * bins.width, decided, approvals)


def log_likelihood(decisions: Tally, bars: Floats, log_slopes: Floats) -> Floats:
    """sum_u [n_u log s(z) - (n_u - a_u) z] with z = exp(l) (u - b), s the logistic function: slopes x bars.

    log s(z) = -log(1 + exp(-|z|)) + min(z, 0); the parts linear in z are summed once for all slopes.
    """
    gap = decisions.score[:, None] - bars[None, :]
    refused = decisions.decided - decisions.approved
    linear = decisions.decided @ np.minimum(gap, 0.0) - refused @ gap
    away = -np.abs(gap)
    rows = [slope * linear - decisions.decided @ np.log1p(np.exp(slope * away)) for slope in np.exp(log_slopes)]
    return np.array(rows)


def _correlate(a: Floats, b: Floats) -> Floats:
    """log sum_x exp(a[x] + b[x + d]) for every shift d, per slope.

    Summed directly: at a few hundred points as quick as by FFT, and the tails, which grades multiply, keep their
    relative precision.
    """
    top_a, top_b = a.max(axis=1, keepdims=True), b.max(axis=1, keepdims=True)
    left, right = np.exp(a - top_a), np.exp(b - top_b)
    sums = np.array([np.correlate(right[k], left[k], "full") for k in range(len(a))])
    floor = math.exp(FLOOR)
    logs: Floats = np.log(np.maximum(sums, floor)) + top_a + top_b
    return logs


def _grade(pair: Pair, ranges: tuple[Range, Range], step: float, log_slopes: Floats, prior: BarPrior) -> _Grade:
    sides = []
    for decisions, (first, last) in zip(pair, ranges, strict=True):
        bars = step * np.arange(first, last + 1, dtype=np.float64)
        log_prior = -0.5 * ((bars - prior.bar_mean) / prior.bar_sd) ** 2
        sides.append(log_likelihood(decisions, bars, log_slopes) + log_prior)
    return _Grade(sides[0], sides[1], _correlate(sides[0], sides[1]), ranges[1].first - ranges[0].last)


def _evaluate(
    pairs: Sequence[Pair], ranges: list[tuple[Range, Range]], step: float, log_slopes: Floats, prior: BarPrior
) -> _Pass:
    """Likelihood of every grade on the lattice, multiplied over grades per slope, with the prior on the difference
    kept once.
    """
    grades = [_grade(pair, box, step, log_slopes, prior) for pair, box in zip(pairs, ranges, strict=True)]
    first = min(g.first_delta for g in grades)
    last = max(g.first_delta + g.log_correlation.shape[1] for g in grades)
    log_joint = np.zeros((log_slopes.size, last - first))
    for grade in grades:
        own, start = grade.log_correlation, grade.first_delta - first
        whole = np.full_like(log_joint, own.max() + FLOOR)
        whole[:, start : start + own.shape[1]] = own
        log_joint += whole
    delta = step * np.arange(first, last)
    log_joint -= (len(grades) - 1) * (-0.25 * (delta / prior.bar_sd) ** 2)
    log_joint += (-0.5 * ((log_slopes - prior.log_slope_mean) / prior.log_slope_sd) ** 2)[:, None]
    return _Pass(grades, log_joint, first)


def _live(heights: Floats) -> tuple[int, int]:
    """First and last index within LIVE of the highest, one step wider, inside the array."""
    alive = np.flatnonzero(heights > heights.max() - LIVE)
    return max(0, int(alive[0]) - 1), min(heights.size - 1, int(alive[-1]) + 1)


def _narrow(grid: _Pass, ranges: list[tuple[Range, Range]], slopes: Bools, step: float) -> list[tuple[float, float]]:
    """Where each bar's mass lies, over the slopes that are alive: one (lowest, highest) per grade and track."""
    live = []
    for grade, box in zip(grid.grades, ranges, strict=True):
        for side, (first, _) in zip((grade.a, grade.b), box, strict=True):
            alive = side[slopes]
            low, high = _live((alive - alive.max(axis=1, keepdims=True)).max(axis=0))
            live.append((step * (first + low), step * (first + high)))
    return live


def _lattice(live: list[tuple[float, float]], step: float) -> list[tuple[Range, Range]]:
    boxes = [Range(math.floor(low / step), math.ceil(high / step)) for low, high in live]
    return list(zip(boxes[0::2], boxes[1::2], strict=True))


def _refined_step(live: list[tuple[float, float]], prior: BarPrior) -> float:
    widest = max(high - low for low, high in live)
    return min(FINEST_NEEDED * prior.bar_sd, widest / 160)


def _first_step(prior: BarPrior) -> float:
    """Fine enough that a bar of the expected slope cannot hide between two points."""
    step = min(FIRST_STEP * prior.bar_sd, math.exp(-prior.log_slope_mean))
    return max(step, 2 * REACH * prior.bar_sd / FIRST_POINTS)


def posterior(pairs: Sequence[Pair], prior: BarPrior) -> Posterior:
    """Joint posterior of bars, difference and slope given the decisions of one or more grades.

    First pass: where is the mass. Second pass: refined there; repeated only while the mass still hides in a few of
    the new steps (tens of thousands of cases). Slope and difference are shared by the grades, each grade has its own
    pair of bars.
    """
    step = _first_step(prior)
    everywhere = (prior.bar_mean - REACH * prior.bar_sd, prior.bar_mean + REACH * prior.bar_sd)
    ranges = _lattice([everywhere] * (2 * len(pairs)), step)
    spread = 3.5 * prior.log_slope_sd
    log_slopes: Floats = np.linspace(prior.log_slope_mean - spread, prior.log_slope_mean + spread, FIRST_SLOPES)
    grid, resolved = _evaluate(pairs, ranges, step, log_slopes, prior), False
    while not resolved:
        low, high = _live(grid.log_joint.max(axis=1))
        alive = np.zeros(log_slopes.size, dtype=np.bool_)
        alive[low : high + 1] = True
        live = _narrow(grid, ranges, alive, step)
        log_slopes = np.linspace(log_slopes[low], log_slopes[high], SLOPES)
        step = _refined_step(live, prior)
        ranges = _lattice(live, step)
        grid = _evaluate(pairs, ranges, step, log_slopes, prior)
        low, high = _live(grid.log_joint.max(axis=1))
        resolved = high - low >= SLOPES // 3
    return _summed(grid, ranges, step, log_slopes)


def _summed(grid: _Pass, ranges: list[tuple[Range, Range]], step: float, log_slopes: Floats) -> Posterior:
    weight = np.exp(grid.log_joint - grid.log_joint.max())
    weight /= weight.sum()
    delta = Marginal(step * (grid.first_delta + np.arange(weight.shape[1])), weight.sum(axis=0))
    per_slope = weight.sum(axis=1)
    bars: list[Marginal | None] = [None, None]
    if len(grid.grades) == 1:
        for k, side in enumerate((grid.grades[0].a, grid.grades[0].b)):
            mass = np.exp(side - side.max(axis=1, keepdims=True))
            mass = per_slope @ (mass / mass.sum(axis=1, keepdims=True))
            bars[k] = Marginal(step * np.arange(ranges[0][k].first, ranges[0][k].last + 1, dtype=np.float64), mass)
    return Posterior(delta, bars[0], bars[1], Marginal(log_slopes, per_slope), _disagree(grid))


def _disagree(grid: _Pass) -> bool:
    """Whether the best difference for all grades together is far worse for them than the best of each alone."""
    if len(grid.grades) == 1:
        return False
    slope, place = np.unravel_index(int(grid.log_joint.argmax()), grid.log_joint.shape)
    lost = 0.0
    for grade in grid.grades:
        own = grade.log_correlation[slope]
        at = int(place) + grid.first_delta - grade.first_delta
        lost += own.max() - own[at] if 0 <= at < own.size else -FLOOR
    return bool(lost > DISAGREE)
