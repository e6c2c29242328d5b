"""The room on the screen: the same for everyone who may see it, blank at once for who must leave, live and cheap."""

import re
from datetime import timedelta
from typing import Any

import pytest
from markupsafe import escape
from sqlalchemy import Engine, select

from portal.calibration import commands
from portal.calibration.commands import sitting as steps
from portal.domain.case_flow import State
from portal.models.calibration_session import CalibrationSession, PositionChange
from portal.models.case import Case
from portal.models.packet import Snapshot
from portal.models.person import SignInSession
from tests.calibration.places import GRADE, ROOM, recuse, table
from tests.statements import statements
from tests.two_worlds import masked
from tests.world import NOW, World

HTMX = {"HX-Request": "true"}
COMMITTEE = ("kim", "lou", "nat", "ola", "joe")
LEAVE = "Please leave the room for now."


@pytest.fixture
def case(world: World) -> Case:
    found = world.case("ada", State.IN_CALIBRATION, scores=(3, 3, 2))
    world.case("mona", State.IN_CALIBRATION)
    world.commit()
    return found


@pytest.fixture
def live(world: World, case: Case) -> CalibrationSession:
    found = steps.begin_session(
        world.s, cycle=world.cycle, family_id="engineering", grade=4, actor=world.kim, box_minutes=10, at=NOW
    )
    steps.put_on_table(world.s, live=found, case=case, actor=world.kim, seen=steps.seen_by(world.kim, found), at=NOW)
    world.commit()
    return found


def since(page: str) -> str:
    return page.split("since=")[1].split('"')[0]


def poll(browser: Any, token: str) -> Any:
    return browser.get(f"{GRADE}/live?family=engineering&since={token}", headers=HTMX)


def at(live: CalibrationSession, verb: str) -> str:
    return f"{GRADE}/sessions/{live.id}/{verb}"


def stands(world: World, live: CalibrationSession) -> str:
    """Where the room stands, as the screen of whoever leads has it."""
    found: str = steps.seen_by(world.kim, world.fresh(live))
    world.s.rollback()
    return found


@pytest.mark.parametrize(
    ("who", "status"), [("kim", 303), ("lou", 303), ("nat", 403), ("pia", 403), ("ada", 404), ("aud", 404)]
)
def test_who_begins_a_session(world: World, client, case: Case, who: str, status: int) -> None:
    sent = client(getattr(world, who)).post(f"{GRADE}/sessions", data={"family": "engineering", "box": "12"})
    assert sent.status_code == status
    world.s.rollback()
    assert len(world.s.scalars(select(CalibrationSession)).all()) == (status == 303)


def test_the_steps_are_for_who_leads_and_the_voice_for_members(
    world: World, client, live: CalibrationSession, case: Case
) -> None:
    seen = stands(world, live)
    for who, lead, part in (("nat", 403, 303), ("pia", 403, 403), ("rex", 404, 404), ("ada", 404, 404)):
        browser = client(getattr(world, who))
        for verb in ("table", "reveal", "end"):
            sent = browser.post(at(live, verb), data={"case": case.id, "seen": seen})
            assert sent.status_code == lead, (who, verb)
        assert browser.post(at(live, "manager"), data={"case": case.id, "present": "yes"}).status_code == lead
        assert browser.get(at(live, f"changes/{case.id}")).status_code == lead
        assert browser.post(at(live, "pre-vote"), data={"case": case.id, "choice": "for"}).status_code == part
        assert browser.post(at(live, "minutes"), data={"case": case.id, "text": "Seen."}).status_code == part


def test_a_screen_without_news_gets_no_content_and_its_session_is_not_renewed(
    world: World, client, live: CalibrationSession, engine: Engine
) -> None:
    browser = client(world.nat)
    token = since(browser.get(GRADE).text)
    world.s.rollback()
    seen = world.s.scalars(select(SignInSession.seen_at)).all()
    world.s.rollback()
    with statements(engine) as sent:
        answer = poll(browser, token)
    assert (answer.status_code, answer.data) == (204, b"")
    assert len(sent) == 4
    assert world.s.scalars(select(SignInSession.seen_at)).all() == seen


def test_whoever_comes_back_with_an_old_state_gets_the_true_one(
    world: World, client, live: CalibrationSession, case: Case
) -> None:
    browser = client(world.nat)
    old = since(browser.get(GRADE).text)
    client(world.kim).post(at(live, "table"), data={"case": "", "seen": stands(world, live)})
    for token in (old, "", "1.0.0", "nonsense"):
        assert "Nothing is on the table." in poll(browser, token).text
    assert poll(browser, since(browser.get(GRADE).text)).status_code == 204


