"""Signing in and out: what a stranger learns (nothing), and what ends a session (everything that should)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.models.person import Person, Role, SignInSession
from portal.people import commands, queries
from tests.world import NOW, World

PASSWORD = "a quiet morning by the lake"


@pytest.fixture
def ada(world: World) -> Person:
    person = world.ada
    commands.set_password(world.s, person=person, password=PASSWORD, at=NOW)
    world.commit()
    return person


def sign_in(browser, email: str = "ada@example.org", password: str = PASSWORD, **more: str):
    return browser.post("/sign-in", data={"email": email, "password": password, **more})


def test_the_right_password_opens_the_door(ada: Person, client) -> None:
    browser = client()
    answer = sign_in(browser, next="/cases")
    assert (answer.status_code, answer.location) == (303, "/cases")
    assert browser.get("/").status_code == 200


def test_a_wrong_password_and_an_unknown_account_look_the_same(ada: Person, client) -> None:
    wrong = sign_in(client(), password="something else entirely")
    unknown = sign_in(client(), email="nobody@example.org")
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    told = "That email and password do not fit together."
    assert told in wrong.text
    assert told in unknown.text


def test_signing_in_leads_nowhere_else(ada: Person, client) -> None:
    for target in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert sign_in(client(), next=target).location == "/"


def test_ten_tries_in_five_minutes_are_the_limit(ada: Person, client, frozen_clock) -> None:
    browser = client()
    for _ in range(10):
        assert sign_in(browser, password="wrong wrong wrong").status_code == 422
    assert sign_in(browser).status_code == 429
    frozen_clock.shift(timedelta(minutes=5, seconds=1))
    assert sign_in(browser).status_code == 303


def test_an_office_behind_one_address_signs_in_in_the_morning(ada: Person, client) -> None:
    assert [sign_in(client()).status_code for _ in range(12)] == [303] * 12


def test_signing_in_oneself_does_not_clear_an_address_of_its_failed_tries(ada: Person, client) -> None:
    browser = client()
    for _ in range(9):
        sign_in(browser, email="kim@example.org", password="wrong wrong wrong")
    assert sign_in(browser).status_code == 303
    assert sign_in(client(), email="lou@example.org", password="wrong wrong wrong").status_code == 422
    assert sign_in(client()).status_code == 429


def test_a_cookie_copied_before_signing_out_is_worthless_after(ada: Person, client, app) -> None:
    browser = client()
    sign_in(browser)
    token = browser.get_cookie("evenbar").value
    assert browser.post("/sign-out").status_code == 303
    thief = app.test_client()
    thief.set_cookie("evenbar", token)
    assert thief.get("/").status_code == 303


def test_signing_in_gives_the_browser_a_new_key(ada: Person, client) -> None:
    browser = client()
    browser.get("/sign-in")
    before = browser.get_cookie("evenbar").value
    sign_in(browser)
    assert browser.get_cookie("evenbar").value != before


def test_the_database_holds_no_cookie(ada: Person, client, world: World) -> None:
    browser = client()
    sign_in(browser)
    token = browser.get_cookie("evenbar").value
    world.s.rollback()
    assert token not in {row.token_hash for row in world.s.scalars(select(SignInSession))}


@pytest.mark.parametrize(("role", "minutes"), [(None, 120), (Role.PEOPLE_PARTNER, 30), (Role.AUDITOR, 30)])
def test_those_who_see_most_idle_least(world: World, role: Role | None, minutes: int) -> None:
    if role:
        commands.grant(world.s, actor=None, person=world.ada, role=role, at=NOW)
    assert queries.idle_minutes(world.s, world.ada) == minutes


def test_a_chair_idles_little_while_the_cycle_runs(world: World) -> None:
    assert queries.idle_minutes(world.s, world.kim) == 30


def test_an_idle_session_ends_and_an_active_one_lasts_twelve_hours(ada: Person, client, frozen_clock) -> None:
    browser = client()
    sign_in(browser)
    for _ in range(11):
        frozen_clock.shift(timedelta(minutes=61))
        assert browser.get("/").status_code == 200
    frozen_clock.shift(timedelta(minutes=61))
    assert browser.get("/").status_code == 303, "twelve hours are over"
    sign_in(browser)
    frozen_clock.shift(timedelta(minutes=121))
    assert browser.get("/").status_code == 303, "two hours without a click"


def test_a_new_password_ends_every_other_session(ada: Person, client) -> None:
    one, other = client(), client()
    sign_in(one)
    sign_in(other)
    form = {"current": PASSWORD, "password": "an evening in the mountains"}
    assert one.post("/account/password", data=form).status_code == 303
    assert one.get("/").status_code == 200
    assert other.get("/").status_code == 303


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"current": "not the one I have", "password": "an evening in the mountains"}, "not your current password"),
        ({"current": PASSWORD, "password": "short"}, "15 to 128 characters"),
        ({"current": PASSWORD, "password": "marchetti marchetti"}, "well-known word"),
        ({"current": PASSWORD, "password": "aaaaaaaaaaaaaaaaaaaa"}, "more different characters"),
    ],
)
def test_a_password_that_cannot_be_used_is_refused_with_the_reason(ada: Person, client, form, told: str) -> None:
    browser = client()
    sign_in(browser)
    answer = browser.post("/account/password", data=form)
    assert answer.status_code == 422
    assert told in answer.text


def test_a_leaver_is_out_at_once(ada: Person, client, world: World) -> None:
    browser = client()
    sign_in(browser)
    world.s.rollback()
    commands.deactivate(world.s, actor=world.pia, person=world.ada, at=NOW)
    world.commit()
    assert browser.get("/").status_code == 303
    assert sign_in(client()).status_code == 422


def test_a_role_taken_away_counts_at_the_next_click(world: World, client) -> None:
    browser = client(world.aud)
    assert browser.get("/records/verify").status_code == 200
    world.s.rollback()
    commands.revoke(world.s, actor=world.opal, person=world.aud, role=Role.AUDITOR, at=NOW)
    world.commit()
    assert browser.get("/records/verify").status_code == 403


def test_my_sessions_are_listed_and_the_others_can_be_ended(ada: Person, client) -> None:
    one, other = client(), client()
    sign_in(one)
    sign_in(other)
    assert one.get("/account/sessions").text.count("<tr>") == 3
    assert one.post("/account/sessions/end-others").status_code == 303
    assert (one.get("/").status_code, other.get("/").status_code) == (200, 303)


def test_an_invitation_works_once_and_for_a_week(world: World, client, frozen_clock) -> None:
    token = commands.invite(world.s, actor=world.pia, person=world.sam, at=NOW)
    late = commands.invite(world.s, actor=world.pia, person=world.ivy, at=NOW)
    world.commit()
    browser = client()
    assert browser.get(f"/invite/{token}").status_code == 200
    assert browser.post(f"/invite/{token}", data={"password": "short"}).status_code == 422
    assert browser.post(f"/invite/{token}", data={"password": PASSWORD}).status_code == 303
    assert browser.get("/").status_code == 200
    assert client().get(f"/invite/{token}").status_code == 404
    frozen_clock.shift(timedelta(days=7, seconds=1))
    assert client().get(f"/invite/{late}").status_code == 404


def test_an_invitation_ends_those_before_it_and_a_password_ends_them_all(world: World, client) -> None:
    first = commands.invite(world.s, actor=world.pia, person=world.sam, at=NOW)
    second = commands.invite(world.s, actor=world.pia, person=world.sam, at=NOW)
    world.commit()
    assert [client().get(f"/invite/{token}").status_code for token in (first, second)] == [404, 200]
    commands.set_password(world.s, person=world.sam, password=PASSWORD, at=NOW)
    world.commit()
    assert client().get(f"/invite/{second}").status_code == 404


def test_a_session_left_open_is_no_way_to_guess_the_password(ada: Person, client, frozen_clock) -> None:
    """Ten wrong tries in five minutes, and then not even the right one; an address that signs in is not held up."""
    browser = client()
    sign_in(browser)
    wrong = {"current": "not the one I have", "password": "an evening in the mountains"}
    right = wrong | {"current": PASSWORD}
    assert [browser.post("/account/password", data=wrong).status_code for _ in range(11)] == [422] * 10 + [429]
    assert browser.post("/account/password", data=right).status_code == 429
    assert sign_in(client()).status_code == 303
    frozen_clock.shift(timedelta(minutes=5, seconds=1))
    assert browser.post("/account/password", data=right).status_code == 303
