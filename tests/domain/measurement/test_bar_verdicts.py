"""Which verdict a comparison earns: gate, margin, direction, cases still needed, several grades, several pairs."""

import math
from dataclasses import replace

import numpy as np
import pytest

from portal.domain.measurement import REASONS, bar_difference, over_many_pairs, refused
from portal.domain.measurement.verdict import decide, direction_of, more_cases


def ladder(n: int, bar: float, spread: float = 1.2, soft: float = 0.12) -> tuple[np.ndarray, np.ndarray]:
    """n scores evenly around the bar, approved above it, with a few decided the other way close to it."""
    score = bar + np.linspace(-spread, spread, n)
    approved = score > bar
    near = np.flatnonzero(np.abs(score - bar) < soft)[::2]
    approved[near] = ~approved[near]
    return score, approved.astype(float)


def test_bars_that_agree_are_equivalent() -> None:
    found = bar_difference(*ladder(40, 2.9), *ladder(40, 2.95))

    assert (found.verdict, found.reason, found.direction) == ("equivalent", "inside_margin", None)
    assert -0.5 < found.ci90[0] < found.ci90[1] < 0.5
    assert found.p_within > 0.95


def test_bars_a_point_apart_are_not_equivalent() -> None:
    found = bar_difference(*ladder(40, 2.5), *ladder(40, 3.5))

    assert (found.verdict, found.reason, found.direction) == ("not_equivalent", "outside_margin", "b_higher")
    assert found.ci95[0] > 0.5
    assert found.p_outside < 0.05 and found.p_direction < 0.05


def test_a_lower_bar_points_the_other_way() -> None:
    found = bar_difference(*ladder(40, 3.5), *ladder(40, 2.5))

    assert (found.verdict, found.direction) == ("not_equivalent", "a_higher")


def test_few_cases_are_not_enough_evidence_and_say_how_many_more() -> None:
    found = bar_difference(*ladder(8, 2.9, soft=0.9), *ladder(8, 2.9, soft=0.9))
    width = found.ci90[1] - found.ci90[0]

    assert (found.verdict, found.reason) == ("not_enough_evidence", "interval_too_wide")
    assert found.more_cases_at_least == math.ceil(8 * ((width / 3.29 / (0.5 / 2.93)) ** 2 - 1))


def test_a_difference_inside_the_margin_can_still_have_a_direction() -> None:
    found = bar_difference(*(np.tile(c, 12) for c in (*ladder(40, 2.9), *ladder(40, 3.2))))

    assert (found.verdict, found.direction) == ("equivalent", "b_higher")


@pytest.mark.parametrize(("approvals", "met"), [(2, False), (3, True), (37, True), (38, False)])
def test_the_gate_wants_three_approvals_and_three_refusals(approvals, met) -> None:
    score = np.linspace(2, 4, 40)
    approved = (np.arange(40) >= 40 - approvals).astype(float)
    found = bar_difference(score, approved, *ladder(40, 2.9))

    assert (found.reason != "too_few_decisions") == met
    assert met or (found.verdict, found.direction) == ("not_enough_evidence", None)


def test_the_gate_can_be_set() -> None:
    assert bar_difference([3.0], [1], [3.0], [1], min_each=0).reason == "interval_too_wide"


@pytest.mark.parametrize(
    ("ci90", "ci95", "verdict"),
    [
        ((-0.4, 0.4), (-0.6, 0.6), "equivalent"),
        ((-0.5, 0.4), (-0.6, 0.6), "not_enough_evidence"),
        ((0.6, 1.0), (0.51, 1.1), "not_equivalent"),
        ((0.6, 1.0), (0.5, 1.1), "not_enough_evidence"),
        ((-1.0, -0.6), (-1.1, -0.51), "not_equivalent"),
        ((-1.0, 1.0), (-1.1, 1.1), "not_enough_evidence"),
    ],
)
def test_intervals_decide(ci90, ci95, verdict) -> None:
    assert decide(ci90, ci95, 0.5, gate_met=True)[0] == verdict
    assert decide(ci90, ci95, 0.5, gate_met=False) == ("not_enough_evidence", "too_few_decisions")


def test_direction_needs_an_interval_off_zero() -> None:
    directions = [direction_of(ci, gate_met=True) for ci in ((0.1, 0.4), (-0.4, -0.1), (-0.1, 0.4))]

    assert directions == ["b_higher", "a_higher", None]
    assert direction_of((0.1, 0.4), gate_met=False) is None


def test_enough_cases_need_no_more() -> None:
    assert more_cases((-0.1, 0.1), 30, 30, 0.5) == 0
    assert more_cases((-0.5, 0.5), 20, 20, 0.5) == math.ceil(20 * ((1 / 3.29 / (0.5 / 2.93)) ** 2 - 1))
    assert more_cases((-0.5, 0.5), 0, 20, 0.5) is None


