"""Another day than the cycle's for one reviewer or referee: with a reason, on record, told by mail, honoured wherever a
day is shown, and gone when somebody is asked anew."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cycles.queries import case_rows
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, Refused
from portal.home.queries import feedback_asked, reviews_asked
from portal.models.audit import AuditEvent
from portal.models.case import Assignment, Case
from portal.models.outbox import OutboxRow
from portal.models.packet import Referee, RefereeState
from portal.reviews import commands, queries
from portal.reviews.queries.chasing import waited_for
from tests.world import NOW, World

LATER = NOW + timedelta(days=50)


@pytest.fixture
def case(world: World) -> Case:
    return world.case("ada", State.IN_REVIEW)


def mine(world: World, case: Case, who: str = "rex") -> Assignment:
    return next(a for a in case.assignments if a.reviewer_id == getattr(world, who).id)


def referee(world: World, case: Case) -> Referee:
    row = Referee(
        person=world.ron,
        pseudonym="R",
        state=RefereeState.INVITED,
        answers={},
        proposed_by_id=world.ada.id,
        proposed_at=NOW,
    )
    case.referees.append(row)
    world.s.flush()
    return row


def test_the_new_day_is_on_record_with_its_reason_and_told_by_mail(world: World, case: Case) -> None:
    given = {"actor": world.pia, "until": LATER, "at": NOW}
    commands.set_review_due(world.s, assignment=mine(world, case), reason="On leave.", **given)
    commands.set_feedback_due(world.s, referee=referee(world, case), reason="Ill.", **given)
    lines = list(world.s.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(2)))
    assert [(line.action, line.thing, line.reason) for line in lines] == [
        ("feedback_due_set", f"person:{world.ron.id}", "Ill."),
        ("review_due_set", f"person:{world.rex.id}", "On leave."),
    ]
    mails = list(world.s.scalars(select(OutboxRow).order_by(OutboxRow.id.desc()).limit(2)))
    assert [(m.payload["template"], m.person_id) for m in mails] == [
        ("referee_moved", world.ron.id),
        ("review_moved", world.rex.id),
    ]


def test_every_list_goes_by_it(world: World, case: Case) -> None:
    mine(world, case).due_at = referee(world, case).due_at = LATER
    world.s.flush()
    assert [task.due for task in queries.queue(world.s, world.rex)] == [LATER]
    assert [row.review_by for row in reviews_asked(world.s, world.rex)] == [LATER]
    assert [row.review_by for row in feedback_asked(world.s, world.ron)] == [LATER]
    due = {one.person: one.due for one in waited_for(world.s) if one.what.value in ("review", "feedback")}
    review_by = world.cycle.review_by
    assert due == {"Rex Tanaka": LATER, "Rob Silva": review_by, "Rae Okonkwo": review_by, "Ron Haddad": LATER}


def test_the_cockpit_goes_by_the_first_day_that_is_waited_for(world: World, case: Case) -> None:
    (row,) = case_rows(world.s, world.cycle, world.pia, at=NOW)
    assert row.review_due == world.cycle.review_by
    for who in ("rex", "rob", "rae"):
        mine(world, case, who).due_at = LATER
    world.s.flush()
    (row,) = case_rows(world.s, world.cycle, world.pia, at=NOW)
    assert row.review_due == LATER


def test_overdue_are_those_whose_own_day_has_passed(world: World, case: Case) -> None:
    mine(world, case, "rob").due_at = LATER
    world.s.flush()
    moments = [world.cycle.review_by, world.cycle.review_by + timedelta(seconds=1), LATER, LATER + timedelta(seconds=1)]
    rows = [case_rows(world.s, world.cycle, world.pia, at=at)[0] for at in moments]
    assert [(row.overdue, row.outstanding) for row in rows] == [(0, 3), (2, 3), (2, 3), (3, 3)]


def test_asked_anew_has_no_day_of_before(world: World, case: Case) -> None:
    row = mine(world, case)
    commands.set_review_due(world.s, assignment=row, actor=world.pia, until=LATER, reason="On leave.", at=NOW)
    row.ended_at = NOW
    world.s.flush()
    assert commands.assign(world.s, case=case, reviewer=world.rex, actor=world.pia, at=NOW).due_at is None


def test_a_day_behind_or_without_a_reason_is_refused(world: World, case: Case) -> None:
    given = {"assignment": mine(world, case), "actor": world.pia, "at": NOW}
    with pytest.raises(InvalidInput, match="lie ahead"):
        commands.set_review_due(world.s, until=NOW, reason="On leave.", **given)
    with pytest.raises(InvalidInput, match="say why"):
        commands.set_review_due(world.s, until=LATER, reason=" ", **given)


def test_what_nobody_waits_for_has_no_day(world: World, case: Case) -> None:
    row, asked = mine(world, case), referee(world, case)
    world.seal(case, row, 3)
    given = {"actor": world.pia, "until": LATER, "reason": "On leave.", "at": NOW}
    with pytest.raises(Refused, match="No review"):
        commands.set_review_due(world.s, assignment=row, **given)
    asked.state, asked.answered_at = RefereeState.ANSWERED, NOW
    with pytest.raises(Refused, match="No feedback"):
        commands.set_feedback_due(world.s, referee=asked, **given)
    with pytest.raises(Refused, match="before and during review"):
        commands.set_review_due(world.s, assignment=world.case("ivy", State.IN_CALIBRATION).assignments[0], **given)


def test_a_people_partner_sets_it_and_nobody_else_finds_the_page(world: World, client, case: Case) -> None:
    referee(world, case)
    world.pia.timezone = "Pacific/Auckland"
    world.commit()
    pages = [f"/cases/{case.id}/reviewers/{world.rex.id}/due", f"/cases/{case.id}/referees/{world.ron.id}/due"]
    form = {"until": "2026-05-20", "reason": "On leave."}
    for page in pages:
        for key, status in {"pia": 200, "kim": 404, "ada": 404, "max": 404, "rex": 404, "ron": 404, "aud": 404}.items():
            assert client(getattr(world, key)).get(page).status_code == status, (key, page)
            if status == 404:
                assert client(getattr(world, key)).post(page, data=form).status_code == 404, (key, page)
        assert client(world.pia).post(page, data=form).status_code == 303
        assert client(world.pia).post(page, data={"until": "9999-12-31", "reason": "For ever."}).status_code == 303
        assert client(world.pia).post(page, data={"until": "2026-01-01", "reason": "Back."}).status_code == 422
    assert client(world.pia).get(f"/cases/{case.id}/reviewers/{world.sam.id}/due").status_code == 404
    shown = client(world.pia).get("/cycles/spring-2026/chasing").text
    assert [page in shown for page in pages] == [True, True]


def test_a_partner_with_a_conflict_finds_no_page(world: World, client, case: Case) -> None:
    row = mine(world, case)
    commands.recuse(world.s, case=case, person=world.pia, actor=world.pia, reason="friends", at=NOW)
    world.commit()
    assert client(world.pia).get(f"/cases/{case.id}/reviewers/{row.reviewer_id}/due").status_code == 404
    assert client(world.theo).get(f"/cases/{case.id}/reviewers/{row.reviewer_id}/due").status_code == 200
