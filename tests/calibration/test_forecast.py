"""Before the decisions: what a cycle's cases, panels and committees could show, for who runs it."""

from portal.domain.case_flow import State
from tests.calibration.places import ROOM, newcomer, recuse
from tests.world import World

URL = f"{ROOM}/forecast"


def test_only_who_runs_the_cycle_sees_the_forecast(world: World, client) -> None:
    statuses = {key: client(person).get(URL).status_code for key, person in world.everyone.items()}
    assert {key for key, status in statuses.items() if status == 200} == {"pia", "theo"}
    assert set(statuses.values()) == {200, 404}


def test_without_cases_it_says_when_it_will_speak(world: World, client) -> None:
    assert "No case is submitted yet." in client(world.pia).get(URL).text


def test_one_track_alone_can_show_nothing(world: World, client) -> None:
    world.case("ada", State.IN_REVIEW)
    world.commit()
    page = client(world.pia).get(URL).text
    assert "Nothing could be concluded." in page
    assert "fewer than three approvals" in page


def test_panels_that_never_cross_are_told_with_the_way_to_the_assignments(world: World, client) -> None:
    for n in range(8):
        world.case(newcomer(world, f"i{n}", "senior"), State.IN_REVIEW, reviewers=("rex", "rob", "ola"))
        world.case(newcomer(world, f"m{n}", "em"), State.IN_REVIEW, reviewers=("rae", "nat", "joe"))
    world.commit()
    page = client(world.pia).get(URL).text
    assert "No reviewer scored both tracks" in page
    assert "Ask two reviewers to cross" in page
    assert 'href="/cycles/spring-2026/assignments"' in page


def test_a_case_its_reader_stays_away_from_is_not_counted(world: World, client) -> None:
    world.case("mona", State.IN_REVIEW)
    world.commit()
    without = client(world.pia).get(URL).text
    world.s.rollback()
    hidden = world.case("ada", State.IN_REVIEW)
    recuse(world, hidden, world.pia)
    world.commit()
    count = without.count('<td class="num"')
    assert client(world.pia).get(URL).text.count('<td class="num"') == count
