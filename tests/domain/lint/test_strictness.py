"""How strict a written bar is: checked against counting every score vector, one by one."""

from fractions import Fraction
from itertools import product
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain import lint
from portal.domain.ladder import NotOnLadder
from tests.domain.ladder_sample import family, row

HALF = Fraction(1, 2)


def counted(ladder, level_id, strength=None):
    """The share of score vectors that clear the bar of a level, each looked at."""
    rubric = ladder.rubric(level_id)
    points, bar = rubric.scale.values, rubric.bar
    weights = [Fraction(str(line.weight)) for line in rubric.competencies]
    clearing = Fraction(0)
    for vector in product(range(len(points)), repeat=len(weights)):
        scores = [Fraction(str(points[index])) for index in vector]
        mean = sum(weight * score for weight, score in zip(weights, scores, strict=True)) / sum(weights)
        high = bar.weighted_mean is None or mean >= Fraction(str(bar.weighted_mean))
        each = bar.minimum_each is None or min(scores) >= bar.minimum_each
        must = all(
            line.must_have is None or score >= line.must_have
            for line, score in zip(rubric.competencies, scores, strict=True)
        )
        if high and each and must:
            clearing += chance(vector, len(points), strength)
    return clearing


def chance(vector, points, strength):
    if strength is None:
        return Fraction(1, points ** len(vector))
    top, found = points - 1, Fraction(1)
    for index in vector:
        found *= comb(top, index) * strength**index * (1 - strength) ** (top - index)
    return found


def ladder_with(bar, weights=(20, 20, 20, 15, 25), points=(0, 1, 2, 3, 4)):
    def change(values):
        row(values, "bar", track="ic").update(bar)
        for key in [key for key, value in bar.items() if value is None]:
            row(values, "bar", track="ic").pop(key)
        mine = [entry for entry in values["competency"] if entry["track"] == "ic"]
        for entry, weight in zip(mine, weights, strict=True):
            entry["weight"] = weight

    scale = [{"value": value, "name": "A point"} for value in points]
    return family(change, org=lambda values: values["scale"].update(points=scale))


CASES = [
    ({}, (20, 20, 20, 15, 25), (0, 1, 2, 3, 4)),
    ({"weighted_mean": None}, (20, 20, 20, 15, 25), (0, 1, 2, 3, 4)),
    ({"minimum_each": None, "must_have": []}, (33.3, 16.7, 10, 20, 20), (0, 1, 2, 3, 4)),
    ({"weighted_mean": 0.25, "minimum_each": -1, "must_have": []}, (1, 2, 3, 4, 0), (-1, 0, 1.5)),
    ({"weighted_mean": 3, "minimum_each": 3}, (20, 20, 20, 20, 20), (1, 3)),
]


@pytest.mark.parametrize(("bar", "weights", "points"), CASES)
def test_the_share_is_that_of_counting_every_vector(bar, weights, points):
    ladder = ladder_with(bar, weights, points)
    found = lint.stringency(ladder, "i4")
    assert found.share == counted(ladder, "i4")
    assert found.curve[0] == (Fraction(2, 5), counted(ladder, "i4", Fraction(2, 5)))


def test_the_curve_runs_over_the_strengths_and_rises():
    curve = lint.stringency(family(), "i4").curve
    assert [strength for strength, _ in curve] == [Fraction(tenths, 10) for tenths in range(4, 10)]
    shares = [share for _, share in curve]
    assert shares == sorted(set(shares))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 40), st.integers(1, 40))
def test_a_higher_mean_lets_less_through(tenths, more):
    low = lint.stringency(ladder_with({"weighted_mean": tenths / 10}), "i4")
    high = lint.stringency(ladder_with({"weighted_mean": (tenths + more) / 10}), "i4")
    assert high.share <= low.share


def test_a_bar_that_asks_nothing_lets_everything_through():
    found = lint.stringency(ladder_with({"weighted_mean": None, "minimum_each": None, "must_have": []}), "i4")
    assert (found.share, {share for _, share in found.curve}) == (1, {1})


@pytest.mark.parametrize("lost", ["bar", "competency"])
def test_without_a_bar_or_competencies_there_is_nothing_to_compute(lost):
    tables = ("bar",) if lost == "bar" else ("bar", "expectation", "competency")
    assert lint.stringency(family(lambda values: values.update({table: [] for table in tables})), "i4") is None


def test_without_a_scale_or_weights_there_is_nothing_to_compute():
    assert lint.stringency(family(org=lambda values: values.pop("scale")), "i4") is None
    assert lint.stringency(ladder_with({}, (0, 0, 0, 0, 0)), "i4") is None


def test_an_unknown_level_is_refused():
    with pytest.raises(NotOnLadder, match='no level "i9"'):
        lint.stringency(family(), "i9")


def reading(share, *curve):
    return lint.Stringency(Fraction(share), tuple(zip(lint.STRENGTHS, map(Fraction, curve), strict=False)))


def test_the_ratio_is_the_widest_over_all_readings():
    one, other = reading(HALF, HALF, HALF), reading(HALF, HALF, Fraction(1, 8))
    assert lint.strictness_ratio(one, other) == lint.strictness_ratio(other, one) == (4, Fraction(1, 2))


def test_equal_bars_have_the_ratio_one():
    assert lint.strictness_ratio(reading(0, 0), reading(0, 0)) == (1, None)


def test_a_bar_that_only_one_side_can_clear_has_no_ratio():
    assert lint.strictness_ratio(reading(HALF, 0), reading(HALF, HALF)) == (None, Fraction(2, 5))


def said(change=None, org=None):
    return {found.subject: found for found in lint.check(family(change, org=org)) if found.rule == "LL30"}["i4|m4"]


def managers(**new):
    return lambda values: row(values, "bar", track="em").update(new)


def test_equal_bars_pass():
    found = said()
    assert (found.status, found.detail) == (
        "pass",
        "5.34% and 5.70% of all score vectors clear the bars; widest ratio 1.20 for a candidate of strength 0.4",
    )


def test_a_bar_somewhat_stricter_is_warned_about():
    found = said(managers(weighted_mean=2.9))
    assert found.status == "warn"
    assert found.detail.endswith("for a candidate of strength 0.4, more than 1.5")


def test_a_bar_much_stricter_fails():
    found = said(managers(weighted_mean=3.3))
    assert found.status == "fail"
    assert found.detail.endswith("for a candidate of strength 0.4, more than 3")


def test_the_policy_sets_how_much_is_too_much():
    loose = {"stringency_warn": 100, "stringency_error": 1000}
    assert said(managers(weighted_mean=2.9), lambda values: values["policy"].update(loose)).status == "pass"


def test_a_bar_nobody_can_clear_fails():
    found = said(managers(weighted_mean=4.5))
    assert (found.status, found.detail.split(": ")[1]) == ("fail", "one of them can never be cleared")


def test_two_bars_nobody_can_clear_fail():
    found = said(lambda values: [entry.update(weighted_mean=9) for entry in values["bar"]])
    assert (found.status, found.detail) == ("fail", "neither bar can be cleared on this scale")
