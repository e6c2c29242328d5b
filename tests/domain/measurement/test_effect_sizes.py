"""Score gaps against sums over all pairs and textbook formulas; positive when track b scores higher."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.measurement import cliffs_delta, hedges_g

scores = st.lists(st.integers(0, 8).map(lambda v: v / 2), min_size=2, max_size=9)


@given(scores, scores)
def test_cliffs_delta_counts_pairs(a, b) -> None:
    pairs = [np.sign(y - x) for x in a for y in b]

    assert cliffs_delta(a, b).estimate == pytest.approx(np.mean(pairs))


@given(scores, scores)
def test_cliffs_interval_holds_the_estimate_and_mirrors(a, b) -> None:
    there, back = cliffs_delta(a, b), cliffs_delta(b, a)

    assert -1 <= there.lo <= there.estimate <= there.hi <= 1
    assert (-back.estimate, -back.hi, -back.lo) == pytest.approx(there, abs=1e-12)


def test_cliffs_variance_is_the_unbiased_one() -> None:
    a, b = np.array([1.0, 2, 2, 4, 5]), np.array([2.0, 3, 4, 4, 6, 7])
    d = np.sign(b[None, :] - a[:, None])
    delta, n, m = d.mean(), 5, 6
    rows, columns = ((d.mean(axis=1) - delta) ** 2).sum(), ((d.mean(axis=0) - delta) ** 2).sum()
    variance = (m**2 * rows + n**2 * columns - ((d - delta) ** 2).sum()) / (n * m * (n - 1) * (m - 1))
    z = 1.959963984540054
    spread = z * math.sqrt(variance) * math.sqrt((1 - delta**2) ** 2 + z**2 * variance)
    whole = 1 - delta**2 + z**2 * variance

    assert cliffs_delta(a, b) == pytest.approx(
        (delta, (delta - delta**3 - spread) / whole, (delta - delta**3 + spread) / whole)
    )


def test_complete_separation_is_not_certainty() -> None:
    z2 = 1.959963984540054**2

    assert cliffs_delta([1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]) == pytest.approx((1.0, (5 - z2) / (5 + z2), 1.0))
    assert cliffs_delta([6, 7, 8], [1, 2, 3]).hi == pytest.approx(-(3 - z2) / (3 + z2))


def test_hedges_g_from_its_formula() -> None:
    a, b = [2.0, 3, 3, 4, 2], [3.0, 4, 4, 5]
    pooled = math.sqrt((4 * np.var(a, ddof=1) + 3 * np.var(b, ddof=1)) / 7)
    g = (1 - 3 / 27) * (4.0 - 2.8) / pooled
    spread = 1.959963984540054 * math.sqrt(9 / 20 + g**2 / 18)

    assert hedges_g(a, b) == pytest.approx((g, g - spread, g + spread))


def test_missing_scores_are_left_out() -> None:
    assert hedges_g([2, 3, math.nan, 4], [4, 5, 3]) == hedges_g([2, 3, 4], [4, 5, 3])
    assert cliffs_delta([2, 3, math.nan, 4], [4, 5, 3]) == cliffs_delta([2, 3, 4], [4, 5, 3])


def test_too_little_is_undefined() -> None:
    assert all(math.isnan(v) for v in (*cliffs_delta([], [1, 2]), *hedges_g([1], [1, 2]), *hedges_g([2, 2], [2, 2])))
    assert cliffs_delta([1], [2, 3])[0] == 1.0 and math.isnan(cliffs_delta([1], [2, 3]).lo)


def test_a_wrong_argument_is_named() -> None:
    with pytest.raises(ValueError, match="a must have one dimension"):
        cliffs_delta([[1]], [1])
    with pytest.raises(ValueError, match="conf must lie between"):
        hedges_g([1, 2], [1, 2], conf=2)
