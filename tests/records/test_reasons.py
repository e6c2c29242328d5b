"""Why somebody acted stands apart from the chain: it can be erased, on record, and not otherwise changed or lost."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, text, update

from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput
from portal.models.audit import AuditEvent, AuditReason, digest, record, record_readings, start_key
from portal.models.case import Case
from portal.people.commands.apart import keep_apart
from portal.records import erasure
from portal.records.chain import Chain, verify
from portal.records.reasons import ACT
from portal.records.seals import FirstKey
from portal.reviews.commands.conflicts import recuse
from portal.settings import ROOT
from tests.statements import statements
from tests.world import NOW, World

WHY = "asked for by the person"
FOLDER = ROOT / "migrations"


def note(world: World, reason: str, *, case: Case | None = None, thing: str = "") -> AuditEvent:
    thing = thing or (f"case:{case.id}" if case else "cycle:x")
    case_id = case.id if case else None
    return record(world.s, actor=world.pia, action="noted", thing=thing, at=NOW, case_id=case_id, reason=reason)


def reasons(world: World) -> list[str]:
    world.s.expire_all()
    q = select(AuditEvent).where(AuditEvent.action == "noted").order_by(AuditEvent.sequence)
    return [line.reason for line in world.s.scalars(q)]


def tampered(world: World, statement: str, row: int) -> Chain:
    world.s.execute(text(statement), {"row": row})
    world.s.expire_all()
    return verify(world.s)


@pytest.fixture
def closed(world: World) -> Case:
    return world.case("ada", State.CLOSED)


def test_the_row_holds_a_code_of_the_reason_and_no_word(world: World) -> None:
    line = note(world, "Ada is on leave.")
    again = note(world, "Ada is on leave.")
    assert (line.reason, len(line.reason_hash), line.reason_hash == again.reason_hash) == (
        "Ada is on leave.",
        64,
        False,
    )
    assert "leave" not in str(dict(line.__table__.columns.items())) + line.expected_hash()
    assert note(world, "").reason_hash == ""


def test_erasing_a_case_takes_its_reasons_and_the_chain_holds(world: World, closed: Case) -> None:
    other = world.case("ivy", State.SUBMITTED)
    note(world, "Ada is on leave.", case=closed)
    note(world, "Ivy needs a week.", case=other)
    erasure.erase_case(world.s, case=closed, actor=None, at=NOW, why=WHY)
    assert reasons(world) == ["", "Ivy needs a week."]
    assert verify(world.s).bad is None


def test_of_the_erasure_one_row_tells_which_and_that_of_the_ground_stays(world: World, closed: Case) -> None:
    line = note(world, "Ada is on leave.", case=closed)
    erasure.erase_case(world.s, case=closed, actor=None, at=NOW, why=WHY)
    last = list(world.s.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(2)))
    assert [one.action for one in last] == ["case_texts_erased", ACT]
    assert json.loads(last[1].reason) == {str(line.sequence): line.rest()}
    assert last[0].reason == WHY


def test_a_person_is_erased_from_reasons_of_other_cases_too(world: World, closed: Case) -> None:
    other = world.case("ivy", State.SUBMITTED)
    note(world, "ADA MARCHETTI asked for it.", case=other)
    note(world, "Told by ada@example.org.")
    note(world, "Moved to another team.", thing=f"person:{world.ada.id}")
    note(world, "Adam Marchettini asked.", case=other)
    world.ada.active = False
    world.s.flush()
    erasure.erase_person(world.s, person=world.ada, actor=None, at=NOW, why=WHY)
    assert reasons(world) == ["", "", "", "Adam Marchettini asked."]
    assert verify(world.s).bad is None


def test_the_ground_of_an_erasure_names_nobody(world: World, closed: Case) -> None:
    world.ada.active = False
    world.s.flush()
    with pytest.raises(InvalidInput, match="without the person's name"):
        erasure.erase_person(world.s, person=world.ada, actor=None, at=NOW, why="Ada Marchetti wrote us.")


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE audit_reason SET text = 'another' WHERE sequence = :row", "its reason is not what was written"),
        ("UPDATE audit_reason SET salt = 'x' WHERE sequence = :row", "its reason is not what was written"),
        ("UPDATE audit_reason SET salt = '' WHERE sequence = :row", "its reason is not what was written"),
        ("DELETE FROM audit_reason WHERE sequence = :row", "its reason is gone, and no erasure is on record"),
        ("UPDATE audit_event SET reason_hash = '' WHERE sequence = :row", "its reason is not what was written"),
    ],
)
def test_a_reason_is_not_changed_or_lost_unnoticed(world: World, statement: str, why: str) -> None:
    line = note(world, "Ada is on leave.")
    note(world, "another")
    found = tampered(world, statement, line.sequence)
    assert (found.bad, found.why) == (line.sequence, why)


def test_a_code_is_not_passed_off_as_a_reason_from_before(world: World) -> None:
    line = note(world, "Ada is on leave.")
    values = {"salt": "", "text": line.reason_hash}
    world.s.execute(update(AuditReason).where(AuditReason.sequence == line.sequence).values(values))
    found = tampered(world, "UPDATE audit_event SET reason_hash = '' WHERE sequence = :row", line.sequence)
    assert found.bad == line.sequence


def test_an_erased_row_is_still_held_by_the_chain(world: World, closed: Case) -> None:
    line = note(world, "Ada is on leave.", case=closed)
    erasure.erase_case(world.s, case=closed, actor=None, at=NOW + timedelta(days=1), why=WHY)
    assert (
        tampered(world, "UPDATE audit_event SET stage = 'x' WHERE sequence = :row", line.sequence).bad == line.sequence
    )


def test_many_readings_are_linked_and_sealed_as_one_is(world: World, engine: Engine) -> None:
    """In as many statements for three as for one: the head, its change, the rows."""
    start_key(world.s, actor=None, key="ab" * 32, at=NOW)
    first = FirstKey(1, verify(world.s).length + 1, "ab" * 32)
    cost = []
    for cases in ([("c1", "in_review")], [("c2", "draft"), ("c3", "released"), ("c4", "closed")]):
        with statements(engine) as seen:
            record_readings(world.s, actor=world.pia, what="export_scores", cases=cases, at=NOW)
        cost.append(len(seen))
    world.s.expire_all()
    found = verify(world.s, [first])
    assert (found.bad, found.sealed, cost[0] == cost[1]) == (None, 4, True)
    last = list(world.s.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(4)))
    assert [(line.thing, line.case_id, line.stage) for line in reversed(last)] == [
        ("export_scores:c1", "c1", "in_review"),
        ("export_scores:c2", "c2", "draft"),
        ("export_scores:c3", "c3", "released"),
        ("export_scores:c4", "c4", "closed"),
    ]


def test_why_somebody_stays_away_is_repeated_by_no_hash(world: World) -> None:
    """A hash of few words can be guessed after they were erased: two reasons leave the same one."""
    case = world.case("ada", State.IN_REVIEW)
    recuse(world.s, case=case, person=world.rex, actor=world.rex, reason="A friend.", at=NOW)
    recuse(world.s, case=case, person=world.ron, actor=world.ron, reason="We lived together.", at=NOW)
    q = select(AuditEvent.payload_hash).where(AuditEvent.action == "recused")
    assert set(world.s.scalars(q)) == {digest({"source": "declared"})}


def test_why_two_are_kept_apart_is_repeated_by_no_hash(world: World) -> None:
    people = [world.ada, world.rex]
    keep_apart(world.s, people=people, cycle=None, reason="A friend.", actor=world.pia, at=NOW)
    found = world.s.scalar(select(AuditEvent.payload_hash).where(AuditEvent.action == "kept_apart"))
    assert found == digest({"people": sorted(p.id for p in people)})