def test_the_live_part_is_the_part_of_the_page(world: World, client, live: CalibrationSession) -> None:
    for who in ("kim", "nat", "pia"):
        browser = client(getattr(world, who))
        assert masked(poll(browser, "").data).strip() in masked(browser.get(GRADE).data)


def test_the_answer_to_a_step_is_the_part_of_the_page(
    world: World, client, live: CalibrationSession, case: Case
) -> None:
    browser = client(world.nat)
    part = browser.post(at(live, "pre-vote"), data={"case": case.id, "choice": "for"}, headers=HTMX)
    assert part.status_code == 200
    assert masked(part.data).strip() in masked(browser.get(GRADE).data)


def test_a_pre_vote_changes_no_byte_for_anybody_else_and_who_leads_reads_how_many(
    world: World, client, live: CalibrationSession, case: Case
) -> None:
    def screens() -> dict[str, bytes]:
        return {key: masked(client(person).get(GRADE).data) for key, person in world.everyone.items()}

    def counted(page: bytes, n: int) -> bytes:
        """With the number a facilitator reads, and the token of their screen, taken out."""
        assert f"{n} of 5 have said what they think.".encode() in page
        return re.sub(rb"(\d of 5 have said|since=[\w.-]+)", b"", page)

    before = screens()
    client(world.nat).post(at(live, "pre-vote"), data={"case": case.id, "choice": "against"})
    after = screens()
    assert {key for key in before if before[key] != after[key]} == {"nat", "kim", "lou"}
    assert [counted(before[key], 0) for key in ("kim", "lou")] == [counted(after[key], 1) for key in ("kim", "lou")]


def test_after_showing_everybody_reads_counts_and_nobody_names(
    world: World, client, live: CalibrationSession, case: Case
) -> None:
    for who, choice in (("nat", "for"), ("ola", "against"), ("joe", "for")):
        client(getattr(world, who)).post(at(live, "pre-vote"), data={"case": case.id, "choice": choice})
    assert "This is no ballot." not in client(world.kim).get(GRADE).text
    client(world.kim).post(at(live, "reveal"), data={"case": case.id, "seen": stands(world, live)})
    page = client(world.lou).get(GRADE).text
    part = page[page.index('id="before-heading"') : page.index("This is no ballot.")]
    assert [part.count(f"<dd>{n}</dd>") for n in (2, 1, 0)] == [1, 1, 1]
    assert not any(name in part for name in ("Nat", "Ola", "Joe"))


def test_a_recusal_blanks_that_screen_at_the_next_breath_and_tells_the_others(
    world: World, client, live: CalibrationSession, case: Case
) -> None:
    nat, ola = client(world.nat), client(world.ola)
    tokens = since(nat.get(GRADE).text), since(ola.get(GRADE).text)
    world.s.rollback()
    recuse(world, world.fresh(case), world.nat)
    world.commit()
    blank = poll(nat, tokens[0])
    assert LEAVE in blank.text
    assert "Ada" not in blank.text
    assert blank.headers["HX-Refresh"] == "true"  # the rest of the open page shows the case, too
    assert poll(nat, since(blank.text)).status_code == 204
    assert "Ada Marchetti" not in nat.get(GRADE).text
    assert "Nat Weiss" in poll(ola, tokens[1]).text
    sent = nat.post(at(live, "pre-vote"), data={"case": case.id, "choice": "for"})
    assert sent.status_code in (403, 409)


def test_a_recusal_from_a_case_that_only_waits_takes_it_off_the_open_page(
    world: World, client, live: CalibrationSession, case: Case
) -> None:
    """The table below the room shows every case; one more case is no reason to take the page from who is writing."""
    nat, ola = client(world.nat), client(world.ola)
    tokens = since(nat.get(GRADE).text), since(ola.get(GRADE).text)
    world.s.rollback()
    mona = next(c for c in world.s.scalars(select(Case)) if c.id != case.id)
    recuse(world, mona, world.nat)
    world.case("ivy", State.IN_CALIBRATION)
    world.commit()
    gone, more = poll(nat, tokens[0]), poll(ola, tokens[1])
    assert ("Mona" in gone.text, gone.headers.get("HX-Refresh")) == (False, "true")
    assert ("Ivy Novak" in more.text, more.headers.get("HX-Refresh")) == (True, None)
    assert poll(ola, "nonsense").headers.get("HX-Refresh") is None


