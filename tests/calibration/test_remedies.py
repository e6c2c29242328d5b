"""Each reason of a verdict leads to where it can be put right, or says who can, or that it comes by itself."""

import pytest
from flask import Flask

from portal.calibration.fragments.remedies import Remedy, remedy_of
from portal.domain.measurement import remedy, why
from tests.world import World


def offered(app: Flask, world: World, who: str, reason: str) -> Remedy:
    figures = {"reason": reason, "why": why(reason), "remedy": remedy(reason)}
    with app.test_request_context():
        return remedy_of(getattr(world, who), world.cycle, "engineering", figures)


@pytest.mark.parametrize(
    ("reason", "words", "path"),
    [
        ("peers_undeclared", "Change the ladder", "/ladders/engineering"),
        ("severity_unknown", "Assign reviewers across the tracks", "/cycles/spring-2026/assignments"),
        ("no_shared_committee", "Name one committee for both tracks", "/cycles/spring-2026/committees"),
    ],
)
def test_a_people_partner_is_led_to_the_page(app: Flask, world: World, reason: str, words: str, path: str) -> None:
    found = offered(app, world, "pia", reason)
    assert (found.links, found.who) == (((words, path),), "")


def test_a_member_reads_the_ladder_and_is_told_who_changes_it(app: Flask, world: World) -> None:
    found = offered(app, world, "nat", "written_bar_unknown")
    assert found.links == (("Read the ladder", "/ladders/engineering"),)
    assert found.who == "People partners change it: ask one of them."


def test_a_member_is_told_whom_to_ask_for_reviewers(app: Flask, world: World) -> None:
    found = offered(app, world, "nat", "severity_unknown")
    assert (found.links, found.who) == ((), "People partners assign reviewers: ask one of them.")


@pytest.mark.parametrize("reason", ["interval_too_wide", "too_few_decisions", "strata_too_small", "many_pairs"])
def test_where_only_cases_help_nothing_is_asked_of_anybody(app: Flask, world: World, reason: str) -> None:
    found = offered(app, world, "pia", reason)
    assert found.links == ()
    assert found.who == "Closed cycles are pooled in by themselves once they hold enough decided cases."
