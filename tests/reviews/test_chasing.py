"""Chasing: by rule, each step once whoever runs it, to those who owe and those who run the case; declining."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from portal.cases import queries as cases
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, NotPermitted, Refused
from portal.models.case import ConflictSource, Recusal
from portal.models.outbox import OutboxRow
from portal.models.packet import Referee, RefereeState
from portal.reviews import commands
from portal.reviews.jobs import chase
from portal.reviews.queries.chasing import What, declined, reminded, waited_for
from tests.reviews.filling import sealed, seat
from tests.world import NOW, World

SOON = NOW + timedelta(hours=1)


def mails(world: World) -> list[tuple[str, str]]:
    world.s.rollback()
    rows = world.s.scalars(select(OutboxRow).order_by(OutboxRow.id))
    names = {person.id: key for key, person in world.everyone.items()}
    return [(row.payload["template"], names[row.payload["to"]]) for row in rows]


def asked(world: World, state: RefereeState = RefereeState.INVITED) -> Any:
    case = world.case("ada", State.DRAFT)
    row = Referee(
        person=world.ola, pseudonym="R", state=state, answers={}, proposed_by_id=world.ada.id, proposed_at=NOW
    )
    case.referees.append(row)
    world.s.flush()
    return case


def test_everything_owed_is_waited_for_with_its_day(world: World) -> None:
    review = world.case("mona", State.IN_REVIEW)
    sealed(world, review, world.rob)
    draft = asked(world)
    found = waited_for(world.s, cycle=world.cycle)
    assert {(one.what, one.person, one.due) for one in found} == {
        (What.PACKET, "Ada Marchetti", draft.submit_by),
        (What.FEEDBACK, "Ola Berg", NOW + timedelta(days=14)),
        (What.REVIEW, "Rae Okonkwo", world.cycle.review_by),
        (What.REVIEW, "Rex Tanaka", world.cycle.review_by),
    }


def test_each_step_is_sent_once(world: World, engine: Engine, frozen_clock: Any) -> None:
    asked(world)
    world.commit()
    assert chase(engine) == 0
    frozen_clock.move_to(NOW + timedelta(days=7, minutes=1))
    assert [chase(engine), chase(engine)] == [2, 0]
    assert sorted(mails(world)) == [("packet_due", "ada"), ("referee_due", "ola")]


def test_two_workers_send_each_reminder_once(world: World, engine: Engine, frozen_clock: Any) -> None:
    world.case("ada", State.IN_REVIEW)
    world.commit()
    frozen_clock.move_to(world.cycle.review_by - timedelta(days=2))
    world.s.rollback()
    done: list[int] = []
    workers = [threading.Thread(target=lambda: done.append(chase(engine))) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (len(done), sum(done)) == (2, 3)
    assert sorted(mails(world)) == [("review_due", "rae"), ("review_due", "rex"), ("review_due", "rob")]


def test_what_stays_overdue_is_told_to_those_who_run_the_case(world: World, engine: Engine, frozen_clock: Any) -> None:
    case = world.case("ada", State.IN_REVIEW, reviewers=("rex", "rob", "pia"))
    for one in (world.rob, world.pia):
        sealed(world, case, one)
    declared = {"source": ConflictSource.DECLARED, "reason": "", "declared_by_id": world.pia.id}
    case.recusals.append(Recusal(person=world.pia, at=NOW, **declared))
    world.commit()
    frozen_clock.move_to(world.cycle.review_by + timedelta(days=3))
    world.s.rollback()
    assert chase(engine) == 1
    assert [mail for mail in mails(world) if mail[0] != "reviews_in"] == [
        ("review_due", "rex"),
        ("chase_escalated", "theo"),
    ]


def test_somebody_who_has_left_is_told_of_and_not_reminded(world: World, engine: Engine, frozen_clock: Any) -> None:
    world.case("ada", State.IN_REVIEW)
    world.rex.active = False
    world.commit()
    assert [chase(engine), chase(engine)] == [1, 0]
    assert mails(world) == [("chase_escalated", "pia"), ("chase_escalated", "theo")]


def test_who_is_done_recused_or_waived_is_not_waited_for(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rex)
    commands.recuse(world.s, case=case, person=world.rob, actor=world.rob, reason="", at=NOW)
    commands.waive(world.s, assignment=seat(case, world.rae), actor=world.pia, reason="ill", at=NOW)
    assert waited_for(world.s) == []


def test_a_people_partner_reminds_with_one_click_and_not_twice(world: World, client: Any) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    browser, url = client(world.pia), "/cycles/spring-2026/chasing"
    assert "Rex Tanaka" in browser.get(url).text
    key = f"review-{seat(case, world.rex).id}"
    assert browser.post(f"{url}/{key}").status_code == 303
    assert browser.post(f"{url}/{key}").status_code == 409
    assert mails(world) == [("review_due", "rex")]
    assert reminded(world.s, waited_for(world.s)) == {key: NOW}
    assert "reminded just now" in browser.get(url).text


def test_the_cockpit_holds_only_cases_one_runs(world: World, client: Any) -> None:
    case = world.case("theo", State.IN_REVIEW)
    world.commit()
    key = f"review-{seat(case, world.rex).id}"
    browser = client(world.theo)
    page = browser.get("/cycles/spring-2026/chasing")
    assert (page.status_code, "Rex Tanaka" in page.text) == (200, False)
    assert browser.post(f"/cycles/spring-2026/chasing/{key}").status_code == 404
    others = (world.rex, world.kim)
    assert [client(who).get("/cycles/spring-2026/chasing").status_code for who in others] == [403, 403]


def test_a_reviewer_declines_and_the_case_waits_for_somebody_else(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rob)
    sealed(world, case, world.rae)
    mine = seat(case, world.rex)
    with pytest.raises(NotPermitted):
        commands.decline_review(world.s, assignment=mine, actor=world.pia, reason="busy", at=NOW)
    with pytest.raises(InvalidInput):
        commands.decline_review(world.s, assignment=mine, actor=world.rex, reason=" ", at=NOW)
    commands.decline_review(world.s, assignment=mine, actor=world.rex, reason="on leave", at=SOON)
    assert [row.ended_reason for row in declined(world.s, world.cycle, world.pia)] == ["on leave"]
    assert cases.facts_for(world.s, case, NOW).reviews_outstanding == 1
    with pytest.raises(Refused):
        commands.decline_review(world.s, assignment=mine, actor=world.rex, reason="on leave", at=NOW)
    commands.assign(world.s, case=case, reviewer=world.nat, actor=world.pia, at=SOON)
    assert declined(world.s, world.cycle, world.pia) == []
    assert case.declines_open == 0


def test_going_on_after_a_decline_takes_a_waiver(world: World, client: Any, frozen_clock: Any) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    frozen_clock.move_to(SOON)
    browser, url = client(world.rex), f"/cases/{case.id}/review/decline"
    assert browser.get(url).status_code == 200
    assert browser.post(url, data={"reason": ""}).status_code == 422
    assert browser.post(url, data={"reason": "on leave"}).location == "/reviews"
    assert browser.get(url).status_code == 404
    partner = client(world.pia)
    assert "on leave" in partner.get("/cycles/spring-2026/chasing").text
    waive = f"/cases/{case.id}/reviewers/{world.rex.id}/waive"
    assert partner.post(waive, data={"reason": "two are enough"}).status_code == 303
    world.s.expire_all()
    assert cases.case(world.s, case_id=case.id).declines_open == 0
    assert ("review_declined", "pia") in mails(world)
