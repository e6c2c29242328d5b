"""From scores to a position against the bar: missing is missing, order does not matter, nothing is rounded first."""

from statistics import stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.scoring import competency_scores, overall, position, review_overall
from tests.domain.ladder_sample import IC, family, row

LADDER = family()
RUBRIC = LADDER.rubric("i4")
IDS = tuple(entry[0] for entry in IC)
GOOD = dict.fromkeys(IDS, 3)

scores = st.one_of(st.none(), st.integers(0, 4), st.sampled_from([0.5, 1.5, 2.7, 3.1]))
reviews = st.lists(st.fixed_dictionaries(dict.fromkeys(IDS, scores)), max_size=6)


def clauses(found):
    return [(clause.code, clause.needed, clause.got) for clause in found.unmet]


def test_a_competency_s_score_is_the_mean_of_what_its_reviewers_gave():
    results = competency_scores(RUBRIC, [{"results": 2}, {"results": 3}, {"results": None}])[0]
    assert (results.id, results.mean, results.count, results.not_assessed) == ("results", 2.5, 2, 1)
    assert (results.low, results.high, results.spread, results.sd) == (2, 3, 1, stdev([2, 3]))


def test_a_competency_nobody_could_assess_has_no_numbers():
    results = competency_scores(RUBRIC, [{"results": None}, {}])[0]
    assert (results.mean, results.count, results.not_assessed) == (None, 0, 2)
    assert (results.low, results.high, results.spread, results.sd) == (None, None, None, None)


def test_one_score_is_no_disagreement():
    results = competency_scores(RUBRIC, [{"results": 2}])[0]
    assert (results.spread, results.sd) == (None, None)


def test_competencies_come_in_the_rubric_s_order():
    assert [score.id for score in competency_scores(RUBRIC, [])] == list(IDS)


def test_the_overall_weighs_the_competencies():
    assert overall(RUBRIC, {"results": 4, "vision": 3, "depth": 2, "teaching": 4, "empathy": 2}) == 2.9


def test_weights_are_renormalised_over_what_was_scored():
    assert overall(RUBRIC, {"results": 4, "teaching": 2, "empathy": None}) == pytest.approx((20 * 4 + 15 * 2) / 35)


def test_nothing_scored_has_no_overall():
    assert overall(RUBRIC, {}) is None
    assert overall(RUBRIC, dict.fromkeys(IDS)) is None


def test_a_competency_without_weight_does_not_divide_by_nothing():
    rubric = family(lambda values: row(values, "competency", id="depth").update(weight=0)).rubric("i4")
    assert overall(rubric, {"depth": 4}) is None
    assert overall(rubric, {"depth": 4, "vision": 1}) == 1


def test_a_review_s_own_overall_uses_the_same_weights():
    assert review_overall(RUBRIC, GOOD | {"empathy": 1, "depth": None}) == pytest.approx((55 * 3 + 25) / 80)


@pytest.mark.parametrize("score", [review_overall, lambda rubric, review: position(rubric, [review])])
def test_a_score_of_another_rubric_is_refused(score):
    with pytest.raises(ValueError, match='the rubric of "i4" in "eng" has no competency running; score a case on'):
        score(RUBRIC, {"running": 3})


def test_pillars_are_the_weighted_means_of_their_competencies():
    rubric = family(lambda values: row(values, "competency", id="depth").update(pillar="outcomes")).rubric("i4")
    found = position(rubric, [{"results": 4, "depth": 1, "empathy": 2}])
    assert [(pillar.id, pillar.mean) for pillar in found.pillars] == [
        ("outcomes", 2.5),
        ("direction", None),
        ("growth", None),
        ("conduct", 2),
    ]


def test_a_pillar_no_one_declared_still_shows():
    rubric = family(lambda values: row(values, "competency", id="depth").update(pillar="mystery")).rubric("i4")
    assert [pillar.id for pillar in position(rubric, [GOOD]).pillars][-1] == "mystery"


def test_a_case_that_meets_every_clause_meets_the_bar():
    found = position(RUBRIC, [GOOD])
    assert (found.overall, found.unmet, found.meets_bar) == (3, (), True)


def test_a_weighted_mean_of_exactly_the_bar_meets_it():
    found = position(RUBRIC, [{"results": 3, "vision": 3, "depth": 3, "teaching": 3, "empathy": 1.8}])
    assert (found.overall, found.meets_bar) == (2.7, True)


def test_a_weighted_mean_a_hair_below_does_not_and_says_so_in_enough_decimals():
    given = [{"results": 3, "vision": 3, "depth": 3, "teaching": 3, "empathy": 1.796}]
    clause = position(RUBRIC, given).unmet[0]
    assert (clause.kind, clause.competency, clause.name, clause.needed, clause.got) == (
        "weighted_mean",
        None,
        None,
        2.7,
        2.699,
    )
    assert clause.sentence == "The bar asks for a weighted mean of at least 2.7; the reviews give 2.699."


