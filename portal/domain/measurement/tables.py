"""Tests on two-by-two tables of decisions: exact ones for small cycles, Cochran-Mantel-Haenszel over grades."""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from portal.domain.measurement.shapes import ArrayLike, Floats, numbers, whole

NAN = float("nan")
SAME_PROBABILITY = 1 + 1e-7  # tables as likely as the seen one count as such in spite of rounding


class CochranMantelHaenszel(NamedTuple):
    """Chi-squared with one degree of freedom, its p, the common odds ratio and its 95 % interval."""

    chi2: float
    p: float
    odds_ratio: float
    lo: float
    hi: float


def _two_by_two(table: ArrayLike) -> Floats:
    array = numbers("table", table)
    if array.shape != (2, 2):
        raise ValueError(f"table must be 2 x 2, [[x1, n1 - x1], [x2, n2 - x2]], not {array.shape}")
    return whole("table", array)


def fisher(table: ArrayLike) -> float:
    """Two-sided p of Fisher's exact test: the sum over all tables, margins fixed, no more likely than the seen one.

    `table` is [[x1, n1 - x1], [x2, n2 - x2]]. nan when a group is empty.
    """
    from scipy.special import gammaln

    cells = _two_by_two(table)
    (n1, n2), (approved, _) = cells.sum(axis=1), cells.sum(axis=0)
    if n1 == 0 or n2 == 0:
        return NAN
    x = np.arange(max(0, approved - n2), min(n1, approved) + 1)
    log_p = -(gammaln(x + 1) + gammaln(n1 - x + 1) + gammaln(approved - x + 1) + gammaln(n2 - approved + x + 1))
    p = np.exp(log_p - log_p.max())
    seen = p[int(cells[0, 0] - x[0])]
    return float(min(1.0, p[p <= seen * SAME_PROBABILITY].sum() / p.sum()))


def boschloo(table: ArrayLike) -> float:
    """Two-sided p of Boschloo's exact test (twice the smaller one-sided p), uniformly more powerful than Fisher's.

    `table` is [[x1, n1 - x1], [x2, n2 - x2]]. One-sided: of all pairs of binomial counts with these group sizes, the
    chance of those with a Fisher p no larger than the one seen, at the common rate that makes it largest. nan when a
    group is empty; 1 when every decision is the same. Source: Boschloo 1970; memory and time grow with n1 x n2.
    """
    cells = _two_by_two(table)
    (n1, n2), (x1, x2) = cells.sum(axis=1).astype(int), cells[:, 0].astype(int)
    if n1 == 0 or n2 == 0:
        return NAN
    if (cells.sum(axis=0) == 0).any():
        return 1.0
    sides = [p <= p[x1, x2] * (1 + 1e-9) for p in _one_sided_fisher(n1, n2)]
    return min(1.0, 2 * min(_largest_chance(extreme.astype(np.float64), n1, n2) for extreme in sides))


def _log_choose(n: int) -> Floats:
    """log of n over k for k = 0..n."""
    from scipy.special import gammaln

    k = np.arange(n + 1)
    answer: Floats = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return answer


def _one_sided_fisher(n1: int, n2: int) -> tuple[Floats, Floats]:
    """For every pair of counts the chance, given their sum, of a first count as low, and of one as high."""
    low, high = np.empty((n1 + 1, n2 + 1)), np.empty((n1 + 1, n2 + 1))
    first, second, both = _log_choose(n1), _log_choose(n2), _log_choose(n1 + n2)
    for total in range(n1 + n2 + 1):
        x = np.arange(max(0, total - n2), min(n1, total) + 1)
        chance = np.exp(first[x] + second[total - x] - both[total])
        low[x, total - x] = np.cumsum(chance)
        high[x, total - x] = np.cumsum(chance[::-1])[::-1]
    return low, high


def _largest_chance(extreme: Floats, n1: int, n2: int) -> float:
    """The largest chance of the marked pairs over the common rate, looked for on a grid that is refined twice."""
    first, second = _log_choose(n1), _log_choose(n2)

    def chance(angle: Floats) -> Floats:
        rate = np.clip(np.sin(angle) ** 2, 1e-300, 1 - 1e-16)
        log_yes, log_no = np.log(rate)[:, None], np.log1p(-rate)[:, None]
        a, b = (
            np.exp(choose + np.arange(choose.size) * log_yes + np.arange(choose.size)[::-1] * log_no)
            for choose in (first, second)
        )
        found: Floats = np.einsum("gi,gi->g", a @ extreme, b)
        return found

    low, high, best = 0.0, math.pi / 2, 0.0
    for points in (257, 65, 65):
        angle: Floats = np.linspace(low, high, points)
        found = chance(angle)
        at = int(found.argmax())
        best = max(best, float(found[at]))
        low, high = float(angle[max(0, at - 1)]), float(angle[min(points - 1, at + 1)])
    return best


def _robins_breslow_greenland(cells: Floats, n: Floats) -> tuple[float, float]:
    """Log of the Mantel-Haenszel odds ratio and the standard error of Robins, Breslow and Greenland 1986."""
    a, b, c, d = cells[:, 0, 0], cells[:, 0, 1], cells[:, 1, 0], cells[:, 1, 1]
    r, s = a * d / n, b * c / n
    p, q = (a + d) / n, (b + c) / n
    top, bottom = r.sum(), s.sum()
    if top == 0 or bottom == 0:
        return NAN, NAN
    variance = (
        (p * r).sum() / (2 * top**2) + (p * s + q * r).sum() / (2 * top * bottom) + (q * s).sum() / (2 * bottom**2)
    )
    return math.log(top / bottom), math.sqrt(variance)


def cmh(tables: ArrayLike, correction: bool = True) -> CochranMantelHaenszel:
    """Cochran-Mantel-Haenszel test over strata x 2 x 2 tables, and the Mantel-Haenszel common odds ratio.

    Row: track; column: approved, refused; odds ratio of the first row against the second, with a 95 % interval.
    `correction` takes a half (at most the deviation itself) off. Strata with fewer than two cases say nothing and are
    left out; nan when none is left or nothing varies, and no odds ratio where one side of it is empty. Source:
    Agresti, Categorical Data Analysis, 6.3; UC Berkeley admissions is the check.
    """
    cells = whole("tables", tables)
    cells = cells.reshape(0, 2, 2) if cells.shape == (0,) else cells
    if cells.ndim != 3 or cells.shape[1:] != (2, 2):
        raise ValueError(f"tables must be strata x 2 x 2, not {cells.shape}")
    n = cells.sum(axis=(1, 2))
    cells, n = cells[n > 1], n[n > 1]
    row, column = cells.sum(axis=2), cells.sum(axis=1)
    expected = row[:, 0] * column[:, 0] / n
    variance = float((row[:, 0] * row[:, 1] * column[:, 0] * column[:, 1] / (n**2 * (n - 1))).sum())
    if variance == 0:
        return CochranMantelHaenszel(NAN, NAN, NAN, NAN, NAN)
    deviation = abs(float((cells[:, 0, 0] - expected).sum()))
    chi2 = (deviation - (min(0.5, deviation) if correction else 0.0)) ** 2 / variance
    log_ratio, se = _robins_breslow_greenland(cells, n)
    z = NormalDist().inv_cdf(0.975)
    lo, hi = math.exp(log_ratio - z * se), math.exp(log_ratio + z * se)
    return CochranMantelHaenszel(chi2, math.erfc(math.sqrt(chi2 / 2)), math.exp(log_ratio), lo, hi)