def test_nothing_of_a_case_reaches_the_screen_of_who_must_leave(
    world: World, client, live: CalibrationSession, case: Case
) -> None:
    """Two rooms that differ in what is said and thought of the case look the same to who must stay away from it."""
    recuse(world, case, world.nat)
    world.commit()
    browser = client(world.nat)
    before = masked(browser.get(GRADE).data)
    kim = client(world.kim)
    kim.post(at(live, "pre-vote"), data={"case": case.id, "choice": "against"})
    kim.post(at(live, "minutes"), data={"case": case.id, "text": "A secret about Ada."})
    kim.post(at(live, "manager"), data={"case": case.id, "present": "yes"})
    kim.post(at(live, "reveal"), data={"case": case.id, "seen": stands(world, live)})
    after = masked(browser.get(GRADE).data)
    assert after == before
    assert LEAVE.encode() in after


def test_the_time_box_runs_out_on_every_screen(
    world: World, client, live: CalibrationSession, frozen_clock: Any
) -> None:
    browser = client(world.nat)
    token = since(browser.get(GRADE).text)
    assert poll(browser, token).status_code == 204
    frozen_clock.move_to(NOW + timedelta(minutes=10))
    assert "the time box is over" in poll(browser, token).text


def test_a_stale_press_lays_both_states_side_by_side(
    world: World, client, live: CalibrationSession, case: Case
) -> None:
    seen = stands(world, live)
    assert client(world.kim).post(at(live, "table"), data={"case": "", "seen": seen}).status_code == 303
    late = client(world.lou).post(at(live, "end"), data={"seen": seen})
    assert late.status_code == 409
    sides = late.text[late.text.index("<h2>On the table</h2>") :]
    assert re.findall(r'<pre class="prose">(.*?)</pre>', sides) == ["the end of the session", "nothing"]
    part = client(world.lou).post(at(live, "end"), data={"seen": seen}, headers=HTMX)
    assert part.status_code == 409
    assert part.text.lstrip().startswith('<section id="live"')
    assert "You asked for: the end of the session. It is now: nothing." in part.text


def test_where_neither_who_leads_may_be_in_the_room_one_clears_the_table(
    world: World, client, live: CalibrationSession, case: Case
) -> None:
    recuse(world, world.fresh(case), world.kim)
    world.commit()
    alone = {"case": "", "seen": "away"}
    kim = client(world.kim)
    assert "Clear the table" not in kim.get(GRADE).text
    assert kim.post(at(live, "table"), data=alone).status_code == 403
    world.s.rollback()
    recuse(world, world.fresh(case), world.lou)
    world.commit()
    assert "Nobody else who leads may be in the room either." in kim.get(GRADE).text
    assert kim.post(at(live, "table"), data={"case": case.id, "seen": "away"}).status_code == 409
    assert kim.post(at(live, "table"), data=alone).status_code == 303
    assert "Nothing is on the table." in kim.get(GRADE).text


def test_whoever_leads_reads_what_is_next_who_leaves_for_it_and_the_way_back(
    world: World, client, live: CalibrationSession, case: Case
) -> None:
    recuse(world, next(c for c in world.s.scalars(select(Case)) if c.candidate.name == "Mona Fischer"), world.joe)
    world.commit()
    kim = client(world.kim)
    assert "Next: Mona Fischer" in (page := kim.get(GRADE).text)
    assert "Then must leave: Joe" in page
    other = next(one for one in live.agenda if one != case.id)
    kim.post(at(live, "table"), data={"case": other, "seen": stands(world, live)})
    page = kim.get(GRADE).text
    assert "Back to Ada Marchetti" in page
    assert "Every case was on the table." in page
    assert "You lead" not in client(world.nat).get(GRADE).text


def test_the_deputy_goes_on_where_the_chair_dropped_out(
    world: World, client, live: CalibrationSession, case: Case
) -> None:
    lou = client(world.lou)
    page = lou.get(GRADE).text
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen is not None
    assert lou.post(at(live, "reveal"), data={"case": case.id, "seen": seen[1]}).status_code == 303
    assert "This is no ballot." in client(world.nat).get(GRADE).text


