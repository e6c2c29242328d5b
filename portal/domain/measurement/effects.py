"""How far two tracks' scores lie apart, in points and free of them; always b - a, always with an interval."""

import math
from statistics import NormalDist

import numpy as np

from portal.domain.measurement.proportions import Estimate
from portal.domain.measurement.shapes import ArrayLike, Floats, floats, number

NAN = float("nan")


def _two(a: ArrayLike, b: ArrayLike, conf: float) -> tuple[Floats, Floats, float]:
    if not 0 < number("conf", conf) < 1:
        raise ValueError(f"conf must lie between 0 and 1, not {conf}")
    first, second = floats("a", a), floats("b", b)
    return first[~np.isnan(first)], second[~np.isnan(second)], NormalDist().inv_cdf((1 + conf) / 2)


def cliffs_delta(a: ArrayLike, b: ArrayLike, conf: float = 0.95) -> Estimate:
    """P(b > a) - P(b < a) over all pairs, between -1 and 1; positive when b scores higher.

    Scores of track a and track b, nan left out. Interval: Cliff 1993 with the unbiased variance and the asymmetric
    limits of Feng and Cliff 2004. nan when a track is empty; nan limits with fewer than two scores in a track.
    """
    first, second, z = _two(a, b, conf)
    n_a, n_b = first.size, second.size
    if not n_a or not n_b:
        return Estimate(NAN, NAN, NAN)
    left, right = np.sort(first), np.sort(second)
    wins_b = np.searchsorted(left, second, "left") - (n_a - np.searchsorted(left, second, "right"))
    wins_a = (n_b - np.searchsorted(right, first, "right")) - np.searchsorted(right, first, "left")
    delta = float(wins_b.sum()) / (n_a * n_b)
    if n_a < 2 or n_b < 2:
        return Estimate(delta, NAN, NAN)
    ties = float((np.searchsorted(left, second, "right") - np.searchsorted(left, second, "left")).sum()) / (n_a * n_b)
    spread_b = float(((wins_b / n_a - delta) ** 2).sum())
    spread_a = float(((wins_a / n_b - delta) ** 2).sum())
    pairs = n_a * n_b * (1 - ties - delta**2)
    variance = (n_a**2 * spread_b + n_b**2 * spread_a - pairs) / (n_a * n_b * (n_a - 1) * (n_b - 1))
    variance = max(variance, (1 - delta**2) / (n_a * n_b - 1))
    return Estimate(delta, *_feng_cliff(delta, variance, z, min(n_a, n_b)))


def _feng_cliff(delta: float, variance: float, z: float, smaller: int) -> tuple[float, float]:
    """Limits that stay inside -1..1; at complete separation the near limit is (n - z^2) / (n + z^2), n the smaller
    track.
    """
    if abs(delta) == 1:
        near = (smaller - z**2) / (smaller + z**2)
        return (near, 1.0) if delta > 0 else (-1.0, -near)
    spread = z * math.sqrt(variance) * math.sqrt((1 - delta**2) ** 2 + z**2 * variance)
    whole = 1 - delta**2 + z**2 * variance
    return (delta - delta**3 - spread) / whole, (delta - delta**3 + spread) / whole


def mean_difference(a: ArrayLike, b: ArrayLike, conf: float = 0.95) -> Estimate:
    """Mean of b less mean of a in points, with Welch's interval.

    Values of side a and side b, nan left out. nan with fewer than two values on a side; without any spread the interval
    is nan, for none can be known from it.
    """
    from scipy.special import stdtrit

    first, second, z = _two(a, b, conf)
    if first.size < 2 or second.size < 2:
        return Estimate(NAN, NAN, NAN)
    estimate = float(second.mean() - first.mean())
    parts = np.array([first.var(ddof=1) / first.size, second.var(ddof=1) / second.size])
    square = float(parts.sum())
    if math.sqrt(square) < 1e-9:  # what a computer rounds is no spread
        return Estimate(estimate, NAN, NAN)
    freedom = square**2 / float((parts**2 / np.array([first.size - 1, second.size - 1])).sum())
    reach = float(stdtrit(freedom, (1 + conf) / 2)) if freedom < 1e6 else z
    return Estimate(estimate, estimate - reach * math.sqrt(square), estimate + reach * math.sqrt(square))


def hedges_g(a: ArrayLike, b: ArrayLike, conf: float = 0.95) -> Estimate:
    """Standardised mean difference b - a with the small-sample factor 1 - 3 / (4 df - 1) (Hedges 1981), large-sample
    interval.

    Scores of track a and track b, nan left out. nan with fewer than two scores in a track or where nothing varies.
    """
    first, second, z = _two(a, b, conf)
    n_a, n_b = first.size, second.size
    if n_a < 2 or n_b < 2:
        return Estimate(NAN, NAN, NAN)
    freedom = n_a + n_b - 2
    pooled = math.sqrt(
        (float(((first - first.mean()) ** 2).sum()) + float(((second - second.mean()) ** 2).sum())) / freedom
    )
    if pooled == 0:
        return Estimate(NAN, NAN, NAN)
    g = (1 - 3 / (4 * freedom - 1)) * float(second.mean() - first.mean()) / pooled
    spread = z * math.sqrt((n_a + n_b) / (n_a * n_b) + g**2 / (2 * (n_a + n_b)))
    return Estimate(g, g - spread, g + spread)
