"""Many tests at once: adjusted p-values, so that one of forty comparisons is not taken for news."""

import numpy as np

from portal.domain.measurement.shapes import ArrayLike, Floats, floats


def _adjusted(p: ArrayLike, by_holm: bool) -> Floats:
    values = floats("p", p)
    known = ~np.isnan(values)
    if ((values[known] < 0) | (values[known] > 1)).any():
        raise ValueError("p must lie between 0 and 1")
    tests = values[known]
    order = np.argsort(tests, kind="stable")
    rank = np.arange(1, tests.size + 1)
    if by_holm:
        stepped = np.maximum.accumulate(tests[order] * (tests.size - rank + 1))
    else:
        stepped = np.minimum.accumulate((tests[order] * tests.size / rank)[::-1])[::-1]
    adjusted = np.empty(tests.size)
    adjusted[order] = np.minimum(stepped, 1.0)
    answer = np.full(values.size, np.nan)
    answer[known] = adjusted
    return answer


def holm(p: ArrayLike) -> Floats:
    """Adjusted p-values in input order that hold the chance of any false alarm (Holm 1979). nan stays nan and counts
    as no test.
    """
    return _adjusted(p, by_holm=True)


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Adjusted p-values in input order that hold the share of false alarms (Benjamini and Hochberg 1995). nan stays
    nan.
    """
    return _adjusted(p, by_holm=False)
