"""What is not declared is unknown: never a pass, never a breach, never an exception."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain import lint
from portal.domain.rubric_files import RubricFileErrors
from tests.domain.ladder_sample import family, row


def said(ladder, rule):
    return {(found.status, found.subject) for found in lint.check(ladder) if found.rule == rule}


def take(table, key, **wanted):
    """A change that takes a key out of one row."""
    return lambda values: row(values, table, **wanted).pop(key)


def empty(*tables):
    return lambda values: values.update({table: [] for table in tables})


def no_about(values):
    empty("expectation")(values)
    for entry in values["competency"]:
        entry["about"] = ""


def no_grades(track):
    def change(values):
        for entry in values["level"]:
            if entry["track"] == track:
                entry.pop("grade", None)
        values["peer_claim"] = []

    return change


def no_competencies(values):
    empty("competency", "expectation", "bar")(values)


def no_covers(values):
    for entry in values["competency"]:
        entry.pop("covers", None)


def no_support(values):
    for entry in values["track"]:
        entry.pop("support", None)


def switches_without_grades(values):
    for track in ("ic", "em"):
        no_grades(track)(values)
    values["peer_claim"] = [{"levels": ["i4", "m4"]}]


def no_titles(values):
    for level_id in ("m5", "m6"):
        row(values, "level", id=level_id)["title"] = "Head"


def base_only(values):
    row(values, "band", level="m4").pop("base")


UNKNOWN = [
    ("LL01", "i4|m4", lambda values: values["band"].remove(row(values, "band", level="m4"))),
    ("LL01", "i4|m4", base_only),
    ("LL01", "i4|m4", lambda values: row(values, "band", level="m4").update(currency="USD")),
    ("LL01", "eng", no_grades("em")),
    ("LL02", "i4|m4", take("band", "bonus_target", level="i4")),
    ("LL02", "i4|m4", take("band", "equity_p50", level="m4")),
    ("LL03", "i4|m4", take("band", "surveyed", level="m4")),
    ("LL03", "i4|m4", take("band", "region", level="i4")),
    ("LL04", "em", base_only),
    ("LL05", "i5|m5", lambda values: values["band"].remove(row(values, "band", level="i5"))),
    ("LL05", "eng", no_titles),
    ("LL12", "m4", no_grades("em")),
    ("LL12b", "eng", no_grades("em")),
    ("LL12b", "i5", no_grades("ic")),
    ("LL14", "eng", no_grades("em")),
    ("LL15", "i4|m4", take("level", "grade", id="m4")),
    ("LL19", "ic", no_competencies),
    ("LL20", "ic|em", no_competencies),
    ("LL21b", "em", no_competencies),
    ("LL22", "ic", no_competencies),
    ("LL23", "ic", no_competencies),
    ("LL24b", "i4", take("level", "reports", id="i4")),
    ("LL25", "m4", empty("bar")),
    ("LL26", "ic", no_covers),
    ("LL27", "ic|em", no_competencies),
    ("LL28", "ic|em", no_about),
    ("LL30", "i4|m4", empty("bar")),
    ("LL30", "eng", no_grades("em")),
    ("LL31", "i4|m4", empty("bar")),
    ("LL32", "i4|m4", empty("bar")),
    ("LL33", "i4", lambda values: row(values, "level", id="i4").update(grade=9)),
    ("LL34", "i4", empty("expectation")),
    ("LL36", "ic|em", lambda values: (empty("process")(values), values.update(switch=values["switch"][-2:]))),
    ("LL36", "ic|em", lambda values: values["process"].pop()),
    ("LL36", "ic|em", take("process", "interviews", track="em")),
    ("LL36", "ic|em", take("switch", "trial_months", **{"from": "i4", "to": "m4"})),
    ("LL40", "i4", take("level", "split", id="i4")),
    ("LL40", "i2", take("level", "grade", id="i2")),
    ("LL40", "eng", no_grades("em")),
    ("LL41", "em", take("level", "first_line", id="m3")),
    ("LL41", "m3", take("level", "split", id="m3")),
    ("LL41", "m3", take("level", "reports", id="m4")),
    ("LL42", "m4", take("level", "split", id="m4")),
    ("LL43", "m4", take("level", "split", id="m4")),
    ("LL50", "eng", no_grades("em")),
    ("LL50b", "eng", no_grades("em")),
    ("LL51", "i4->m4", take("level", "grade", id="m4")),
    ("LL52", "i4->m4", take("switch", "trial_months", **{"from": "i4", "to": "m4"})),
    ("LL52", "i4->m4", take("switch", "return_months", **{"from": "i4", "to": "m4"})),
    ("LL53", "i4->m4", lambda values: row(values, "switch", **{"from": "i4"}).update(carries=[], assesses=[])),
    ("LL54", "eng", switches_without_grades),
    ("LL54", "eng", no_grades("em")),
    ("LL80", "ic|em", no_support),
]


@pytest.mark.parametrize(
    ("rule", "subject", "change"), UNKNOWN, ids=[f"{entry[0]}-{number}" for number, entry in enumerate(UNKNOWN)]
)
def test_what_is_not_declared_is_unknown(rule, subject, change):
    assert ("unknown", subject) in said(family(change), rule)


@pytest.mark.parametrize(
    ("rule", "subject", "key"),
    [
        ("LL21", "depth", "pillar"),
        ("LL21b", "ic", "pillar"),
        ("LL27", "ic|em", "pillar"),
        ("LL30", "i4|m4", "scale"),
        ("LL33", "i4", "grade"),
        ("LL53", "i4->m4", "pillar"),
    ],
)
def test_what_the_organisation_does_not_declare_is_unknown(rule, subject, key):
    assert ("unknown", subject) in said(family(org=lambda values: values.pop(key)), rule)


def test_a_third_track_without_a_bar_is_unknown():
    assert said(family(empty("bar"), lead=True), "LL70") == {("unknown", "t4"), ("unknown", "t5")}


def test_a_scope_axis_the_grade_does_not_promise_is_unknown():
    ladder = family(
        lambda values: row(values, "level", id="i4").update(scope={"reach": 4}),
        org=lambda values: row(values, "grade", rank=4).update(scope={"stakes": 4}),
    )
    assert ("unknown", "i4") in said(ladder, "LL33")


def test_a_breach_speaks_before_what_is_missing():
    def both(values):
        row(values, "band", level="m4").pop("equity_p50")
        row(values, "band", level="m4")["bonus_target"] = 0.3

    assert ("fail", "i4|m4") in said(family(both), "LL02")


def test_a_first_line_manager_at_the_top_has_no_wider_span_to_fear():
    def alone(values):
        row(values, "level", id="m3")["first_line"] = False
        row(values, "level", id="m6").update(first_line=True, split={"people": 50, "craft": 30, "org": 20})

    assert said(family(alone), "LL41") == {("pass", "m6")}


def test_grades_the_organisation_does_not_list_at_all_are_not_held_against_a_level():
    assert ("pass", "i4") in said(family(org=lambda values: values.pop("grade")), "LL13")


TABLES = ("track", "level", "competency", "expectation", "bar", "band", "switch", "process", "peer_claim")


@st.composite
def losses(draw):
    """Keys and rows to lose from the family file, and keys to lose from the organisation's."""
    lost = draw(st.lists(st.tuples(st.sampled_from(TABLES), st.integers(0, 60), st.integers(0, 12)), max_size=12))
    return lost, draw(st.sets(st.sampled_from(["grade", "pillar", "axis", "scale", "effective"]), max_size=4))


