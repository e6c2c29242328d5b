"""The list of cases: narrowed by what is asked for, a page at a time, and never by what its reader may not know."""

import re
from typing import Any

import pytest
from sqlalchemy import Engine

from portal.cases import listing, policy
from portal.domain.case_flow import State
from portal.models.case import Case
from portal.models.person import Person
from tests.statements import statements
from tests.world import World

NAME = re.compile(r'<th scope="row"><a[^>]*>([^<]+)</a></th>')


@pytest.fixture
def three(world: World) -> World:
    """Ada is decided, Mona in calibration, Ivy drafts."""
    for name, state in (("ada", State.DECIDED), ("mona", State.IN_CALIBRATION), ("ivy", State.DRAFT)):
        world.case(name, state)
    world.commit()
    return world


def names(world: World, who: Person, **asked: str) -> list[str]:
    return [row.candidate for row in listing.page_for(world.s, who, listing.Asked(**asked)).rows]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["Ada Marchetti", "Ivy Novak", "Mona Fischer"]),
        ({"name": "NOV"}, ["Ivy Novak"]),
        ({"name": "100%"}, []),
        ({"state": "decided"}, ["Ada Marchetti"]),
        ({"state": "in_calibration"}, ["Mona Fischer"]),
        ({"track": "ic"}, ["Ada Marchetti", "Ivy Novak"]),
        ({"track": "manager", "state": "draft"}, []),
        ({"cycle": "spring-2026", "name": "mona"}, ["Mona Fischer"]),
        ({"cycle": "autumn-2030"}, []),
    ],
)
def test_a_people_partner_narrows_the_list(three: World, asked: dict[str, str], found: list[str]) -> None:
    assert names(three, three.pia, **asked) == found


@pytest.mark.parametrize("state", list(State))
def test_narrowing_by_state_goes_by_what_the_reader_is_shown(three: World, state: State) -> None:
    for person in three.everyone.values():
        page = listing.page_for(three.s, person, listing.Asked(state=state)).rows
        everything = listing.page_for(three.s, person, listing.Asked()).rows
        assert page == [row for row in everything if row.state is state], person.name


def test_a_candidate_does_not_find_the_decision_by_asking_for_decided_cases(three: World, client: Any) -> None:
    browser = client(three.ada)
    assert NAME.findall(browser.get("/cases?state=decided").text) == []
    assert NAME.findall(browser.get("/cases?state=in_calibration").text) == ["Ada Marchetti"]


def test_a_long_list_comes_in_pages_that_keep_what_was_asked(
    three: World, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 1)
    page = client(three.pia).get("/cases?track=ic&page=2").text
    assert NAME.findall(page) == ["Ivy Novak"]
    assert "/cases?track=ic&amp;page=1" in page
    assert [listing.page_for(three.s, three.pia, listing.Asked(), number=n).number for n in (0, 1, 3, 99)] == [
        1,
        1,
        3,
        3,
    ]


@pytest.mark.parametrize("query", ["state=unheard-of", "track=unheard-of", "page=-1", "page=1e9", "page=99999999999"])
def test_what_the_list_does_not_know_narrows_nothing(three: World, client: Any, query: str) -> None:
    assert len(NAME.findall(client(three.pia).get(f"/cases?{query}").text)) == 3


def test_where_nothing_fits_the_way_back_is_offered(three: World, client: Any) -> None:
    page = client(three.pia).get("/cases?name=nobody").text
    assert "No case you have a part in fits." in page


def test_the_list_offers_only_cycles_in_which_the_reader_may_know_of_a_case(three: World) -> None:
    assert [row.slug for row in listing.cycles_of(three.s, three.pia)] == ["spring-2026"]
    assert listing.cycles_of(three.s, three.sam) == []


def test_the_list_shows_each_case_as_its_own_page_does(three: World) -> None:
    for person in three.everyone.values():
        for row in listing.page_for(three.s, person, listing.Asked()).rows:
            assert row.state is policy.shown_state(person, three.s.get_one(Case, row.id))


def test_the_list_costs_the_same_however_long_it_is(world: World, client: Any, engine: Engine) -> None:
    counts = []
    browser = client(world.pia)
    browser.get("/cases")
    for name in ("ada", "mona", "ivy"):
        world.commit()
        world.case(name)
        world.commit()
        with statements(engine) as seen:
            browser.get("/cases")
        counts.append(len(seen))
    assert counts == [6, 6, 6]
