"""People who are kept apart: no part in each other's cases in any role, nobody told why, two to undo it."""

from typing import Any

import pytest

from portal.cases import policy
from portal.cases import queries as cases
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, Refused
from portal.models.packet import Statement
from portal.models.person import KeptApart, Role
from portal.people import commands, queries
from portal.records.queries import events_for
from portal.reviews import queries as reviews
from tests.world import NOW, World


def apart(world: World, *who: str, by: str = "pia", cycle: Any = None) -> str:
    people = [getattr(world, key) for key in who]
    actor = getattr(world, by)
    return commands.keep_apart(world.s, people=people, actor=actor, reason="siblings", cycle=cycle, at=NOW)


def fresh(world: World, case: Any) -> Any:
    world.commit()
    world.s.refresh(case)
    return case


@pytest.mark.parametrize("who", ["rex", "kim", "theo"])
def test_it_takes_every_hat_of_both_sides(world: World, who: str) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    apart(world, "ada", who)
    fresh(world, case)
    person = getattr(world, who)
    assert policy.hats(person, case) == {policy.Hat.CONFLICTED}
    assert policy.conflict(person, case) == "They are kept apart from Ada Marchetti."
    assert cases.visible_to(world.s, person) == []
    assert reviews.queue(world.s, person) == []


def test_scores_of_somebody_kept_apart_do_not_count(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    assert len(reviews.sealed_scores(world.s, case)) == 3
    apart(world, "ada", "rex")
    fresh(world, case)
    assert len(reviews.sealed_scores(world.s, case)) == 2
    assert len(reviews.sealed_reviews(world.s, case)) == 2
    assert cases.facts_for(world.s, case, NOW).reviews_sealed == 2


def test_the_deputy_presides_while_the_chair_is_kept_apart_or_gone(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    assert policy.Hat.CHAIR not in policy.hats(world.lou, case)
    bond = apart(world, "ada", "kim")
    assert policy.Hat.CHAIR in policy.hats(world.lou, fresh(world, case))
    commands.end_apart(world.s, bond=bond, actor=world.theo, at=NOW)
    assert policy.Hat.CHAIR not in policy.hats(world.lou, fresh(world, case))
    world.kim.active = False
    assert policy.Hat.CHAIR in policy.hats(world.lou, fresh(world, case))
    submitted = world.case("mona", State.SUBMITTED)
    assert [c.id for c in cases.visible_to(world.s, world.lou)] == [case.id, submitted.id]


def test_competitors_for_one_role_are_kept_apart_in_that_cycle_only(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    apart(world, "ada", "rex", "ola", cycle=world.cycle)
    assert fresh(world, case).kept_apart_ids == {world.rex.id, world.ola.id}
    world.s.query(KeptApart).update({"cycle_id": None, "person_id": world.sam.id})
    assert fresh(world, case).kept_apart_ids == frozenset()


def test_who_wrote_a_statement_stays_away(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    world.s.add(Statement(case_id=case.id, writer_id=world.ola.id, saved_at=NOW))
    fresh(world, case)
    assert policy.conflict(world.ola, case) == "They wrote a statement on this case."
    assert cases.visible_to(world.s, world.ola) == []


def test_two_people_and_a_reason_are_needed(world: World) -> None:
    with pytest.raises(InvalidInput, match="two different"):
        apart(world, "ada", "ada")
    with pytest.raises(InvalidInput, match="Reason"):
        commands.keep_apart(world.s, people=[world.ada, world.rex], actor=world.pia, reason=" ", at=NOW)


def test_it_is_ended_by_another_people_partner_once(world: World) -> None:
    bond = apart(world, "ada", "rex")
    with pytest.raises(Refused, match="Another people partner"):
        commands.end_apart(world.s, bond=bond, actor=world.pia, at=NOW)
    commands.end_apart(world.s, bond=bond, actor=world.theo, at=NOW)
    with pytest.raises(Refused, match="no longer in force"):
        commands.end_apart(world.s, bond=bond, actor=world.theo, at=NOW)


def test_nobody_sees_their_own_entry(world: World, client: Any) -> None:
    apart(world, "ada", "theo")
    world.commit()
    assert [len(queries.bonds(world.s, p)) for p in (world.pia, world.theo)] == [1, 0]
    assert "siblings" not in client(world.theo).get("/people/apart").text


@pytest.mark.parametrize("who", ["ada", "rex", "kim", "aud", "opal"])
def test_the_page_is_for_people_partners(world: World, client: Any, who: str) -> None:
    person = getattr(world, who)
    assert client(person).get("/people/apart").status_code == 404
    assert client(person).post("/people/apart", data={}).status_code == 404


def test_a_people_partner_keeps_the_list(world: World, client: Any) -> None:
    browser, url = client(world.pia), "/people/apart"
    asked = {"people": "ada@example.org\nrex@example.org", "cycle": "spring-2026", "reason": "one seat"}
    assert browser.post(url, data=asked | {"reason": ""}).status_code == 422
    wrong = browser.post(url, data=asked | {"people": "ada@example.org\nnobody@example.org"})
    assert (wrong.status_code, "Line 2: nobody here has the address nobody@example.org." in wrong.text) == (422, True)
    assert browser.post(url, data=asked | {"people": "ada@example.org"}).status_code == 422
    assert browser.post(url, data=asked).status_code == 303
    page = browser.get(url).text
    assert [word in page for word in ("Ada Marchetti, Rex Tanaka", "Spring 2026", "one seat")] == [True] * 3
    world.s.rollback()
    [bond] = queries.bonds(world.s, world.pia)
    assert browser.post(f"{url}/{bond.id}/end").status_code == 409
    assert client(world.theo).post(f"{url}/{bond.id}/end").status_code == 303
    assert "Nobody is kept apart" in browser.get(url).text


def test_roles_do_not_help(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    commands.grant(world.s, actor=None, person=world.rex, role=Role.PEOPLE_PARTNER, at=NOW)
    apart(world, "ada", "rex")
    assert policy.hats(world.rex, fresh(world, case)) == {policy.Hat.CONFLICTED}


def test_the_log_and_the_undoing_tell_nobody_that_they_are_in_a_bond(world: World, client: Any) -> None:
    bond = apart(world, "theo", "rex")
    world.commit()
    log = {who: {row.thing for row in events_for(world.s, getattr(world, who))} for who in ("pia", "theo")}
    assert (f"bond:{bond}" in log["pia"], f"bond:{bond}" in log["theo"]) == (True, False)
    undone = [client(world.theo).post(f"/people/apart/{one}/end") for one in (bond, "0" * 12)]
    assert [answer.status_code for answer in undone] == [409, 409]
    with pytest.raises(Refused, match="This is no longer in force"):
        commands.end_apart(world.s, bond=bond, actor=world.theo, at=NOW)


def test_who_is_kept_apart_learns_nothing_from_opening_a_case_for_the_other(world: World, client: Any) -> None:
    world.case("ada", State.IN_REVIEW)
    apart(world, "ada", "theo")
    world.commit()
    asked = client(world.theo).get(f"/cases/new?person={world.ada.id}").text
    assert "Ada Marchetti" in client(world.pia).get(f"/cases/new?person={world.ada.id}").text
    assert ("There is an open case already" in asked, world.ada.id in asked) == (False, False)


def test_nobody_records_a_bond_of_their_own(world: World) -> None:
    case = world.case("theo", State.IN_CALIBRATION)
    with pytest.raises(InvalidInput, match="another people partner records a bond of yours"):
        apart(world, "theo", "rex", by="theo")
    assert len(reviews.sealed_scores(world.s, fresh(world, case))) == 3
