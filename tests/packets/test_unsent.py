"""What acts only once it is sent is kept as it is typed, for its writer alone: nothing overwritten or sent early."""

from typing import Any

import pytest
from sqlalchemy import select

from portal.domain.case_flow import State
from portal.models.case import Case
from portal.models.outbox import OutboxRow
from portal.models.packet import DraftComment, Referee, RefereeState
from portal.models.unsent import UnsentForm, UnsentText
from portal.packets import commands
from tests.world import NOW, World

AUTOSAVE = {"X-Autosave": "1", "Accept": "application/json"}
SAID = {"result-1": "She cut the queue in half.", "reason_not_to": ""}


@pytest.fixture(autouse=True)
def _clock(frozen_clock) -> None:
    """The clock stands at NOW."""


@pytest.fixture
def asked(world: World) -> Case:
    case = world.case("ada")
    case.shared_with_manager = True
    commands.propose_referee(world.s, case=case, actor=world.ada, person=world.rob, at=NOW)
    world.commit()
    return case


def feedback(case: Case) -> str:
    return f"/cases/{case.id}/feedback"


def comments(case: Case) -> str:
    return f"/cases/{case.id}/packet/comments"


def typed(browser: Any, url: str, **data: str) -> Any:
    return browser.post(url, data=data, headers=AUTOSAVE)


def held(world: World) -> list[dict[str, Any]]:
    world.s.rollback()
    world.s.expire_all()
    return list(world.s.scalars(select(UnsentText.texts).order_by(UnsentText.form)))


def test_half_a_feedback_is_kept_and_not_sent(world: World, asked, client) -> None:
    browser = client(world.rob)
    done = typed(browser, feedback(asked), **SAID, version="1", kept="0")
    assert done.json["fields"] == {"kept": 1}
    assert done.json["label"] == "Saved at 10:00 UTC, not sent yet"
    assert held(world) == [{"result-1": SAID["result-1"]}]
    row = world.s.scalars(select(Referee)).one()
    assert (row.state, row.answers, row.version) == (RefereeState.INVITED, {}, 1)
    page = browser.get(feedback(asked)).text
    assert (SAID["result-1"] in page, "Saved at 10:00 UTC, not sent yet" in page) == (True, True)


@pytest.mark.parametrize("who", ["ada", "max", "pia", "kim", "aud"])
def test_nobody_else_reads_what_is_not_sent(world: World, asked, client, who: str) -> None:
    typed(client(world.rob), feedback(asked), **SAID, version="1", kept="0")
    browser = client(getattr(world, who))
    pages = [browser.get(f"/cases/{asked.id}{rest}").text for rest in ("", "/referees", "/feedback", "/packet")]
    assert [SAID["result-1"] in page for page in pages] == [False] * 4


def test_an_older_tab_overwrites_nothing_and_is_shown_both(world: World, asked, client) -> None:
    browser = client(world.rob)
    typed(browser, feedback(asked), **SAID, version="1", kept="0")
    late = typed(browser, feedback(asked), **{**SAID, "result-1": "Older tab."}, version="1", kept="0")
    assert (late.status_code, held(world)) == (409, [{"result-1": SAID["result-1"]}])
    data = {"result-1": "Older tab.", "reason_not_to": "Too soon.", "version": "1", "kept": "0"}
    page = browser.post(feedback(asked), data=data)
    assert (page.status_code, "Older tab." in page.text, SAID["result-1"] in page.text) == (409, True, True)
    assert 'name="kept" type="hidden" value="1"' in page.text
    assert browser.post(feedback(asked), data={**data, "kept": "1"}).status_code == 303
    assert held(world) == [{}]
    row = world.s.scalars(select(Referee)).one()
    assert (row.state, row.answers) == (RefereeState.ANSWERED, {"result-1": "Older tab."})


def test_a_change_to_an_answer_waits_for_the_button(world: World, asked, client) -> None:
    browser = client(world.rob)
    sent = {"result-1": "She led it.", "reason_not_to": "Too soon."}
    assert browser.post(feedback(asked), data={**sent, "version": "1", "kept": ""}).status_code == 303
    done = typed(browser, feedback(asked), **{**sent, "reason_not_to": "Far too"}, version="2", kept="0")
    assert (done.status_code, held(world)) == (200, [{"result-1": "She led it.", "reason_not_to": "Far too"}])
    assert world.s.scalars(select(Referee.reason_not_to)).one() == "Too soon."
    assert "Far too" in browser.get(feedback(asked)).text


def test_who_declined_and_who_is_late_keep_nothing(world: World, asked, client) -> None:
    browser = client(world.rob)
    browser.post(f"{feedback(asked)}/decline", data={"reason": "Never worked together."})
    assert typed(browser, feedback(asked), **SAID, version="2", kept="0").status_code == 409
    world.s.rollback()
    other = world.case("ivy", State.IN_CALIBRATION)
    said = {"person": world.ola, "pseudonym": "Referee Q", "proposed_by_id": world.ivy.id, "proposed_at": NOW}
    other.referees.append(Referee(state=RefereeState.INVITED, answers={}, **said))
    world.commit()
    assert typed(client(world.ola), feedback(other), **SAID, version="1", kept="0").status_code in (404, 409)
    assert held(world) == []


def test_text_that_is_too_long_says_so(world: World, asked, client) -> None:
    answer = typed(client(world.rob), feedback(asked), **{**SAID, "result-1": "x" * 20_001}, version="1", kept="0")
    assert (answer.status_code, answer.json["message"][:24]) == (422, "First result: This is lo")


def test_a_comment_waits_for_the_button_and_is_told_to_nobody(world: World, asked, client) -> None:
    browser = client(world.max)
    before = len(list(world.s.scalars(select(OutboxRow))))
    data = {"section": "summary", "text": "Say what"}
    assert typed(browser, comments(asked), **data, kept="0").json["fields"] == {"kept": 1}
    data["text"] = "Say what changed."
    assert typed(browser, comments(asked), **data, kept="1").json["fields"] == {"kept": 2}
    assert (list(world.s.scalars(select(DraftComment))), len(list(world.s.scalars(select(OutboxRow))))) == ([], before)
    assert "Say what changed." in browser.get(f"/cases/{asked.id}/packet").text
    assert "Say what changed." not in client(world.ada).get(f"/cases/{asked.id}/packet/edit").text
    late = browser.post(comments(asked), data={**data, "text": "Older.", "kept": "1"})
    assert (late.status_code, "Say what changed." in late.text) == (409, True)
    assert browser.post(comments(asked), data={**data, "kept": "2"}).status_code == 303
    assert held(world) == [{}]
    assert "Say what changed." in client(world.ada).get(f"/cases/{asked.id}/packet/edit").text


def test_an_emptied_comment_is_kept_as_nothing(world: World, asked, client) -> None:
    browser = client(world.max)
    typed(browser, comments(asked), section="summary", text="Say", kept="0")
    done = typed(browser, comments(asked), section="summary", text=" ", kept="1")
    assert (done.json["label"], held(world)) == ("", [{}])


def test_a_draft_no_longer_shared_keeps_no_comment(world: World, asked, client) -> None:
    asked.shared_with_manager = False
    world.commit()
    assert typed(client(world.max), comments(asked), section="summary", text="Say", kept="0").status_code == 404
    assert world.s.get(UnsentText, (asked.id, world.max.id, UnsentForm.COMMENT)) is None
