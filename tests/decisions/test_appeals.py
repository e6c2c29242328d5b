"""Appeals: until the last day, once, answered from outside the first panel, and the first record is not touched."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from portal.cases import queries as cases
from portal.decisions.commands import acknowledge, answer_appeal, appoint, file_appeal
from portal.decisions.queries import panel
from portal.domain.case_flow import Action, IllegalStep, State, StepBlocked
from portal.domain.problems import InvalidInput, NotPermitted, Refused
from portal.domain.working_days import add_working_days
from portal.models.case import Case
from portal.models.decision import Appeal, AppealGround, Outcome
from portal.models.outbox import OutboxRow
from tests.world import NOW, World

STATEMENT = "The migration of the billing system was not read at all."
ANSWER = "I read the packet and the reviews; every piece of evidence was weighed."


def file(world: World, case: Case, at: datetime = NOW) -> Appeal:
    ground = AppealGround.MISSED_EVIDENCE
    return file_appeal(world.s, case=case, actor=world.ada, ground=ground, statement=STATEMENT, at=at)


def answered(world: World, appeal: Appeal, action: Action) -> None:
    appoint(world.s, appeal=appeal, person=world.dirk, actor=world.pia, at=NOW)
    answer_appeal(world.s, appeal=appeal, actor=world.dirk, action=action, answer=ANSWER, at=NOW)


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


def test_there_is_one_appeal_a_decision(world: World, frozen_clock: Any) -> None:
    case = world.case("ada", State.RELEASED)
    answered(world, file(world, case), Action.UPHOLD)
    with pytest.raises(Refused, match="an appeal against this decision already"):
        file(world, case)


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
    assert (first.outcome, first.reasons, first.released_at, first.version) == before
    assert mails(world, "appeal_to_answer") == {"dirk"}
    assert mails(world, "appeal_answered") == {"ada"}


@pytest.mark.parametrize(
    ("who", "says"),
    [
        ("pia", "Appoint somebody else"),
        ("kim", "Kim Larsen is on the committee that decided."),
        ("rex", "Rex Tanaka was asked to review this case."),
        ("dana", "Ada Marchetti is in their reporting line."),
    ],
)
def test_who_cannot_be_appointed(world: World, frozen_clock: Any, who: str, says: str) -> None:
    appeal = file(world, world.case("ada", State.RELEASED))
    with pytest.raises(InvalidInput, match=says):
        appoint(world.s, appeal=appeal, person=getattr(world, who), actor=world.pia, at=NOW)
    assert appeal.appointed_id is None


def test_an_answer_is_given_once_by_the_appointed_in_one_of_three_ways(world: World, frozen_clock: Any) -> None:
    appeal = file(world, world.case("ada", State.RELEASED))
    appoint(world.s, appeal=appeal, person=world.dirk, actor=world.pia, at=NOW)
    given = {"appeal": appeal, "answer": ANSWER, "at": NOW}
    with pytest.raises(NotPermitted):
        answer_appeal(world.s, actor=world.sam, action=Action.UPHOLD, **given)
    with pytest.raises(InvalidInput, match="by upholding the decision or by sending the case back"):
        answer_appeal(world.s, actor=world.dirk, action=Action.CLOSE, **given)
    with pytest.raises(InvalidInput, match="Say what you looked at"):
        answer_appeal(world.s, actor=world.dirk, action=Action.UPHOLD, **{**given, "answer": "No."})
    with pytest.raises(InvalidInput, match="name Rob Silva"):
        answer_appeal(
            world.s, actor=world.dirk, action=Action.UPHOLD, **{**given, "answer": ANSWER + " Rob Silva did."}
        )
    answer_appeal(world.s, actor=world.dirk, action=Action.UPHOLD, **given)
    with pytest.raises(Refused, match="has been answered"):
        answer_appeal(world.s, actor=world.dirk, action=Action.UPHOLD, **given)
    with pytest.raises(Refused, match="has been answered"):
        appoint(world.s, appeal=appeal, person=world.sam, actor=world.pia, at=NOW)


def test_the_letter_is_acknowledged_once_and_only_after_release(world: World, frozen_clock: Any) -> None:
    case = world.case("ada", State.DECIDED)
    with pytest.raises(IllegalStep):
        acknowledge(world.s, case=case, actor=world.ada, at=NOW)
    case = world.case("mona", State.RELEASED)
    acknowledge(world.s, case=case, actor=world.mona, at=NOW)
    assert (case.acknowledged_at, case.state, case.events[-1].action) == (NOW, State.RELEASED, Action.ACKNOWLEDGE)
    with pytest.raises(Refused, match="acknowledged already"):
        acknowledge(world.s, case=case, actor=world.mona, at=NOW)


def test_who_could_answer_is_worked_out_and_who_cannot_is_told_why(world: World, client: Any) -> None:
    case = world.case("ada", State.RELEASED)
    appeal = file(world, case)
    world.commit()
    found = panel(world.s, case, world.pia)
    names = {p.id: key for key, p in world.everyone.items()}
    assert [names[p.id] for p in found.fit] == ["dirk", "ron"]
    why = {names[p.id]: reason for p, reason in found.unfit}
    assert (why["kim"], why["rex"], why["max"]) == (
        "Kim Larsen is on the committee that decided.",
        "Rex Tanaka was asked to review this case.",
        "Ada Marchetti is in their reporting line.",
    )
    page = client(world.pia).get(f"/cases/{case.id}/appeal").text
    assert ("Dirk Janssen, dirk@example.org" in page, why["kim"] in page, appeal.appointed) == (True, True, None)
    assert "Who cannot, and why" not in client(world.ada).get(f"/cases/{case.id}/appeal").text
