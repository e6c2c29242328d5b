"""The manager's two texts: the statement, and on a page of its own why the organisation needs the role."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, Refused, StaleVersion
from portal.models.audit import AuditEvent
from portal.models.case import Case
from portal.models.decision import Outcome
from portal.models.packet import BusinessJustification, Statement
from portal.packets import commands, queries
from portal.people.commands import set_manager
from portal.settings import ROOT
from tests.house.access import known_ids
from tests.two_worlds import addresses as crawled
from tests.world import NOW, World

AUTOSAVE = {"X-Autosave": "1", "Accept": "application/json"}
TEXTS = {"strengths": "Calm.", "gaps": "Writes little.", "current_level": "A year."}
PEOPLE = ("ada", "max", "dana", "kim", "pia", "rex", "ola", "aud", "sam")


@pytest.fixture(autouse=True)
def _clock(frozen_clock) -> None:
    """The clock stands at NOW."""


@pytest.fixture
def case(world: World) -> Case:
    made = world.case("ada")
    world.commit()
    return made


def save(world: World, case: Case, version: int = 0, supports: bool | None = True, **texts: str) -> Statement:
    return commands.save_statement(
        world.s, case=case, actor=world.max, **{**TEXTS, **texts}, supports=supports, version=version, at=NOW
    )


def own(world: World, case: Case) -> Statement | None:
    world.s.rollback()
    world.s.expire_all()
    return queries.statement_by(world.s, case, world.max)


def statuses(world: World, client, path: str, people: tuple[str, ...] = PEOPLE) -> set[str]:
    return {key for key in people if client(getattr(world, key)).get(path).status_code == 200}


def test_a_statement_is_saved_signed_and_taken_up_again_on_record(world: World, case) -> None:
    row = save(world, case)
    assert (row.writer_id, row.supports, row.version, row.signed_at) == (world.max.id, True, 1, None)
    commands.sign_statement(world.s, case=case, actor=world.max, at=NOW)
    commands.sign_statement(world.s, case=case, actor=world.max, at=NOW)
    assert row.signed_at == NOW
    with pytest.raises(Refused, match="signed"):
        save(world, case, version=2, strengths="More.")
    commands.reopen_statement(world.s, case=case, actor=world.max, at=NOW)
    assert save(world, case, version=3, strengths="More.").strengths == "More."
    q = select(AuditEvent.action).order_by(AuditEvent.sequence.desc()).limit(4)
    expected = ["statement_saved", "statement_reopened", "statement_signed", "statement_saved"]
    assert list(world.s.scalars(q)) == expected


def test_a_stale_statement_is_refused_with_both_texts_and_the_same_again_is_not(world: World, case) -> None:
    save(world, case)
    save(world, case, version=1, gaps="Second tab.", supports=False)
    with pytest.raises(StaleVersion) as refused:
        save(world, case, version=1, gaps="First tab.")
    assert refused.value.mine == {"Gaps": "First tab.", "Do you support the case?": "yes"}
    assert refused.value.theirs == {"Gaps": "Second tab.", "Do you support the case?": "no"}
    assert save(world, case, version=1, gaps="Second tab.", supports=False).version == 2


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"gaps": " "}, "Still empty: Gaps."),
        ({"supports": None}, "Still empty: whether you support the case."),
    ],
)
def test_an_unfinished_statement_is_not_signed(world: World, case, texts: dict, said: str) -> None:
    save(world, case, **texts)
    with pytest.raises(InvalidInput, match=said):
        commands.sign_statement(world.s, case=case, actor=world.max, at=NOW)


def test_nothing_is_not_signed_nor_taken_up(world: World, case) -> None:
    with pytest.raises(InvalidInput, match="Still empty: Strengths"):
        commands.sign_statement(world.s, case=case, actor=world.max, at=NOW)
    with pytest.raises(Refused, match="no signature of yours"):
        commands.reopen_statement(world.s, case=case, actor=world.max, at=NOW)


def test_once_reviews_are_open_a_signature_stays_and_after_them_nothing_is_written(world: World) -> None:
    reviewing, calibrating = world.case("ada", State.IN_REVIEW), world.case("mona", State.IN_CALIBRATION)
    with pytest.raises(Refused, match="in review"):
        commands.reopen_statement(world.s, case=reviewing, actor=world.max, at=NOW)
    with pytest.raises(Refused, match="in calibration"):
        save(world, calibrating)
    with pytest.raises(Refused, match="in calibration"):
        commands.sign_statement(world.s, case=calibrating, actor=world.dana, at=NOW)


def test_a_new_manager_inherits_the_place_but_not_the_text(world: World, case, client) -> None:
    save(world, case)
    commands.sign_statement(world.s, case=case, actor=world.max, at=NOW)
    set_manager(world.s, actor=world.pia, person=world.ada, manager=world.dirk, at=NOW)
    world.commit()
    page = client(world.dirk).get(f"/cases/{case.id}/statement")
    assert page.status_code == 200
    assert TEXTS["strengths"] not in page.text
    assert client(world.max).get(f"/cases/{case.id}/statement").status_code == 404
    assert TEXTS["strengths"] in client(world.pia).get(f"/cases/{case.id}/statement").text


def test_the_manager_writes_and_signs_on_one_page(world: World, case, client) -> None:
    browser, path = client(world.max), f"/cases/{case.id}/statement"
    quiet = browser.post(path, data={"strengths": "Calm.", "version": 0}, headers=AUTOSAVE)
    assert quiet.json == {"saved_at": NOW.isoformat(), "label": "Saved at 10:00 UTC", "version": 1}
    browser.post(path, data={**TEXTS, "version": 1, "act": "sign", "signed_at": "2020-01-01", "writer_id": "x"})
    assert "Still empty: whether you support the case" in browser.get(path).text
    browser.post(path, data={**TEXTS, "supports": "yes", "version": 2, "act": "save"})
    assert "Nobody reads it until you sign it" in browser.get(path).text
    browser.post(path, data={**TEXTS, "supports": "yes", "version": 3, "act": "sign"})
    row = own(world, case)
    assert row
    assert (row.signed_at, row.supports, row.strengths) == (NOW, True, "Calm.")
    assert "Take the signature off" in browser.get(path).text
    assert browser.post(f"{path}/reopen").status_code == 303
    assert 'value="sign"' in browser.get(path).text


def test_a_second_tab_gets_both_versions_of_the_statement(world: World, case, client) -> None:
    browser, path = client(world.max), f"/cases/{case.id}/statement"
    browser.post(path, data={**TEXTS, "version": 0})
    stale = {**TEXTS, "gaps": "Second tab.", "version": 0}
    assert browser.post(path, data=stale, headers=AUTOSAVE).status_code == 409
    page = browser.post(path, data=stale)
    assert page.status_code == 409
    assert "Second tab.</textarea>" in page.text.replace("\r", "")
    assert '<pre class="prose">Writes little.</pre>' in page.text


@pytest.mark.parametrize("headers", [{}, AUTOSAVE])
def test_a_statement_that_cannot_be_kept_is_refused(world: World, case, client, headers: dict) -> None:
    path = f"/cases/{case.id}/statement"
    answer = client(world.max).post(path, data={**TEXTS, "gaps": "a" * 30_001, "version": 0}, headers=headers)
    assert answer.status_code == 422
    assert own(world, case) is None


@pytest.mark.parametrize(
    ("state", "readers"),
    [
        (State.DRAFT, {"max", "pia"}),
        (State.IN_REVIEW, {"max", "pia", "kim"}),
        (State.IN_CALIBRATION, {"max", "pia", "kim", "ola", "rex"}),
        (State.RELEASED, {"ada", "max", "pia", "kim", "ola", "rex"}),
    ],
)
def test_who_opens_the_statement(world: World, client, state: State, readers: set[str]) -> None:
    case = world.case("ada", state)
    world.commit()
    assert statuses(world, client, f"/cases/{case.id}/statement") == readers


def test_readers_see_what_was_signed_and_nothing_unsigned(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    path = f"/cases/{case.id}/statement"
    assert "Calm under load." in client(world.pia).get(path).text
    world.s.rollback()
    commands.reopen_statement(world.s, case=case, actor=world.max, at=NOW)
    world.commit()
    page = client(world.pia).get(path).text
    assert "Calm under load." not in page
    assert "No statement has been signed. Max Brandt, the manager, writes it." in page


def test_after_the_stage_the_managers_page_says_the_time_is_over(world: World, client) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    kept = queries.statement_by(world.s, case, world.max)
    assert kept
    kept.signed_at = None
    world.commit()
    assert "The time for a statement is over" in client(world.max).get(f"/cases/{case.id}/statement").text


# The need for the role


def need(
    world: World, case: Case, text: str = "Nobody else runs the queue.", version: int = 0
) -> BusinessJustification:
    return commands.save_justification(world.s, case=case, actor=world.max, text=text, version=version, at=NOW)


def test_the_need_is_saved_with_its_version_and_never_overwritten(world: World, case) -> None:
    assert need(world, case).version == 1
    assert need(world, case, version=0).version == 1
    assert need(world, case, "Later.", version=1).version == 2
    with pytest.raises(StaleVersion) as refused:
        need(world, case, "Stale.", version=1)
    assert list(refused.value.mine.values()) == ["Stale."]
    assert list(refused.value.theirs.values()) == ["Later."]


def test_after_the_decision_the_need_stays_as_it_was(world: World) -> None:
    with pytest.raises(Refused, match="in calibration"):  # to the manager there is no decision yet
        need(world, world.case("ada", State.DECIDED))


@pytest.mark.parametrize(
    ("state", "outcome", "readers"),
    [
        (State.DRAFT, Outcome.APPROVED, {"max", "pia"}),
        (State.IN_REVIEW, Outcome.APPROVED, {"max", "pia", "kim"}),
        (State.IN_CALIBRATION, Outcome.APPROVED, {"max", "pia", "kim"}),
        (State.DECIDED, Outcome.DEFERRED, {"max", "pia", "kim", "ola"}),
        (State.RELEASED, Outcome.NOT_YET, {"max", "pia", "kim", "ola"}),
        (State.RELEASED, Outcome.DEFERRED, {"ada", "max", "pia", "kim", "ola"}),
    ],
)
def test_who_opens_the_need(world: World, client, state: State, outcome: Outcome, readers: set[str]) -> None:
    case = world.case("ada", state, outcome=outcome)
    world.commit()
    path = f"/cases/{case.id}/justification"
    assert statuses(world, client, path) == readers
    assert {key for key in PEOPLE if offered(client(getattr(world, key)), case, path)} == readers


def offered(browser, case: Case, path: str) -> bool:
    """On the case page, or where the parts of a case are many, on the packet's."""
    pages = [browser.get(f"/cases/{case.id}").text, browser.get(f"/cases/{case.id}/packet").text]
    return any(f'href="{path}"' in page for page in pages)


