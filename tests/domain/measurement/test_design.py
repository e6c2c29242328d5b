"""What a design could tell before anybody has scored."""

import math

import numpy as np
import pytest

from portal.domain.measurement.design import USUAL, expected_precision
from portal.domain.measurement.severity import fit_severity
from portal.domain.measurement.variance import Variances

CASE = np.repeat(np.arange(12), 3)
TRACK = np.arange(12) % 2
REVIEWER = np.concatenate([(np.arange(3) + 2 * n) % 7 for n in range(12)])
HOME = np.arange(7) % 2


def test_it_is_what_the_fit_reports_once_the_scores_are_there() -> None:
    chance = np.random.default_rng(3)
    y = chance.normal(3, 0.5, 12)[CASE] + chance.normal(0, 0.3, 7)[REVIEWER] + chance.normal(0, 0.4, CASE.size)
    fit = fit_severity(CASE, REVIEWER, y, strata=TRACK, home=HOME)
    variances = Variances(fit.var_case, fit.var_reviewer, fit.var_residual)
    found = expected_precision(CASE, REVIEWER, TRACK, HOME, variances)
    assert found.link_se == pytest.approx(fit.link_se)


def test_twice_the_reviewers_and_cases_tell_more() -> None:
    once = expected_precision(CASE, REVIEWER, TRACK, HOME)
    twice = expected_precision(
        np.concatenate([CASE, CASE + 12]),
        np.concatenate([REVIEWER, REVIEWER + 7]),
        np.tile(TRACK, 2),
        np.tile(HOME, 2),
    )
    assert twice.link_se < once.link_se
    assert twice.exposure == pytest.approx(once.exposure)


def test_siloed_panels_can_tell_nothing() -> None:
    case, track = np.repeat(np.arange(4), 2), np.array([0, 0, 1, 1])
    found = expected_precision(case, [0, 2, 0, 2, 1, 3, 1, 3], track, [0, 1, 0, 1])
    assert (found.exposure, math.isinf(found.link_se), math.isinf(found.doubt)) == (1.0, True, True)


def test_tracks_scored_alike_leave_no_doubt() -> None:
    found = expected_precision([0, 0, 1, 1], [0, 1, 0, 1], [0, 1], [0, 1])
    assert (found.exposure, found.doubt) == (0.0, 0.0)


def test_one_track_alone_is_no_comparison() -> None:
    found = expected_precision([0, 0], [0, 1], [0], [0, 1], USUAL)
    assert (math.isinf(found.link_se), math.isinf(found.doubt)) == (True, True)