def test_a_difference_no_decimals_can_show_is_said_in_words():
    given = [{"results": 3, "vision": 3, "depth": 3, "teaching": 3, "empathy": 1.7999999999999998}]
    assert position(RUBRIC, given).unmet[0].sentence.endswith("the reviews give just below 2.7.")


def test_a_competency_below_the_minimum_is_unmet():
    found = position(RUBRIC, [GOOD | {"depth": 0, "results": 4, "empathy": 4}])
    assert clauses(found) == [("minimum_each:depth", 1, 0)]
    assert found.unmet[0].sentence == "Depth: The bar asks for at least 1 on every competency; the reviews give 0.00."


def test_a_must_have_is_made_up_for_by_nothing():
    found = position(RUBRIC, [dict.fromkeys(IDS, 4) | {"vision": 2}, dict.fromkeys(IDS, 4) | {"vision": 3}])
    assert clauses(found) == [("must_have:vision", 3, 2.5)]
    assert (found.unmet[0].competency, found.unmet[0].name, found.meets_bar) == ("vision", "Technical aim", False)


def test_a_must_have_nobody_could_assess_is_unmet_not_assessed():
    found = position(RUBRIC, [dict.fromkeys(IDS, 4) | {"vision": None}])
    assert clauses(found) == [("must_have:vision", 3, None)]
    assert found.unmet[0].sentence == "Technical aim: The bar insists on at least 3; not assessed."


def test_the_minimum_asks_nothing_of_what_nobody_could_assess():
    assert position(RUBRIC, [GOOD | {"depth": None}]).meets_bar is True


def test_without_a_bar_nothing_is_met_or_unmet():
    rubric = family(lambda values: values.update(bar=[])).rubric("i4")
    found = position(rubric, [GOOD])
    assert (found.overall, found.unmet, found.meets_bar) == (3, (), None)


def test_a_bar_asks_only_what_is_written():
    rubric = family(lambda values: values.update(bar=[{"track": "ic", "applies_to": ["i4"]}])).rubric("i4")
    assert position(rubric, [dict.fromkeys(IDS, 0)]).meets_bar is True


def test_without_a_score_the_answer_is_open_and_the_clauses_say_not_assessed():
    found = position(RUBRIC, [dict.fromkeys(IDS)])
    assert (found.overall, found.meets_bar, found.disagreement, found.disagreement_sd) == (None, None, None, None)
    assert clauses(found) == [
        ("weighted_mean", 2.7, None),
        ("must_have:vision", 3, None),
        ("must_have:teaching", 3, None),
    ]


def test_disagreement_is_the_widest_over_the_competencies():
    found = position(RUBRIC, [GOOD | {"depth": 1}, GOOD | {"depth": 4, "results": 2}])
    assert (found.disagreement, found.disagreement_sd) == (3, stdev([1, 4]))


def numbers(found):
    """Everything a position says except how often nobody could assess."""
    per = [(score.id, score.mean, score.count, score.low, score.high, score.sd) for score in found.competencies]
    return per, found.overall, found.pillars, found.unmet, found.meets_bar, found.disagreement, found.disagreement_sd


@given(reviews)
def test_one_more_reviewer_who_could_assess_nothing_changes_no_number(given):
    assert numbers(position(RUBRIC, [*given, dict.fromkeys(IDS)])) == numbers(position(RUBRIC, given))


@given(reviews, st.randoms(use_true_random=False))
def test_the_order_of_reviews_does_not_matter(given, chance):
    shuffled = list(given)
    chance.shuffle(shuffled)
    assert position(RUBRIC, shuffled) == position(RUBRIC, given)


@given(reviews)
def test_saying_everything_twice_changes_no_mean(given):
    once, twice = position(RUBRIC, given), position(RUBRIC, given * 2)
    assert (twice.overall, twice.unmet, twice.pillars) == (once.overall, once.unmet, once.pillars)


@given(reviews)
def test_every_mean_lies_between_the_lowest_and_the_highest_score(given):
    every = [score for review in given for score in review.values() if score is not None]
    total = position(RUBRIC, given).overall
    assert (total is None) == (not every)
    assert total is None or min(every) <= total <= max(every)


@given(reviews, st.sampled_from(IDS), st.integers(0, 5))
def test_a_higher_score_never_unmeets_a_clause(given, competency, which):
    raised = [dict(review) for review in given]
    if raised and raised[which % len(raised)][competency] is not None:
        raised[which % len(raised)][competency] = 4
    assert {clause.code for clause in position(RUBRIC, raised).unmet} <= {
        clause.code for clause in position(RUBRIC, given).unmet
    }


@given(reviews)
def test_the_bar_is_met_when_something_is_scored_and_no_clause_is_unmet(given):
    found = position(RUBRIC, given)
    assert found.meets_bar == (None if found.overall is None else not found.unmet)
