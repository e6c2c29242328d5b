"""Appeals: until the last day, once, answered from outside the first panel, and the first record is not touched."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from portal.cases import queries as cases
from portal.decisions.commands import acknowledge, answer_appeal, appoint, close_panel, file_appeal, say
from portal.domain.appeals import Finding
from portal.domain.case_flow import Action, IllegalStep, State, StepBlocked
from portal.domain.problems import InvalidInput, Refused
from portal.domain.working_days import add_working_days
from portal.models.appeal import Appeal, AppealGround
from portal.models.case import Case
from portal.models.decision import Outcome
from portal.models.outbox import OutboxRow
from tests.world import NOW, World

STATEMENT = "The migration of the billing system was not read at all."
ANSWER = "We read the packet and the reviews; every piece of evidence was weighed."
AGAIN = "The migration of the billing system, as evidence of direction."


def file(world: World, case: Case, at: datetime = NOW) -> Appeal:
    ground = AppealGround.MISSED_EVIDENCE
    return file_appeal(world.s, case=case, actor=world.ada, ground=ground, statement=STATEMENT, at=at)


def answered(world: World, appeal: Appeal, action: Action) -> None:
    """By dirk, ron and mona; dirk presides."""
    people = [getattr(world, who) for who in ("dirk", "ron", "mona")]
    appoint(world.s, appeal=appeal, people=people, actor=world.pia, at=NOW)
    finding = Finding.STANDS if action is Action.UPHOLD else Finding.LOOK_AGAIN
    for who in ("dirk", "ron", "mona"):
        say(world.s, appeal=appeal, actor=getattr(world, who), finding=finding, at=NOW)
    close_panel(world.s, appeal=appeal, actor=world.dirk, at=NOW)
    again = "" if action is Action.UPHOLD else AGAIN
    given = {"appeal": appeal, "action": action, "answer": ANSWER, "look_again": again, "at": NOW}
    answer_appeal(world.s, actor=world.dirk, **given)


def mails(world: World, template: str) -> set[str]:
    rows = world.s.scalars(select(OutboxRow).where(OutboxRow.kind == "mail").order_by(OutboxRow.id))
    names = {p.id: key for key, p in world.everyone.items()}
    return {names[row.payload["to"]] for row in rows if row.payload["template"] == template}


def test_an_appeal_holds_the_case_and_tells_the_people_partners(world: World, frozen_clock: Any) -> None:
    case = world.case("ada", State.RELEASED, outcome=Outcome.NOT_YET)
    appeal = file(world, case)
    assert (case.state, appeal.decision, appeal.statement) == (State.UNDER_APPEAL, case.decisions[-1], STATEMENT)
    assert mails(world, "appeal_filed") == {"pia", "theo"}


def test_the_last_day_ends_at_midnight_in_the_candidates_zone(world: World) -> None:
    world.ada.timezone = "Pacific/Auckland"  # where NOW is already the evening of the same day
    case = world.case("ada", State.RELEASED)
    until = cases.appeal_until(case, case.decisions[-1])
    zone = ZoneInfo("Pacific/Auckland")
    assert until is not None
    assert until.astimezone(zone).date() == add_working_days(NOW.astimezone(zone).date(), 15)
    with pytest.raises(StepBlocked, match="The last day for an appeal has passed"):
        file(world, case, at=until + timedelta(minutes=1))
    assert (case.state, case.appeals) == (State.RELEASED, [])
    file(world, case, at=until - timedelta(minutes=1))
    assert case.state is State.UNDER_APPEAL


def test_there_is_one_appeal_a_decision(world: World, client: Any, frozen_clock: Any) -> None:
    case = world.case("ada", State.RELEASED)
    answered(world, file(world, case), Action.UPHOLD)
    with pytest.raises(Refused, match="an appeal against this decision already"):
        file(world, case)
    acknowledge(world.s, case=case, actor=world.ada, at=NOW)
    world.commit()
    assert "You may appeal" not in client(world.ada).get("/").text


def test_an_appeal_needs_a_statement_a_release_and_no_other_case(world: World, frozen_clock: Any) -> None:
    case = world.case("ada", State.RELEASED)
    with pytest.raises(InvalidInput, match="Say what went wrong"):
        file_appeal(world.s, case=case, actor=world.ada, ground=AppealGround.CONFLICT, statement="No.", at=NOW)
    with pytest.raises(Refused, match="no released decision"):
        file(world, world.case("mona", State.DECIDED))
    world.case("ada", State.DRAFT)
    with pytest.raises(Refused, match="Another case of yours is open"):
        file(world, case)


@pytest.mark.parametrize(
    ("action", "state", "upheld"),
    [
        (Action.UPHOLD, State.RELEASED, True),
        (Action.SEND_BACK_TO_CALIBRATION, State.IN_CALIBRATION, False),
        (Action.SEND_BACK_TO_REVIEW, State.IN_REVIEW, False),
    ],
)
def test_the_answer_moves_the_case_and_leaves_the_record(
    world: World, frozen_clock: Any, action: Action, state: State, upheld: bool
) -> None:
    case = world.case("ada", State.RELEASED, outcome=Outcome.NOT_YET)
    first = case.decisions[-1]
    before = (first.outcome, first.reasons, first.released_at, first.version)
    appeal = file(world, case)
    answered(world, appeal, action)
    assert (case.state, appeal.upheld, appeal.answer, appeal.answered_by_id) == (state, upheld, ANSWER, world.dirk.id)
    assert (appeal.sent_back_to, appeal.look_again) == ((None, "") if upheld else (state, AGAIN))
    assert case.events[-1].note == appeal.look_again
    assert (first.outcome, first.reasons, first.released_at, first.version) == before
    assert mails(world, "appeal_to_answer") == {"dirk", "ron", "mona"}
    assert mails(world, "appeal_answered") == {"ada"}


def test_the_letter_is_acknowledged_once_and_only_after_release(world: World, frozen_clock: Any) -> None:
    case = world.case("ada", State.DECIDED)
    with pytest.raises(IllegalStep):
        acknowledge(world.s, case=case, actor=world.ada, at=NOW)
    case = world.case("mona", State.RELEASED)
    acknowledge(world.s, case=case, actor=world.mona, at=NOW)
    assert (case.acknowledged_at, case.state, case.events[-1].action) == (NOW, State.RELEASED, Action.ACKNOWLEDGE)
    with pytest.raises(Refused, match="acknowledged already"):
        acknowledge(world.s, case=case, actor=world.mona, at=NOW)
