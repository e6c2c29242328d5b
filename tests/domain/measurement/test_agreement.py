"""Agreement of reviewers against the published worked examples."""

import math
from itertools import permutations
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from portal.domain.measurement import (
    alpha_bootstrap,
    case_reliability,
    fleiss_kappa,
    icc,
    krippendorff_alpha,
    weighted_kappa,
)

N = math.nan
KRIPPENDORFF = np.array(  # Computing Krippendorff's alpha-reliability (2011), 4 observers x 12 units
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
    ]
).T
SHROUT_FLEISS = np.array(  # Psychological Bulletin 86:420, table 2: 6 targets x 4 judges
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)
FLEISS_1971 = np.array(  # Psychological Bulletin 76:378, table 1: 30 patients x 5 diagnoses, 6 psychiatrists
    [
        [0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0], [2, 0, 4, 0, 0],
        [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6], [1, 0, 0, 5, 0], [1, 1, 0, 4, 0],
        [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1], [0, 0, 5, 0, 1], [3, 0, 0, 1, 2], [5, 1, 0, 0, 0],
        [0, 2, 0, 4, 0], [1, 0, 2, 0, 3], [0, 0, 0, 0, 6], [0, 1, 0, 5, 0], [0, 2, 0, 1, 3], [2, 0, 0, 4, 0],
        [1, 0, 0, 4, 1], [0, 5, 0, 1, 0], [4, 0, 0, 0, 2], [0, 2, 0, 4, 0], [1, 0, 5, 0, 0], [0, 0, 0, 0, 6],
    ]
)  # fmt: skip
ratings = arrays(np.float64, st.tuples(st.integers(2, 8), st.integers(2, 4)), elements=st.sampled_from([1, 2, 3, 5, N]))


