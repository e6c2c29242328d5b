"""Pass rates of two tracks: intervals for a rate, for the difference of two rates and for their ratio. A rate is
never shown without one.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from portal.domain.measurement.shapes import ArrayLike, counts, floats, number

NAN = float("nan")
FOUR_FIFTHS = 0.8


class Interval(NamedTuple):
    """Lower and upper end of an interval."""

    lo: float
    hi: float


class Estimate(NamedTuple):
    """An estimate with the ends of its interval."""

    estimate: float
    lo: float
    hi: float


class Flip(NamedTuple):
    """A ratio of rates, and whether one decision more or less moves it across four fifths."""

    ratio: float
    fragile: bool


def _z(conf: float) -> float:
    if not 0 < number("conf", conf) < 1:
        raise ValueError(f"conf must lie between 0 and 1, not {conf}")
    return NormalDist().inv_cdf((1 + conf) / 2)


def _share(name_x: str, x: float, name_n: str, n: float) -> tuple[int, int]:
    whole_x, whole_n = counts(name_x, x), counts(name_n, n)
    if whole_x > whole_n:
        raise ValueError(f"{name_x} ({whole_x}) is larger than {name_n} ({whole_n})")
    return whole_x, whole_n


def clopper_pearson(x: int, n: int, conf: float = 0.95) -> Interval:
    """Exact interval for a rate of x in n (Clopper and Pearson 1934, as quantiles of the beta distribution).

    Chosen for a rate on its own because it never covers less than it says. nan, nan for n = 0; ValueError if x > n.
    """
    from scipy.special import betaincinv

    _z(conf)
    x, n = _share("x", x, "n", n)
    if n == 0:
        return Interval(NAN, NAN)
    tail = (1 - conf) / 2
    lo = 0.0 if x == 0 else float(betaincinv(x, n - x + 1, tail))
    hi = 1.0 if x == n else float(betaincinv(x + 1, n - x, 1 - tail))
    return Interval(lo, hi)


def wilson(x: int, n: int, conf: float = 0.95) -> Interval:
    """Score interval for a rate of x in n (Wilson 1927), without continuity correction. nan, nan for n = 0."""
    z = _z(conf)
    x, n = _share("x", x, "n", n)
    if n == 0:
        return Interval(NAN, NAN)
    rate, spread = x / n, z * math.sqrt(x * (n - x) / n + z * z / 4)
    centre, whole = n * rate + z * z / 2, n + z * z
    lo = 0.0 if x == 0 else (centre - spread) / whole
    hi = 1.0 if x == n else (centre + spread) / whole
    return Interval(lo, hi)


def newcombe_diff(x1: int, n1: int, x2: int, n2: int, conf: float = 0.95) -> Estimate:
    """Difference of two rates x1/n1 - x2/n2 with its hybrid score interval (Newcombe 1998, method 10).

    Two Wilson intervals put together by squares, so it stays inside -1..1 and works at 0 and 100 %. nan when a group
    is empty.
    """
    x1, n1 = _share("x1", x1, "n1", n1)
    x2, n2 = _share("x2", x2, "n2", n2)
    (lo1, hi1), (lo2, hi2) = wilson(x1, n1, conf), wilson(x2, n2, conf)
    if n1 == 0 or n2 == 0:
        return Estimate(NAN, NAN, NAN)
    p1, p2 = x1 / n1, x2 / n2
    difference = p1 - p2
    return Estimate(
        difference, difference - math.hypot(p1 - lo1, hi2 - p2), difference + math.hypot(hi1 - p1, p2 - lo2)
    )


def stratified_newcombe(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, conf: float = 0.95) -> Estimate:
    """Difference of rates over strata: Newcombe's interval per stratum, joined with Mantel-Haenszel weights n1 n2 /
    (n1 + n2).

    One entry per stratum in each argument. Strata where a group is empty weigh nothing; nan when all are so. Pooling
    over grades would mix their pass rates; this never compares cases of different grades.
    """
    first, second = floats("x1", x1), floats("x2", x2, length=len(floats("x1", x1)))
    of_first, of_second = floats("n1", n1, length=first.size), floats("n2", n2, length=first.size)
    both = (of_first > 0) & (of_second > 0)
    if not both.any():
        return Estimate(NAN, NAN, NAN)
    rows = np.array(
        [
            newcombe_diff(int(a), int(n), int(b), int(m), conf)
            for a, n, b, m in zip(first[both], of_first[both], second[both], of_second[both], strict=True)
        ]
    )
    weight = of_first[both] * of_second[both] / (of_first[both] + of_second[both])
    weight = weight / weight.sum()
    centre = float(weight @ rows[:, 0])
    below = math.sqrt(float(np.sum((weight * (rows[:, 0] - rows[:, 1])) ** 2)))
    above = math.sqrt(float(np.sum((weight * (rows[:, 2] - rows[:, 0])) ** 2)))
    return Estimate(centre, centre - below, centre + above)


def agresti_caffo(x1: int, n1: int, x2: int, n2: int, conf: float = 0.95) -> Estimate:
    """Difference x1/n1 - x2/n2; the interval adds one success and one failure to each group (Agresti and Caffo 2000).

    The interval is centred on the adjusted difference and clipped to -1..1; the estimate is the plain one. nan when a
    group is empty.
    """
    z = _z(conf)
    x1, n1 = _share("x1", x1, "n1", n1)
    x2, n2 = _share("x2", x2, "n2", n2)
    if n1 == 0 or n2 == 0:
        return Estimate(NAN, NAN, NAN)
    p1, p2 = (x1 + 1) / (n1 + 2), (x2 + 1) / (n2 + 2)
    spread = z * math.sqrt(p1 * (1 - p1) / (n1 + 2) + p2 * (1 - p2) / (n2 + 2))
    return Estimate(x1 / n1 - x2 / n2, max(-1.0, p1 - p2 - spread), min(1.0, p1 - p2 + spread))


def impact_ratio(x1: int, n1: int, x2: int, n2: int, conf: float = 0.95) -> Estimate:
    """Ratio of rates (x1/n1) / (x2/n2) with the log interval of Katz et al. 1978.

    Where that interval is empty of meaning (a rate of 0, or both rates 1) a half is added to every cell.
    nan when a group is empty or the second rate is 0.
    """
    z = _z(conf)
    x1, n1 = _share("x1", x1, "n1", n1)
    x2, n2 = _share("x2", x2, "n2", n2)
    if n1 == 0 or n2 == 0 or x2 == 0:
        return Estimate(NAN, NAN, NAN)
    add = 0.5 if x1 == 0 or (x1 == n1 and x2 == n2) else 0.0
    centre = math.log((x1 + add) / (n1 + 2 * add)) - math.log((x2 + add) / (n2 + 2 * add))
    spread = z * math.sqrt(1 / (x1 + add) - 1 / (n1 + 2 * add) + 1 / (x2 + add) - 1 / (n2 + 2 * add))
    lo = 0.0 if x1 == 0 else math.exp(centre - spread)
    return Estimate((x1 / n1) / (x2 / n2), lo, math.exp(centre + spread))


def _breaks_four_fifths(x1: int, n1: int, x2: int, n2: int) -> bool:
    p1, p2 = x1 / n1, x2 / n2
    return min(p1, p2) < FOUR_FIFTHS * max(p1, p2) - 1e-12


def flip_one(x1: int, n1: int, x2: int, n2: int) -> Flip:
    """The ratio of rates (x1/n1) / (x2/n2) and whether it is fragile.

    Fragile: one decision changed, in either group and either way, moves the lower rate across four fifths of the
    higher. The same idea as the flip of one person in the Uniform Guidelines' questions and answers, no. 21. ratio
    nan and fragile True when a group is empty; ratio nan when the second rate is 0.
    """
    x1, n1 = _share("x1", x1, "n1", n1)
    x2, n2 = _share("x2", x2, "n2", n2)
    if n1 == 0 or n2 == 0:
        return Flip(NAN, True)
    now = _breaks_four_fifths(x1, n1, x2, n2)
    moved = [(x1 - 1, x2), (x1 + 1, x2), (x1, x2 - 1), (x1, x2 + 1)]
    possible = [(a, b) for a, b in moved if 0 <= a <= n1 and 0 <= b <= n2]
    fragile = any(_breaks_four_fifths(a, n1, b, n2) != now for a, b in possible)
    return Flip((x1 / n1) / (x2 / n2) if x2 else NAN, fragile)
