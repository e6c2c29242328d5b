"""What every answer carries, and what happens to requests that are not as they should be."""

import pytest

from portal.adapters.clock import now
from portal.domain.case_flow import State
from portal.models.outbox import OutboxRow, enqueue
from portal.web.security_headers import HEADERS
from tests.world import World

EVERYWHERE = ["/", "/cases", "/nothing-here", "/sign-in", "/healthz"]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_carries_the_headers(world: World, client, path: str) -> None:
    answer = client(world.ada).get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert {"HX-Request", "Cookie"} <= {v.strip() for v in answer.headers["Vary"].split(",")}
    assert "Server" not in answer.headers


def test_the_policy_allows_nothing_inline() -> None:
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert HEADERS["Content-Security-Policy"].startswith("default-src 'none';")


def test_a_form_without_its_token_changes_nothing(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    answer = client(world.ada).post(f"/cases/{case.id}/withdraw", csrf=False)
    assert answer.status_code == 400
    assert world.fresh(case).state is State.SUBMITTED


def test_another_hosts_name_is_refused(world: World, client) -> None:
    assert client(world.ada).get("/", base_url="http://evil.example").status_code == 400


def test_a_form_that_is_too_large_is_refused_whole(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    answer = client(world.ada).post(f"/cases/{case.id}/withdraw", data={"reason": "x" * (2 * 1024 * 1024 + 1)})
    assert answer.status_code == 413
    assert world.fresh(case).state is State.SUBMITTED


def test_too_many_fields_are_refused(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    fields = {f"field{n}": "x" for n in range(1001)}
    answer = client(world.ada).post(f"/cases/{case.id}/withdraw", data=fields, content_type="multipart/form-data")
    assert answer.status_code == 413
    assert world.fresh(case).state is State.SUBMITTED


def test_a_double_click_has_one_effect(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    browser = client(world.ada)
    first = browser.post(f"/cases/{case.id}/withdraw", data={"idempotency_token": "same"})
    again = browser.post(f"/cases/{case.id}/withdraw", data={"idempotency_token": "same"})
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    assert [e.action.value for e in world.fresh(case).events] == ["submit", "withdraw"]


def test_a_refused_form_may_be_sent_again_with_the_same_token(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    browser, token = client(world.pia), {"idempotency_token": "t", "sections": "Summary"}
    bad = browser.post(f"/cases/{case.id}/return", data={**token, "reason": ""})
    good = browser.post(f"/cases/{case.id}/return", data={**token, "reason": "Name the second team."})
    assert (bad.status_code, good.status_code) == (422, 303)


def test_htmx_is_sent_to_the_sign_in_page_not_given_it(world: World, client) -> None:
    answer = client().get("/cases", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.data) == (401, b"")
    assert answer.headers["HX-Redirect"] == "/sign-in?next=%2Fcases"


def test_an_autosave_of_a_lapsed_session_says_that_the_text_is_still_there(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    answer = client().post(f"/cases/{case.id}/withdraw", headers={"X-Autosave": "1"})
    assert answer.status_code == 401
    assert "still here" in answer.json["problem"]


def test_a_refusal_reaches_htmx_as_one_line(world: World, client) -> None:
    case = world.case("ada")
    world.commit()
    answer = client(world.pia).post(
        f"/cases/{case.id}/return",
        data={"sections": "Summary", "reason": "Nothing yet."},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#problems"


def test_the_same_intent_is_written_once(world: World) -> None:
    for _ in range(2):
        enqueue(world.s, kind="mail", key="one", payload={}, at=now())
    assert world.s.query(OutboxRow).filter_by(key="one").count() == 1


def test_a_form_sent_after_the_session_ended_gives_the_text_back(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    told = {"reason": "I want to <b>wait</b> a year.", "csrf_token": "of a session that is gone"}
    answer = client().post(f"/cases/{case.id}/withdraw", data=told, csrf=False)
    assert answer.status_code == 401
    assert "I want to &lt;b&gt;wait&lt;/b&gt; a year." in answer.text
