"""The ladders that ship hold what the rules ask: they load, nothing fails, nothing is left undeclared."""

from pathlib import Path

import pytest

from portal.domain import lint
from portal.domain.rubric_files import read_folder

LIBRARY = read_folder(Path(__file__).parents[2] / "rubrics")


def test_the_families_that_ship():
    assert sorted(LIBRARY.families) == ["engineering", "product", "trident"]


@pytest.mark.parametrize("family_id", LIBRARY.families)
def test_no_rule_fails_and_nothing_is_left_undeclared(family_id):
    findings = lint.check(LIBRARY.families[family_id])
    assert [found for found in findings if found.status in {"fail", "unknown"}] == []


def test_the_disputed_peers_of_product_are_reported():
    findings = lint.check(LIBRARY.families["product"])
    disputed = [(found.status, found.subject) for found in findings if found.rule == "LL15"]
    assert ("info", "staff-pm|director-pm") in disputed
