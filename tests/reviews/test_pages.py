"""The room as people open it: the form with and without script, the seal, what opens then, and the board."""

import html5lib
import pytest

from portal.domain.case_flow import State
from portal.models.audit import AuditEvent
from portal.models.packet import Referee, RefereeState, Snapshot
from portal.models.review import NoScore, Review
from portal.reviews import commands
from tests.reviews.filling import saved, sealed, seat, sent
from tests.world import NOW, World

SAID = "{http://www.w3.org/1999/xhtml}"
NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) <b data-hx-post='/x'>bold</b>"


def fields_of(text: str, form_id: str) -> dict[str, list[str]]:
    """What a browser without script would send from a form, as it stands."""
    tree = html5lib.parse(text)
    form = next(f for f in tree.iter(f"{SAID}form") if f.get("id") == form_id)
    found: dict[str, list[str]] = {}
    for e in form.iter():
        name, kind = e.get("name"), e.get("type")
        if e.tag == f"{SAID}textarea" and name:
            found.setdefault(name, []).append("".join(e.itertext()))
        elif e.tag == f"{SAID}input" and name and (kind not in ("radio", "checkbox") or e.get("checked") is not None):
            found.setdefault(name, []).append(e.get("value") or "")
    return found


def test_the_form_works_as_a_plain_form_from_first_score_to_seal(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    browser, url = client(world.rex), f"/cases/{case.id}/review"
    blank = fields_of(browser.get(url).text, "review-form")
    snapshot = world.s.query(Snapshot).one()
    cited = snapshot.content["evidence"][0]["id"]
    data = {**blank, **sent(world, case), "ships--cites": [cited], "then": "seal"}
    checked = browser.post(url, data=data)
    assert (checked.status_code, checked.location) == (303, f"{url}/seal")
    kept = fields_of(browser.get(url).text, "review-form")
    assert (kept["ships--score"], kept["ships--why"], kept["version"]) == (["3"], ["Shown in result 1."], ["1"])
    assert kept["ships--cites"] == [cited]
    second = browser.get(f"{url}/seal").text
    assert "3 · Reached unaided" in second
    done = browser.post(f"{url}/seal", data={"version": "1"})
    assert (done.status_code, done.location) == (303, f"/cases/{case.id}/reviews")
    world.s.rollback()
    review = world.s.query(Review).one()
    assert (review.sealed_at, [row.cites for row in review.scores if row.competency_id == "ships"]) == (NOW, [[cited]])


def test_the_form_saves_itself_and_says_how_far_it_is(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    browser, url = client(world.rex), f"/cases/{case.id}/review"
    assert "0 of 6 scored" in browser.get(url).text
    data = sent(world, case) | {"depth--score": NoScore.OUTSIDE_MY_FIELD.value}
    del data["ships--score"]
    first = browser.post(url, data=data, headers={"X-Autosave": "1"})
    assert first.json == {"version": 1, "label": "5 of 6 scored · saved 10:00 UTC"}
    assert "5 of 6 scored" in browser.get("/reviews").text


def test_an_autosave_that_is_refused_says_why(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    browser, url, autosave = client(world.rex), f"/cases/{case.id}/review", {"X-Autosave": "1"}
    too_long = browser.post(url, data=sent(world, case, why="x" * 20_001), headers=autosave)
    assert (too_long.status_code, too_long.json) == (
        422,
        {"message": "Something in it is too long or not a choice."},
    )
    strange = browser.post(url, data=sent(world, case) | {"ships--cites": "zzz"}, headers=autosave)
    assert (strange.status_code, strange.json) == (
        422,
        {"message": "The review was not saved. Ships what matters: it cites evidence that is not in this packet."},
    )


def test_a_refused_form_keeps_what_was_written(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    browser, url = client(world.rex), f"/cases/{case.id}/review"
    wrong = sent(world, case, why="Shown twice.") | {"ships--score": "9"}
    answer = browser.post(url, data=wrong)
    assert answer.status_code == 422
    assert fields_of(answer.text, "review-form")["depth--why"] == ["Shown twice."]
    assert 'id="error-summary"' in answer.text
    strange = browser.post(url, data=sent(world, case) | {"ships--cites": "zzz"})
    assert strange.status_code == 422
    assert "it cites evidence that is not in this packet" in strange.text


def test_two_tabs_lose_nothing(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    browser, url = client(world.rex), f"/cases/{case.id}/review"
    browser.post(url, data=sent(world, case, why="from the first tab"))
    second = sent(world, case, why="from the second tab")
    stale = browser.post(url, data=second)
    assert stale.status_code == 409
    assert "from the first tab" in stale.text
    assert "from the second tab" in stale.text
    autosaved = browser.post(url, data=second, headers={"X-Autosave": "1"})
    assert (autosaved.status_code, autosaved.json["version"]) == (409, 1)
    world.s.rollback()
    assert {row.rationale for row in world.s.query(Review).one().scores} == {"from the first tab"}


def test_nothing_written_in_a_review_acts_in_a_readers_browser(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rob)
    world.commit()
    browser, url = client(world.rex), f"/cases/{case.id}/review"
    browser.post(url, data=sent(world, case, why=NASTY) | {"summary": NASTY})
    pages = [browser.get(url).text, browser.get(f"{url}/seal").text]
    browser.post(f"{url}/seal", data={"version": "1"})
    pages += [browser.get(url).text, browser.get(f"/cases/{case.id}/reviews").text]
    pages.append(client(world.kim).get(f"/cases/{case.id}/reviews").text)
    for page in pages:
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        tree = html5lib.parse(page)
        written = [e for e in tree.iter() if e.get("onerror") or e.get("data-hx-post") or e.get("src") == "x"]
        assert written == []
        assert [a for a in tree.iter(f"{SAID}a") if (a.get("href") or "").startswith("javascript")] == []


def test_what_is_missing_is_named_instead_of_a_seal(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    browser, url = client(world.rex), f"/cases/{case.id}/review"
    assert "Ships what matters: no score yet." in browser.get(f"{url}/seal").text
    assert browser.post(f"{url}/seal", data={"version": "0"}).status_code == 422
    data = sent(world, case)
    del data["ships--score"]
    browser.post(url, data=data)
    refused = browser.post(f"{url}/seal", data={"version": "1"})
    assert refused.status_code == 422
    assert "Ships what matters: no score yet." in refused.text
    assert "Technical direction: no score yet." not in refused.text


def test_after_the_seal_others_open_under_pseudonyms_with_the_statement(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rob, value=2)
    saved(world, case, world.rae)
    sealed(world, case, world.rex, value=4)
    world.commit()
    page = client(world.rex).get(f"/cases/{case.id}/reviews").text
    assert "Reviewer 2" in page
    assert "Calm under load." in page
    assert [name for name in ("Rob Silva", "Rae Okonkwo", "Reviewer 3") if name in page] == []
    locked = client(world.rex).get(f"/cases/{case.id}/review").text
    assert "You have sealed this review" in locked
    assert "4 · Sustained" in locked
    world.s.rollback()
    read = [(e.actor_id, e.thing) for e in world.s.query(AuditEvent).filter(AuditEvent.action == "read")]
    assert (world.rex.id, f"reviews:{case.id}") in read


def test_committee_chair_and_people_partner_read_by_name(world: World, client) -> None:
    case = world.case("ada", State.IN_CALIBRATION, scores=(4, 2, 3))
    world.commit()
    for who in ("kim", "nat", "pia"):
        page = client(getattr(world, who)).get(f"/cases/{case.id}/reviews").text
        assert [name in page for name in ("Rex Tanaka", "Rob Silva", "Rae Okonkwo")] == [True] * 3


@pytest.mark.parametrize("who", ["ada", "max", "sam", "aud"])
def test_candidate_manager_and_the_rest_never_learn_of_a_review(world: World, client, who: str) -> None:
    case = world.case("ada", State.RELEASED)
    world.commit()
    browser = client(getattr(world, who))
    missing = browser.get("/cases/000000000000/reviews").data
    for page in ("reviews", "review", "review/seal"):
        answer = browser.get(f"/cases/{case.id}/{page}")
        assert (answer.status_code, answer.data == missing) == (404, True)


def test_the_queue_keeps_its_order_while_one_works(world: World, client) -> None:
    cases = [world.case(key, State.IN_REVIEW) for key in ("ada", "ivy", "mona")]
    sealed(world, cases[0], world.rex)
    world.commit()
    browser = client(world.rex)
    page = browser.get(f"/cases/{cases[1].id}/review").text
    assert "Review 2 of 3" in page
    assert f'rel="prev" href="/cases/{cases[0].id}/review"' in page
    assert f'rel="next" href="/cases/{cases[2].id}/review"' in page
    onward = browser.post(f"/cases/{cases[1].id}/review", data=sent(world, cases[1]) | {"then": "next"})
    assert onward.location == f"/cases/{cases[2].id}/review"
    stay = browser.post(f"/cases/{cases[2].id}/review", data=sent(world, cases[2]))
    assert stay.location == f"/cases/{cases[2].id}/review"
    text = browser.get("/reviews").text
    order = [text.index(name) for name in ("In progress", "Ivy Novak", "Mona Fischer", "Done", "Ada Marchetti")]
    assert order == sorted(order)


def test_a_waived_and_a_closed_review_stand_among_the_done(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    commands.waive(world.s, assignment=seat(case, world.rex), actor=world.pia, reason="ill", at=NOW)
    world.commit()
    browser = client(world.rex)
    assert "you were released from this review" in browser.get("/reviews").text
    page = browser.get(f"/cases/{case.id}/review").text
    assert "You were released from this review." in page
    assert "You have written nothing here." in page


def test_colleagues_are_read_under_their_pseudonyms(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    row = Referee(
        person=world.sam,
        pseudonym="Colleague Heron",
        state=RefereeState.ANSWERED,
        answers={"result-1": "A week, not a month."},
        reason_not_to="Documents come late.",
        proposed_by_id=case.candidate_id,
        proposed_at=NOW,
        answered_at=NOW,
    )
    case.referees.append(row)
    world.commit()
    page = client(world.rex).get(f"/cases/{case.id}/review").text
    assert [said in page for said in ("Colleague Heron", "A week, not a month.", "Documents come late.")] == [True] * 3
    assert "Sam Ito" not in page


def test_a_people_partner_fills_a_panel_and_opens_the_review(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    browser, url = client(world.pia), f"/cases/{case.id}/reviewers"
    board = browser.get("/cycles/spring-2026/assignments").text
    assert "3 reviewers, one from the other track" in board
    assert "0 of 3 reviewers are assigned; assign 3 more." in browser.get(f"/cases/{case.id}").text
    for who in ("rex", "rob", "rae"):
        assert browser.post(url, data={"person": getattr(world, who).id}).location == url
    assert browser.post(url, data={"person": world.max.id}).status_code == 409
    assert browser.post(url, data={"person": "nobody"}).status_code == 409
    page = browser.get(url).text
    assert "enough reviewers" in page
    assert "Ada Marchetti is in their reporting line." in page
    assert "Their grade is 2" in browser.get(f"{url}?named=sam").text
    assert "Nobody has that name." in browser.get(f"{url}?named=zzz").text
    remove = f"{url}/{world.rob.id}/remove"
    assert browser.get(remove).status_code == 200
    assert browser.post(remove, data={"reason": ""}).status_code == 422
    assert browser.post(remove, data={"reason": "on leave"}).location == url
    assert browser.post(url, data={"person": world.ola.id}).location == url
    assert browser.post(f"/cases/{case.id}/open-review").location == f"/cases/{case.id}"
    world.fresh(case)
    assert case.state is State.IN_REVIEW


def test_of_many_who_fit_the_first_are_shown_and_the_rest_is_counted(world: World, client, monkeypatch) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    browser, url = client(world.pia), f"/cases/{case.id}/reviewers"
    everybody = browser.get(url).text.count(">Ask ")
    monkeypatch.setattr("portal.reviews.fragments.assigning.SHOWN", 3)
    page = browser.get(url).text
    assert page.count(">Ask ") == 3
    assert f"{everybody - 3} more people fit: find them by name." in page


def test_a_people_partner_waives_and_sends_the_case_on(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    for who in ("rob", "rae"):
        sealed(world, case, getattr(world, who))
    world.commit()
    browser, waive = client(world.pia), f"/cases/{case.id}/reviewers/{world.rex.id}/waive"
    assert browser.post(f"/cases/{case.id}/send-to-calibration").status_code == 409
    assert browser.get(waive).status_code == 200
    assert browser.post(waive, data={"reason": ""}).status_code == 422
    assert browser.post(waive, data={"reason": "ill"}).location == f"/cases/{case.id}/reviewers"
    assert "waived" in browser.get("/cycles/spring-2026/assignments").text
    assert browser.post(f"/cases/{case.id}/send-to-calibration").location == f"/cases/{case.id}"
    world.fresh(case)
    assert case.state is State.IN_CALIBRATION
    assert "No case waits for reviewers." in browser.get("/cycles/spring-2026/assignments").text


def test_empty_places_say_what_comes(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    assert "You are not asked to review anything." in client(world.sam).get("/reviews").text
    assert "No review is sealed yet." in client(world.pia).get(f"/cases/{case.id}/reviews").text
