"""A ladder's numbers in words, and which two levels are compared when nobody chose."""

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.domain.ladder import Family
from portal.domain.lint import Finding
from portal.domain.rubric_files import read_folder
from portal.ladders import policy
from portal.ladders.fragments import bar_in_words, crossings, first_pair, side_by_side, subject_in_words
from portal.settings import ROOT
from tests.world import World

FAMILIES = read_folder(ROOT / "rubrics").families


@pytest.fixture
def speaking(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def without(family: Family, **tables: object) -> Family:
    return family.model_copy(update=tables)


def test_the_bar_is_said_clause_by_clause(speaking: None) -> None:
    assert bar_in_words(FAMILIES["engineering"].rubric("staff")) == [
        "The weighted mean of all competencies is at least 2.7.",
        "No competency is below 1 (“At the current level”).",
        "Technical direction is at least 3 (“Reached unaided”), whatever the rest is.",
        "Teaching and lifting is at least 3 (“Reached unaided”), whatever the rest is.",
    ]


def test_a_level_without_a_bar_says_nothing(speaking: None) -> None:
    assert bar_in_words(without(FAMILIES["engineering"], bars=()).rubric("staff")) == []


def test_a_point_without_a_scale_is_a_bare_number(speaking: None) -> None:
    family = FAMILIES["engineering"]
    bare = without(family, org=family.org.model_copy(update={"scale": None}))
    assert bar_in_words(bare.rubric("se1"))[1] == "No competency is below 1."


def test_the_lowest_declared_peers_are_compared_first() -> None:
    assert first_pair(FAMILIES["engineering"]) == ("senior", "em")


def test_without_peers_any_two_are_compared_and_alone_none() -> None:
    family = FAMILIES["engineering"]
    ics = without(family, levels=family.levels_of("ic"))
    assert first_pair(ics) == ("se1", "se2")
    assert first_pair(without(family, levels=family.levels_of("ic")[:1])) is None


def test_a_switch_without_a_way_back_is_one_way() -> None:
    family = FAMILIES["engineering"]
    there = without(family, switches=tuple(s for s in family.switches if s.from_level == "staff"))
    assert [(c.to.id, c.back) for c in crossings(family, family.level("staff"))] == [("sem", True)]
    assert [(c.to.id, c.back) for c in crossings(there, there.level("staff"))] == [("sem", False)]


def test_the_same_track_stands_on_the_left_wherever_one_comes_from() -> None:
    family = FAMILIES["engineering"]
    staff, sem = family.level("staff"), family.level("sem")
    assert side_by_side(family, staff, sem) == side_by_side(family, sem, staff) == ("staff", "sem")


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("staff|sem", "Staff Engineer, Senior Engineering Manager"),
        ("staff->sem", "Staff Engineer → Senior Engineering Manager"),
        ("em", "em"),
        ("ic", "Individual contributor"),
        ("staff", "Staff Engineer"),
        ("engineering", "Engineering"),
        ("something else", "something else"),
    ],
)
def test_a_finding_speaks_of_titles(subject: str, words: str) -> None:
    finding = Finding("LL01", "pass", subject, "", "P2")
    assert subject_in_words(FAMILIES["engineering"], finding) == words


def test_bands_and_file_problems_are_for_those_who_keep_them(world: World) -> None:
    def allowed(rule: object) -> set[str]:
        return {key for key, person in world.everyone.items() if rule(person)}  # type: ignore[operator]

    assert allowed(policy.can_see_bands) == {"pia", "theo"}
    assert allowed(policy.can_see_problems) == {"pia", "theo", "opal"}
    assert allowed(policy.can_read) == set(world.everyone)
