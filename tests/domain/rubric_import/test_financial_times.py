"""The Financial Times' job families: the published one as it is, and what is wrong with one that is not right."""

from portal.domain.ladder import Expectation, PeerClaim
from portal.domain.rubric_import import Choices, import_ladder
from portal.domain.rubric_report import check_folder
from tests.domain.rubric_import.conftest import LADDERS

ENGINEERING = LADDERS / "financial-times-engineering.yml"
SMALL = """\
name: Operations
levels:
  - {id: one, name: One}
themes:
  - {id: craft, name: Craft}
competencies:
  - {id: c1, level: one, theme: craft, summary: Reads logs, proficiency: Awareness, examples: [Finds the line]}
"""


def test_the_suffix_of_a_level_id_names_its_track(imported):
    family = imported("ft", ENGINEERING).families["engineering"]
    assert {track.id: [level.id for level in family.levels_of(track.id)] for track in family.tracks} == {
        "ic": ["junior", "engineer", "senior-1", "senior-2-ic", "principal-ic", "tech-director"],
        "manager": ["senior-2-pm", "principal-pm"],
    }


def test_a_level_without_a_suffix_can_be_put_on_a_track(imported):
    family = imported("ft", ENGINEERING, level_tracks={"tech-director": "manager"}).families["engineering"]
    assert family.level("tech-director").track == "manager"


def test_what_the_source_does_not_say_stays_open(imported):
    library = imported("ft", ENGINEERING)
    family = library.families["engineering"]
    assert {level.grade for level in family.levels} == {None}
    assert (family.bars, family.bands, family.switches, library.org.grades) == ((), (), (), ())
    assert family.version is library.org.effective is None


def test_a_theme_is_a_pillar_and_a_competency_of_each_track(imported):
    library = imported("ft", ENGINEERING, kinds={"leadership": "leadership"})
    family = library.families["engineering"]
    assert len(library.org.pillars) == len(family.competencies_of("ic")) == len(family.competencies_of("manager")) == 9
    leadership = family.competency("leadership-manager")
    assert (leadership.pillar, leadership.kind, leadership.name) == (
        "leadership",
        "leadership",
        "Leadership of Self and Others",
    )
    assert leadership.about.startswith("Guides oneself and inspires & develops others to achieve common goals.")
    assert [entry.weight for entry in family.competencies_of("ic")] == [11.12, *[11.11] * 8]


def test_an_entry_is_an_expectation_with_its_id_and_proficiency(imported):
    library = imported("ft", ENGINEERING)
    assert library.families["engineering"].expectation("team-work-manager", "senior-2-pm") == Expectation(
        id="6e6e0e5a-fcae-4619-b093-d0f1aa32e036",
        competency="team-work-manager",
        level="senior-2-pm",
        proficiency="Working knowledge",
        text="Facilitates collaboration and supports team members in achieving their goals, leads communication across "
        "divisions, resolving blockers, and ensuring shared credit across teams.",
    )
    assert library.org.scale.proficiency[::4] == ("Awareness", "Expert")
    assert len(library.families["engineering"].expectations) == 72


def test_two_variants_of_one_level_are_peers_by_the_source(imported):
    family = imported("ft", ENGINEERING).families["engineering"]
    source = 'financial-times-engineering.yml: two variants of one level, "{}"'
    assert family.peer_claims == (
        PeerClaim(levels=("senior-2-ic", "senior-2-pm"), source=source.format("senior-2")),
        PeerClaim(levels=("principal-ic", "principal-pm"), source=source.format("principal")),
    )


def test_lint_finds_that_the_manager_profile_of_senior_2_asks_for_more(tmp_path):
    import_ladder("ft", ENGINEERING, tmp_path / "out")
    code, report = check_folder(tmp_path / "out")
    findings = [found for found in report.findings["engineering"] if found.rule == "LL31"]
    said = [(found.status, found.subject, found.detail) for found in findings]
    assert code == 1
    assert said == [
        (
            "fail",
            "senior-2-ic|senior-2-pm",
            "Senior Engineer 2 (People Manager) asks for more on 4 of 9 pillars and less on none: "
            "business-impact, independent-working, leadership, problem-solving-decision-making",
        ),
        ("pass", "principal-ic|principal-pm", "neither bar dominates the other on the shared pillars"),
    ]


