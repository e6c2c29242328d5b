"""Reviewer severity against the equations it solves and a simulated truth."""

import math
from dataclasses import astuple

import numpy as np
import pytest

from portal.domain.measurement import fit_severity
from tests.domain.measurement.panels import Simulated, simulated


def dense_blup(c: Simulated, fit, home: bool) -> tuple[np.ndarray, ...]:
    """Reviewer effects, their errors, home effect with its error: Henderson's mixed-model equations solved as one
    dense system.
    """
    cases, people = c.track.size, c.home.size
    fixed = np.eye(2)[c.track[c.case]]
    if home:
        fixed = np.column_stack([fixed, c.home[c.reviewer] - 0.5])
    random = np.hstack([np.eye(cases)[c.case], np.eye(people)[c.reviewer]])
    design = np.hstack([fixed, random])
    penalty = [0.0] * fixed.shape[1] + [fit.var_residual / fit.var_case] * cases
    penalty += [fit.var_residual / fit.var_reviewer] * people
    inverse = np.linalg.inv(design.T @ design + np.diag(penalty))
    solved, errors = inverse @ design.T @ c.y, np.sqrt(fit.var_residual * np.diag(inverse))
    return solved[-people:], errors[-people:], solved[2:3], errors[2:3], solved[:2]


@pytest.mark.parametrize("cross", [0.5, 0.15])
def test_the_fit_solves_hendersons_equations(cross) -> None:
    c = simulated(30, cross=cross, home_effect=0.4, seed=5)
    fit = fit_severity(c.case, c.reviewer, c.y, c.track, c.home)
    severity, errors, effect, effect_error, _ = dense_blup(c, fit, home=True)

    assert fit.severity == pytest.approx(severity, abs=1e-7)
    assert fit.severity_se == pytest.approx(errors, rel=1e-6)
    assert (fit.home_effect, fit.link_se) == pytest.approx((effect[0], effect_error[0]), rel=1e-6)


def test_without_homes_the_fit_solves_them_too() -> None:
    c = simulated(30, seed=6)
    fit = fit_severity(c.case, c.reviewer, c.y, c.track)
    severity, errors, *_ = dense_blup(c, fit, home=False)

    assert fit.severity == pytest.approx(severity, abs=1e-7)
    assert fit.severity_se == pytest.approx(errors, rel=1e-6)
    assert fit.home_effect == 0.0 and math.isnan(fit.link_se)


def test_fair_and_shrunk_scores_follow_from_the_effects() -> None:
    c = simulated(30, home_effect=0.4, seed=5)
    fit = fit_severity(c.case, c.reviewer, c.y, c.track, c.home)
    mean = dense_blup(c, fit, home=True)[-1]
    clean = c.y - (fit.severity + fit.home_effect * (c.home - 0.5))[c.reviewer]
    total = np.bincount(c.case, weights=clean)

    assert fit.case_fair == pytest.approx(total / 3)
    regressed = mean[c.track] + (total - 3 * mean[c.track]) / (3 + fit.var_residual / fit.var_case)
    assert fit.case_shrunk == pytest.approx(regressed, abs=1e-6)


def test_the_fit_finds_who_is_strict() -> None:
    c = simulated(300, people=20, seed=2)
    fit = fit_severity(c.case, c.reviewer, c.y, c.track)

    assert np.corrcoef(fit.severity, c.strictness)[0, 1] > 0.97
    within = np.abs(fit.severity - (c.strictness - c.strictness.mean())) < 2.5 * fit.severity_se
    assert within.mean() > 0.8


def test_adjusting_brings_scores_nearer_to_merit() -> None:
    c = simulated(300, people=20, home_effect=0.5, seed=3)
    fit = fit_severity(c.case, c.reviewer, c.y, c.track, c.home)

    def error(score: np.ndarray) -> float:
        return float(np.std(score - c.merit))

    assert error(fit.case_shrunk) < error(fit.case_fair) < 0.75 * error(c.shown)


def test_one_anchor_packet_tells_the_homes_apart_where_panels_do_not_mix() -> None:
    apart = simulated(60, people=20, cross=0.0, home_effect=0.6, seed=4)
    anchored = simulated(60, people=20, cross=0.0, home_effect=0.6, anchor=True, seed=4)
    blind = fit_severity(apart.case, apart.reviewer, apart.y, apart.track, apart.home)
    seeing = fit_severity(anchored.case, anchored.reviewer, anchored.y, anchored.track, anchored.home)

    assert math.isnan(blind.home_effect) and math.isinf(blind.link_se)
    assert seeing.home_effect == pytest.approx(0.6, abs=3 * seeing.link_se)
    assert seeing.link_se < 0.25


def test_points_added_to_every_score_move_cases_and_nobody_else() -> None:
    c = simulated(40, home_effect=0.3)
    here = fit_severity(c.case, c.reviewer, c.y, c.track, c.home)
    there = fit_severity(c.case, c.reviewer, c.y + 1.5, c.track, c.home)

    assert there.severity == pytest.approx(here.severity, abs=1e-4)
    assert there.case_fair == pytest.approx(here.case_fair + 1.5, abs=1e-4)
    assert there.home_effect == pytest.approx(here.home_effect, abs=1e-4)


