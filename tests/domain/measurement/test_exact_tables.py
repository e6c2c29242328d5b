"""Tests on tables of decisions against published results and against sums over all tables."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import boschloo_exact

from portal.domain.measurement import boschloo, cmh, fisher

BERKELEY = [  # admissions 1973 by department, rows men and women, columns admitted and rejected
    [[512, 313], [89, 19]],
    [[353, 207], [17, 8]],
    [[120, 205], [202, 391]],
    [[138, 279], [131, 244]],
    [[53, 138], [94, 299]],
    [[22, 351], [24, 317]],
]
small = st.integers(0, 7)
tables = st.tuples(st.tuples(small, small), st.tuples(small, small))


def probability(a: int, n1: int, n2: int, approved: int) -> float:
    return math.comb(n1, a) * math.comb(n2, approved - a) / math.comb(n1 + n2, approved)


def test_the_lady_tasting_tea() -> None:
    assert fisher([[3, 1], [1, 3]]) == pytest.approx(34 / 70)
    assert fisher([[4, 0], [0, 4]]) == pytest.approx(2 / 70)


@given(tables)
def test_fisher_sums_all_tables_no_more_likely(table) -> None:
    (a, b), (c, d) = table
    n1, n2, approved = a + b, c + d, a + c
    if not n1 or not n2:
        assert math.isnan(fisher(table))
        return
    every = [probability(k, n1, n2, approved) for k in range(max(0, approved - n2), min(n1, approved) + 1)]

    expected = sum(p for p in every if p <= probability(a, n1, n2, approved) * (1 + 1e-7))
    assert fisher(table) == pytest.approx(min(1.0, expected))


def one_sided_boschloo(x1: int, n1: int, x2: int, n2: int) -> float:
    """Largest chance, over the common rate, of a table at least as extreme by Fisher's one-sided p (group 1 lower)."""

    def tail(a: int, c: int) -> float:
        return sum(probability(k, n1, n2, a + c) for k in range(max(0, a + c - n2), a + 1))

    seen = tail(x1, x2) * (1 + 1e-9)
    extreme = [(a, c) for a, c in product(range(n1 + 1), range(n2 + 1)) if tail(a, c) <= seen]
    rate = np.linspace(0.001, 0.999, 999)
    chance = sum(
        math.comb(n1, a) * math.comb(n2, c) * rate ** (a + c) * (1 - rate) ** (n1 + n2 - a - c) for a, c in extreme
    )
    return float(np.max(chance))


@pytest.mark.parametrize("table", [(2, 12, 7, 12), (1, 5, 6, 8), (3, 10, 4, 6)])
def test_boschloo_is_twice_the_worst_one_sided_chance(table) -> None:
    x1, n1, x2, n2 = table
    lower = one_sided_boschloo(x1, n1, x2, n2)
    upper = one_sided_boschloo(n1 - x1, n1, n2 - x2, n2)

    found = boschloo([[x1, n1 - x1], [x2, n2 - x2]])
    assert found == pytest.approx(min(1.0, 2 * min(lower, upper)), abs=2e-4)


@pytest.mark.parametrize("table", [[[7, 5], [2, 10]], [[1, 0], [0, 9]], [[20, 3], [4, 11]], [[30, 45], [40, 35]]])
def test_boschloo_is_what_scipy_says(table) -> None:
    assert boschloo(table) == pytest.approx(boschloo_exact(np.transpose(table)).pvalue, abs=1e-9)


def test_boschloo_finds_what_fisher_misses() -> None:
    table = [[2, 10], [7, 5]]

    assert boschloo(table) < 0.05 < fisher(table)


def test_decisions_that_are_all_alike_differ_in_nothing() -> None:
    assert boschloo([[5, 0], [3, 0]]) == 1.0
    assert fisher([[5, 0], [3, 0]]) == 1.0


def test_an_empty_group_has_no_p() -> None:
    assert math.isnan(boschloo([[0, 0], [3, 1]]))
    assert math.isnan(fisher([[3, 1], [0, 0]]))


def test_berkeley_admissions_show_no_common_difference() -> None:
    corrected, plain = cmh(BERKELEY), cmh(BERKELEY, correction=False)

    assert corrected == pytest.approx((1.4269, 0.2323, 0.9046968, 0.7719074, 1.0603298), abs=1e-4)
    assert (plain.chi2, plain.p) == pytest.approx((1.5246, 0.2169), abs=1e-4)


def test_the_same_tables_swapped_invert_the_odds_ratio() -> None:
    there, back = cmh(BERKELEY), cmh(np.array(BERKELEY)[:, ::-1])

    assert (back.odds_ratio, back.lo, back.hi) == pytest.approx((1 / there.odds_ratio, 1 / there.hi, 1 / there.lo))
    assert back.chi2 == pytest.approx(there.chi2)


def test_strata_that_cannot_say_anything_change_nothing() -> None:
    assert cmh([*BERKELEY, [[1, 0], [0, 0]]]) == pytest.approx(cmh(BERKELEY))
    assert all(math.isnan(v) for v in cmh([[[3, 0], [4, 0]]]))


def test_complete_separation_has_a_test_but_no_odds_ratio() -> None:
    found = cmh([[[4, 0], [0, 4]]])

    assert found.p < 0.05
    assert all(math.isnan(v) for v in (found.odds_ratio, found.lo, found.hi))


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: fisher([[1, 2, 3], [1, 2, 3]]), "table must be 2 x 2"),
        (lambda: boschloo([[1.5, 2], [1, 2]]), "table must hold whole numbers"),
        (lambda: cmh([[1, 2], [3, 4]]), "tables must be strata x 2 x 2"),
    ],
)
def test_a_wrong_table_is_named(call, named) -> None:
    with pytest.raises(ValueError, match=named):
        call()
