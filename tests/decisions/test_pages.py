"""The decision's and the appeal's pages, as each person opens and fills them."""

from typing import Any

import pytest

from portal.domain.case_flow import State
from portal.models.calibration import Choice
from portal.models.case import Case
from portal.models.decision import Outcome
from tests.world import World

REASONS = "Two pieces of evidence show it, and colleagues confirmed both."


def voted(world: World, *, carried: bool, scores: tuple[int, ...] = (3, 3, 3)) -> Case:
    case = world.case("ada", State.IN_CALIBRATION, scores=scores)
    world.ballot(case, dict.fromkeys(("kim", "lou", "nat"), Choice.FOR if carried else Choice.AGAINST))
    world.bar_check(case)
    world.commit()
    return case


def test_the_chair_records_and_a_second_member_confirms(world: World, client) -> None:
    case = voted(world, carried=False, scores=(2, 2, 3))
    kim, nat = client(world.kim), client(world.nat)
    page = kim.get(f"/cases/{case.id}/decision").text
    assert "Teaching and lifting: The bar insists on at least 3; the reviews give 2.33." in page
    assert 'value="approved"' not in page
    sent = {"seen": "0", "outcome": "not_yet", "unmet": ["must_have:teaching"], "reasons": REASONS}
    assert kim.post(f"/cases/{case.id}/decision", data=sent).status_code == 303
    assert "Confirm version 1" not in kim.get(f"/cases/{case.id}/decision").text
    assert "Confirm version 1" in nat.get(f"/cases/{case.id}/decision").text
    assert nat.post(f"/cases/{case.id}/decision/confirm", data={"seen": "1"}).status_code == 303
    world.fresh(case)
    made = case.decisions[-1]
    assert (case.state, made.outcome, made.confirmed_by.name) == (State.DECIDED, Outcome.NOT_YET, "Nat Weiss")


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"outcome": "approved", "reasons": REASONS}, "so the outcome is not yet."),
        ({"outcome": "not_yet", "reasons": REASONS}, "Name at least one clause"),
        ({"outcome": "not_yet", "unmet": "must_have:teaching", "reasons": "no"}, "Say why, in words"),
        ({"reasons": REASONS}, "Choose the outcome."),
    ],
)
def test_a_contradiction_comes_back_with_the_reason_and_the_text(world: World, client, sent: Any, says: str) -> None:
    case = voted(world, carried=False, scores=(2, 2, 3))
    answer = client(world.kim).post(f"/cases/{case.id}/decision", data={"seen": "0", **sent})
    assert answer.status_code == 422
    assert says in answer.text
    assert sent["reasons"] in answer.text
    assert world.fresh(case).state is State.IN_CALIBRATION


def test_a_decision_written_in_a_second_tab_is_not_overwritten(world: World, client) -> None:
    case = voted(world, carried=True)
    kim = client(world.kim)
    first = {"seen": "0", "outcome": "approved", "reasons": REASONS, "effective_on": "2026-05-01"}
    kim.post(f"/cases/{case.id}/decision", data=first)
    answer = kim.post(f"/cases/{case.id}/decision", data={**first, "reasons": "Written in the other tab."})
    assert answer.status_code == 409
    assert "Written in the other tab." in answer.text
    assert REASONS in answer.text


def test_a_member_who_read_an_older_version_does_not_confirm_the_newer(world: World, client) -> None:
    case = voted(world, carried=True)
    kim, nat = client(world.kim), client(world.nat)
    sent = {"outcome": "deferred", "reasons": REASONS}
    kim.post(f"/cases/{case.id}/decision", data={"seen": "0", **sent})
    kim.post(f"/cases/{case.id}/decision", data={"seen": "1", "correction": "A clearer text.", **sent})
    assert nat.post(f"/cases/{case.id}/decision/confirm", data={"seen": "1"}).status_code == 409
    assert nat.post(f"/cases/{case.id}/decision/confirm", data={}).status_code == 422
    page = nat.get(f"/cases/{case.id}/decision").text
    assert "Earlier versions" in page
    assert "Confirm version 2" in page


