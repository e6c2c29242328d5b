"""Scores as words: where a pillar stands, and what an unmet clause asks."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.decisions.wording import raw_scores
from portal.domain.ladder import Rubric
from portal.domain.rubric_files import read_folder
from portal.domain.scoring import position
from portal.letters.words import ABOVE, AT, BELOW, NOT_ASSESSED, clause_words, cut, pillar_words
from portal.settings import ROOT

STAFF = read_folder(ROOT / "rubrics").families["engineering"].rubric("staff")
ALL = [c.id for c in STAFF.competencies]


def stand(rubric: Rubric, *reviews: Mapping[str, float | None]) -> dict[str, Any]:
    return asdict(position(rubric, reviews))


def words(*reviews: Mapping[str, float | None]) -> dict[str, str]:
    return {row["pillar"]: row["sign"] for row in pillar_words(STAFF, stand(STAFF, *reviews))}


def each(value: float | None, **other: float | None) -> dict[str, float | None]:
    return dict.fromkeys(ALL, value) | other


def test_a_case_well_over_the_bar_is_clearly_above_it() -> None:
    assert set(words(each(4)).values()) == {ABOVE}


def test_a_case_on_the_bar_is_at_it() -> None:
    assert set(words(each(3)).values()) == {AT}


def test_an_unmet_must_have_puts_its_pillar_below_whatever_its_mean() -> None:
    found = words(each(4, teaching=2))
    assert (found["Growing others"], found["Direction"]) == (BELOW, ABOVE)


def test_a_weak_pillar_of_a_case_that_met_the_bar_is_not_called_below() -> None:
    """The bar has no clause about a pillar: a deferral must not speak of gaps."""
    found = words(each(4, depth=2))
    assert BELOW not in found.values()


def test_a_missed_whole_names_the_pillars_under_what_it_asks() -> None:
    found = words(each(2, direction=3, teaching=3))
    assert (found["Outcomes"], found["Direction"], found["Growing others"]) == (BELOW, AT, AT)


def test_what_nobody_could_assess_is_said_so() -> None:
    conduct = {c.id: None for c in STAFF.competencies if c.pillar.id == "conduct"}
    assert words(each(3, **conduct))["Human skills"] == NOT_ASSESSED


def test_a_must_have_is_explained_with_the_levels_own_sentence() -> None:
    where = stand(STAFF, each(3, teaching=2))
    line = STAFF.competency("teaching")
    assert line.expectation is not None
    assert clause_words(STAFF, where["unmet"], pillar_words(STAFF, where)) == [
        {
            "code": "must_have:teaching",
            "title": "Teaching and lifting",
            "says": "The bar insists on this; strength elsewhere does not make up for it. "
            "On the scale it asks for “Reached unaided”: The expectation of the level asked for was met at least "
            "twice, on separate occasions, unaided. The evidence did not reach that.",
            "expectation": line.expectation.text,
            "would_meet": [
                "A course, guide or clinic that other people now run",
                "A mentee from elsewhere who led a project for the first time",
            ],
        }
    ]


def test_the_clause_about_the_whole_names_pillars_and_a_minimum_its_point() -> None:
    where = stand(STAFF, each(3, direction=0, teaching=0, depth=0))
    said = {c["code"]: c for c in clause_words(STAFF, where["unmet"], pillar_words(STAFF, where))}
    assert said["weighted_mean"]["would_meet"] == [
        "Stronger evidence on Direction, Craft of the role and Growing others."
    ]
    assert "It asks for “At the current level”." in said["minimum_each:depth"]["says"]


def test_what_holds_for_several_clauses_is_explained_once() -> None:
    where = stand(STAFF, each(3, direction=2, teaching=2))
    clauses = [clause for clause in where["unmet"] if clause["code"].startswith("must_have")]
    first, second = (c["says"] for c in clause_words(STAFF, clauses, pillar_words(STAFF, where)))
    assert "strength elsewhere does not make up for it" in first
    assert second == "The bar insists on this, too. It asks for “Reached unaided”. The evidence did not reach that."


def test_an_unassessed_must_have_says_so() -> None:
    where = stand(STAFF, each(3, teaching=None))
    (clause,) = clause_words(STAFF, where["unmet"], pillar_words(STAFF, where))
    assert clause["says"].endswith("The evidence did not allow anyone to assess it.")


scores = st.fixed_dictionaries({c: st.none() | st.integers(0, 4) for c in ALL})


@given(st.lists(scores, min_size=1, max_size=5))
def test_no_words_give_away_a_score(reviews: list[dict[str, float | None]]) -> None:
    where = stand(STAFF, *reviews)
    results = pillar_words(STAFF, where)
    said = f"{results} {clause_words(STAFF, where['unmet'], results)}"
    assert raw_scores(said, where | {"unmet": []}) == ()


@given(st.lists(scores, min_size=1, max_size=5))
def test_only_a_case_that_missed_the_bar_has_a_pillar_below_it(reviews: list[dict[str, float | None]]) -> None:
    where = stand(STAFF, *reviews)
    if BELOW in {row["sign"] for row in pillar_words(STAFF, where)}:
        assert where["unmet"] != ()


@pytest.mark.parametrize(
    ("text", "longest", "short"),
    [("a  short\nclaim", 20, "a short claim"), ("one two three four", 13, "one two…"), ("abcdefghij", 5, "abcd…")],
)
def test_a_long_claim_is_cut_at_a_word(text: str, longest: int, short: str) -> None:
    assert cut(text, longest) == short
