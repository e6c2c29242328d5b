"""How far reviewers agree: Krippendorff's alpha for screens, intraclass correlations and kappas for export."""

from typing import NamedTuple

import numpy as np

from portal.domain.measurement.severity import SeverityFit
from portal.domain.measurement.shapes import ArrayLike, Bools, Floats, Ints, numbers, two_dimensional, whole

NAN = float("nan")
LEVELS = ("nominal", "ordinal", "interval", "ratio")


class AlphaInterval(NamedTuple):
    """Bootstrap interval of alpha over cases."""

    lo: float
    hi: float


class _Patterns(NamedTuple):
    """Units with the same ratings, counted once: place of each rating among the distinct values, 0 where absent."""

    values: Floats
    place: Ints
    present: Bools
    times: Floats


def _patterns(ratings: ArrayLike, level: str) -> _Patterns:
    if level not in LEVELS:
        raise ValueError(f"level must be one of {', '.join(LEVELS)}, not {level!r}")
    table = np.sort(two_dimensional("ratings", ratings), axis=1)  # nan last; who rated does not matter
    if level == "ratio" and (table < 0).any():
        raise ValueError("ratings must be numbers from 0 at the ratio level")
    table = table[(~np.isnan(table)).sum(axis=1) >= 2]
    present = ~np.isnan(table)
    values, place = np.unique(table[present], return_inverse=True)
    coded = np.full(table.shape, -1, dtype=np.int64)
    coded[present] = place
    rows, times = np.unique(coded, axis=0, return_counts=True) if coded.size else (coded, np.zeros(0))
    return _Patterns(values, np.maximum(rows, 0), rows >= 0, times.astype(np.float64))


def _embedding(values: Floats, counts: Floats, level: str) -> Floats:
    """Coordinates whose squared distances are the level's metric: dimensions x distinct values.

    Ordinal: middle ranks. Interval: the values. Nominal: one axis per value, 1 / sqrt 2 long.
    """
    axes: Floats = np.eye(values.size) / np.sqrt(2.0)
    if level == "ordinal":
        axes = (np.cumsum(counts) - counts / 2)[None, :]
    elif level == "interval":
        axes = values[None, :]
    return axes


def _alpha_ratio(p: _Patterns, times: Floats) -> float:
    """Alpha with the ratio metric ((c - k) / (c + k))^2, from the coincidence matrix."""
    size = p.values.size
    each = np.zeros((p.times.size, size))
    np.add.at(each, (np.arange(p.times.size)[:, None], p.place), p.present)
    raters = each.sum(axis=1)
    weight = times / (raters - 1)
    coincidence = (each.T * weight) @ each - np.diag(weight @ each)
    totals = coincidence.sum(axis=1)
    sums = p.values[:, None] + p.values[None, :]
    apart = p.values[:, None] - p.values[None, :]
    metric = np.divide(apart, sums, out=np.zeros_like(sums), where=sums != 0) ** 2
    expected = totals @ metric @ totals / (totals.sum() - 1)
    return float(1 - (coincidence * metric).sum() / expected) if expected > 0 else NAN


def _alpha(p: _Patterns, times: Floats, level: str) -> float:
    """Alpha with each pattern seen `times` often: 1 - observed over expected disagreement, summed from squares in
    linear time.
    """
    if level == "ratio":
        return _alpha_ratio(p, times)
    raters = p.present.sum(axis=1)
    weights = np.broadcast_to(times[:, None], p.place.shape)[p.present]
    counts: Floats = np.bincount(p.place[p.present], weights=weights).astype(np.float64)
    if np.count_nonzero(counts) < 2:
        return NAN
    total = counts.sum()
    observed = expected = 0.0
    for axis in _embedding(p.values, counts, level):
        at = np.where(p.present, axis[p.place], 0.0)
        mean = at.sum(axis=1) / raters
        within = (np.where(p.present, at - mean[:, None], 0.0) ** 2).sum(axis=1)
        observed += 2 * float(times @ (within * raters / (raters - 1)))
        centre = float(counts @ axis) / total
        expected += 2 * float(counts @ (axis - centre) ** 2)
    return float(1 - observed * (total - 1) / (total * expected))


def krippendorff_alpha(ratings: ArrayLike, level: str) -> float:
    """Krippendorff's alpha: 1 is perfect agreement, 0 what chance gives.

    `ratings`: units x raters, nan = missing; units with fewer than two ratings do not count. `level`: nominal,
    ordinal, interval or ratio. nan when nothing varies or no unit has two ratings. Source: Krippendorff, Content
    Analysis, ch. 11; for ordinal and interval data the pair sums are sums of squares (of middle ranks, of values), so
    the cost is linear.
    """
    p = _patterns(ratings, level)
    return _alpha(p, p.times, level) if p.times.size else NAN


