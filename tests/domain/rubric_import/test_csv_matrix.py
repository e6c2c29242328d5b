"""A CSV matrix: a row for each competency, a column for each level, and what the optional columns say."""

import pytest

from portal.domain.ladder import Competency
from tests.domain.rubric_import.conftest import LADDERS

MATRIX = LADDERS / "product-matrix.csv"
PLAIN = "Competency,se1,Senior Engineer\nCraft,Writes tests.,Teaches tests.\nTrust,,Keeps promises.\n"


@pytest.fixture
def family(imported, tmp_path):
    def read(text, **choices):
        (tmp_path / "eng.csv").write_text(text)
        return imported("csv-matrix", tmp_path / "eng.csv", **choices).families["eng"]

    return read


def test_a_header_may_name_the_track_of_its_level(imported):
    found = imported("csv-matrix", MATRIX).families["product-matrix"]
    assert {level.id: level.track for level in found.levels} == {"pm": "ic", "senior-pm": "ic", "gpm": "manager"}
    assert [(track.id, track.kind) for track in found.tracks] == [("ic", "ic"), ("manager", "manager")]


def test_a_row_is_a_competency_of_each_track_it_speaks_of(imported):
    found = imported("csv-matrix", MATRIX).families["product-matrix"]
    about = {"pillar": "outcomes", "kind": "functional", "weight": 60, "name": "Customer effect"}
    assert found.competency("customer-effect-ic") == Competency(id="customer-effect-ic", track="ic", **about)
    assert [(entry.id, entry.weight) for entry in found.competencies] == [
        ("customer-effect-ic", 60),
        ("persuasion-ic", 40),
        ("customer-effect-manager", 60),
        ("coaching-manager", 40),
    ]


def test_cells_are_expectations_as_they_were_written(imported):
    found = imported("csv-matrix", MATRIX).families["product-matrix"]
    assert found.expectation("coaching-manager", "gpm").text == (
        "Each report has a plan they wrote themselves.\nIt is looked at every month."
    )
    assert found.expectation("persuasion-ic", "senior-pm").text == (
        'Wins over a team that lost the argument, "disagree and commit" included.'
    )


def test_pillars_are_declared_as_they_are_named(imported):
    pillars = imported("csv-matrix", MATRIX).org.pillars
    assert {pillar.id: pillar.name for pillar in pillars} == {
        "outcomes": "Outcomes",
        "human-skills": "Human skills",
        "growing-others": "Growing others",
    }


def test_what_is_not_said_is_filled_in_the_same_way_everywhere(family):
    found = family(PLAIN)
    assert [(level.id, level.title, level.track, level.grade) for level in found.levels] == [
        ("se1", "se1", "ic", None),
        ("senior-engineer", "Senior Engineer", "ic", None),
    ]
    assert [(entry.id, entry.weight, entry.kind, entry.pillar) for entry in found.competencies] == [
        ("craft", 50, "functional", "not-stated"),
        ("trust", 50, "functional", "not-stated"),
    ]
    assert found.org.pillars == ()
    assert found.expectation("trust", "se1") is None


def test_choices_say_what_the_sheet_does_not(family):
    choices = {"level_tracks": {"se1": "lead"}, "track_kind": "manager", "kinds": {"trust": "human"}}
    found = family(PLAIN, family_name="Engineering", org_id="acme", **choices)
    assert (found.name, found.org.id) == ("Engineering", "acme")
    assert [track.kind for track in found.tracks] == ["manager", "lead"]
    assert found.competency("trust-manager").kind == "human"


def test_a_competency_without_any_text_belongs_to_every_track(family):
    found = family("Competency,ic:se1,manager:em\nCraft,,\n")
    assert [entry.id for entry in found.competencies] == ["craft-ic", "craft-manager"]


def test_rows_of_one_name_may_speak_of_different_tracks(family):
    found = family("Competency,ic:se1,manager:em\nTrust,Keeps promises.,\nTrust,,Is told bad news.\n")
    assert [entry.id for entry in found.competencies] == ["trust-ic", "trust-manager"]


def test_empty_rows_and_empty_columns_at_the_end_are_passed_over(family):
    found = family("Competency,se1,\n,,\nCraft,Writes tests.,\n,,\n")
    assert [(entry.id, entry.weight) for entry in found.competencies] == [("craft", 100)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["source, row 1: no level columns"]),
        (
            "Competency;se1\nCraft;Tests\n",
            ["source, row 1: its cells are not separated by commas; save it as CSV, comma separated"],
        ),
        ("Competency,se1\n", ["source: holds no competency below the header"]),
        (
            "Competency,pillar\nCraft,Outcomes\n",
            ["source, row 1: no level columns; write a column for each level, its id as header"],
        ),
        (
            "Pillar,se1\nOutcomes,Tests\n",
            ["source, row 1, column Pillar: the first column names the competency; move this one to the right"],
        ),
        (
            "Competency,se1\nCraft,Tests, deploys\n",
            ["source, row 2: has 3 cells where the header has 2; put texts with commas in quotes"],
        ),
        ("Competency,se1\nCraft,\x00\n", ["source, row 2: holds the character U+0000; take it out"]),
        (
            'Competency,se1\nCraft,"a"b\n',
            ["source: not a CSV file: ',' expected after '\"'; save the sheet as CSV, comma separated"],
        ),
        (
            "Competency,se1\nCraft,é\n".encode("latin-1"),
            ["source: not UTF-8 text (byte 21); save it as UTF-8 and import again"],
        ),
    ],
)
def test_a_sheet_of_another_shape_is_told_with_a_remedy(complaints, text, expected):
    assert complaints("csv-matrix", text) == expected


def test_every_problem_is_told_at_once_with_row_column_and_remedy(complaints):
    text = """\
Competency,Kind,Weight,Pillar,se1,SE1,se1,boss:em,?
Craft,functoinal,20,Outcomes,Tests,,,,x
Craft,human,,?,Tests,,,,
,human,many,,Tests,,,,
信頼,human,-1,,Tests,,,,
"""
    assert complaints("csv-matrix", text, name="org.csv") == [
        'org.csv: the file would be the family "org", which is the organisation\'s file; say --family-id ID',
        'org.csv, row 1, column se1: stands twice, as "se1" and "se1"; rename or join them',
        'org.csv, row 1, column boss:em: "boss" is no kind of track, which are ic, manager, lead, advisor; '
        "or leave the colon out",
        "org.csv, row 1: column 9 has no level id; use Latin letters, digits and hyphens",
        'org.csv, row 2, column kind: "functoinal" is none of functional, human, leadership, people-management; '
        'did you mean "functional"?',
        "org.csv, row 3, column weight: is empty; give every competency a weight, or none",
        "org.csv, row 3, column pillar: has no Latin letter or digit to make an id of",
        'org.csv, row 3: "Craft" stands in row 2 already for the ic track; join the two or rename one',
        'org.csv, row 4, column weight: "many" is no number from 0 up, such as 20 or 12.5',
        "org.csv, row 4: the competency has no name; name it in the first column",
        'org.csv, row 5, column weight: "-1" is no number from 0 up, such as 20 or 12.5',
        'org.csv, row 5: "信頼" has no Latin letter or digit to make an id of; name it in the first column',
    ]
