"""Variance components against analysis of variance, a dense likelihood, and each other."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from portal.domain.measurement import variance_moments, variance_reml
from tests.domain.measurement.panels import simulated

SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])

PENICILLIN = """
    272326232321 272326232321 252125242420 262325232320 252226222320 242225232219 242023212219 262226242421
    242124222220 242124232219 262326242421 252226242420 262426242522 262326232320 262325242422 252225232320
    252124232320 252224232319 242123212119 262326242421 252124222218 252225222220 242124222419 242124222118
"""  # lme4's Penicillin (Davies and Goldsmith 1972): a word a plate, two digits for each of samples A to F, in mm


def crossed(table: np.ndarray) -> tuple[np.ndarray, ...]:
    case, reviewer = np.indices(table.shape)
    return case.ravel(), reviewer.ravel(), table.ravel().astype(float)


def test_a_balanced_table_gives_the_variances_of_its_analysis_of_variance() -> None:
    # mean squares of Shrout and Fleiss, table 3: targets 11.24, judges 32.49, residual 1.02
    table = SHROUT_FLEISS
    targets = 4 * table.mean(axis=1).var(ddof=1)
    judges = 6 * table.mean(axis=0).var(ddof=1)
    residual = (19 * table.var() * 24 / 19 - 5 * targets - 3 * judges) / 15
    expected = ((targets - residual) / 4, (judges - residual) / 6, residual)

    assert (targets, judges, residual) == pytest.approx((11.24, 32.49, 1.02), abs=5e-3)
    assert variance_reml(*crossed(table)) == pytest.approx(expected, rel=1e-4)
    assert variance_moments(*crossed(table)) == pytest.approx(expected, rel=1e-9)


def test_the_penicillin_assay_has_the_variances_that_lme4_publishes() -> None:
    # Bates, lme4: Mixed-effects modeling with R, 2.1: plate 0.71691, sample 3.73092, residual 0.30242 (by REML)
    table = np.array([[int(plate[at : at + 2]) for at in range(0, 12, 2)] for plate in PENICILLIN.split()])

    assert table.shape == (24, 6)
    assert variance_reml(*crossed(table)) == pytest.approx((0.71691, 3.73092, 0.30242), rel=1e-4)
    assert variance_moments(*crossed(table)) == pytest.approx((0.71691, 3.73092, 0.30242), rel=1e-4)


def dense_reml(case, reviewer, y, strata) -> tuple[float, ...]:
    """Variances at the maximum of the restricted likelihood written with the full covariance matrix."""
    of_case, of_reviewer = (np.equal.outer(codes, codes).astype(float) for codes in (case, reviewer))
    fixed = np.eye(strata.max() + 1)[strata[case]]

    def deviance(logs: np.ndarray) -> float:
        a, b, c = np.exp(logs)
        covariance = a * of_case + b * of_reviewer + c * np.eye(y.size)
        inverse = np.linalg.inv(covariance)
        information = fixed.T @ inverse @ fixed
        residual = y - fixed @ np.linalg.solve(information, fixed.T @ inverse @ y)
        logs_of = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(information)[1]
        return float(logs_of + residual @ inverse @ residual)

    found = minimize(deviance, np.log([0.3, 0.1, 0.1]), method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-10})
    return tuple(np.exp(found.x))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_reml_maximises_the_dense_likelihood_of_an_unbalanced_design(seed) -> None:
    c = simulated(10, people=8, seed=seed)
    kept = np.arange(c.y.size) % 7 != 0  # leave gaps, so that cases have two or three reviews
    design = (c.case[kept], c.reviewer[kept], c.y[kept])

    assert variance_reml(*design, c.track) == pytest.approx(dense_reml(*design, c.track), rel=2e-3, abs=1e-5)


def test_large_panels_give_both_estimators_the_truth() -> None:
    c = simulated(2500, people=140, strictness_sd=0.3, noise_sd=0.4, seed=4)
    restricted = variance_reml(c.case, c.reviewer, c.y, c.track)
    moments = variance_moments(c.case, c.reviewer, c.y, c.track)

    assert restricted == pytest.approx((0.25, c.strictness.var(ddof=1), 0.16), rel=0.06)
    assert moments == pytest.approx(restricted, rel=0.06)


def test_reviewers_who_agree_have_no_variance() -> None:
    table = np.random.default_rng(8).normal(3, 0.5, (12, 4))
    level = crossed(table - table.mean(axis=0))

    assert variance_reml(*level).var_reviewer == 0.0
    assert variance_moments(*level).var_reviewer == 0.0


@pytest.mark.parametrize("estimate", [variance_reml, variance_moments])
def test_moving_and_scaling_scores(estimate) -> None:
    c = simulated(40)
    plain = estimate(c.case, c.reviewer, c.y, c.track)

    assert estimate(c.case, c.reviewer, c.y + 7, c.track) == pytest.approx(plain, rel=1e-4)
    assert estimate(c.case, c.reviewer, 3 * c.y, c.track) == pytest.approx([9 * v for v in plain], rel=1e-4)


@pytest.mark.parametrize("estimate", [variance_reml, variance_moments])
@pytest.mark.parametrize(
    ("case", "reviewer"),
    [
        ([0, 1, 2, 3, 4, 5], [0, 1, 0, 1, 0, 1]),  # no case was scored twice
        ([0, 0, 0, 1, 1, 1], [0, 1, 2, 3, 4, 5]),  # nobody scored twice
        ([0, 0, 1, 1, 2, 2], [0, 0, 0, 0, 0, 0]),  # one reviewer
        ([0, 0, 1], [0, 1, 0]),  # nothing left for the residual
        ([], []),
    ],
)
def test_designs_that_cannot_tell_are_undefined(estimate, case, reviewer) -> None:
    assert all(math.isnan(v) for v in estimate(case, reviewer, np.arange(len(case)) % 3))


def test_equal_scores_have_no_variance() -> None:
    c = simulated(10)

    assert variance_reml(c.case, c.reviewer, np.full(c.y.size, 3.0)) == (0.0, 0.0, 0.0)
    assert variance_moments(c.case, c.reviewer, np.full(c.y.size, 3.0)) == pytest.approx((0, 0, 0), abs=1e-20)