@pytest.mark.parametrize(
    ("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_of_krippendorffs_data(level, published) -> None:
    assert krippendorff_alpha(KRIPPENDORFF, level) == pytest.approx(published, abs=5e-4)


def metric(level: str, c: float, k: float, values: list[float]) -> float:
    if level == "nominal":
        return float(c != k)
    if level == "interval":
        return (c - k) ** 2
    if level == "ratio":
        return ((c - k) / (c + k)) ** 2
    low, high = min(c, k), max(c, k)
    between = sum(low <= v <= high for v in values) - (values.count(c) + values.count(k)) / 2
    return between**2 if c != k else 0.0


def alpha_by_pairs(table: np.ndarray, level: str) -> float:
    """Alpha from its definition: every pair of ratings inside a unit, every pair of ratings at all."""
    units = [row[~np.isnan(row)].tolist() for row in table]
    units = [unit for unit in units if len(unit) > 1]
    values = [v for unit in units for v in unit]
    observed = sum(metric(level, c, k, values) / (len(u) - 1) for u in units for c, k in permutations(u, 2))
    expected = sum(metric(level, c, k, values) for c, k in permutations(values, 2)) / max(1, len(values) - 1)
    return 1 - observed / expected if expected else N


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
@given(table=ratings)
def test_alpha_is_the_ratio_of_pair_sums(level, table) -> None:
    assert krippendorff_alpha(table, level) == pytest.approx(alpha_by_pairs(table, level), nan_ok=True, abs=1e-9)


@given(ratings)
def test_ordinal_alpha_knows_order_only(table) -> None:
    there, bent = krippendorff_alpha(table, "ordinal"), krippendorff_alpha(np.exp(table), "ordinal")

    assert bent == pytest.approx(there, nan_ok=True)


@given(ratings)
def test_who_rated_and_in_which_order_does_not_matter(table) -> None:
    assert krippendorff_alpha(table[::-1, ::-1], "interval") == pytest.approx(
        krippendorff_alpha(table, "interval"), nan_ok=True
    )


def test_alpha_without_variation_or_pairs_is_undefined() -> None:
    assert math.isnan(krippendorff_alpha([[3, 3], [3, 3]], "ordinal"))
    assert math.isnan(krippendorff_alpha([[3, N], [N, 2]], "ordinal"))
    assert math.isnan(krippendorff_alpha([[0, 0], [0, 0]], "ratio"))


def test_the_bootstrap_draws_units_and_repeats_itself() -> None:
    lo, hi = alpha_bootstrap(KRIPPENDORFF, "ordinal", n=400)
    wide = alpha_bootstrap(KRIPPENDORFF, "ordinal", n=400, conf=0.99)

    assert lo < krippendorff_alpha(KRIPPENDORFF, "ordinal") < hi <= 1
    assert alpha_bootstrap(KRIPPENDORFF, "ordinal", n=400) == (lo, hi)
    assert wide.lo <= lo and wide.hi >= hi


def test_more_units_narrow_the_bootstrap() -> None:
    once, often = (alpha_bootstrap(np.tile(KRIPPENDORFF, (k, 1)), "nominal") for k in (1, 16))

    assert often.hi - often.lo < (once.hi - once.lo) / 2


def test_a_bootstrap_of_nothing_is_undefined() -> None:
    assert all(math.isnan(v) for v in alpha_bootstrap([[1, 2]], "ordinal"))
    assert all(math.isnan(v) for v in alpha_bootstrap([[2, 2], [2, 2]], "ordinal"))


def test_the_six_coefficients_of_shrout_and_fleiss() -> None:
    published = {
        "ICC(1,1)": 0.17,
        "ICC(2,1)": 0.29,
        "ICC(3,1)": 0.71,
        "ICC(1,k)": 0.44,
        "ICC(2,k)": 0.62,
        "ICC(3,k)": 0.91,
    }

    assert icc(SHROUT_FLEISS) == pytest.approx(published, abs=5e-3)


def test_a_subject_with_a_gap_is_left_out_of_the_coefficients() -> None:
    assert icc(np.vstack([SHROUT_FLEISS, [1, N, 2, 3]])) == icc(SHROUT_FLEISS)


def test_coefficients_of_one_subject_or_no_variation_are_undefined() -> None:
    assert all(math.isnan(v) for v in icc([[1, 2, 3]]).values())
    assert all(math.isnan(v) for v in icc([[2, 2], [2, 2]]).values())


def test_fleiss_kappa_of_the_psychiatrists() -> None:
    assert fleiss_kappa(FLEISS_1971) == pytest.approx(0.430, abs=5e-4)


def test_fleiss_kappa_is_undefined_without_pairs_or_variation() -> None:
    assert math.isnan(fleiss_kappa([[1, 0], [0, 1]]))
    assert math.isnan(fleiss_kappa([[6, 0], [6, 0]]))


def kappa_by_table(a: list[int], b: list[int], power: int) -> float:
    pairs = [(x, y) for x in a for y in b]
    seen = np.mean([abs(x - y) ** power for x, y in zip(a, b, strict=True)])
    return float(1 - seen / np.mean([abs(x - y) ** power for x, y in pairs]))


def test_weighted_kappas_from_their_definition() -> None:
    a, b = [0, 1, 2, 3, 4, 2, 1, 3], [0, 2, 2, 4, 4, 1, 1, 2]

    assert weighted_kappa(a, b) == pytest.approx(kappa_by_table(a, b, 2))
    assert weighted_kappa(a, b, "linear") == pytest.approx(kappa_by_table(a, b, 1))


def test_unweighted_kappa_of_cohens_table() -> None:
    # 50 proposals, 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: agreement .7, by chance .5
    a, b = [1] * 25 + [0] * 25, [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15

    assert weighted_kappa(a, b, "none") == pytest.approx(0.4)


def test_kappa_of_one_label_or_nobody_is_undefined() -> None:
    assert math.isnan(weighted_kappa([2, 2], [2, 2]))
    assert math.isnan(weighted_kappa([], []))


def test_reliability_grows_with_reviews_and_with_adjustment() -> None:
    fit = SimpleNamespace(var_case=0.25, var_reviewer=0.09, var_residual=0.16)

    assert case_reliability(fit, 3) == pytest.approx(0.25 / (0.25 + 0.25 / 3))
    assert case_reliability(fit, 3, adjusted=True) == pytest.approx(0.25 / (0.25 + 0.16 / 3))
    assert math.isnan(case_reliability(SimpleNamespace(var_case=0.0, var_reviewer=0.0, var_residual=0.0), 3))


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: krippendorff_alpha([1, 2], "ordinal"), "ratings must have two dimensions"),
        (lambda: krippendorff_alpha([[1, 2]], "cardinal"), "level must be one of nominal"),
        (lambda: krippendorff_alpha([[1, math.inf]], "ordinal"), "ratings must be finite"),
        (lambda: krippendorff_alpha([[1, 2], [1]], "ordinal"), "ratings must hold numbers in rows"),
        (lambda: alpha_bootstrap([[1, 2]], "ordinal", n=0), "n must be at least 1"),
        (lambda: alpha_bootstrap([[1, 2]], "ordinal", conf=0), "conf must lie between"),
        (lambda: icc([1, 2]), "matrix must have two dimensions"),
        (lambda: weighted_kappa([1, 2], [1]), "b has 1 entries where 2"),
        (lambda: weighted_kappa([1.5], [1]), "a must be one row of whole-number labels"),
        (lambda: weighted_kappa([1], [1], "cubic"), "weights must be quadratic"),
        (lambda: fleiss_kappa([[-1, 2]]), "counts must hold whole numbers from 0"),
        (lambda: case_reliability(SimpleNamespace(), 0), "k must be positive"),
    ],
)
def test_a_wrong_argument_is_named(call, named) -> None:
    with pytest.raises(ValueError, match=named):
        call()
