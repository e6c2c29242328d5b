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

    `table` is [[x1, n1 - x1], [x2, n2 - x2]]. nan when a group is empty; 1 when every decision is the same.
    The only place that pays for importing scipy.stats.
    """
    cells = _two_by_two(table)
    if (cells.sum(axis=1) == 0).any():
        return NAN
    if (cells.sum(axis=0) == 0).any():
        return 1.0
    from scipy.stats import boschloo_exact

    # scipy holds one sample per column, this project one per row
    return float(boschloo_exact(cells.T.astype(np.int64)).pvalue)


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
