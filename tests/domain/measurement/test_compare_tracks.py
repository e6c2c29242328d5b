"""Two tracks compared: the three verdicts, every refusal in its order, and what must not change the answer."""

import math
from dataclasses import replace

import numpy as np
import pytest

from portal.domain.measurement import READINGS, compare_tracks, refused
from tests.domain.measurement.panels import Simulated, simulated


def compared(c: Simulated, **changed):
    return compare_tracks(*c.positional, **{"home": c.home, "shown": c.shown, **changed})


def test_one_bar_judged_by_mixed_panels_is_equivalent() -> None:
    found = compared(simulated(80, people=20))

    assert (found.verdict, found.reason) == ("equivalent", "inside_margin")
    assert found.linked and found.connectivity.components == 1
    assert [r.verdict for r in found.readings.values()] == ["equivalent"] * 3


def test_bars_far_apart_are_not_equivalent() -> None:
    found = compared(simulated(80, people=20, delta=1.1))

    assert (found.verdict, found.reason, found.direction) == ("not_equivalent", "outside_margin", "b_higher")
    assert found.envelope95[0] > 0.5


def test_few_cases_are_not_enough_evidence() -> None:
    found = compared(simulated(10, delta=0.2))

    assert (found.verdict, found.reason) == ("not_enough_evidence", "interval_too_wide")
    assert found.more_cases_at_least > 0


def test_the_numbers_are_of_the_adjusted_reading_and_the_envelope_of_all() -> None:
    found = compared(simulated(60, home_effect=0.4, cross=0.3, people=20))
    adjusted = found.readings["adjusted"]

    assert tuple(found.readings) == READINGS
    assert (found.delta, found.ci90, found.bar_a, found.n_b) == (
        adjusted.delta,
        adjusted.ci90,
        adjusted.bar_a,
        adjusted.n_b,
    )
    assert found.envelope90 == (
        min(r.ci90[0] for r in found.readings.values()),
        max(r.ci90[1] for r in found.readings.values()),
    )
    assert found.p_outside == max(r.p_outside for r in found.readings.values())


def test_panels_that_never_cross_are_refused_whatever_the_scores_say() -> None:
    found = compared(simulated(80, people=20, cross=0.0))

    assert (found.verdict, found.reason, found.direction) == ("not_enough_evidence", "no_link", None)
    assert not found.linked and math.isinf(found.link_se)
    assert found.readings["as_shown"].verdict == "equivalent"
    assert found.ci90[1] - found.ci90[0] > 4  # known no better than the prior


def test_a_home_that_nobody_recorded_is_the_track_mostly_reviewed() -> None:
    told, guessed = (compared(simulated(80, people=20, cross=0.1), home=home) for home in (np.arange(20) % 2, None))

    assert (guessed.verdict, guessed.delta, guessed.link_se) == (told.verdict, told.delta, told.link_se)
    assert compared(simulated(80, people=20, cross=0.0), home=None).reason == "no_link"


def test_a_single_crossing_is_a_link_too_weak() -> None:
    c = simulated(40, people=16, cross=0.0, strictness_sd=0.9)
    first = int(np.flatnonzero(c.track[c.case] == 1)[0])
    c.reviewer[first] = 0  # one reviewer of track 0 scores one case of track 1
    found = compared(c)

    assert (found.reason, found.connectivity.bridging_reviewers) == ("weak_link", 1)
    assert found.link_se * abs(found.exposure) >= 0.5


def test_an_anchor_packet_links_panels_that_never_cross() -> None:
    found = compared(simulated(150, people=40, cross=0.0, home_effect=0.5, anchor=True, strictness_sd=0.2))

    assert found.linked and found.reason not in ("no_link", "weak_link")
    assert found.n_a == 150  # the anchor itself is no case
    assert abs(found.readings["adjusted"].delta) < abs(found.readings["as_shown"].delta)


def test_strictness_of_the_homes_is_not_mistaken_for_a_bar() -> None:
    found = compared(simulated(150, people=40, cross=0.15, home_effect=0.8))

    assert found.readings["as_shown"].ci90[0] > 0.2
    assert found.readings["adjusted"].ci90[0] < 0 < found.readings["adjusted"].ci90[1]
    assert found.verdict != "not_equivalent"


def test_readings_that_differ_give_no_verdict() -> None:
    c = simulated(80, people=20)
    found = compared(c, shown=c.shown + 0.9 * c.track)

    assert (found.verdict, found.reason) == ("not_enough_evidence", "readings_disagree")
    assert found.readings["as_shown"].verdict == "not_equivalent"
    assert found.readings["adjusted"].verdict == "equivalent"


def test_committees_of_their_own_are_refused() -> None:
    c = simulated(80, people=20)
    apart = compared(c, committee=np.where(c.track == 0, "tech", "people"))
    shared = compared(c, committee=np.where(np.arange(160) < 80, "spring", "autumn"))

    assert (apart.verdict, apart.reason, apart.committees) == ("not_enough_evidence", "no_shared_committee", (0, 1, 1))
    assert shared.verdict == "equivalent" and shared.notes == ()


def test_a_committee_that_was_not_recorded_is_noted() -> None:
    c = simulated(80, people=20)

    assert compared(c).notes == ("committee_not_recorded",)
    assert compared(c, committee=[""] * 160).notes == ("committee_not_recorded",)