def test_a_closed_step_says_what_is_missing(world: World, client) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    world.commit()
    page = client(world.kim).get(f"/cases/{case.id}/decision").text
    assert "The ballot has not been held and closed." in page
    assert "The equivalence check has not been run at this grade." in page


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("ada", {"outcome", "reasons"}),
        ("max", {"outcome", "reasons"}),
        ("rex", {"outcome"}),
        ("aud", set()),
        ("nat", {"outcome", "reasons", "names"}),
    ],
)
def test_after_release_everyone_reads_their_part(world: World, client, who: str, sees: set[str]) -> None:
    case = world.case("ada", State.RELEASED)
    world.commit()
    page = client(getattr(world, who)).get(f"/cases/{case.id}/decision").text
    signs = {"outcome": "approved", "reasons": "The evidence shows the bar was met", "names": "Kim Larsen"}
    assert {name for name, sign in signs.items() if sign in page} == sees


def test_the_list_of_a_cycle_leaves_out_ones_own_case(world: World, client) -> None:
    world.case("ada", State.DECIDED)
    world.case("mona", State.IN_CALIBRATION)
    world.case("theo", State.DECIDED)
    world.commit()
    url = "/cycles/spring-2026/decisions"
    for who, names in (("pia", {"Ada", "Mona", "Theo"}), ("theo", {"Ada", "Mona"}), ("nat", {"Ada", "Mona", "Theo"})):
        table = client(getattr(world, who)).get(url).text.partition("<tbody>")[2]
        assert {n for n in ("Ada", "Mona", "Theo") if n in table} == names
    assert client(world.sam).get(url).status_code == 404


def test_a_list_without_cases_says_what_to_do(world: World, client) -> None:
    assert "sent to calibration" in client(world.pia).get("/cycles/spring-2026/decisions").text


def test_the_candidate_acknowledges_from_the_case_page(world: World, client) -> None:
    case = world.case("ada", State.RELEASED)
    world.commit()
    ada = client(world.ada)
    assert "Acknowledge the letter" in ada.get(f"/cases/{case.id}").text
    assert ada.post(f"/cases/{case.id}/acknowledge").status_code == 303
    assert "Acknowledge the letter" not in ada.get(f"/cases/{case.id}").text


def test_an_appeal_from_filing_to_its_answer(world: World, client) -> None:
    case = world.case("ada", State.RELEASED, outcome=Outcome.NOT_YET)
    world.commit()
    ada, pia, dirk = client(world.ada), client(world.pia), client(world.dirk)
    url = f"/cases/{case.id}/appeal"
    assert "until 6 Apr 2026" in ada.get(url).text
    assert ada.post(url, data={"ground": "procedure", "statement": "Too short"}).status_code == 422
    filed = {"ground": "procedure", "statement": "Nobody asked the second referee."}
    assert ada.post(url, data=filed).status_code == 303
    assert "The people partner appoints" in ada.get(url).text
    assert dirk.get(url).status_code == 404
    assert "Appoint who answers the appeal" in pia.get(f"/cases/{case.id}").text
    for email, says in (("nobody@example.org", "Nobody here"), ("kim@example.org", "on the committee"), ("", "Name")):
        refused = pia.post(f"{url}/appoint", data={"email": email})
        assert refused.status_code == 422
        assert says in refused.text
    assert pia.post(f"{url}/appoint", data={"email": "dirk@example.org"}).status_code == 303
    record = dirk.get(url).text
    assert "Nobody asked the second referee." in record
    assert "Summary by Reviewer 1." in record
    assert "Rex Tanaka" not in record
    assert dirk.get(f"/cases/{case.id}").status_code == 404
    assert dirk.post(f"{url}/answer", data={"action": "uphold", "answer": "No."}).status_code == 422
    named = {"action": "uphold", "answer": "Rex Tanaka looked at it properly, I think."}
    assert "name Rex Tanaka" in dirk.post(f"{url}/answer", data=named).text
    answer = {"action": "uphold", "answer": "The procedure was followed in every step."}
    assert dirk.post(f"{url}/answer", data=answer).location == "/"
    assert dirk.get(url).status_code == 404
    assert "The procedure was followed in every step." in ada.get(url).text
    assert world.fresh(case).state is State.RELEASED


def test_after_the_last_day_the_page_says_so(world: World, client, frozen_clock: Any) -> None:
    case = world.case("ada", State.RELEASED)
    world.commit()
    frozen_clock.move_to("2026-04-08T10:00:00+00:00")
    assert "The last day for an appeal has passed." in client(world.ada).get(f"/cases/{case.id}/appeal").text
