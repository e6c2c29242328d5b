"""What the room's lists cost: the number of statements does not grow with the rows."""

import pytest

from portal.domain.case_flow import State
from portal.people import commands as people
from portal.reviews import queries
from tests.reviews.filling import saved, sent
from tests.statements import statements
from tests.world import NOW, World


def many(world: World, n: int) -> None:
    """`n` cases in review, with the same three reviewers; every second review of rex is begun."""
    for i in range(n):
        key = f"c{i:02}"
        people.add_person(
            world.s,
            actor=None,
            email=f"{key}@example.org",
            name=f"Candidate {i:02}",
            manager=world.max,
            family_id="engineering",
            level_id="senior",
            at=NOW,
        )
        case = world.case(key, State.IN_REVIEW)
        if i % 2:
            saved(world, case, world.rex)
    world.commit()


@pytest.mark.parametrize("n", [1, 3, 50])
def test_queue_and_board_cost_the_same_at_any_length(world: World, client, engine, n: int) -> None:
    many(world, n)
    rex, pia, cycle = world.rex, world.pia, world.cycle
    with statements(engine) as queue:
        assert len(queries.queue(world.s, rex)) == n
    with statements(engine) as board:
        assert len(queries.board(world.s, cycle, pia).cases) == n
    assert (len(queue), len(board)) == (2, 5)
    browsers = {"/reviews": client(rex), "/cycles/spring-2026/assignments": client(pia)}
    cost = {}
    for url, browser in browsers.items():
        browser.get(url)
        with statements(engine) as page:
            text = browser.get(url).text
        assert text.count("Candidate ") == n
        cost[url] = len(page)
    assert cost == {"/reviews": 5, "/cycles/spring-2026/assignments": 9}


@pytest.mark.parametrize("n", [1, 3])
def test_saving_costs_fourteen_statements_however_long_the_queue(world: World, client, engine, n: int) -> None:
    many(world, n)
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    browser, url, autosave = client(world.rex), f"/cases/{case.id}/review", {"X-Autosave": "1"}
    assert browser.post(url, data=sent(world, case), headers=autosave).json["version"] == 1
    again = sent(world, case, value=2, version=1)
    with statements(engine) as cost:
        assert browser.post(url, data=again, headers=autosave).json["version"] == 2
    assert len(cost) == 14


def test_a_page_past_the_hundredth_case_shows_the_rest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    many(world, 3)
    monkeypatch.setattr("portal.reviews.queries.assignments.PAGE", 2)
    first, last = (queries.board(world.s, world.cycle, world.pia, page=n) for n in (1, 9))
    assert [c.candidate for c in first.cases] == ["Candidate 00", "Candidate 01"]
    assert ([c.candidate for c in last.cases], last.page, last.pages, last.total) == (["Candidate 02"], 2, 2, 3)
