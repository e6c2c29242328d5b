"""The log narrowed and as a file, within what each may see; and who opened a packet, told to its candidate by part."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import update

from portal.adapters.tables import read_rows
from portal.domain.case_flow import Action, State
from portal.models.audit import AuditEvent, record
from portal.models.person import Role
from portal.people import commands as people
from portal.records import policy, queries
from portal.records.queries import Asked, Opening
from portal.reviews import commands as reviews
from tests.two_worlds import masked
from tests.world import NOW, World


def note(world: World, who: str, action: str, thing: str, case=None, at=NOW, stage: str = "") -> None:
    actor = getattr(world, who)
    case_id = case.id if case else None
    said = {"action": action, "thing": thing, "at": at, "case_id": case_id, "stage": stage, "reason": "secret words"}
    record(world.s, actor=actor, **said)


def opened(world: World, case, *who: str, stage: State = State.IN_REVIEW) -> None:
    for key in who:
        note(world, key, "read", f"packet:{case.id}", case, stage=stage.value)


def things(world: World, reader: str, **asked) -> list[str]:
    return [row.thing for row in queries.events_for(world.s, getattr(world, reader), asked=Asked(**asked))]


def test_the_log_is_narrowed_by_act_person_thing_and_time(world: World) -> None:
    note(world, "pia", "first", "ballot:1")
    note(world, "kim", "second", "ballot:2", at=NOW + timedelta(days=1))
    note(world, "kim", "second", "letter:3", at=NOW + timedelta(days=2))
    assert things(world, "aud", action="second") == ["letter:3", "ballot:2"]
    assert things(world, "aud", who="kim lar") == ["letter:3", "ballot:2"]
    assert things(world, "aud", kind="ballot") == ["ballot:2", "ballot:1"]
    assert things(world, "aud", since=NOW, until=NOW + timedelta(days=2)) == ["ballot:2", "ballot:1"]
    assert things(world, "aud", kind="bal%") == []
    assert queries.count_for(world.s, world.aud, asked=Asked(kind="ballot")) == 2


def test_the_log_is_narrowed_to_one_case_and_a_hidden_one_is_as_one_that_is_not(world: World, client) -> None:
    own, other = world.case("theo"), world.case("ada")
    note(world, "pia", "act", f"case:{own.id}", own)
    note(world, "pia", "act", f"packet:{other.id}", other)
    world.commit()
    assert things(world, "aud", case=other.id) == [f"packet:{other.id}"]
    assert things(world, "pia", case=own.id) == [f"case:{own.id}"]
    theo = client(world.theo)
    hidden, missing = (masked(theo.get(f"/records?case={one}").data) for one in (own.id, "000000000000"))
    assert hidden.replace(own.id.encode(), b"") == missing.replace(b"000000000000", b"")


def test_narrowing_gives_nobody_a_line_more(world: World) -> None:
    own = world.case("theo")
    note(world, "pia", "act", f"case:{own.id}", own)
    for asked in ({"action": "act"}, {"who": "Pia"}, {"kind": "case"}):
        assert f"case:{own.id}" not in things(world, "theo", **asked)
        assert things(world, "sam", **asked) == []


def test_the_page_keeps_its_filter_and_takes_days_as_the_reader_has_them(world: World, client) -> None:
    world.aud.timezone = "Pacific/Auckland"  # thirteen hours ahead: the evening of the 15th is the 16th there
    note(world, "pia", "late", "case:x", at=NOW - timedelta(hours=20))
    world.commit()
    browser = client(world.aud)
    page = browser.get("/records?since=2026-03-16&until=2026-03-16&action=late").text
    assert "case <code>x</code>" in page
    assert "/records/export.csv?action=late&amp;since=2026-03-16&amp;until=2026-03-16" in page
    assert "<code>x</code>" not in browser.get("/records?since=2026-03-17&action=late").text
    assert "case <code>x</code>" in browser.get("/records?since=nonsense&action=late").text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_file_holds_the_lines_of_the_page_and_no_text(world: World, client, kind: str) -> None:
    note(world, "pia", "=act", "ballot:1")
    note(world, "kim", "ballot_closed", "ballot:2")
    world.commit()
    answer = client(world.aud).get(f"/records/export.{kind}?kind=ballot")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="records.{kind}"'
    rows = read_rows(answer.data)
    assert rows[0] == ["at", "actor", "act", "in words", "on", "stage"]
    assert [row[1:5] for row in rows[1:]] == [
        ["Kim Larsen", "ballot_closed", "closed a ballot", "ballot:2"],
        ["Pia Romero", "=act", "=act", "ballot:1"],
    ]
    assert b"secret words" not in answer.data
    if kind == "csv":
        assert "'=act" in [row[2] for row in csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))]


def test_only_those_who_see_the_log_export_it(world: World, client) -> None:
    own = world.case("theo")
    note(world, "pia", "act", f"case:{own.id}", own)
    world.commit()
    assert client(world.ada).get("/records/export.csv").status_code == 403
    assert client(world.opal).get("/records/export.csv").status_code == 403
    assert own.id.encode() not in client(world.theo).get("/records/export.csv").data
    assert own.id.encode() in client(world.pia).get("/records/export.csv").data


def test_openings_are_told_by_part_without_names_numbers_or_moments(world: World) -> None:
    case = world.case("ada", State.RELEASED)
    opened(world, case, "rex", "rob", "rex", "pia")
    opened(world, case, "kim", "nat", stage=State.IN_CALIBRATION)
    opened(world, case, "kim", "aud", "max", stage=State.DECIDED)
    opened(world, case, "sam", stage=State.SUBMITTED)
    note(world, "rex", "read", f"reviews:{case.id}", case)
    assert queries.openings_of(world.s, case) == [
        Opening("reviewer", 3, ("in_review",)),
        Opening("committee", 3, ("in_calibration",)),
        Opening("people_partner", 1, ("in_review",)),
        Opening("auditor", 1, ("in_calibration",)),
        Opening("manager", 1, ("in_calibration",)),
        Opening("other", 1, ("submitted",)),
    ]


def test_a_recused_reviewer_is_still_told_as_a_reviewer(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    opened(world, case, "rex")
    reviews.recuse(world.s, case=case, person=world.rex, actor=world.rex, reason="", at=NOW)
    assert queries.openings_of(world.s, case) == [Opening("reviewer", 1, ("in_review",))]


def test_the_candidate_reads_it_after_release_and_nobody_else_ever(world: World, client) -> None:
    case = world.case("ada", State.RELEASED)
    opened(world, case, "rex", "rob", "kim")
    world.commit()
    page = client(world.ada).get(f"/records/packets/{case.id}").text
    assert [said in page for said in ("Reviewers", "Members of the committee", "in review")] == [True] * 3
    assert [p.name for p in world.everyone.values() if p.name in page and p.id != world.ada.id] == []
    assert "Who opened my packet" in client(world.ada).get(f"/cases/{case.id}").text
    for who in ("max", "rex", "kim", "pia", "aud", "sam"):
        browser = client(getattr(world, who))
        missing = browser.get("/records/packets/000000000000").data
        answer = browser.get(f"/records/packets/{case.id}")
        assert (answer.status_code, answer.data == missing) == (404, True)


@pytest.mark.parametrize("state", [s for s in State if s not in {State.UNDER_APPEAL, State.WITHDRAWN}])
def test_it_exists_from_release_on(world: World, state: State) -> None:
    case = world.case("ada", state)
    after = state in {State.RELEASED, State.CLOSED}
    assert bool(policy.can_see_openings(world.ada, case)) is after
    assert policy.can_see_openings(world.ada, case).hidden is not after
    assert policy.can_see_openings(world.pia, case).hidden


def test_before_anybody_opened_it_the_page_says_so(world: World, client) -> None:
    case = world.case("ada", State.RELEASED)
    world._step(case, Action.APPEAL, world.ada)
    world.commit()
    assert "Nobody but you has opened it." in client(world.ada).get(f"/records/packets/{case.id}").text


def test_reading_ones_own_packet_leaves_no_line(world: World, client) -> None:
    case = world.case("ada", State.RELEASED)
    world.commit()
    client(world.ada).get(f"/cases/{case.id}/packet")
    client(world.pia).get(f"/cases/{case.id}/packet")
    world.s.rollback()
    read = world.s.query(AuditEvent).filter(AuditEvent.action == "read", AuditEvent.case_id == case.id)
    assert [line.actor_id for line in read] == [world.pia.id]


def test_nothing_shown_moves_with_what_is_hidden(world: World, client) -> None:
    """An act on a case its reader may not know of: neither their log, its files, nor the check of the chain change."""
    own = world.case("theo", State.SUBMITTED)
    people.grant(world.s, actor=None, person=world.theo, role=Role.AUDITOR, at=NOW)
    world.commit()
    browser = client(world.theo)
    pages = ("/records", "/records/export.csv", "/records/verify")
    before = [masked(browser.get(page).data) for page in pages]
    world.s.rollback()
    note(world, "pia", "act", f"case:{own.id}", own)
    world.commit()
    assert [masked(browser.get(page).data) for page in pages] == before


def test_rows_that_do_not_fit_are_named_on_the_page(world: World, client) -> None:
    world.s.execute(update(AuditEvent).where(AuditEvent.sequence == 7).values(action="nothing"))
    world.commit()
    assert "The first row that does not fit is number 7" in client(world.aud).get("/records/verify").text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_that_no_zone_can_tell_narrows_nothing(world: World, client, day: str) -> None:
    assert client(world.aud).get(f"/records?since={day}&until={day}").status_code == 200
