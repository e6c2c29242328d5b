"""From a draft to rubric files: what was not said is filled in the same way whatever the source, and said on top."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.rubric_files import read_family, read_org
from portal.domain.rubric_import.compose import equal_weights, file_texts, not_said
from portal.domain.rubric_import.draft import Cell, Draft, DraftCompetency, DraftFamily, DraftLevel, identifier


@given(st.integers(1, 400))
def test_equal_weights_sum_to_100_and_differ_by_a_hundredth_at_most(count):
    hundredths = [round(100 * weight) for weight in equal_weights(count)]
    assert sum(hundredths) == 10_000
    assert max(hundredths) - min(hundredths) <= 1


def test_the_file_says_on_top_what_was_filled_in():
    level = DraftLevel("em", "EM", "manager", said=True)
    rows = (
        DraftCompetency("trust", "Trust", {"em": Cell("Keeps promises.")}, "people", "", "human", 100),
        DraftCompetency("plans", "Plans", {}),
    )
    family = DraftFamily("eng", "Engineering", "eng.csv", (level,), rows)
    assert not_said(family)[1:] == [
        "The source gives no weights: each competency of a track weighs the same.",
        'No kind is said for plans: written as "functional"; LL22 to LL25 count by kind.',
        'No pillar is said for plans: written as "not-stated", which LL21 reports.',
    ]


def test_what_was_said_is_not_remarked_on():
    level = DraftLevel("em", "EM", "manager", said=True)
    row = DraftCompetency("trust", "Trust", {"em": Cell("Keeps promises.")}, "people", "", "human", 100)
    family = DraftFamily("eng", "Engineering", "eng.csv", (level,), (row,))
    opening = "# Imported from eng.csv.\n# Grades, bars, pay bands, splits, reports and switches are not in the source"
    assert file_texts(Draft("acme", {"people": "People"}, (family,)))["eng.toml"].startswith(opening)
    assert len(not_said(family)) == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Problem Solving & Decision Making", "problem-solving-decision-making"),
        ("Énoncé clair", "enonce-clair"),
        ("💬 Talk", "talk"),
        ("決断", ""),
    ],
)
def test_an_id_is_made_of_the_latin_letters_of_a_name(name, expected):
    assert identifier(name) == expected


@given(
    st.dictionaries(st.sampled_from(["se1", "se2", "em1"]), st.text(min_size=1)),
    st.lists(st.text(min_size=1), max_size=3),
    st.text(min_size=1),
)
def test_what_a_source_says_is_what_the_loader_reads(texts, signals, name):
    levels = tuple(DraftLevel(level, name, "manager" if level == "em1" else "ic", said=True) for level in texts)
    cells = {level: Cell(text, signals=tuple(signals)) for level, text in texts.items()}
    row = DraftCompetency("craft", name, cells, about=name)
    files = file_texts(Draft("acme", {}, (DraftFamily("eng", name, name, levels, (row,)),)))
    family = read_family(read_org(files["org.toml"], "org.toml"), files["eng.toml"], "eng.toml")
    assert {entry.level: entry.text for entry in family.expectations} == texts
    assert {entry.signals for entry in family.expectations} <= {tuple(signals)}
    assert {family.name, *(level.title for level in family.levels)} == {name}
    assert {(entry.name, entry.about) for entry in family.competencies} <= {(name, name)}
