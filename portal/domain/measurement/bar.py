"""The difference of two tracks' bars: what the committee's approvals say at equal rubric scores."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from portal.domain.measurement.grid import (
    DEFAULT_PRIOR,
    BarPrior,
    Pair,
    Posterior,
    bins_for,
    posterior,
    tally,
)
from portal.domain.measurement.marginals import Marginal, blurred, mass_below, quantiles
from portal.domain.measurement.shapes import ArrayLike, Bools, Floats, Ints, codes, decisions, floats, number
from portal.domain.measurement.verdict import NOT_ENOUGH, Code, Direction, decide, direction_of, more_cases

NAN = float("nan")
SMALLEST_STRATUM = 8  # per track; strata under it bias a pooled difference more than they inform it
Span = tuple[float, float]


class Bar(NamedTuple):
    """A track's bar: median and 90 % interval, in rubric points."""

    median: float
    lo: float
    hi: float


UNKNOWN_BAR = Bar(NAN, NAN, NAN)


@dataclass(frozen=True)
class BarComparison:
    """Two bars compared: `delta` = bar of b minus bar of a in rubric points (posterior median) and what may be said
    of it.

    `p_within`: mass of the difference inside the margin; `p_b_higher`: mass above 0; `p_outside`, `p_direction`: the
    smallest two-sided level at which the difference lies beyond the margin, or off 0 (for Holm over many pairs). Bars
    are nan where several grades were joined: there is no one bar then. `more_cases_at_least`: per track, None when a
    track is empty.
    """

    verdict: Code
    reason: str
    direction: Direction
    delta: float
    ci90: Span
    ci95: Span
    p_within: float
    p_b_higher: float
    p_outside: float
    p_direction: float
    bar_a: Bar
    bar_b: Bar
    slope: float
    n_a: int
    n_b: int
    approved_a: int
    approved_b: int
    more_cases_at_least: int | None
    margin: float
    notes: tuple[str, ...]


class _Side(NamedTuple):
    score: Floats
    approved: Floats
    stratum: Ints

    def part(self, rows: Bools) -> "_Side":
        return _Side(self.score[rows], self.approved[rows], self.stratum[rows])


def _side(name: str, score: ArrayLike, approved: ArrayLike) -> _Side:
    scores = floats(f"score_{name}", score)
    outcome = decisions(f"approved_{name}", approved, length=scores.size)
    return _Side(scores, outcome, np.zeros(scores.size, dtype=np.int64))


def _with_strata(a: _Side, b: _Side, strata_a: Any, strata_b: Any) -> tuple[_Side, _Side]:
    if strata_a is None and strata_b is None:
        return a, b
    if strata_a is None or strata_b is None:
        raise ValueError(
            f"strata_{'a' if strata_a is None else 'b'} is missing: strata are needed for both tracks or for none"
        )
    for name, strata, side in (("strata_a", strata_a, a), ("strata_b", strata_b, b)):
        if np.shape(strata) != side.score.shape:
            raise ValueError(f"{name} has shape {np.shape(strata)} where {side.score.shape} is expected")
    both = codes("strata", [*strata_a, *strata_b], length=a.score.size + b.score.size)
    return a._replace(stratum=both[: a.score.size]), b._replace(stratum=both[a.score.size :])


def _usable(side: _Side) -> _Side:
    """Cases with a score and a decision: anchors and withdrawn cases carry no decision."""
    return side.part(np.isfinite(side.score) & ~np.isnan(side.approved))


def _large_enough(a: _Side, b: _Side) -> tuple[_Side, _Side, bool]:
    """Leave out strata under eight cases in a track, when there is more than one; say whether any was left out."""
    size = int(max(a.stratum.max(initial=0), b.stratum.max(initial=0))) + 1
    in_a, in_b = np.bincount(a.stratum, minlength=size), np.bincount(b.stratum, minlength=size)
    if np.count_nonzero(in_a + in_b) < 2:
        return a, b, False
    large = (in_a >= SMALLEST_STRATUM) & (in_b >= SMALLEST_STRATUM)
    left_out = bool(((in_a + in_b > 0) & ~large).any())
    return a.part(large[a.stratum]), b.part(large[b.stratum]), left_out


def _gate_met(side: _Side, min_each: int) -> bool:
    approvals = int(side.approved.sum())
    return min(approvals, side.approved.size - approvals) >= min_each


def _pairs(a: _Side, b: _Side, prior: BarPrior) -> list[Pair]:
    pairs, bins = [], bins_for(np.concatenate([a.score, b.score]), prior)
    for stratum in np.union1d(a.stratum, b.stratum):
        rows = [side.part(side.stratum == stratum) for side in (a, b)]
        pairs.append(Pair(*(tally(side.score, side.approved, bins) for side in rows)))
    return pairs


def _bar(marginal: Marginal | None) -> Bar:
    if marginal is None:
        return UNKNOWN_BAR
    lo, median, hi = quantiles(marginal, (0.05, 0.5, 0.95))
    return Bar(float(median), float(lo), float(hi))


