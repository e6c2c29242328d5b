"""Pillars scored differently on the two tracks, and only those."""

import math

import numpy as np
import pytest
from scipy.stats import ttest_ind

from portal.domain.measurement import pillar_differences


def table(n: int, shift: dict[int, float], seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """n cases per track, five pillars, better cases better everywhere; track b's pillars are shifted as told."""
    generator = np.random.default_rng(seed)
    track = np.repeat([0, 1], n)
    scores = generator.normal(2.9, 0.5, (2 * n, 1)) + 0.3 * track[:, None] + generator.normal(0, 0.3, (2 * n, 5))
    for pillar, by in shift.items():
        scores[:, pillar] += by * track
    return scores, track


def flags(rows) -> list[bool]:
    return [row.flag for row in rows]


def test_a_track_that_is_better_everywhere_is_not_odd_anywhere() -> None:
    assert flags(pillar_differences(*table(60, {}))) == [False] * 5


def test_one_odd_pillar_is_flagged_and_does_not_make_the_others_odd() -> None:
    rows = pillar_differences(*table(60, {2: -1.4}))

    assert flags(rows) == [False, False, True, False, False]
    assert rows[2].diff == pytest.approx(-1.4, abs=0.15)
    assert max(abs(row.diff) for k, row in enumerate(rows) if k != 2) < 0.2


def test_two_odd_pillars_both_leave_the_anchors() -> None:
    rows = pillar_differences(*table(80, {0: 1.0, 4: 0.7}))

    assert flags(rows) == [True, False, False, False, True]
    assert [rows[0].diff, rows[4].diff] == pytest.approx([1.0, 0.7], abs=0.15)


def test_a_clear_but_small_difference_is_not_flagged() -> None:
    rows = pillar_differences(*table(4000, {1: 0.2}))

    assert rows[1].p_holm < 0.001 and flags(rows) == [False] * 5


def test_each_test_is_welchs_on_the_contrast() -> None:
    scores, track = table(25, {})
    contrast = scores[:, 3] - scores[:, [0, 1, 2, 4]].mean(axis=1)
    expected = ttest_ind(contrast[track == 1], contrast[track == 0], equal_var=False)
    row = pillar_differences(scores, track)[3]

    assert (row.p, row.diff / row.se) == pytest.approx((expected.pvalue, expected.statistic))
    assert (row.lo, row.hi) == pytest.approx(tuple(expected.confidence_interval()))


def test_a_missing_score_leaves_its_case_out_of_its_own_pillar_only() -> None:
    scores, track = table(25, {})
    scores[0, 3] = math.nan
    contrast = scores[:, 3] - scores[:, [0, 1, 2, 4]].mean(axis=1)
    rest = contrast[~np.isnan(contrast)]
    rows = pillar_differences(scores, track)

    assert rows[3].diff == pytest.approx(rest[track[1:] == 1].mean() - rest[track[1:] == 0].mean())
    first = scores[:, 0] - np.nanmean(scores[:, 1:], axis=1)
    assert rows[0].diff == pytest.approx(first[track == 1].mean() - first[track == 0].mean())


def test_scores_without_any_spread_are_certain() -> None:
    rows = pillar_differences([[1, 1], [1, 1], [2, 1], [2, 1]], [0, 0, 1, 1])

    assert [(row.diff, row.se, row.p) for row in rows] == [(1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)]
    assert pillar_differences([[1, 1], [1, 1], [2, 2], [2, 2]], [0, 0, 1, 1])[0].p == 1.0


def test_one_pillar_or_one_case_says_nothing() -> None:
    alone = pillar_differences([[1], [2], [3], [4]], [0, 0, 1, 1])
    few = pillar_differences([[1, 2], [2, 2], [3, 1]], [0, 0, 1])

    assert all(math.isnan(row.p_holm) and not row.flag for row in (*alone, *few))


def test_a_wrong_argument_is_named() -> None:
    with pytest.raises(ValueError, match="scores must have two dimensions"):
        pillar_differences([1, 2], [0, 1])
    with pytest.raises(ValueError, match="track has 1 entries where 2"):
        pillar_differences([[1], [2]], [0])
    with pytest.raises(ValueError, match="track must hold 0"):
        pillar_differences([[1], [2]], [0, 3])