def grades(n: int, delta: float, shift: float, low: int = 0) -> dict[str, np.ndarray]:
    """Two grades whose bars lie `shift` apart, tracks `delta` apart; the second grade holds `low` cases a track if
    given.
    """
    sides = {}
    for track, by in (("a", 0.0), ("b", delta)):
        first, second = ladder(n, 2.6 + by), ladder(low or n, 2.6 + shift + by)
        sides[f"score_{track}"] = np.append(first[0], second[0])
        sides[f"approved_{track}"] = np.append(first[1], second[1])
        sides[f"strata_{track}"] = np.repeat(["g4", "g5"], [n, low or n])
    return sides


def test_grades_with_bars_of_their_own_share_one_difference() -> None:
    found = bar_difference(**grades(30, 0.2, 0.9))
    alone = bar_difference(*ladder(30, 2.6), *ladder(30, 2.8))

    assert found.delta == pytest.approx(0.2, abs=0.08)
    assert found.ci90[1] - found.ci90[0] < alone.ci90[1] - alone.ci90[0]
    assert math.isnan(found.bar_a.median) and found.notes == ()


def test_joining_grades_keeps_the_prior_once() -> None:
    # a grade that says nothing (every score the same, far from any bar) must not sharpen the difference
    silent = {"score": np.full(8, -40.0), "approved": np.zeros(8), "strata": np.full(8, "g9")}
    told = grades(30, 0.2, 0.0)
    padded = {key: np.append(value, silent[key[:-2]]) for key, value in told.items()}

    plain, both = bar_difference(**told), bar_difference(**padded)
    assert (both.delta, *both.ci90) == pytest.approx((plain.delta, *plain.ci90), abs=5e-3)


def test_one_grade_named_is_the_same_as_none_named() -> None:
    a, b = ladder(30, 2.9), ladder(30, 3.0)
    named = bar_difference(*a, *b, strata_a=["g4"] * 30, strata_b=["g4"] * 30)

    assert named == bar_difference(*a, *b)


def test_a_small_grade_is_left_out_and_said_so() -> None:
    with_small = bar_difference(**grades(30, 0.2, 0.9, low=7))
    alone = bar_difference(*ladder(30, 2.6), *ladder(30, 2.8))

    assert with_small.notes == ("small_strata_left_out",)
    assert (with_small.n_a, with_small.delta, with_small.ci90) == (30, alone.delta, alone.ci90)


def test_only_small_grades_are_no_evidence() -> None:
    found = bar_difference(**grades(7, 0.0, 0.5))

    assert (found.verdict, found.reason, found.n_a) == ("not_enough_evidence", "strata_too_small", 0)


def test_grades_that_contradict_each_other_are_flagged_and_prove_nothing() -> None:
    up, down = grades(400, 1.5, 0.0), grades(400, -1.5, 0.0)
    mixed = {k: np.concatenate([up[k][:400], down[k][400:]]) for k in up}
    found = bar_difference(**mixed)

    assert "grades_disagree" in found.notes
    assert found.verdict != "not_equivalent"


def test_a_refusal_takes_the_claim_back_and_keeps_the_numbers() -> None:
    found = bar_difference(*ladder(40, 2.5), *ladder(40, 3.5))
    taken = refused(found, "peers_undeclared")

    assert (taken.verdict, taken.reason, taken.direction) == ("not_enough_evidence", "peers_undeclared", None)
    assert taken.ci95 == found.ci95


def test_only_known_reasons_refuse() -> None:
    with pytest.raises(ValueError, match="reason must be one of inside_margin"):
        refused(bar_difference([3.0], [1], [3.0], [1]), "mood")
    assert {"peers_undeclared", "not_peers", "written_bar_unknown"} <= set(REASONS)


def test_over_many_pairs_a_difference_must_survive_holm() -> None:
    clear = bar_difference(*(np.tile(c, 4) for c in (*ladder(40, 2.5), *ladder(40, 3.5))))
    faint = replace(clear, p_outside=0.04, p_direction=0.02)
    same = bar_difference(*ladder(40, 2.9), *ladder(40, 2.95))

    kept = over_many_pairs([clear, faint, same, faint])
    assert [c.verdict for c in kept] == ["not_equivalent", "not_enough_evidence", "equivalent", "not_enough_evidence"]
    assert [c.reason for c in kept][1] == "many_pairs"
    assert [c.direction for c in kept] == ["b_higher", None, None, None]
    assert over_many_pairs([faint]) == [faint]
