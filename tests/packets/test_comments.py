"""Comments on a shared draft are between the manager and the candidate, and end with the draft."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, Refused
from portal.models.audit import AuditEvent
from portal.models.case import Case
from portal.models.outbox import OutboxRow
from portal.models.packet import DraftComment
from portal.packets import commands, queries
from portal.packets.commands import comments as rules
from tests.packets.test_editor import fill
from tests.world import NOW, World

TEXT = "Say what changed for whom."


@pytest.fixture
def case(world: World, frozen_clock: Any) -> Case:
    made = world.case("ada")
    commands.share_draft(world.s, case=made, actor=world.ada, shared=True, at=NOW)
    world.commit()
    return made


def comment(world: World, case: Case, section: str = "summary", text: str = TEXT, at: datetime = NOW) -> DraftComment:
    made = commands.add_comment(world.s, case=case, actor=world.max, section=section, text=text, at=at)
    world.commit()
    return made


def url(case: Case, rest: str = "") -> str:
    return f"/cases/{case.id}/packet{rest}"


def test_a_comment_is_kept_on_record_and_the_candidate_is_told_once_a_day_without_content(world: World, case) -> None:
    comment(world, case)
    comment(world, case, "evidence", at=NOW + timedelta(hours=1))
    rows = queries.comments(world.s, case)
    assert [(r.section, r.text, r.writer_id, r.resolved_at) for r in rows] == [
        ("summary", TEXT, world.max.id, None),
        ("evidence", TEXT, world.max.id, None),
    ]
    mails = [r.payload for r in world.s.scalars(select(OutboxRow)) if r.payload["template"] == "draft_comment"]
    assert [(m["to"], m["values"]) for m in mails] == [(world.ada.id, {"path": url(case, "/edit")})]
    actions = world.s.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence.desc()).limit(2)).all()
    assert actions == ["draft_commented"] * 2


@pytest.mark.parametrize(
    ("section", "text", "said"),
    [
        ("summary", "  ", "write what you would say"),
        ("nonsense", TEXT, "Choose a section of this packet"),
        ("summary", "x" * 2_001, "2,001 characters are too many"),
        ("summary", "a\x00b", "NUL character"),
    ],
)
def test_a_comment_that_says_nothing_or_too_much_is_refused(world: World, case, section, text, said) -> None:
    with pytest.raises(InvalidInput, match=said):
        comment(world, case, section, text)


def test_a_draft_that_is_not_shared_or_over_takes_no_comment(world: World, case, monkeypatch) -> None:
    monkeypatch.setattr(rules, "MOST", 1)
    made = comment(world, case)
    with pytest.raises(Refused, match="at most 1 comments"):
        comment(world, case)
    commands.share_draft(world.s, case=case, actor=world.ada, shared=False, at=NOW)
    with pytest.raises(Refused, match="no longer shared"):
        comment(world, case)
    fill(world, case)
    commands.submit(world.s, case=case, actor=world.ada, at=NOW)
    with pytest.raises(Refused, match="cannot be commented on while the case is submitted"):
        comment(world, case)
    with pytest.raises(Refused, match="Comments cannot be changed"):
        commands.resolve_comment(world.s, case=case, comment=made, actor=world.ada, resolved=True, at=NOW)


def test_the_manager_comments_below_the_draft_and_the_candidate_settles_it(world: World, case, client) -> None:
    manager, candidate = client(world.max), client(world.ada)
    answer = manager.post(url(case, "/comments"), data={"section": "summary", "text": TEXT})
    assert (answer.status_code, answer.location) == (303, url(case) + "#comments")
    assert TEXT in manager.get(url(case)).text
    page = candidate.get(url(case, "/edit")).text
    world.s.rollback()
    one = queries.comments(world.s, case)[0].id
    assert page.index('id="summary"') < page.index(f'id="comment-{one}"') < page.index('id="form-summary"')
    back = candidate.post(url(case, f"/comments/{one}"), data={"resolved": "yes"})
    assert back.location == url(case, "/edit") + f"#comment-{one}"
    assert "dealt with" in manager.get(url(case)).text
    part = candidate.post(url(case, f"/comments/{one}"), data={"resolved": "no"}, headers={"HX-Request": "true"})
    assert f'id="comment-{one}"' in part.text
    assert "dealt with</span>" not in part.text


@pytest.mark.parametrize("data", [{"section": "summary", "text": ""}, {"section": "x", "text": TEXT}, {}])
def test_a_comment_that_cannot_be_kept_comes_back(world: World, case, client, data: dict) -> None:
    answer = client(world.max).post(url(case, "/comments"), data=data)
    assert (answer.status_code, "There is something to put right" in answer.text) == (422, True)
    assert data.get("text", "") in answer.text
    assert queries.comments(world.s, case) == []


def test_a_draft_unshared_in_mid_sentence_gives_the_text_back(world: World, case, client, monkeypatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise Refused("The draft is no longer shared with you.")

    monkeypatch.setattr(commands, "add_comment", refuse)
    answer = client(world.max).post(url(case, "/comments"), data={"section": "summary", "text": TEXT})
    assert (answer.status_code, TEXT in answer.text, "no longer shared" in answer.text) == (422, True, True)


@pytest.mark.parametrize("person", ["ada", "dana", "pia", "kim", "rex", "sam", "aud"])
def test_nobody_but_the_manager_comments(world: World, case, client, person: str) -> None:
    answer = client(getattr(world, person)).post(url(case, "/comments"), data={"section": "summary", "text": TEXT})
    assert answer.status_code == 404


@pytest.mark.parametrize("person", ["max", "dana", "pia", "kim", "sam"])
def test_nobody_but_the_candidate_settles(world: World, case, client, person: str) -> None:
    one = comment(world, case).id
    answer = client(getattr(world, person)).post(url(case, f"/comments/{one}"), data={"resolved": "yes"})
    assert answer.status_code == 404


def test_a_comment_never_gets_into_a_snapshot_nor_before_its_readers(world: World, case, client) -> None:
    comment(world, case)
    fill(world, case)
    snapshot = commands.submit(world.s, case=case, actor=world.ada, at=NOW)
    world.commit()
    assert TEXT not in str(snapshot.content)
    pages = [client(getattr(world, key)).get(url(case)).text for key in ("ada", "max", "pia", "kim")]
    assert [TEXT in page for page in pages] == [False] * 4


def test_an_unshared_draft_hides_the_comments_from_their_writer(world: World, case, client) -> None:
    comment(world, case)
    commands.share_draft(world.s, case=case, actor=world.ada, shared=False, at=NOW)
    world.commit()
    assert client(world.max).get(url(case)).status_code == 404
    assert TEXT in client(world.ada).get(url(case, "/edit")).text
    assert case.state is State.DRAFT
