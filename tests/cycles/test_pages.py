"""The cycle pages, as people open them: dates and rubrics for everyone, the rest for people partners."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.cycles import policy
from portal.domain.case_flow import State
from portal.models.cycle import Cycle
from portal.models.person import Role
from portal.people import commands as people
from tests.world import NOW, World

NEW = {
    "name": "Autumn 2026",
    "slug": "autumn-2026",
    "opens_at": "2026-09-01T09:00",
    "submit_by": "2026-09-30T18:00",
    "review_by": "2026-10-20T18:00",
    "decide_by": "2026-11-20T18:00",
    "families": ["engineering"],
    "min_reviewers": "3",
    "margin": "0.25",
}
PANEL = {"name": "Lower grades", "grade_from": "1", "grade_to": "2", "chair": "rex@example.org"}
MEMBERS = {"deputy": "Rob@example.org ", "member_1": "rae@example.org", "member_4": "ron@example.org"}


def posted_dates(cycle: Cycle, **changes: str) -> dict[str, str]:
    moments = {
        key: f"{getattr(cycle, key):%Y-%m-%dT%H:%M}" for key in ("opens_at", "submit_by", "review_by", "decide_by")
    }
    return moments | {"name": cycle.name, "min_reviewers": "3", "version": str(cycle.version)} | changes


def test_everyone_sees_the_list_and_partners_see_counts(world: World, client: Any) -> None:
    world.case("ada", State.SUBMITTED)
    world.commit()
    mine, others = client(world.pia).get("/cycles").text, client(world.ada).get("/cycles").text
    assert ("Spring 2026" in others, "Cases you run" in others, "New cycle" in others) == (True, False, False)
    assert '<td class="num" data-label="Cases you run">1</td>' in mine


@pytest.mark.parametrize("who", ["ada", "max", "rex", "kim", "aud", "opal", "sam"])
def test_others_see_dates_and_rubrics_and_no_case(world: World, client: Any, who: str) -> None:
    before = client(getattr(world, who)).get("/cycles/spring-2026")
    world.s.rollback()
    world.case("mona", State.SUBMITTED)
    world.case("ivy", State.IN_REVIEW)
    world.commit()
    after = client(getattr(world, who)).get("/cycles/spring-2026")
    assert (before.status_code, "Submit by" in before.text, "Engineering</a>, version 1.0" in before.text) == (
        200,
        True,
        True,
    )
    assert main(after.text) == main(before.text)


def main(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


def test_the_cockpit_shows_what_is_stuck_with_a_way_to_it(world: World, client: Any) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    page = client(world.pia).get("/cycles/spring-2026").text
    assert "Waiting for a people partner: 1" in page
    assert f'<a class="work-title" href="/cases/{case.id}">Ada Marchetti</a>' in page
    assert "0 of 3 reviewers assigned." in page


def test_a_partner_who_is_a_candidate_does_not_find_their_own_case(world: World, client: Any) -> None:
    before = main(client(world.theo).get("/cycles/spring-2026").text)
    world.s.rollback()
    world.case("theo", State.IN_REVIEW)
    world.commit()
    assert main(client(world.theo).get("/cycles/spring-2026").text) == before
    assert "Theo Vance" not in before


def test_a_grade_nobody_decides_is_named(world: World, client: Any) -> None:
    world.case("sam")
    world.committee.grade_from = 4
    world.commit()
    assert "Nobody is named to decide grade 3." in client(world.pia).get("/cycles/spring-2026").text


@pytest.mark.parametrize(
    "path", ["new", "spring-2026/settings", "spring-2026/committees", "spring-2026/close", "spring-2026/copy"]
)
@pytest.mark.parametrize(("who", "status"), [("pia", 200), ("ada", 403), ("kim", 403), ("aud", 403), ("opal", 403)])
def test_only_people_partners_set_up_a_cycle(world: World, client: Any, path: str, who: str, status: int) -> None:
    assert client(getattr(world, who)).get(f"/cycles/{path}").status_code == status


@pytest.mark.parametrize("path", ["/cycles/law", "/cycles/law/settings", "/cycles/spring-2026/committees/000000000000"])
def test_a_cycle_that_does_not_exist_is_not_found(world: World, client: Any, path: str) -> None:
    assert client(world.pia).get(path).status_code == 404


def test_a_partner_sets_up_a_cycle_in_their_own_zone(world: World, client: Any) -> None:
    world.pia.timezone = "Europe/Berlin"
    world.commit()
    answer = client(world.pia).post("/cycles/new", data=NEW)
    assert (answer.status_code, answer.location) == (303, "/cycles/autumn-2026/committees")
    world.s.rollback()
    made = world.s.scalar(select(Cycle).where(Cycle.slug == "autumn-2026"))
    assert made is not None
    assert made.opens_at == datetime(2026, 9, 1, 7, 0, tzinfo=UTC)
    assert made.decide_by == datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # winter time by then
    assert (made.margin, made.min_reviewers, [p.family_id for p in made.pins]) == (0.25, 3, ["engineering"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"slug": "spring-2026"}, "Another cycle has &#39;spring-2026&#39; already; choose another."),
        ({"submit_by": "2026-08-01T00:00"}, "Must come after “Opens”."),
        ({"families": []}, "Choose at least one; the cycle takes cases of these only."),
        ({"margin": ""}, "Choose a margin."),
        ({"opens_at": "soon"}, "Not a valid datetime value."),
    ],
)
def test_a_refused_form_keeps_what_was_typed(world: World, client: Any, changes: dict[str, Any], said: str) -> None:
    answer = client(world.pia).post("/cycles/new", data=NEW | changes)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Autumn 2026"' in answer.text


def test_broken_rubric_files_stop_a_new_cycle_and_say_where_to_look(
    world: World, client: Any, app: Flask, tmp_path: Path
) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"rubrics": tmp_path / "nowhere"})
    answer = client(world.pia).get("/cycles/new")
    assert answer.status_code == 409
    assert "The page Ladders shows what is wrong." in answer.text


def test_a_copy_starts_half_a_year_later(world: World, client: Any) -> None:
    page = client(world.pia).get("/cycles/spring-2026/copy").text
    later = NOW - timedelta(days=14) + timedelta(weeks=26)
    assert f'value="{later:%Y-%m-%dT%H:%M}"' in page


def test_saving_the_dates_changes_them_for_everyone(world: World, client: Any) -> None:
    cycle = world.cycle
    data = posted_dates(cycle, submit_by="2026-03-28T10:00")
    answer = client(world.pia).post("/cycles/spring-2026/settings", data=data)
    assert answer.status_code == 303
    assert world.fresh(cycle).submit_by == datetime(2026, 3, 28, 10, 0, tzinfo=UTC)


def test_dates_out_of_order_come_back_with_the_field_named(world: World, client: Any) -> None:
    data = posted_dates(world.cycle, submit_by="2027-01-01T00:00")
    answer = client(world.pia).post("/cycles/spring-2026/settings", data=data)
    assert answer.status_code == 422
    assert "Must come after “Submit by”." in answer.text


def test_an_incomplete_form_comes_back(world: World, client: Any) -> None:
    browser = client(world.pia)
    dates = browser.post("/cycles/spring-2026/settings", data=posted_dates(world.cycle, name=""))
    margin = browser.post("/cycles/spring-2026/margin", data={"margin": "7"})
    assert (dates.status_code, margin.status_code) == (422, 422)


def test_two_partners_editing_at_once_lose_nothing(world: World, client: Any) -> None:
    data = posted_dates(world.cycle, name="Lent", version="0")
    answer = client(world.pia).post("/cycles/spring-2026/settings", data=data)
    assert answer.status_code == 409
    assert ("Lent" in answer.text, "Spring 2026" in answer.text) == (True, True)


def test_the_margin_keeps_its_history_on_the_page(world: World, client: Any) -> None:
    browser = client(world.pia)
    assert browser.post("/cycles/spring-2026/margin", data={"margin": "0.25"}).status_code == 303
    page = browser.get("/cycles/spring-2026/settings").text
    assert (page.count("before the cycle opened"), page.count("after the cycle opened")) == (1, 1)
    again = browser.post("/cycles/spring-2026/margin", data={"margin": "0.25"})
    assert (again.status_code, "The margin is 0.25 already." in again.text) == (422, True)


def test_a_committee_is_named_by_addresses(world: World, client: Any) -> None:
    answer = client(world.pia).post("/cycles/spring-2026/committees", data=PANEL | MEMBERS)
    assert (answer.status_code, answer.location) == (303, "/cycles/spring-2026/committees")
    world.s.rollback()
    world.s.refresh(world.cycle)
    committee = next(c for c in world.cycle.committees if c.grade_from == 1)
    assert sorted(s.person.name for s in committee.seats) == ["Rae Okonkwo", "Rex Tanaka", "Rob Silva", "Ron Haddad"]
    assert (committee.chair.name, committee.deputy.name if committee.deputy else "") == ("Rex Tanaka", "Rob Silva")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"member_1": "nobody@example.org"}, "Nobody here has this address."),
        ({"member_1": "", "member_4": ""}, "2 named; a committee has at least 3."),
        ({"grade_to": "3"}, "“Grades 3 to 5” decides grades 3 to 5 already"),
        ({"chair": ""}, "Name the chair by email address."),
    ],
)
def test_a_committee_that_cannot_be_comes_back(world: World, client: Any, changes: dict[str, str], said: str) -> None:
    answer = client(world.pia).post("/cycles/spring-2026/committees", data=PANEL | MEMBERS | changes)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_committee_gets_other_people_through_its_form(world: World, client: Any) -> None:
    path = f"/cycles/spring-2026/committees/{world.committee.id}"
    browser, version = client(world.pia), str(world.cycle.version)
    page = browser.get(path).text
    assert ('value="kim@example.org"' in page, 'value="joe@example.org"' in page) == (True, True)
    data = {"name": "Grades 3 to 5", "chair": "lou@example.org", "member_1": "nat@example.org", "version": version}
    short = browser.post(path, data=data)
    assert (short.status_code, "2 named; a committee has at least 3." in short.text) == (422, True)
    unknown = browser.post(path, data=data | {"member_2": "x@example.org"})
    assert (unknown.status_code, "Nobody here has this address." in unknown.text) == (422, True)
    assert browser.post(path, data=data | {"member_2": "ola@example.org"}).status_code == 303
    world.s.rollback()
    world.s.expire_all()
    assert (world.committee.chair.name, world.committee.deputy) == ("Lou Petit", None)


def test_a_cycle_is_closed_in_two_steps(world: World, client: Any) -> None:
    browser = client(world.pia)
    assert "This cannot be undone" in browser.get("/cycles/spring-2026/close").text
    assert browser.post("/cycles/spring-2026/close").status_code == 303
    page = browser.get("/cycles/spring-2026/settings").text
    assert ("It stays as it was." in page, "Save name and dates" in page) == (True, False)


def test_a_new_partner_finds_the_way_to_the_first_cycle(world: World, client: Any) -> None:
    world.s.delete(world.committee)
    world.s.flush()
    world.s.delete(world.cycle)
    people.grant(world.s, actor=None, person=world.sam, role=Role.PEOPLE_PARTNER, at=NOW)
    world.commit()
    assert "Set up the first cycle" in client(world.sam).get("/cycles").text
    assert "A people partner sets one up" in client(world.ada).get("/cycles").text


def test_the_policy_knows_two_kinds_of_people(world: World) -> None:
    assert {key for key, person in world.everyone.items() if policy.can_run(person)} == {"pia", "theo"}
    assert all(policy.can_see(person) for person in world.everyone.values())