def test_the_manager_writes_the_need_and_others_read_it(world: World, case, client) -> None:
    browser, path = client(world.max), f"/cases/{case.id}/justification"
    assert "No justification was written." in client(world.pia).get(path).text
    quiet = browser.post(path, data={"text": "One.", "version": 0, "writer_id": "x"}, headers=AUTOSAVE)
    assert (quiet.json["version"], quiet.status_code) == (1, 200)
    assert browser.post(path, data={"text": "Two.", "version": 1}).status_code == 303
    assert browser.post(path, data={"text": "Stale.", "version": 1}, headers=AUTOSAVE).status_code == 409
    page = browser.post(path, data={"text": "Stale.", "version": 1})
    assert '<pre class="prose">Two.</pre>' in page.text
    assert "Two." in client(world.pia).get(path).text
    assert "<textarea" not in client(world.pia).get(path).text
    assert client(world.pia).post(path, data={"text": "Mine.", "version": 2}).status_code == 404


@pytest.mark.parametrize("headers", [{}, AUTOSAVE])
def test_a_need_that_cannot_be_kept_is_refused(world: World, case, client, headers: dict) -> None:
    path = f"/cases/{case.id}/justification"
    answer = client(world.max).post(path, data={"text": "x" * 20_001, "version": 0}, headers=headers)
    assert answer.status_code == 422
    world.s.rollback()
    assert list(world.s.scalars(select(BusinessJustification))) == []