@settings(max_examples=150, deadline=None)
@given(losses())
def test_no_ladder_that_loads_makes_a_rule_raise(lost):
    rows, keys = lost

    def lose(values):
        for table, index, key in rows:
            entry = values[table][index % len(values[table])]
            if key < len(entry):
                entry.pop(list(entry)[key])

    def lose_of_org(values):
        for key in keys:
            values.pop(key)

    try:
        ladder = family(lose, org=lose_of_org, lead=True)
    except RubricFileErrors:
        return
    rules = {found.rule for found in lint.check(ladder)}
    assert rules == {rule.id for rule in lint.RULES}


@pytest.mark.parametrize("table", TABLES)
def test_a_ladder_without_a_whole_table_is_read_or_refused_and_never_raises(table):
    def lose(values):
        values.pop(table)
        for dependent in {"track": TABLES, "level": TABLES[3:], "competency": ("expectation", "bar")}.get(table, ()):
            values.pop(dependent, None)

    assert {found.rule for found in lint.check(family(lose))} == {rule.id for rule in lint.RULES}


def test_an_unknown_on_the_written_bars_forbids_a_claim_at_its_own_levels_only():
    def partly(values):
        row(values, "bar", track="em").update(applies_to=["m3", "m5"])

    findings = lint.check(family(partly))
    assert {(found.rule, found.subject) for found in lint.bar_unknowns(findings)} == {
        ("LL30", "i4|m4"),
        ("LL31", "i4|m4"),
        ("LL32", "i4|m4"),
    }
    assert lint.bar_unknowns(findings, ["i4", "m4"]) == lint.bar_unknowns(findings)
    assert lint.bar_unknowns(findings, ["i5", "m5"]) == ()


def test_undeclared_peers_forbid_a_claim_at_every_level():
    findings = lint.check(family(no_grades("em")))
    assert {found.rule for found in lint.bar_unknowns(findings, ["i4", "m4"])} >= {"LL30", "LL31", "LL32"}


def test_a_pillar_only_one_track_has_is_not_compared():
    def apart(values):
        for entry in values["competency"]:
            if entry["track"] == "em":
                entry["pillar"] = "mystery"

    assert ("unknown", "i4|m4") in said(family(apart), "LL31")
