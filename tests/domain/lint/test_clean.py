"""A ladder with nothing to complain of: every rule speaks, none complains, and the shape of what it says is fixed."""

import pytest

from portal.domain import lint
from tests.domain.ladder_sample import family

DESIGN = [
    "LL01",
    "LL02",
    "LL03",
    "LL04",
    "LL05",
    "LL10",
    "LL11",
    "LL12",
    "LL12b",
    "LL13",
    "LL14",
    "LL15",
    "LL19",
    "LL20",
    "LL21",
    "LL21b",
    "LL22",
    "LL23",
    "LL24",
    "LL24b",
    "LL25",
    "LL26",
    "LL27",
    "LL28",
    "LL29",
    "LL30",
    "LL31",
    "LL32",
    "LL33",
    "LL34",
    "LL36",
    "LL40",
    "LL41",
    "LL42",
    "LL43",
    "LL50",
    "LL50b",
    "LL51",
    "LL52",
    "LL53",
    "LL54",
    "LL55",
    "LL60",
    "LL61",
    "LL70",
    "LL80",
    "LL81",
]


def test_the_rules_are_those_of_the_design_in_order():
    assert [rule.id for rule in lint.RULES] == DESIGN


@pytest.mark.parametrize("lead", [False, True])
def test_every_rule_speaks(lead):
    assert list(dict.fromkeys(found.rule for found in lint.check(family(lead=lead)))) == DESIGN


@pytest.mark.parametrize("lead", [False, True])
@pytest.mark.parametrize("rule", DESIGN)
def test_a_clean_ladder_passes(rule, lead):
    statuses = {found.status for found in lint.check(family(lead=lead)) if found.rule == rule}
    assert statuses == ({"info"} if rule == "LL05" else {"pass"})


def test_a_finding_names_rule_status_subject_detail_and_principle():
    assert lint.check(family())[0].as_dict() == {
        "rule": "LL01",
        "status": "pass",
        "subject": "i3|m3",
        "detail": "median base 300 and 300: differs by +0.0%, tolerance 5.0%",
        "principle": "P2",
    }


def test_pairs_name_the_ic_first_then_the_lead_then_the_manager():
    pairs = [found.subject for found in lint.check(family(lead=True)) if found.rule == "LL32"]
    assert pairs == ["i4|t4", "i5|t5", "i3|m3", "i4|m4", "i5|m5", "t4|m4", "t5|m5"]


def test_switches_are_named_from_and_to_and_leave_conversions_out():
    subjects = [found.subject for found in lint.check(family()) if found.rule == "LL51"]
    assert subjects == ["i3->m3", "m3->i3", "i4->m4", "m4->i4", "i5->m5", "m5->i5"]


def test_a_rule_without_anything_to_look_at_passes_on_the_family():
    def without_advisor(values):
        values["track"].pop()
        values["level"].pop()
        del values["switch"][-2:]

    [found] = [found for found in lint.check(family(without_advisor)) if found.rule == "LL60"]
    assert (found.status, found.subject) == ("pass", "eng")


def test_both_numbers_of_the_band_check_are_printed():
    details = [found.detail for found in lint.check(family()) if found.rule == "LL05"]
    assert details == [
        "p90 of Title i5 (600) beats p50 of Director (500)",
        "p90 of Title i5 (600) does not beat p50 of VP (600)",
    ]
