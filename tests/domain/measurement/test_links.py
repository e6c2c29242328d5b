"""Who links the tracks: components, bridging reviewers, cross-track share, committees in common."""

import math

import pytest

from portal.domain.measurement import connectivity, panel_overlap

TRACK = [0, 0, 1, 1]


def test_reviewers_who_stay_on_their_side_leave_two_components() -> None:
    assert connectivity([0, 1, 2, 3], [0, 0, 1, 1], TRACK) == (2, 0, 0.0)


def test_one_reviewer_on_both_sides_joins_them() -> None:
    assert connectivity([0, 1, 2, 3, 3], [0, 0, 1, 1, 0], TRACK) == (1, 1, 0.2)


def test_a_review_is_cross_track_where_its_reviewer_reviews_less() -> None:
    # reviewer 0: three on track 0, one on track 1; reviewer 1: two and two
    case, reviewer = [0, 1, 0, 2, 0, 1, 2, 3], [0, 0, 0, 0, 1, 1, 1, 1]

    assert connectivity(case, reviewer, TRACK).cross_share == pytest.approx(3 / 8)


def test_cases_and_reviewers_without_reviews_are_not_counted() -> None:
    assert connectivity([0, 7], [3, 3], [0] * 9) == (1, 0, 0.0)


def test_no_reviews_link_nothing() -> None:
    found = connectivity([], [], [])

    assert found[:2] == (0, 0) and math.isnan(found.cross_share)


def test_committees_are_compared_by_name() -> None:
    assert panel_overlap(["eng", "eng", "eng", "ops"], TRACK) == (1, 1, 2)
    assert panel_overlap([1, 2, 3, 3], TRACK) == (0, 2, 1)


def test_a_committee_not_recorded_is_no_committee() -> None:
    assert panel_overlap(["", "eng", "", ""], TRACK) == (0, 1, 0)
    assert panel_overlap([math.nan, 4.0, 4.0, math.nan], TRACK) == (1, 1, 1)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: connectivity([0, 1], [0], TRACK), "reviewer has 1 entries where 2"),
        (lambda: connectivity([0, 4], [0, 1], TRACK), "track has 4 entries, but case mentions number 4"),
        (lambda: connectivity([0, 1], [0, 1], [0, 2]), "track must hold 0"),
        (lambda: panel_overlap(["eng"], TRACK), r"committee has shape \(1,\) where \(4,\) is expected"),
    ],
)
def test_a_wrong_argument_is_named(call, named) -> None:
    with pytest.raises(ValueError, match=named):
        call()
