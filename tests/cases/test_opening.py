"""Opening a case: one's own, or for a report who then accepts."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases.commands import open_case
from portal.domain.case_flow import State
from portal.domain.problems import Refused
from portal.models.case import Case
from portal.models.outbox import OutboxRow
from tests.world import NOW, World

TOKEN = re.compile(r'name="(csrf|idempotency)_token" value="[^"]+"')


def cases(world: World) -> list[tuple[str, str | None, str]]:
    world.s.rollback()
    rows = world.s.execute(select(Case.candidate_id, Case.nominated_by_id, Case.to_level_id).order_by(Case.id))
    return [tuple(row) for row in rows]


def test_one_opens_a_case_of_ones_own(world: World, client) -> None:
    browser = client(world.ada)
    assert "to Staff Engineer (grade 4), Spring 2026" in browser.get("/cases/new").text
    data = {"opening": f"promotion:{world.cycle.id}:staff", "to_level_id": "principal", "state": "decided"}
    answer = browser.post("/cases/new", data=data)
    world.s.rollback()
    case = world.s.scalars(select(Case)).one()
    assert answer.location == f"/cases/{case.id}"
    assert (case.candidate_id, case.to_level_id, case.state) == (world.ada.id, "staff", State.DRAFT)
    page = browser.get("/cases/new").text
    assert "There is an open case already" in page
    assert 'name="opening"' not in page


def test_a_manager_nominates_a_report_who_is_told_and_accepts(world: World, client) -> None:
    data = {"person": world.ada.id, "opening": f"promotion:{world.cycle.id}:staff"}
    answer = client(world.max).post("/cases/new", data=data)
    assert answer.status_code == 303
    assert cases(world) == [(world.ada.id, world.max.id, "staff")]
    mail = world.s.scalars(select(OutboxRow)).one()
    assert (mail.payload["to"], mail.payload["template"]) == (world.ada.id, "nominated")
    browser = client(world.ada)
    assert "Accept the nomination" in browser.get(answer.location).text
    assert browser.post(f"{answer.location}/accept").status_code == 303
    assert "Write the packet" in browser.get(answer.location).text


def test_a_manager_chooses_among_reports_and_reads_why_one_is_not_possible(world: World, client) -> None:
    world.ivy.level_id = None
    world.commit()
    browser = client(world.max)
    page = browser.get("/cases/new").text
    named = re.findall(r'href="/cases/new\?person=\w+"[^>]*>([^<]+)<', page)
    assert named == ["My own", "Ada Marchetti", "Ivy Novak", "Ron Haddad"]
    assert "A case for Ada Marchetti" in browser.get(f"/cases/new?person={world.ada.id}").text
    page = browser.get(f"/cases/new?person={world.ivy.id}").text
    assert "Ivy Novak has no level on a ladder yet" in page
    assert 'name="opening"' not in page


def test_for_a_stranger_one_gets_ones_own_page(world: World, client) -> None:
    browser = client(world.ada)
    own = browser.get("/cases/new").text
    asked = [f"person={world.rex.id}", "person=nobody", f"who={world.rex.email}", "who=nobody@example.org"]
    assert {TOKEN.sub("", browser.get(f"/cases/new?{query}").text) for query in asked} == {TOKEN.sub("", own)}


@pytest.mark.parametrize("chosen", ["promotion:{cycle}:principal", "", "x:y", "promotion:{cycle}:staff"])
def test_nobody_opens_a_case_for_a_stranger(world: World, client, chosen: str) -> None:
    data = {"person": world.rex.id, "opening": chosen.format(cycle=world.cycle.id)}
    answer = client(world.sam).post("/cases/new", data=data)
    assert answer.status_code == 422
    assert "Choose one of the cases that can be opened." in answer.text
    assert cases(world) == []


def test_the_top_of_a_track_and_another_ladder_are_closed_with_the_reason(world: World, client) -> None:
    world.sam.family_id = "product"
    world.commit()
    assert "There is no level above on this track." in client(world.cleo).get("/cases/new").text
    assert "does not take cases of this ladder" in client(world.sam).get("/cases/new").text


def test_outside_the_dates_there_is_nothing_to_open(world: World, client, frozen_clock) -> None:
    frozen_clock.move_to(NOW + timedelta(days=14))
    page = client(world.ada).get("/cases/new").text
    assert "No cycle takes new cases at the moment." in page
    assert client(world.ada).post("/cases/new", data={"opening": "x"}).status_code == 422


def test_the_dates_are_told_in_the_zone_of_whoever_asks(world: World) -> None:
    world.ada.timezone = "Pacific/Auckland"
    late = NOW + timedelta(days=20)
    with pytest.raises(Refused) as refused:
        open_case(world.s, actor=world.ada, candidate=world.ada, cycle=world.cycle, at=late)
    assert refused.value.message == (
        "Spring 2026 takes new cases from 02 Mar 2026, 23:00 (Pacific/Auckland) to "
        "30 Mar 2026, 23:00 (Pacific/Auckland)."
    )


def test_the_list_of_cases_leads_to_a_new_one(world: World, client) -> None:
    assert 'href="/cases/new"' in client(world.sam).get("/cases").text