def test_the_case_page_asks_the_manager_for_the_statement_until_it_is_signed(world: World, case, client) -> None:
    browser, path = client(world.max), f"/cases/{case.id}"
    assert "Write your statement" in browser.get(path).text
    world.s.rollback()
    save(world, case)
    world.commit()
    assert "Go on with your statement" in browser.get(path).text
    world.s.rollback()
    commands.sign_statement(world.s, case=case, actor=world.max, at=NOW)
    world.commit()
    assert "your statement" not in browser.get(path).text


REVIEWER_ROOMS = ("reviews", "calibration")


def test_no_query_of_a_reviewer_touches_the_table_of_the_need(world: World, app, client, engine) -> None:
    """Whatever a reviewer asks for, on whatever address of the case: the table is not read, not even to be left out."""
    case = world.case("ada", State.IN_REVIEW)
    world.s.add(
        BusinessJustification(case_id=case.id, writer_id=world.max.id, text="We lose the client.", saved_at=NOW)
    )
    world.commit()
    addresses = [
        address
        for address in crawled(app, known_ids(world, case))
        if f"/cases/{case.id}" in address or address in ("/", "/reviews", "/cases")
    ]
    seen: dict[str, list[str]] = {}
    browser = client(world.rex)
    with listening(engine) as statements:
        for address in addresses:
            statements.clear()
            browser.get(address)
            if touched := [sql for sql in statements if "business_justification" in sql]:
                seen[address] = touched
    # its own address loads it in order to answer 404; nothing else does
    assert set(seen) <= {f"/cases/{case.id}/justification"}
    assert browser.get(f"/cases/{case.id}/justification").status_code == 404


def test_no_room_of_reviewers_names_the_table_of_the_need() -> None:
    files = [f for room in REVIEWER_ROOMS for f in (ROOT / "portal" / room).rglob("*.py")]
    assert [str(f) for f in files if "BusinessJustification" in f.read_text()] == []
    assert len(files) > 10


@contextmanager
def listening(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
