"""What is said beside the bars: each figure behind its floor, each with its interval, and none of it called a bar."""

from portal.calibration.queries.comparisons import comparisons
from portal.calibration.queries.evidence import CaseFacts, ReviewFacts
from portal.calibration.queries.figures import Question, measure

PILLARS = (("outcomes", "Outcomes"), ("craft", "Craft"), ("growth", "Growing others"))


def case(
    number: int, track: str, approved: bool | None, *, score: float = 3.0, craft: float | None = None
) -> CaseFacts:
    pillars = (("outcomes", score), ("craft", score if craft is None else craft), ("growth", score))
    outcome = None if approved is None else "approved" if approved else "not_yet"
    review = ReviewFacts("r1", "ic", score, pillars)
    return CaseFacts(f"{track}{number}", "Spring", False, track, outcome, score, "one", (review,), grade=4)


def cases(track: str, n: int, approved: int, **how: float) -> list[CaseFacts]:
    return [case(at, track, at < approved, **how) for at in range(n)]


def test_under_fifteen_a_track_there_is_neither_ratio_nor_gap() -> None:
    found = comparisons([*cases("ic", 14, 7), *cases("manager", 15, 7)], PILLARS)
    assert (found["ratio"], found["gap"]) == (None, None)
    assert found["parity"] is not None


def test_without_a_decision_on_a_track_nothing_is_tested() -> None:
    found = comparisons([*cases("ic", 3, 1), case(0, "manager", None)], PILLARS)
    assert (found["parity"], found["ratio"], found["gap"], found["pillar_flags"]) == (None, None, None, [])


def test_the_ratio_comes_with_its_interval_and_says_when_one_decision_tips_it() -> None:
    found = comparisons([*cases("ic", 15, 10), *cases("manager", 15, 8)], PILLARS)["ratio"]
    assert round(found["estimate"], 3) == 0.8
    assert found["lo"] < 0.8 < found["hi"]
    assert found["fragile"] is True


def test_equal_rates_are_no_difference_and_unequal_ones_are() -> None:
    assert comparisons([*cases("ic", 20, 10), *cases("manager", 20, 10)], PILLARS)["parity"] > 0.9
    assert comparisons([*cases("ic", 20, 18), *cases("manager", 20, 4)], PILLARS)["parity"] < 0.001


def test_the_gap_is_in_points_with_effect_sizes_beside_it() -> None:
    rows = [*(case(n, "ic", True, score=2 + n % 3) for n in range(15))]
    rows += [case(n, "manager", True, score=2.5 + n % 3) for n in range(15)]
    found = comparisons(rows, PILLARS)["gap"]
    assert found["points"] == 0.5
    assert found["hedges_g"][1] < found["hedges_g"][0] < found["hedges_g"][2]
    assert found["cliffs_delta"][0] > 0


def test_a_pillar_scored_otherwise_on_one_track_is_named() -> None:
    rows = [case(n, "ic", True, score=2 + n % 2, craft=2 + n % 2 + 0.1 * (n % 3)) for n in range(8)]
    rows += [case(n, "manager", True, score=2 + n % 2, craft=3 + n % 2 + 0.1 * (n % 3)) for n in range(8)]
    assert [flag["name"] for flag in comparisons(rows, PILLARS)["pillar_flags"]] == ["Craft"]
    assert comparisons(rows[:4] + rows[8:], PILLARS)["pillar_flags"] == []


def test_cases_of_closed_cycles_are_not_counted_in_this_cycles_rates() -> None:
    before = [CaseFacts(f.case, f.cycle, True, *list(vars(f).values())[3:]) for f in cases("ic", 20, 10)]
    assert comparisons([*before, *cases("manager", 20, 10)], PILLARS)["parity"] is None


def test_they_stand_among_the_figures_that_a_page_shows() -> None:
    rows = (*cases("ic", 15, 10), *cases("manager", 15, 8))
    figures = measure(rows, Question("at grade 4", 0.5, (3.0, 1.0, 1.79, 0.8), PILLARS))
    assert {key: figures[key] for key in ("ratio", "parity", "gap")} == {
        key: value for key, value in comparisons(rows, PILLARS).items() if key != "pillar_flags"
    }