def alpha_bootstrap(
    ratings: ArrayLike, level: str, *, n: int = 200, seed: int = 0, conf: float = 0.95
) -> AlphaInterval:
    """Percentile interval of alpha, drawing units (cases) with replacement `n` times; the same seed gives the same
    interval.

    nan, nan with fewer than two rated units, or when alpha is undefined in every draw.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}")
    if not 0 < conf < 1:
        raise ValueError(f"conf must lie between 0 and 1, not {conf}")
    p = _patterns(ratings, level)
    units = int(p.times.sum())
    if units < 2:
        return AlphaInterval(NAN, NAN)
    generator = np.random.default_rng(seed)
    draws = np.array(
        [_alpha(p, row.astype(np.float64), level) for row in generator.multinomial(units, p.times / units, n)]
    )
    draws = draws[~np.isnan(draws)]
    if not draws.size:
        return AlphaInterval(NAN, NAN)
    lo, hi = np.quantile(draws, ((1 - conf) / 2, (1 + conf) / 2))
    return AlphaInterval(float(lo), float(hi))


def _ratio(top: float, bottom: float) -> float:
    return top / bottom if bottom > 0 else NAN


def icc(matrix: ArrayLike) -> dict[str, float]:
    """The six intraclass correlations of Shrout and Fleiss 1979 for subjects x raters; subjects with a missing rating
    are left out.

    Keys ICC(1,1), ICC(2,1), ICC(3,1), ICC(1,k), ICC(2,k), ICC(3,k); nan with fewer than two subjects or raters, or
    where nothing varies.
    """
    table = two_dimensional("matrix", matrix)
    table = table[~np.isnan(table).any(axis=1)]
    n, k = table.shape
    names = [f"ICC({form},{width})" for width in ("1", "k") for form in (1, 2, 3)]
    if n < 2 or k < 2:
        return dict.fromkeys(names, NAN)
    grand = table.mean()
    between = k * float(((table.mean(axis=1) - grand) ** 2).sum())
    raters = n * float(((table.mean(axis=0) - grand) ** 2).sum())
    error = max(0.0, float(((table - grand) ** 2).sum()) - between - raters)
    bms, jms, ems = between / (n - 1), raters / (k - 1), error / ((n - 1) * (k - 1))
    wms = (raters + error) / (n * (k - 1))
    values = [
        _ratio(bms - wms, bms + (k - 1) * wms),
        _ratio(bms - ems, bms + (k - 1) * ems + k * (jms - ems) / n),
        _ratio(bms - ems, bms + (k - 1) * ems),
        _ratio(bms - wms, bms),
        _ratio(bms - ems, bms + (jms - ems) / n),
        _ratio(bms - ems, bms),
    ]
    return dict(zip(names, values, strict=True))


def _whole(name: str, values: ArrayLike) -> Ints:
    array = numbers(name, values, "whole-number labels")
    if array.ndim != 1 or not (np.isfinite(array) & (array == np.rint(array))).all():
        raise ValueError(f"{name} must be one row of whole-number labels")
    return array.astype(np.int64)


def weighted_kappa(a: ArrayLike, b: ArrayLike, weights: str = "quadratic") -> float:
    """Cohen's kappa of two raters with integer labels, weighted "quadratic" or "linear" by distance, or "none".

    nan with no subjects or when both raters use one and the same label. Source: Cohen 1968.
    """
    first, second = _whole("a", a), _whole("b", b)
    if first.size != second.size:
        raise ValueError(f"b has {second.size} entries where {first.size} are expected")
    if weights not in ("quadratic", "linear", "none"):
        raise ValueError(f"weights must be quadratic, linear or none, not {weights!r}")
    values, place = np.unique(np.concatenate([first, second]), return_inverse=True)
    left, right = place[: first.size], place[first.size :]
    apart = np.abs(values[:, None] - values[None, :]).astype(np.float64)
    loss = {"quadratic": apart**2, "linear": apart, "none": np.sign(apart)}[weights]
    seen = np.bincount(left, minlength=values.size) @ loss @ np.bincount(right, minlength=values.size)
    expected = float(seen) / max(1, first.size)
    return 1 - float(loss[left, right].sum()) / expected if expected > 0 else NAN


def fleiss_kappa(counts: ArrayLike) -> float:
    """Fleiss' kappa (1971) from subjects x categories counts of ratings; subjects may have unequal numbers, under two
    do not count.

    nan when no subject counts or all ratings fall into one category.
    """
    table = whole("counts", two_dimensional("counts", counts))
    table = table[table.sum(axis=1) >= 2]
    if not table.size:
        return NAN
    raters = table.sum(axis=1)
    agreement = float(((table * (table - 1)).sum(axis=1) / (raters * (raters - 1))).mean())
    chance = float(((table.sum(axis=0) / table.sum()) ** 2).sum())
    return (agreement - chance) / (1 - chance) if chance < 1 else NAN


def case_reliability(fit: SeverityFit, k: float, *, adjusted: bool = False) -> float:
    """Reliability of the mean of k reviews: var_case / (var_case + (var_reviewer + var_residual) / k).

    `adjusted`: of the severity-adjusted mean, where the reviewers' variance is gone. nan when the fit is undefined or
    nothing varies. ValueError unless k is positive.
    """
    if not k > 0:
        raise ValueError(f"k must be positive, not {k}")
    noise = fit.var_residual + (0.0 if adjusted else fit.var_reviewer)
    return _ratio(fit.var_case, fit.var_case + noise / k)