def test_a_change_from_form_to_position(world: World, client, live: CalibrationSession, case: Case) -> None:
    browser = client(world.kim)
    url = at(live, f"changes/{case.id}")
    assert "Evidence in the packet that shows it" in browser.get(url).text
    snapshot = world.s.scalars(select(Snapshot).where(Snapshot.case_id == case.id)).one()
    competency = world.rubric(case).competencies[0].id
    sent = {
        "competency": competency,
        "new": "4",
        "reason": "evidence_overlooked",
        "note": "The second design review shows it.",
        "cites": [str(snapshot.content["evidence"][0]["id"])],
        "proposer": world.nat.id,
    }
    world.s.rollback()
    refused = browser.post(url, data=sent | {"note": "no"})
    assert (refused.status_code, "Say in a sentence" in refused.text) == (422, True)
    assert browser.post(url, data=sent).status_code == 303
    assert world.s.scalars(select(PositionChange.competency_id)).all() == [competency]
    world.s.rollback()
    assert "as reviewed" in client(world.nat).get(GRADE).text
    minutes = client(world.nat).get(f"/cases/{case.id}/minutes").text
    cited = snapshot.content["evidence"][0]["claim"]
    assert [text in minutes for text in ("The second design review shows it.", str(escape(cited)))] == [True, True]
    commands.open_ballot(world.s, case=world.fresh(case), actor=world.kim, at=NOW)
    world.commit()
    assert "Record a change" not in (page := client(world.kim).get(GRADE).text)
    assert "The ballot is open: the position it was opened on stands" in page


def test_who_reads_the_minutes_of_a_case(world: World, client, live: CalibrationSession, case: Case) -> None:
    url = f"/cases/{case.id}/minutes"
    readers = {key for key, person in world.everyone.items() if client(person).get(url).status_code == 200}
    assert readers == {*COMMITTEE, "pia", "theo"}


def test_the_manager_reads_them_after_release(world: World, client) -> None:
    case = world.case("ada", State.RELEASED)
    world.commit()
    assert client(world.max).get(f"/cases/{case.id}/minutes").status_code == 200
    assert client(world.ada).get(f"/cases/{case.id}/minutes").status_code == 404


def test_after_the_session_the_page_says_which_way_it_moved_each_track(
    world: World, client, live: CalibrationSession, case: Case
) -> None:
    client(world.kim).post(at(live, "end"), data={"seen": stands(world, live)})
    page = client(world.nat).get(GRADE).text
    assert "This room moved IC cases by 0.00 (0 of 1 changed), in rubric points." in page
    assert "No session is going on at this grade." in page


def test_a_room_that_moved_nothing_claims_nothing_about_the_own_manager(world: World, client) -> None:
    made = table(world, 4)
    where = {"cycle": world.cycle, "family_id": "engineering", "grade": 4, "box_minutes": 10}
    live = steps.begin_session(world.s, **where, actor=world.kim, at=NOW)
    how: dict[str, Any] = {"live": live, "actor": world.kim, "at": NOW}
    for n, case in enumerate(made):
        steps.put_on_table(world.s, case=case, seen=steps.seen_by(world.kim, live), **how)
        steps.note_manager(world.s, case=case, present=n < 2, **how)
    steps.end_session(world.s, seen=steps.seen_by(world.kim, live), **how)
    world.commit()
    page = client(world.nat).get(GRADE).text
    assert ("This room moved" in page, "own manager in the room" in page) == (True, False)


def test_a_case_of_another_cycle_or_none_is_not_on_this_agenda(world: World, client, live: CalibrationSession) -> None:
    seen = stands(world, live)
    assert client(world.kim).post(at(live, "table"), data={"case": "nosuchcase00", "seen": seen}).status_code == 409
    other = at(live, "table").replace(live.id, "nosuchsess00")
    assert client(world.kim).post(other, data={"case": "", "seen": seen}).status_code == 404


@pytest.mark.parametrize("cases", [1, 3, 50])
def test_the_room_and_the_overview_cost_the_same_statements_with_any_number_of_cases(
    world: World, client, engine: Engine, cases: int
) -> None:
    made = table(world, cases)
    where = {"cycle": world.cycle, "family_id": "engineering", "grade": 4, "box_minutes": 10}
    found = steps.begin_session(world.s, **where, actor=world.kim, at=NOW)
    how = {"actor": world.kim, "seen": steps.seen_by(world.kim, found), "at": NOW}
    steps.put_on_table(world.s, live=found, case=made[0], **how)
    world.commit()
    browser = client(world.nat)
    browser.get(GRADE)  # the ladder is read once in the life of a process
    counts = []
    for url in (f"{GRADE}/live?family=engineering&since=", GRADE, ROOM):
        with statements(engine) as sent:
            assert browser.get(url, headers=HTMX if "live" in url else {}).status_code == 200
        counts.append(len(sent))
    assert counts == [11, 12, 8]