class _Settings(NamedTuple):
    margin: float
    alpha: float
    prior: BarPrior
    min_each: int
    extra_sd: float


def _check(settings: _Settings) -> None:
    for name in ("margin", "alpha", "min_each", "extra_sd"):
        number(name, getattr(settings, name))
    if not (math.isfinite(settings.margin) and settings.margin > 0):
        raise ValueError(f"margin must be positive, not {settings.margin}")
    if not 0 < settings.alpha < 0.5:
        raise ValueError(f"alpha must lie between 0 and 0.5, not {settings.alpha}")
    if not settings.extra_sd >= 0 or math.isinf(settings.extra_sd):
        raise ValueError(f"extra_sd must be a finite number from 0, not {settings.extra_sd}")
    if settings.min_each < 0:
        raise ValueError(f"min_each must be at least 0, not {settings.min_each}")


def _nothing(a: _Side, b: _Side, margin: float, reason: str, notes: tuple[str, ...]) -> BarComparison:
    """The answer when a track has no usable decision: every number undefined."""
    blank: Span = (NAN, NAN)
    seen = (a.score.size, b.score.size, int(a.approved.sum()), int(b.approved.sum()))
    unknown = (NAN, blank, blank, NAN, NAN, NAN, NAN, UNKNOWN_BAR, UNKNOWN_BAR, NAN)
    return BarComparison(NOT_ENOUGH, reason, None, *unknown, *seen, None, margin, notes)


def _spans(delta: Marginal, alpha: float) -> tuple[float, Span, Span]:
    shares = (0.5, alpha, 1 - alpha, alpha / 2, 1 - alpha / 2)
    median, lo90, hi90, lo95, hi95 = (float(v) for v in quantiles(delta, shares))
    return median, (lo90, hi90), (lo95, hi95)


def _compared(a: _Side, b: _Side, found: Posterior, settings: _Settings, notes: tuple[str, ...]) -> BarComparison:
    margin = settings.margin
    delta = blurred(found.delta, settings.extra_sd) if settings.extra_sd else found.delta
    median, ci90, ci95 = _spans(delta, settings.alpha)
    under, at_zero, upper = (float(v) for v in mass_below(delta, (-margin, 0.0, margin)))
    gate_met = _gate_met(a, settings.min_each) and _gate_met(b, settings.min_each)
    verdict, reason = decide(ci90, ci95, margin, gate_met)
    return BarComparison(
        verdict=verdict,
        reason=reason,
        direction=direction_of(ci95, gate_met),
        delta=median,
        ci90=ci90,
        ci95=ci95,
        p_within=upper - under,
        p_b_higher=1 - at_zero,
        p_outside=min(1.0, 2 * min(upper, 1 - under)),
        p_direction=min(1.0, 2 * min(at_zero, 1 - at_zero)),
        bar_a=_bar(found.bar_a),
        bar_b=_bar(found.bar_b),
        slope=math.exp(float(quantiles(found.log_slope, (0.5,))[0])),
        n_a=a.score.size,
        n_b=b.score.size,
        approved_a=int(a.approved.sum()),
        approved_b=int(b.approved.sum()),
        more_cases_at_least=more_cases(ci90, a.score.size, b.score.size, margin),
        margin=margin,
        notes=notes + (("grades_disagree",) if found.grades_disagree else ()),
    )


def bar_difference(
    score_a: ArrayLike,
    approved_a: ArrayLike,
    score_b: ArrayLike,
    approved_b: ArrayLike,
    *,
    margin: float = 0.5,
    alpha: float = 0.05,
    prior: BarPrior = DEFAULT_PRIOR,
    min_each: int = 3,
    strata_a: Any = None,
    strata_b: Any = None,
    extra_sd: float = 0.0,
) -> BarComparison:
    """How far apart two bars lie, and whether that may be called equivalent.

    The bar of a track is the overall score at which it approves with probability 1/2: logit P = slope (score - bar),
    one slope for both. Per case of each track: `score` (rubric points) and `approved` (1, 0, nan = no decision).
    `strata_*`: grade of each case; each grade has its own bars, the difference and the slope are shared. `alpha` .05
    gives 90 and 95 % intervals. `extra_sd` (points) is added uncertainty of the difference, e.g. of the reviewers'
    link. Cases without score or decision are left out. A track without cases gives nan. ValueError names an argument
    of the wrong shape. Method: calibration on a grid, see `grid`.
    """
    settings = _Settings(margin, alpha, prior, min_each, extra_sd)
    _check(settings)
    a, b = _side("a", score_a, approved_a), _side("b", score_b, approved_b)
    a, b = _with_strata(a, b, strata_a, strata_b)
    a, b = _usable(a), _usable(b)
    before = (a.score.size, b.score.size)
    a, b, left_out = _large_enough(a, b)
    notes = ("small_strata_left_out",) if left_out else ()
    if not a.score.size or not b.score.size:
        reason = "strata_too_small" if left_out and min(before) else "too_few_decisions"
        return _nothing(a, b, margin, reason, notes)
    return _compared(a, b, posterior(_pairs(a, b, settings.prior), settings.prior), settings, notes)