def test_points_added_to_one_track_stay_with_its_cases() -> None:
    c = simulated(40)
    here = fit_severity(c.case, c.reviewer, c.y, c.track)
    there = fit_severity(c.case, c.reviewer, c.y + 0.8 * c.track[c.case], c.track)

    assert there.severity == pytest.approx(here.severity, abs=1e-4)
    assert there.case_shrunk == pytest.approx(here.case_shrunk + 0.8 * c.track, abs=1e-4)


def test_points_added_by_one_home_become_the_home_effect() -> None:
    c = simulated(40, cross=0.3)
    here = fit_severity(c.case, c.reviewer, c.y, c.track, c.home)
    there = fit_severity(c.case, c.reviewer, c.y + 0.7 * c.home[c.reviewer], c.track, c.home)

    assert there.home_effect == pytest.approx(here.home_effect + 0.7, abs=1e-3)
    assert there.severity == pytest.approx(here.severity, abs=1e-3)


def test_the_order_of_reviews_does_not_matter() -> None:
    c, order = simulated(40), np.random.default_rng(0).permutation(240)
    here = fit_severity(c.case, c.reviewer, c.y, c.track, c.home)
    there = fit_severity(c.case[order], c.reviewer[order], c.y[order], c.track, c.home)

    for before, after in zip(astuple(here), astuple(there), strict=True):
        assert after == pytest.approx(before, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("people", [150, 152])
def test_auto_changes_its_method_above_a_hundred_and_fifty_reviewers(people) -> None:
    c = simulated(600, people=people, seed=9)
    chosen, by_reml, by_moments = (
        fit_severity(c.case, c.reviewer, c.y, c.track, method=m) for m in ("auto", "reml", "moments")
    )

    assert chosen.var_reviewer == (by_reml if people == 150 else by_moments).var_reviewer
    assert by_reml.var_reviewer != by_moments.var_reviewer
    assert by_reml.severity == pytest.approx(by_moments.severity, abs=0.03)


def test_errors_of_very_large_panels_stay_close_to_the_exact_ones(monkeypatch) -> None:
    c = simulated(400, people=40, seed=9)
    exact = fit_severity(c.case, c.reviewer, c.y, c.track, c.home)
    monkeypatch.setattr("portal.domain.measurement.severity.EXACT_ERRORS_UP_TO", 10)
    quick = fit_severity(c.case, c.reviewer, c.y, c.track, c.home)

    assert quick.severity_se == pytest.approx(exact.severity_se, rel=0.1)
    assert (quick.severity_se != exact.severity_se).all()


def test_reviewers_without_variance_are_not_adjusted() -> None:
    table = np.random.default_rng(8).normal(3, 0.5, (12, 4))
    table -= table.mean(axis=0)
    case, reviewer = np.indices(table.shape)
    fit = fit_severity(case.ravel(), reviewer.ravel(), table.ravel())

    assert not fit.severity.any() and not fit.severity_se.any()
    assert fit.case_fair == pytest.approx(table.mean(axis=1))


def test_a_design_that_cannot_tell_claims_nothing_about_anybody() -> None:
    fit = fit_severity([0, 1, 2, 3], [0, 0, 1, 1], [3.0, 2.0, 4.0, 1.0])

    assert fit.case_fair.tolist() == [3.0, 2.0, 4.0, 1.0]
    assert np.isnan(fit.severity).all() and np.isnan(fit.case_shrunk).all() and math.isnan(fit.home_effect)


def test_what_was_not_assessed_does_not_count_and_a_case_without_reviews_has_no_score() -> None:
    c = simulated(20)
    fit = fit_severity(c.case, c.reviewer, c.y, c.track)
    track = np.append(c.track, 1)
    padded = fit_severity(np.append(c.case, 40), np.append(c.reviewer, 0), np.append(c.y, math.nan), track)

    assert padded.case_fair[:40] == pytest.approx(fit.case_fair)
    assert np.isnan([padded.case_fair[40], padded.case_shrunk[40]]).all()


@pytest.mark.parametrize(
    ("arguments", "changed", "named"),
    [
        (([0, 1], [0], [1.0, 2.0]), {}, "reviewer has 1 entries where 2"),
        (([0, 1], [0, 1], [1.0]), {}, "y has 1 entries where 2"),
        (([0, -1], [0, 1], [1.0, 2.0]), {}, "case must hold whole numbers from 0; entry 1"),
        (([0, 1], [0, 1], [1.0, math.inf]), {}, "y must be finite or nan"),
        (([0, 1], [0, 1], [1.0, 2.0]), {"strata": [0]}, "strata has 1 entries, but case mentions number 1"),
        (([0, 1], [0, 1], [1.0, 2.0]), {"strata": [[0], [1]]}, "strata has shape"),
        (([0, 1], [0, 1], [1.0, 2.0]), {"home": [0]}, "home has 1 entries, but reviewer mentions number 1"),
        (([0, 1], [0, 1], [1.0, 2.0]), {"method": "guess"}, "method must be one of auto, reml, moments"),
    ],
)
def test_a_wrong_argument_is_named(arguments, changed, named) -> None:
    with pytest.raises(ValueError, match=named):
        fit_severity(*arguments, **changed)