def test_several_entries_for_a_theme_at_a_level_are_read_as_one(imported, tmp_path):
    second = "{id: c2, level: one, theme: craft, summary: Writes tests, proficiency: awareness, examples: [At once]}"
    (tmp_path / "ops.yml").write_text(f"{SMALL}  - {second}\n")
    found = imported("ft", tmp_path / "ops.yml").families["operations"].expectation("craft", "one")
    assert (found.id, found.text, found.proficiency) == ("c1", "Reads logs\nWrites tests", "Awareness")
    assert found.signals == ("Finds the line", "At once")


def test_entries_of_different_proficiency_leave_it_unknown_and_say_so(tmp_path):
    source = tmp_path / "ops.yml"
    source.write_text(SMALL + "  - {id: c2, level: one, theme: craft, summary: Writes tests, proficiency: Expert}\n")
    remarks = import_ladder("ft", source, tmp_path / "out").remarks
    assert remarks[0] == f"{source}: craft at one has entries of different proficiency, so none is written"
    assert "proficiency" not in (tmp_path / "out" / "operations.toml").read_text()


def test_a_key_nothing_is_read_from_is_named(tmp_path):
    source = tmp_path / "ops.yml"
    source.write_text(SMALL.replace("proficiency", "profficiency"))
    remarks = import_ladder("ft", source, tmp_path / "out", Choices(family_id="ops")).remarks
    expected = f'{source}: nothing is read from "profficiency" of a competency; did you mean "proficiency"?'
    assert remarks[0] == expected


def test_every_problem_is_told_at_once_with_its_line_and_remedy(complaints):
    text = """\
summary: A ladder
levels:
  - {id: one, name: One}
  - {id: one, name: One again}
  - {id: "two!", name: Two}
themes:
  - {id: craft}
competencies:
  - {id: c1, level: on, theme: crafty, summary: Reads logs}
  - {id: c2, level: one, theme: craft, summary: Writes: tests?, proficiency: Master}
  - {id: c3, level: one, theme: craft}
"""
    assert complaints("ft", text.replace("Writes: tests?", '"\\0"'), kinds={"kraft": "human"}) == [
        'source:1: "name" is missing; write its text',
        'source:4: level "one" stands in line 3 already',
        'source:5: "two!" is no id; use letters, digits, ".", "_" or "-", a letter first',
        'source:7: "name" is missing; write its text',
        'source:9: level "on" is not among the levels of the file; did you mean "one"?',
        'source:9: theme "crafty" is not among the themes of the file; did you mean "craft"?',
        'source:10: "summary" holds the character U+0000; take it out',
        'source:10: "Master" is none of Awareness, Foundational, Working knowledge, Practitioner, Expert',
        'source:11: "summary" is missing; write its text',
        '--kind: no competency "kraft" in the source; did you mean "craft"?',
    ]


def test_a_file_that_is_something_else_is_told_so(complaints):
    assert complaints("ft", "name: X\n") == [
        'source:1: "levels" is missing or empty; it is a list of tables',
        'source:1: "themes" is missing or empty; it is a list of tables',
        'source:1: "competencies" is missing or empty; it is a list of tables',
    ]


def test_a_choice_about_a_level_that_is_not_there_is_a_problem(complaints):
    assert complaints("ft", SMALL, level_tracks={"director": "manager"}, family_id="Org", org_id="a b") == [
        '--family-id: "org" is what the organisation\'s file is called; choose another id',
        '--level-track: no level "director" in the source; there are one',
        '--org-id: "a b" is no id; use letters, digits, ".", "_" or "-", a letter first',
    ]


def test_what_is_not_yaml_is_told_with_its_line(complaints):
    assert complaints("ft", "name: X\nlevels: [") == [
        "source:2: not valid YAML: expected the node content, but found '<stream end>'"
    ]