def test_the_gate_holds_for_each_track() -> None:
    c = simulated(40, people=20)
    refusals = np.flatnonzero((c.track == 1) & (c.approved == 0))[2:]
    c.approved[refusals] = 1.0
    found = compared(c)

    assert (found.verdict, found.reason, found.direction) == ("not_enough_evidence", "too_few_decisions", None)


def test_single_reviews_cannot_tell_strictness_from_merit() -> None:
    c = simulated(40)
    first = np.arange(c.y.size) % 3 == 0
    found = compare_tracks(c.case[first], c.reviewer[first], c.y[first], c.track, c.approved)

    assert (found.verdict, found.reason) == ("not_enough_evidence", "severity_unknown")
    assert math.isnan(found.readings["regressed"].delta)


def test_an_empty_cycle_is_answered_not_raised() -> None:
    found = compare_tracks([], [], [], [0, 1], [1, 0])

    assert (found.verdict, found.reason, found.n_a) == ("not_enough_evidence", "no_link", 0)
    assert math.isnan(found.delta) and math.isnan(found.exposure)


def test_swapping_the_tracks_mirrors_the_answer() -> None:
    c = simulated(60, delta=0.4, people=20)
    there = compared(c)
    back = compared(replace(c, track=1 - c.track, home=1 - c.home))

    assert (back.delta, *back.ci90) == pytest.approx((-there.delta, -there.ci90[1], -there.ci90[0]), abs=1e-3)
    assert (back.verdict, back.n_a) == (there.verdict, there.n_b)
    assert {back.direction, there.direction} in ({None}, {"a_higher", "b_higher"})


def test_the_order_of_reviews_and_names_of_grades_do_not_matter() -> None:
    c, order = simulated(60, delta=0.4, people=20), np.random.default_rng(0).permutation(360)
    grade = np.repeat([4, 5], 60)
    here = compared(c, grade=grade)
    there = compared(
        replace(c, case=c.case[order], reviewer=c.reviewer[order], y=c.y[order]), grade=np.where(grade == 4, "d", "e")
    )

    assert (there.delta, *there.envelope95) == pytest.approx((here.delta, *here.envelope95), abs=1e-3)


def test_every_case_twice_narrows_the_interval() -> None:
    c = simulated(60, people=20)
    again = Simulated(
        np.append(c.case, c.case + 120), *(np.tile(v, 2) for v in (c.reviewer, c.y, c.track, c.approved)),
        c.home, *(np.tile(v, 2) for v in (c.shown, c.merit)), c.strictness,
    )  # fmt: skip
    widths = [f.ci90[1] - f.ci90[0] for f in (compared(c), compared(again))]

    assert widths[1] < 0.85 * widths[0]


def test_a_focus_compares_some_decisions_but_hears_all_reviews() -> None:
    c = simulated(120, people=20, home_effect=0.4, cross=0.2)
    half = np.arange(240) < 120
    focused = compared(c, focus=half)
    cut = half[c.case]
    alone = compare_tracks(c.case[cut], c.reviewer[cut], c.y[cut], c.track, c.approved, home=c.home, shown=c.shown)

    assert (focused.n_a, focused.n_b) == (alone.n_a, alone.n_b) == (60, 60)
    assert focused.link_se < alone.link_se
    assert focused.readings["as_shown"] == alone.readings["as_shown"]


def test_a_focus_is_linked_only_by_its_own_reviewers() -> None:
    # reviewers 0-11 cross at the first grade, reviewers 12-23 score the second and never cross
    mixed, apart = simulated(40), simulated(40, cross=0.0, seed=2)
    case, reviewer = np.append(mixed.case, apart.case + 80), np.append(mixed.reviewer, apart.reviewer + 12)
    facts = [np.append(getattr(mixed, n), getattr(apart, n)) for n in ("y", "track", "approved")]
    grade, home = np.repeat([4, 5], 80), np.append(mixed.home, apart.home)

    linked = [compare_tracks(case, reviewer, *facts, home=home, grade=grade, focus=grade == g).linked for g in (4, 5)]
    assert linked == [True, False]


def test_a_score_the_committee_never_saw_is_replaced_by_the_mean_of_reviews_and_noted() -> None:
    c = simulated(60)
    plain = compared(c, shown=None)

    assert plain.readings["as_shown"] == compared(c).readings["as_shown"]
    assert "shown_not_recorded" in plain.notes
    assert "shown_not_recorded" in compared(c, shown=np.where(np.arange(120) == 3, math.nan, c.shown)).notes


def test_what_only_the_caller_knows_takes_a_verdict_back() -> None:
    taken = refused(compared(simulated(80, people=20)), "written_bar_unknown")

    assert (taken.verdict, taken.reason) == ("not_enough_evidence", "written_bar_unknown")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"home": [0, 1]}, "home has 2 entries, but reviewer mentions number 11"),
        ({"shown": [1.0]}, "shown has 1 entries where 20"),
        ({"grade": [4]}, r"grade has shape \(1,\)"),
        ({"committee": ["x"]}, r"committee has shape \(1,\)"),
        ({"focus": [1]}, "focus has 1 entries where 20"),
        ({"margin": -1}, "margin must be positive"),
    ],
)
def test_a_wrong_argument_is_named(changed, named) -> None:
    with pytest.raises(ValueError, match=named):
        compared(simulated(10), **changed)


def test_track_and_decisions_are_checked_too() -> None:
    with pytest.raises(ValueError, match="track must hold 0"):
        compare_tracks([0], [0], [3.0], [2], [1])
    with pytest.raises(ValueError, match="approved has 2 entries where 1"):
        compare_tracks([0], [0], [3.0], [1], [1, 0])
