"""Intervals for pass rates against published tables and against their defining equations."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from portal.domain.measurement import (
    agresti_caffo,
    clopper_pearson,
    flip_one,
    impact_ratio,
    newcombe_diff,
    stratified_newcombe,
    wilson,
)

NEWCOMBE_SINGLE = [  # Newcombe 1998, Statistics in Medicine 17:857, table I: x, n, Clopper-Pearson, Wilson
    (81, 263, (0.2527, 0.3676), (0.2553, 0.3662)),
    (15, 148, (0.0578, 0.1617), (0.0624, 0.1605)),
    (0, 20, (0.0, 0.1684), (0.0, 0.1611)),
    (1, 29, (0.0009, 0.1776), (0.0061, 0.1718)),
]
NEWCOMBE_DIFFERENCE = [  # Newcombe 1998, Statistics in Medicine 17:873, table II, method 10
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0)),
    ((10, 10, 0, 10), (0.6075, 1.0)),
]
counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(("x", "n", "exact", "score"), NEWCOMBE_SINGLE)
def test_a_single_rate_has_the_published_intervals(x, n, exact, score) -> None:
    assert clopper_pearson(x, n) == pytest.approx(exact, abs=5e-5)
    assert wilson(x, n) == pytest.approx(score, abs=5e-5)


@pytest.mark.parametrize(("table", "limits"), NEWCOMBE_DIFFERENCE)
def test_a_difference_has_the_published_interval(table, limits) -> None:
    x1, n1, x2, n2 = table

    assert newcombe_diff(*table) == pytest.approx((x1 / n1 - x2 / n2, *limits), abs=5e-5)


def test_exact_limits_are_quantiles_of_the_beta_distribution() -> None:
    assert clopper_pearson(7, 24, 0.9) == pytest.approx((beta.ppf(0.05, 7, 18), beta.ppf(0.95, 8, 17)), rel=1e-9)


@given(counts)
def test_each_exact_limit_leaves_its_tail_to_the_binomial_distribution(drawn) -> None:
    x, n = drawn
    lo, hi = clopper_pearson(x, n)

    assert x == 0 or math.isclose(binom.sf(x - 1, n, lo), 0.025, rel_tol=1e-6)
    assert x == n or math.isclose(binom.cdf(x, n, hi), 0.025, rel_tol=1e-6)


@given(counts)
def test_wilson_limits_solve_the_score_equation(drawn) -> None:
    x, n = drawn
    z = 1.959963984540054

    for limit in wilson(x, n):
        assert limit in (0.0, 1.0) or math.isclose(
            abs(x / n - limit) / math.sqrt(limit * (1 - limit) / n), z, rel_tol=1e-6
        )


@given(counts, counts)
def test_swapping_groups_mirrors_the_difference(first, second) -> None:
    there, back = newcombe_diff(*first, *second), newcombe_diff(*second, *first)

    assert (-back.estimate, -back.hi, -back.lo) == pytest.approx(there, abs=1e-12)
    assert -1 <= there.lo <= there.estimate <= there.hi <= 1


def test_strata_are_joined_by_their_weights_and_not_pooled() -> None:
    # both strata favour the first group by .25; pooled, the sizes would turn it round
    joined = stratified_newcombe([5, 60], [10, 80], [20, 10], [80, 20])

    assert joined.estimate == pytest.approx(0.25)
    assert joined.lo < 0.25 < joined.hi
    assert pytest.approx(0.25) != 65 / 90 - 30 / 100


def test_one_stratum_is_plain_newcombe() -> None:
    assert stratified_newcombe([56], [70], [48], [80]) == pytest.approx(newcombe_diff(56, 70, 48, 80))


def test_a_stratum_with_an_empty_group_weighs_nothing() -> None:
    assert stratified_newcombe([56, 3], [70, 9], [48, 0], [80, 0]) == pytest.approx(newcombe_diff(56, 70, 48, 80))
    assert all(math.isnan(v) for v in stratified_newcombe([3], [9], [0], [0]))


def test_agresti_and_caffo_add_two_to_each_group() -> None:
    p1, p2 = 4 / 12, 9 / 14
    spread = 1.959963984540054 * math.sqrt(p1 * (1 - p1) / 12 + p2 * (1 - p2) / 14)

    assert agresti_caffo(3, 10, 8, 12) == pytest.approx((3 / 10 - 8 / 12, p1 - p2 - spread, p1 - p2 + spread))
    assert agresti_caffo(2, 2, 0, 2).hi == 1.0


def test_the_ratio_of_the_aspirin_trial_is_published() -> None:
    # Agresti, Categorical Data Analysis, 3.1: heart attacks under placebo and aspirin
    assert impact_ratio(189, 11034, 104, 11037) == pytest.approx((1.818, 1.433, 2.306), abs=1e-3)


def test_a_ratio_at_the_edges_keeps_an_interval_with_room() -> None:
    nobody, everybody = impact_ratio(0, 12, 6, 12), impact_ratio(12, 12, 12, 12)

    assert (nobody.estimate, nobody.lo) == (0.0, 0.0)
    assert 0 < nobody.hi < 2
    assert everybody.lo < everybody.estimate == 1.0 < everybody.hi


def test_one_changed_decision_can_carry_a_small_table_over_four_fifths() -> None:
    assert flip_one(5, 12, 4, 8) == (pytest.approx(5 / 6), True)
    assert flip_one(500, 1000, 500, 1000) == (1.0, False)
    assert flip_one(100, 1000, 500, 1000) == (pytest.approx(0.2), False)


@pytest.mark.parametrize("empty", [(0, 0, 1, 3), (1, 3, 0, 0)])
def test_an_empty_group_makes_everything_undefined(empty) -> None:
    assert all(math.isnan(v) for v in (*newcombe_diff(*empty), *agresti_caffo(*empty), *impact_ratio(*empty)))
    assert (math.isnan(flip_one(*empty).ratio), flip_one(*empty).fragile) == (True, True)


def test_a_rate_of_nothing_is_undefined() -> None:
    assert all(math.isnan(v) for v in (*clopper_pearson(0, 0), *wilson(0, 0)))
    assert math.isnan(impact_ratio(3, 9, 0, 9).estimate)
    assert math.isnan(flip_one(3, 9, 0, 9).ratio)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: clopper_pearson(4, 3), r"x \(4\) is larger than n \(3\)"),
        (lambda: wilson(1, 2.5), "n must be a whole number"),
        (lambda: newcombe_diff(1, 2, -1, 2), "x2 must be a whole number"),
        (lambda: wilson(1, 2, 1.0), "conf must lie between 0 and 1"),
        (lambda: stratified_newcombe([1], [2], [1, 1], [2]), "x2 has 2 entries where 1 are expected"),
    ],
)
def test_a_wrong_argument_is_named(call, named) -> None:
    with pytest.raises(ValueError, match=named):
        call()
