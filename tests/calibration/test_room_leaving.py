"""What the room does when a case is taken out of it, or a person out of a case, while screens are open."""

from typing import Any

import pytest
from sqlalchemy import select

from portal.calibration.commands import sitting as steps
from portal.cases import commands as cases
from portal.domain.case_flow import State
from portal.domain.problems import Refused
from portal.models.calibration import Choice
from portal.models.calibration_session import CalibrationSession
from portal.models.case import Case
from tests.calibration.places import GRADE, newcomer, recuse
from tests.world import NOW, World

NOTHING = "Nothing is on the table."
BEGIN = "Begin the session"


@pytest.fixture
def case(world: World) -> Case:
    found = world.case("ada", State.IN_CALIBRATION, scores=(3, 3, 2))
    world.case("mona", State.IN_CALIBRATION)
    world.commit()
    return found


@pytest.fixture
def live(world: World, case: Case) -> CalibrationSession:
    where = {"cycle": world.cycle, "family_id": "engineering", "grade": 4, "box_minutes": 10}
    found = steps.begin_session(world.s, **where, actor=world.kim, at=NOW)
    steps.put_on_table(world.s, live=found, case=case, actor=world.kim, seen=steps.seen_by(world.kim, found), at=NOW)
    world.commit()
    return found


def since(page: str) -> str:
    return page.split("since=")[1].split('"')[0]


def poll(browser: Any, token: str) -> Any:
    return browser.get(f"{GRADE}/live?family=engineering&since={token}", headers={"HX-Request": "true"})


def other(world: World, case: Case) -> Case:
    return next(c for c in world.s.scalars(select(Case)) if c.id != case.id)


def withdraw(world: World, case: Case) -> None:
    cases.withdraw(world.s, case=world.fresh(case), actor=world.ada, at=NOW)
    world.commit()


def test_a_withdrawn_case_clears_the_table_on_every_screen(
    world: World, client, live: CalibrationSession, case: Case
) -> None:
    browsers = {key: client(getattr(world, key)) for key in ("kim", "nat", "pia")}
    tokens = {key: since(browser.get(GRADE).text) for key, browser in browsers.items()}
    withdraw(world, case)
    for key, browser in browsers.items():
        page = poll(browser, tokens[key])
        assert (NOTHING in page.text, "Ada" in page.text, "Please leave" in page.text) == (True, False, False), key
        assert poll(browser, since(page.text)).status_code == 204, key


@pytest.mark.parametrize("who", ["kim", "lou"])
def test_after_a_withdrawal_whoever_leads_goes_on_and_ends(
    world: World, client, live: CalibrationSession, case: Case, who: str
) -> None:
    """Among them the one who had to leave the room for that case."""
    recuse(world, world.fresh(case), world.lou)
    withdraw(world, case)
    browser, at = client(getattr(world, who)), f"{GRADE}/sessions/{live.id}"
    page = browser.get(GRADE).text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    next_one = other(world, case).id
    world.s.rollback()
    assert browser.post(f"{at}/table", data={"case": next_one, "seen": seen}).status_code == 303
    world.s.rollback()
    seen = steps.seen_by(getattr(world, who), world.fresh(live))
    world.s.rollback()
    assert browser.post(f"{at}/end", data={"seen": seen}).status_code == 303


def test_a_withdrawn_case_takes_no_thought_and_may_be_followed_by_the_end(
    world: World, live: CalibrationSession, case: Case
) -> None:
    withdraw(world, case)
    with pytest.raises(Refused, match="no longer on the table"):
        steps.pre_vote(world.s, live=live, case=case, actor=world.nat, choice=Choice.FOR, at=NOW)
    steps.end_session(world.s, live=live, actor=world.kim, seen="nothing", at=NOW)
    assert (live.on_table_id, live.closed_at) == (None, NOW)


def test_a_recusal_takes_the_page_though_more_cases_come_or_the_session_ends(
    world: World, client, live: CalibrationSession, case: Case
) -> None:
    nat, ola = client(world.nat), client(world.ola)
    mine, hers = since(nat.get(GRADE).text), since(ola.get(GRADE).text)
    world.s.rollback()
    recuse(world, other(world, case), world.nat)
    world.case("ivy", State.IN_CALIBRATION)
    world.case(newcomer(world, "two", "em"), State.IN_CALIBRATION)
    world.commit()
    refreshes = [poll(nat, mine).headers.get("HX-Refresh"), poll(ola, hers).headers.get("HX-Refresh")]
    steps.end_session(world.s, live=live, actor=world.kim, seen=steps.seen_by(world.kim, live), at=NOW)
    world.commit()
    refreshes += [poll(nat, mine).headers.get("HX-Refresh"), poll(ola, hers).headers.get("HX-Refresh")]
    assert refreshes == ["true", None, "true", None]


def test_who_must_leave_for_the_next_case_is_new_to_whoever_leads_and_to_nobody_else(
    world: World, client, live: CalibrationSession, case: Case
) -> None:
    kim, ola = client(world.kim), client(world.ola)
    tokens = since(kim.get(GRADE).text), since(ola.get(GRADE).text)
    world.s.rollback()
    recuse(world, other(world, case), world.joe)
    world.commit()
    assert "Then must leave: Joe" in (page := poll(kim, tokens[0]).text)
    assert poll(kim, since(page)).status_code == 204
    assert poll(ola, tokens[1]).status_code == 204


def test_a_session_is_begun_only_where_a_case_waits(world: World, client, case: Case) -> None:
    kim = client(world.kim)
    offered = [BEGIN in kim.get(GRADE).text]
    world.s.rollback()
    for found in world.s.scalars(select(Case)).all():
        cases.withdraw(world.s, case=found, actor=found.candidate, at=NOW)
    world.cycle.closed_at = NOW
    world.commit()
    offered.append(BEGIN in kim.get(GRADE).text)
    assert offered == [True, False]
