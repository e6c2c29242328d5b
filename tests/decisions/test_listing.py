"""The table of a cycle's decisions: whom the policy lets see which, and what it costs."""

import pytest

from portal.decisions import listing
from portal.decisions.policy import may_decide
from portal.domain.case_flow import State
from portal.people import commands as people
from tests.statements import statements
from tests.world import NOW, World

URL = "/cycles/spring-2026/decisions"


def many(world: World, n: int, state: State = State.DECIDED) -> None:
    for i in range(n):
        place = {"manager": world.max, "family_id": "engineering", "level_id": "senior"}
        who = {"email": f"c{i:02}@example.org", "name": f"Candidate {i:02}"}
        people.add_person(world.s, actor=None, **who, **place, at=NOW)
        world.case(f"c{i:02}", state)
    world.commit()


def test_it_lists_what_the_policy_says_for_everybody(world: World) -> None:
    states = {"ada": State.DECIDED, "ivy": State.IN_REVIEW, "mona": State.RELEASED, "theo": State.IN_CALIBRATION}
    cases = [world.case(who, state) for who, state in states.items()]
    world.commit()
    for key, person in world.everyone.items():
        shown = {row.id for row in listing.decided_in(world.s, world.cycle, person).rows}
        assert shown == {case.id for case in cases if may_decide(person, case)}, key


def test_a_row_says_what_was_decided_who_confirmed_it_and_when_it_left(world: World) -> None:
    world.case("ada", State.RELEASED)
    world.case("ivy", State.IN_CALIBRATION)
    world.commit()
    ada, ivy = listing.decided_in(world.s, world.cycle, world.pia).rows
    assert (ada.candidate, ada.outcome.value, ada.confirmed_by, ada.released_at) == (
        "Ada Marchetti",
        "approved",
        "Nat Weiss",
        NOW,
    )
    assert (ivy.candidate, ivy.outcome, ivy.confirmed_by, ivy.released_at) == ("Ivy Novak", None, None, None)


@pytest.mark.parametrize("n", [1, 3, 50])
def test_it_costs_the_same_at_any_length(world: World, client, engine, n: int) -> None:
    many(world, n)
    browser = client(world.pia)
    browser.get(URL)
    with statements(engine) as page:
        text = browser.get(URL).text
    assert text.count("Candidate ") == n
    assert len(page) == 8


def test_it_comes_in_pages(world: World, client, monkeypatch) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    many(world, 3)
    browser = client(world.pia)
    first, last = browser.get(URL).text, browser.get(f"{URL}?page=2").text
    assert ("Candidate 01" in first, "Candidate 02" in first, "1 to 2 of 3 cases" in first) == (True, False, True)
    assert ("Candidate 02" in last, browser.get(f"{URL}?page=99").text.count("Candidate 02")) == (True, 1)
