"""A broken folder says everything that is wrong with it at once, each with its place and what was expected."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.rubric_files import FileProblem, RubricFileErrors, read_family, read_folder, read_org
from tests.domain.ladder_sample import family, family_values, org_values, row, toml


def said(change=None, *, org=None):
    """The messages for a file after a change to its values, as (table, id, message)."""
    with pytest.raises(RubricFileErrors) as broken:
        family(change, org=org)
    return [(problem.table, problem.id, problem.message) for problem in broken.value.problems]


def level(values):
    return row(values, "level", id="i3")


SHAPE = {
    "a wrong type": (
        lambda values: level(values).update(grade="three"),
        ("level", "i3", 'grade: expected a whole number, got "three"'),
    ),
    "a truth value for a number": (
        lambda values: row(values, "competency", id="depth").update(weight=True),
        ("competency", "depth", "weight: expected a number, got true"),
    ),
    "a number that is none": (
        lambda values: row(values, "competency", id="depth").update(weight=float("nan")),
        ("competency", "depth", "weight: expected a finite number, got nan"),
    ),
    "a list for text": (
        lambda values: level(values).update(title=["a"]),
        ("level", "i3", "title: expected text, got a list of 1"),
    ),
    "a table for a truth value": (
        lambda values: level(values).update(feeder={"a": 1}),
        ("level", "i3", "feeder: expected true or false, got a table"),
    ),
    "text for a list": (
        lambda values: row(values, "competency", id="depth").update(covers="mentoring"),
        ("competency", "depth", 'covers: expected a list, got "mentoring"'),
    ),
    "text for a table": (
        lambda values: level(values).update(split="80/20"),
        ("level", "i3", 'split: expected a table, got "80/20"'),
    ),
    "a missing key": (
        lambda values: row(values, "competency", id="depth").pop("weight"),
        ("competency", "depth", 'missing key "weight"'),
    ),
    "a missing key inside": (
        lambda values: level(values)["split"].pop("org"),
        ("level", "i3", 'missing key "split.org"'),
    ),
    "an unknown key": (
        lambda values: level(values).update(gradee=3),
        ("level", "i3", 'unknown key "gradee"; did you mean "grade"?'),
    ),
    "an unknown key inside": (
        lambda values: level(values)["split"].update(crafts=3),
        ("level", "i3", 'unknown key "split.crafts"; did you mean "craft"?'),
    ),
    "an unknown key like no other": (
        lambda values: level(values).update(zodiac="lion"),
        ("level", "i3", 'unknown key "zodiac"'),
    ),
    "an unknown table": (
        lambda values: values.update(levels=[{"id": "x"}]),
        (None, None, 'unknown key "levels"; did you mean "level"?'),
    ),
    "a word not on the list": (
        lambda values: row(values, "track", id="ic").update(kind="individual"),
        ("track", "ic", 'kind: expected "ic", "manager", "lead" or "advisor", got "individual"'),
    ),
    "an id no address can hold": (
        lambda values: values["peer_claim"].append({"levels": ["i3", "m/3"]}),
        (
            "peer_claim",
            "i3|m/3",
            'levels[1]: expected letters, digits, ".", "_" or "-", a letter or digit first, got "m/3"',
        ),
    ),
    "a day that is none": (
        lambda values: row(values, "band", level="i3").update(surveyed="last spring"),
        ("band", "i3", 'surveyed: expected a day such as 2026-04-01, got "last spring"'),
    ),
    "a day out of the calendar": (
        lambda values: row(values, "band", level="i3").update(surveyed="2026-02-30"),
        ("band", "i3", 'surveyed: expected a day of the calendar, got "2026-02-30"'),
    ),
    "a number out of range": (
        lambda values: level(values).update(scope={"reach": 7}),
        ("level", "i3", "scope.reach: expected at most 6, got 7"),
    ),
    "reports the wrong way round": (
        lambda values: level(values).update(reports=[3, 1]),
        ("level", "i3", "reports: expected [fewest, most], got [3, 1]"),
    ),
    "a list too short": (
        lambda values: level(values).update(reports=[3]),
        ("level", "i3", 'missing entry "reports[1]"'),
    ),
    "a list too long": (
        lambda values: level(values).update(reports=[3, 4, 5]),
        ("level", "i3", "reports: expected a list of at most 2, got a list of 3"),
    ),
    "an empty name": (
        lambda values: level(values).update(title=""),
        ("level", "i3", 'title: expected some text, got ""'),
    ),
    "a bar for no level": (
        lambda values: values["bar"].append({"track": "ic", "applies_to": []}),
        ("bar", "ic: ", "applies_to: expected a list of at least 1, got a list of 0"),
    ),
    "a negative weight": (
        lambda values: row(values, "competency", id="depth").update(weight=-1),
        ("competency", "depth", "weight: expected at least 0, got -1"),
    ),
    "a proficiency off the scale": (
        lambda values: row(values, "expectation", id="depth-i3").update(proficiency=9),
        (
            "expectation",
            "depth-i3",
            "proficiency: expected an ordinal from 0 to 4, or a word of [scale].proficiency",
        ),
    ),
    "rows that are not tables": (
        lambda values: values.update(process=["x"]),
        ("process", None, 'expected a table, got "x"'),
    ),
    "a table where rows belong": (
        lambda values: values.update(process={"x": 1}),
        ("process", None, "expected a list, got a table"),
    ),
}


@pytest.mark.parametrize("case", SHAPE)
def test_what_does_not_fit_the_shape_is_named(case):
    change, expected = SHAPE[case]
    assert expected in said(change)


FIT = {
    "a doubled level": (
        lambda values: values["level"].append(dict(level(values))),
        ("level", "i3", 'duplicate id "i3"'),
    ),
    "a doubled expectation": (
        lambda values: values["expectation"].append(row(values, "expectation", id="depth-i3") | {"id": "other"}),
        ("expectation", "other", 'duplicate competency and level "depth i3"'),
    ),
    "a second band": (
        lambda values: values["band"].append(dict(row(values, "band", level="i3"))),
        ("band", "i3", 'duplicate level "i3"'),
    ),
    "a second switch": (
        lambda values: values["switch"].append(dict(values["switch"][0])),
        ("switch", "i3->m3", 'duplicate from and to "i3 m3"'),
    ),
    "a second process": (
        lambda values: values["process"].append(dict(values["process"][0])),
        ("process", "promotion/ic", 'duplicate case_type and track "promotion ic"'),
    ),
    "two bars for one level": (
        lambda values: values["bar"].append({"track": "ic", "applies_to": ["i3"]}),
        ("bar", "ic: i3", 'duplicate bar for the level "i3"'),
    ),
    "a doubled must-have": (
        lambda values: values["bar"].append(
            {"track": "adv", "applies_to": ["advisor"], "must_have": [{"competency": "depth", "at_least": 3}] * 2}
        ),
        ("bar", "adv: advisor", 'duplicate must-have "depth"'),
    ),
    "a track that is not there": (
        lambda values: level(values).update(track="icc"),
        ("level", "i3", 'track: track "icc" does not exist; did you mean "ic"?'),
    ),
    "an expected competency that is not there": (
        lambda values: row(values, "expectation", id="depth-i3").update(competency="wizardry"),
        ("expectation", "depth-i3", 'competency: competency "wizardry" does not exist'),
    ),
    "a must-have that is not there": (
        lambda values: values["bar"][0]["must_have"][0].update(competency="vison"),
        ("bar", "ic: i1, i2, i3, i4, i5", 'must_have: competency "vison" does not exist; did you mean "vision"?'),
    ),
    "a switch to nowhere": (
        lambda values: values["switch"][0].update(to="nowhere"),
        ("switch", "i3->nowhere", 'to: level "nowhere" does not exist'),
    ),
    "a claim about nobody": (
        lambda values: values["peer_claim"][0].update(levels=["i4", "nobody"]),
        ("peer_claim", "i4|nobody", 'levels: level "nobody" does not exist'),
    ),
    "a band for nobody": (
        lambda values: row(values, "band", level="i3").update(level="nobody"),
        ("band", "nobody", 'level: level "nobody" does not exist'),
    ),
    "an expectation across tracks": (
        lambda values: row(values, "expectation", id="depth-i3").update(level="m3"),
        ("expectation", "depth-i3", 'competency "depth" is not of the track of level "m3"'),
    ),
    "a bar for another track's level": (
        lambda values: values["bar"][0].update(applies_to=["i3", "advisor"]),
        ("bar", "ic: i3, advisor", 'applies_to: "advisor" is not of the bar\'s track "ic"'),
    ),
    "another organisation": (
        lambda values: values.update(org="acne"),
        (None, None, 'org "acne" does not exist; the organisation file here is "acme"'),
    ),
}


@pytest.mark.parametrize("case", FIT)
def test_what_does_not_fit_together_is_named(case):
    change, expected = FIT[case]
    assert expected in said(change)


ORG = {
    "a doubled grade": (
        lambda values: values["grade"].append({"rank": 3, "name": "Again"}),
        ("grade", "3", 'duplicate rank "3"'),
    ),
    "a doubled pillar": (
        lambda values: values["pillar"].append({"id": "craft", "name": "Again"}),
        ("pillar", "craft", 'duplicate id "craft"'),
    ),
    "a doubled point": (
        lambda values: values["scale"]["points"].append({"value": 3, "name": "Again"}),
        ("scale", "bar-relative", "duplicate point value 3"),
    ),
    "too few anchors": (
        lambda values: values["axis"][0].update(anchors=["a"]),
        ("axis", "reach", "anchors: expected a list of at least 7, got a list of 1"),
    ),
    "a policy word": (
        lambda values: values["policy"].update(quorums=1),
        ("policy", None, 'unknown key "quorums"; did you mean "quorum"?'),
    ),
    "a point without a name": (
        lambda values: values["scale"]["points"][0].pop("name"),
        ("scale", "bar-relative", 'missing key "points[0].name"'),
    ),
    "another format": (
        lambda values: values.update(schema="ladder/9"),
        (None, None, 'schema: expected "ladder/1", got "ladder/9"'),
    ),
}


@pytest.mark.parametrize("case", ORG)
def test_what_is_wrong_with_the_organisation_is_named(case):
    change, expected = ORG[case]
    assert expected in said(org=change)


def test_every_problem_of_every_file_comes_at_once_with_its_line(tmp_path):
    org = 'kind = "org"\nid = "acme"\n[policy]\nquorum = "most"\n'
    eng = (
        'kind = "family"\nid = "eng"\nname = "Eng"\norg = "acme"\n\n[[track]]\nid = "ic"\nkind = "ic"\nname = "IC"\n'
        '\n[[level]]\nid = "i1"\ntrack = "ic"\n\n[[level]]\nid = "i2"\ntitle = "Two"\ntrack = "em"\n'
    )
    (tmp_path / "org.toml").write_text(org)
    (tmp_path / "eng.toml").write_text(eng)
    (tmp_path / "torn.toml").write_text('kind = "family"\nid = \n')
    (tmp_path / "latin.toml").write_bytes(b'kind = "famil\xe9"')
    with pytest.raises(RubricFileErrors) as broken:
        read_folder(tmp_path)
    assert [(problem.file, problem.line, problem.message) for problem in broken.value.problems] == [
        ("eng.toml", 11, 'missing key "title"'),
        ("eng.toml", 18, 'track: track "em" does not exist'),
        ("latin.toml", None, "not UTF-8 text: invalid continuation byte at byte 13"),
        ("org.toml", 4, 'quorum: expected a number, got "most"'),
        ("torn.toml", 2, "not valid TOML: invalid value (at line 2, column 6)"),
    ]


def test_a_torn_end_of_file_is_on_its_last_line():
    with pytest.raises(RubricFileErrors) as broken:
        read_org('kind = "org"\nid = "acme', "org.toml")
    assert broken.value.problems[0].line == 2


def test_a_problem_reads_as_one_line():
    problem = FileProblem("eng.toml", "level", "i3", 12, 'missing key "title"')
    assert str(problem) == 'eng.toml:12: [level] i3: missing key "title"'
    assert str(FileProblem("eng.toml", None, None, None, "gone")) == "eng.toml: gone"


def test_the_error_reads_as_all_its_problems():
    error = RubricFileErrors([FileProblem("b", None, None, None, "two"), FileProblem("a", None, None, None, "one")])
    assert str(error) == "a: one\nb: two"


def test_the_line_is_that_of_the_key_also_in_sub_tables_and_after_long_texts():
    text = toml(org_values())
    written = 'kind = "family"\nid = "eng"\nname = """\n[[level]]\nid = "x"\n"""\norg = "acme"\n[[track]]\nid = "ic"\n'
    written += 'kind = "ic"\nname = "IC"\n[[level]]\nid = "i1"\ntrack = "ic"\ntitle = "One"\n[level.split]\n'
    written += 'people = 1\ncraft = "much"\norg = 1\n'
    with pytest.raises(RubricFileErrors) as broken:
        read_family(read_org(text, "org.toml"), written, "eng.toml")
    assert [(problem.id, problem.line) for problem in broken.value.problems] == [("i1", 18)]


def test_rows_written_inline_have_the_line_of_their_key():
    written = 'kind = "family"\nid = "eng"\nname = "E"\norg = "acme"\ntrack = [{id = "ic", kind = "ic"}]\n'
    with pytest.raises(RubricFileErrors) as broken:
        read_family(read_org(toml(org_values()), "org.toml"), written, "eng.toml")
    assert [(problem.table, problem.id, problem.line) for problem in broken.value.problems] == [("track", "ic", 5)]


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    (tmp_path / "org.toml").write_text(toml(org_values()))
    (tmp_path / "eng.toml").mkdir()
    with pytest.raises(RubricFileErrors, match=r"eng\.toml: cannot be read: Is a directory"):
        read_folder(tmp_path)


ODD = st.one_of(
    st.booleans(),
    st.integers(-9, 9),
    st.floats(),
    st.sampled_from(["", "x", "ic", "i3", 'a"b']),
    st.lists(st.sampled_from(["i3", "", "depth"]), max_size=3),
    st.lists(st.integers(0, 9), max_size=3),
    st.dictionaries(st.sampled_from(["id", "people", "competency"]), st.integers(0, 3), max_size=2),
)


@settings(deadline=None)
@given(st.data())
def test_whatever_stands_in_a_row_the_answer_is_a_ladder_or_a_list_of_problems(data):
    values = family_values()
    for _ in range(data.draw(st.integers(1, 4))):
        table = data.draw(st.sampled_from([key for key, entry in values.items() if isinstance(entry, list)]))
        entry = data.draw(st.sampled_from(values[table]))
        entry[data.draw(st.sampled_from([*entry, "new"]))] = data.draw(ODD)
    org = read_org(toml(org_values()), "org.toml")
    try:
        assert read_family(org, toml(values), "eng.toml").id == "eng"
    except RubricFileErrors as broken:
        assert {problem.file for problem in broken.problems} == {"eng.toml"}
        assert all(problem.line for problem in broken.problems)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RubricFileErrors, match="no such folder; name a folder that holds rubric files"):
        read_folder(tmp_path / "nowhere")


def test_a_folder_without_an_organisation_is_refused(tmp_path):
    (tmp_path / "eng.toml").write_text(toml(family_values()))
    with pytest.raises(RubricFileErrors, match='no organisation file here \\(kind = "org"\\)'):
        read_folder(tmp_path)


def test_a_second_organisation_and_a_second_family_of_one_id_are_refused(tmp_path):
    for name, values in (("a", org_values()), ("b", org_values()), ("c", family_values()), ("d", family_values())):
        (tmp_path / f"{name}.toml").write_text(toml(values))
    with pytest.raises(RubricFileErrors) as broken:
        read_folder(tmp_path)
    assert [(problem.file, problem.message) for problem in broken.value.problems] == [
        ("b.toml", "a second organisation file; a.toml is the first"),
        ("d.toml", 'duplicate family id "eng"; c.toml has it already'),
    ]


def test_a_file_that_does_not_say_what_it_is_is_told_by_its_name(tmp_path):
    for name, values in (("org", org_values()), ("eng", family_values())):
        values.pop("kind")
        (tmp_path / f"{name}.toml").write_text(toml(values))
    with pytest.raises(RubricFileErrors) as broken:
        read_folder(tmp_path)
    assert [str(problem) for problem in broken.value.problems] == [
        'eng.toml: missing key "kind"',
        'org.toml: missing key "kind"',
    ]


def test_a_problem_is_json():
    problem = FileProblem("eng.toml", "level", "i3", 12, "wrong")
    assert problem.as_dict() == {"file": "eng.toml", "table": "level", "id": "i3", "line": 12, "message": "wrong"}
