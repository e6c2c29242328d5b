"""Frameworks in Monzo's format: topics of the front matter, with the generic framework joined in."""

from portal.domain.rubric_import import Choices, import_ladder
from portal.domain.rubric_import.monzo import read_frameworks
from portal.domain.rubric_import.source_problems import Problems
from tests.domain.rubric_import.conftest import LADDERS

MONZO = LADDERS / "monzo"
PAGE = """\
---
path: "/people"
title: "People"
yaml: true
levels: 1
topics:
  - name: "{}"
    content:
      - level: 1
        criteria: ["Answers"]
---
"""


def test_each_framework_is_a_family_and_the_generic_one_is_none(imported):
    library = imported("monzo", MONZO)
    assert {family.id: family.name for family in library.families.values()} == {
        "engineering-backend": "Backend Engineering",
        "people": "People",
    }


def test_levels_are_numbers_up_to_what_the_page_says_or_its_topics_hold(imported):
    families = imported("monzo", MONZO).families
    assert [level.id for level in families["engineering-backend"].levels] == ["level-1", "level-2", "level-3"]
    assert [(level.id, level.title) for level in families["people"].levels] == [
        ("level-1", "Level 1"),
        ("level-2", "Level 2"),
    ]


def test_a_topic_takes_title_and_criteria_of_the_generic_topic_of_its_name(imported):
    family = imported("monzo", MONZO).families["engineering-backend"]
    teamwork = family.competency("teamwork")
    assert (teamwork.name, teamwork.about, teamwork.pillar) == ("Teamwork", "How work with others goes.", "teamwork")
    assert [family.expectation("teamwork", level.id).text for level in family.levels] == [
        "Asks before it is late.\nWrites down what was agreed.",
        "Offers help before it is asked for.",
        "Two teams work together because of this person.",
    ]


def test_examples_are_signals_and_a_level_without_criteria_has_no_expectation(imported):
    family = imported("monzo", MONZO).families["engineering-backend"]
    assert family.expectation("mastery", "level-2") is None
    fast = family.expectation("mastery", "level-3")
    assert (fast.text, fast.signals) == ("Makes slow things fast.", ("Measures first", "Shows the figures to the team"))


def test_topics_are_the_pillars_of_all_families(imported):
    pillars = imported("monzo", MONZO).org.pillars
    assert {pillar.id: pillar.name for pillar in pillars} == {
        "service-quality": "Service quality",
        "teamwork": "Teamwork",
        "mastery": "Mastery",
    }


def test_the_track_of_a_family_can_be_said(imported):
    families = imported("monzo", MONZO, track_kind="lead", family_tracks={"people": "manager"}).families
    assert {family.id: family.tracks[0].kind for family in families.values()} == {
        "engineering-backend": "lead",
        "people": "manager",
    }


def test_prose_is_passed_over_with_a_remark(tmp_path):
    remarks = import_ladder("monzo", MONZO / "frameworks", tmp_path / "out", Choices(track_kind="ic")).remarks
    assert [remark for remark in remarks if "passed over" in remark] == [
        f"{MONZO}/frameworks/leadership.md is prose without topics, so it was passed over"
    ]


def test_a_generic_framework_alone_is_a_family(imported, tmp_path):
    text = (MONZO / "frameworks" / "generic.md").read_text()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "generic.md").write_text(text)
    family = imported("monzo", tmp_path / "in").families["generic"]
    assert family.expectation("teamwork", "level-1").text == "Asks before it is late."


def test_a_folder_without_topics_is_a_problem(complaints):
    assert complaints("monzo", "no front matter", name="in/a.md")[0].endswith(
        ": no Markdown file here has front matter with topics (yaml: true)"
    )


def test_the_source_must_be_a_folder(tmp_path):
    problems = Problems()
    assert read_frameworks(tmp_path / "none", Choices(), problems) is None
    assert [problem.message for problem in problems.found] == [
        "no such folder; name the folder that holds the frameworks"
    ]


def test_every_problem_is_told_at_once_with_its_line_and_remedy(complaints):
    text = """\
---
path: "/people"
yaml: true
levels: 1
topics:
  - name: "Trust"
    content:
      - level: 2
        criteria: ["Answers: always", Asks: never]
      - criteria: ["Keeps promises"]
  - name: "trust!"
  - name: "信頼"
---
"""
    assert complaints("monzo", text, name="people.md", family_tracks={"peple": "manager"}) == [
        'people.md:2: "title" is missing; write its text',
        "people.md:4: says 1 levels, but a topic has level 2; correct one of them",
        'people.md:9: expected text for "criteria", got a table; a sentence with ": " in it needs quotes around it',
        'people.md:10: "level" is missing; write which level these criteria are for',
        'people.md:11: a second topic with the id "trust"; join the two or rename one',
        'people.md:12: "信頼" has no Latin letter or digit to make an id of; name it in Latin letters',
        '--family-track: no family "peple" in the source; did you mean "people"?',
    ]


def test_files_that_would_be_one_family_are_told_apart(complaints, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.md").write_text(PAGE.format("Trust"))
    (tmp_path / "信頼.md").write_text(PAGE.format("Trust"))
    assert complaints("monzo", PAGE.format("Trust"), name="a-b.md") == [
        'a-b.md: would be the family "a-b", as a/b.md is; rename the file',
        "信頼.md: no id can be made of the file's name; rename it in Latin letters",
    ]
