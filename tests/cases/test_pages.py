"""The case list and a case's page, as people open them."""

from datetime import UTC, datetime

import pytest

from portal.domain.case_flow import State
from tests.world import World


@pytest.mark.parametrize(
    ("who", "status"), [("ada", 200), ("max", 200), ("pia", 200), ("rex", 404), ("sam", 404), ("ivy", 404)]
)
def test_a_draft_is_known_to_its_parties_only(world: World, client, who: str, status: int) -> None:
    case = world.case("ada")
    world.commit()
    assert client(getattr(world, who)).get(f"/cases/{case.id}").status_code == status


def test_hidden_and_missing_answer_with_the_same_bytes(world: World, client) -> None:
    case = world.case("ada")
    world.commit()
    browser = client(world.sam)
    hidden, missing = browser.get(f"/cases/{case.id}"), browser.get("/cases/000000000000")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.data == missing.data


def test_a_visitor_is_asked_to_sign_in_and_learns_nothing(world: World, client) -> None:
    case = world.case("ada")
    world.commit()
    real, made_up = client().get(f"/cases/{case.id}"), client().get("/cases/000000000000")
    assert (real.status_code, real.location) == (303, f"/sign-in?next=%2Fcases%2F{case.id}")
    assert made_up.status_code == 303


def test_the_candidate_withdraws_and_takes_it_up_again(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    browser = client(world.ada)
    assert browser.post(f"/cases/{case.id}/withdraw", data={"reason": "next year"}).status_code == 303
    world.fresh(case)
    assert case.state is State.WITHDRAWN
    assert "to come" not in browser.get(f"/cases/{case.id}").text
    assert browser.post(f"/cases/{case.id}/revive").status_code == 303
    world.fresh(case)
    assert case.state is State.DRAFT
    assert [e.action.value for e in case.events] == ["submit", "withdraw", "revive"]


def test_a_people_partner_returns_a_case_and_says_what_is_missing(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    browser = client(world.pia)
    for wrong, says in (
        ({"sections": "Summary", "reason": "more"}, "Say what is missing"),
        ({"reason": "Name the second team."}, "Tick at least one part"),
    ):
        refused = browser.post(f"/cases/{case.id}/return", data=wrong)
        assert (refused.status_code, says in refused.text) == (422, True)
    done = browser.post(f"/cases/{case.id}/return", data={"sections": "Summary", "reason": "Name the second team."})
    assert done.status_code == 303
    world.fresh(case)
    assert (case.state, case.events[-1].note) == (State.DRAFT, "Summary: Name the second team.")


def test_a_step_that_the_table_does_not_know_is_refused(world: World, client) -> None:
    case = world.case("ada")
    world.commit()
    answer = client(world.pia).post(f"/cases/{case.id}/return", data={"sections": "Summary", "reason": "Nothing yet."})
    assert answer.status_code == 409
    world.fresh(case)
    assert case.state is State.DRAFT


def test_one_reason_against_every_type_is_said_once(world: World, client) -> None:
    world.case("ada")
    world.commit()
    page = client(world.ada).get("/cases/new").text
    assert page.count("There is an open case already; there is one at a time.") == 1
    assert "Not possible now" not in page


def test_more_time_is_given_until_the_end_of_a_day_of_the_giver(world: World, client) -> None:
    case = world.case("ada")
    world.pia.timezone = "America/New_York"
    world.commit()
    browser, path = client(world.pia), f"/cases/{case.id}/extension"
    assert "Until the end of that day in your time zone, America/New_York." in browser.get(path).text
    assert browser.post(path, data={"until": "2026-06-01", "reason": "Was ill."}).status_code == 303
    world.fresh(case)
    assert case.submit_by == datetime(2026, 6, 2, 4, tzinfo=UTC)


def test_a_deadline_that_passed_is_told_in_the_zone_of_the_reader(world: World, client, frozen_clock) -> None:
    case = world.case("ada")
    world.ada.timezone, world.cycle.submit_by = "Europe/Berlin", datetime(2026, 4, 1, 10, tzinfo=UTC)
    world.commit()
    frozen_clock.move_to(datetime(2026, 4, 2, tzinfo=UTC))
    said = "The deadline passed on 1 Apr 2026, 12:00 UTC+02:00."
    browser = client(world.ada)
    assert said in browser.get(f"/cases/{case.id}/packet/submit").text
    assert said in browser.post(f"/cases/{case.id}/packet/submit").text
