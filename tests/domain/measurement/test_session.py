"""What a session did: direction and centrality per track, and the own manager's presence."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.measurement import direction_and_centrality, own_manager_effect

scores = st.lists(st.floats(0, 4), min_size=2, max_size=12)


def test_direction_is_the_mean_change_with_the_unchanged_cases_in_it() -> None:
    ic, manager = direction_and_centrality([3, 2, 3, 3], [3, 2, 2.6, 3], [0, 0, 1, 1])
    assert (ic.cases, ic.changed, ic.direction) == (2, 0, 0.0)
    assert (manager.cases, manager.changed, round(manager.direction, 9)) == (2, 1, -0.2)


def test_centrality_is_positive_when_cases_come_to_the_middle() -> None:
    towards, apart = direction_and_centrality([1, 3, 1, 3], [1.5, 2.5, 0.5, 3.5], [0, 0, 1, 1])
    assert (towards.direction, towards.centrality) == (0.0, 0.5)
    assert (apart.direction, apart.centrality) == (0.0, -0.5)


def test_cases_without_a_score_are_left_out_and_an_empty_track_is_undefined() -> None:
    ic, manager = direction_and_centrality([3, math.nan], [2, math.nan], [0, 1])
    assert (ic.cases, ic.direction) == (1, -1.0)
    assert (manager.cases, manager.changed) == (0, 0)
    assert math.isnan(manager.direction)
    assert math.isnan(manager.centrality)


@given(scores, st.floats(-1, 1))
def test_moving_everybody_alike_has_a_direction(old: list[float], by: float) -> None:
    new = [value + by for value in old]
    (ic, _) = direction_and_centrality(old, new, [0] * len(old))
    assert ic.direction == pytest.approx(by, abs=1e-9)


@given(scores)
def test_swapping_before_and_after_mirrors_the_direction(old: list[float]) -> None:
    new = old[::-1]
    there, _ = direction_and_centrality(old, [v / 2 for v in new], [0] * len(old))
    back, _ = direction_and_centrality([v / 2 for v in new], old, [0] * len(old))
    assert there.direction == pytest.approx(-back.direction, abs=1e-9)


def test_a_track_number_that_is_none_and_a_wrong_length_are_named() -> None:
    with pytest.raises(ValueError, match="track"):
        direction_and_centrality([1], [1], [2])
    with pytest.raises(ValueError, match="new"):
        direction_and_centrality([1, 2], [1], [0, 0])


def test_own_manager_effect_is_welchs_interval() -> None:
    from scipy import stats

    change, present = [0.4, 0.2, 0.3, -0.1, 0.0, 0.1, 9], [1, 1, 1, 0, 0, 0, math.nan]
    found = own_manager_effect(change, present)
    oracle = stats.ttest_ind(change[:3], change[3:6], equal_var=False).confidence_interval()
    assert found.estimate == pytest.approx(0.3)
    assert (found.lo, found.hi) == pytest.approx((oracle.low, oracle.high))


@pytest.mark.parametrize("present", [[1, 0, 0], [0, 0, 0], [math.nan] * 3])
def test_too_few_on_a_side_say_nothing(present: list[float]) -> None:
    assert np.isnan(own_manager_effect([0.1, 0.2, 0.3], present)).all()


def test_what_did_not_vary_has_a_difference_and_no_interval() -> None:
    """Nor where scores that moved alike differ by what a computer rounds."""
    for change in ([1, 1, 0, 0], [3.2 - 3, 2.2 - 2, 0, 0]):
        found = own_manager_effect(change, [1, 1, 0, 0])
        assert found.estimate == pytest.approx(change[0])
        assert np.isnan([found.lo, found.hi]).all()
