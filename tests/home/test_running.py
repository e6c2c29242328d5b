"""What people partners, auditors and operators find on the front page; an empty portal; whether the portal is well."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, text

from portal.domain.case_flow import State
from portal.home import routes
from portal.models.cycle import Committee
from portal.models.outbox import OutboxRow, OutboxState
from portal.models.person import Role
from portal.people import commands as people
from tests.home.test_hats import ITEM, appealed, needed, opened, recuse, seat_panel
from tests.world import NOW, World


def piles(client, person) -> list[str]:
    """Titles under the heading of the people partner."""
    parts = opened(client, person).split('-people_partner">')
    return [title for part in parts[1:] for _, _, title in ITEM.findall(part.split("</ul>")[0])]


def test_a_case_without_enough_reviewers_is_to_be_assigned(world: World, client) -> None:
    world.case("ada", State.SUBMITTED)
    world.commit()
    assert needed(client, world.pia) == [("Assign reviewers", "/cycles/spring-2026/assignments")]
    assert "Ada Marchetti" in opened(client, world.pia)


def test_several_cases_that_wait_for_the_same_are_one_line(world: World, client) -> None:
    for key in ("ada", "ivy", "mona", "ron"):
        world.case(key, State.SUBMITTED)
    world.commit()
    assert [title for title, _ in needed(client, world.pia)] == ["Assign reviewers: 4 cases"]
    assert "Ada Marchetti, Ivy Novak, Mona Fischer and 1 more" in opened(client, world.pia)


def test_reviews_that_are_all_in_lead_to_calibration(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    assert (needed(client, world.pia), piles(client, world.pia)) == ([], ["In review: 1"])
    for a in case.assignments:
        world.seal(case, a, 3)
    world.commit()
    assert needed(client, world.pia) == [("Send to calibration: every review is in", f"/cases/{case.id}")]


def test_reviews_past_their_date_are_overdue(world: World, client, frozen_clock) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    frozen_clock.move_to(world.cycle.review_by + timedelta(hours=1))
    assert needed(client, world.pia) == [("Reviews are overdue", f"/cases/{case.id}")]


def test_a_reviewer_with_a_conflict_is_not_counted(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    for a in case.assignments:
        world.seal(case, a, 3)
    recuse(world, case, world.rex)
    recuse(world, case, world.rob)
    recuse(world, case, world.rae)
    world.commit()
    assert piles(client, world.pia) == ["In review: 1"]


def test_a_conflict_with_another_case_takes_nobody_off_this_one(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    for a in case.assignments:
        world.seal(case, a, 3)
    recuse(world, world.case("mona", State.SUBMITTED), world.rex)
    world.commit()
    assert ("Send to calibration: every review is in", f"/cases/{case.id}") in needed(client, world.pia)


def test_confirmed_decisions_wait_for_letters(world: World, client) -> None:
    world.case("ada", State.DECIDED)
    world.commit()
    assert needed(client, world.pia) == [("Prepare letters", "/cycles/spring-2026/letters")]


def test_decisions_to_confirm_and_cases_in_calibration_are_coming(world: World, client) -> None:
    case = world.case("ada", State.DECIDED)
    case.decisions[-1].confirmed_at = case.decisions[-1].confirmed_by_id = None
    world.case("mona", State.IN_CALIBRATION)
    world.case("ivy")
    world.commit()
    assert sorted(piles(client, world.pia)) == [
        "Decided, to be confirmed by a second member: 1",
        "Drafts being written: 1",
        "In calibration: 1",
    ]


def test_an_appeal_asks_for_somebody_to_answer_it(world: World, client) -> None:
    case = appealed(world)
    world.commit()
    assert needed(client, world.pia) == [("Appoint who answers an appeal", f"/cases/{case.id}/appeal")]
    seat_panel(world, case, "joe", "sam", "ron")
    world.commit()
    assert piles(client, world.pia) == ["Appeals that wait for their answer: 1"]


def test_a_leavers_case_is_to_be_withdrawn(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.ada.active = False
    world.commit()
    assert needed(client, world.pia) == [("Withdraw the case of somebody who has left", f"/cases/{case.id}/withdraw")]


def test_a_people_partner_counts_no_case_of_their_own_or_in_conflict(world: World, client) -> None:
    world.case("theo", State.SUBMITTED)
    recuse(world, world.case("ada", State.SUBMITTED), world.theo)
    world.commit()
    assert piles(client, world.theo) == []
    assert piles(client, world.pia) == ["Assign reviewers: 2 cases"]


def test_a_people_partner_who_owes_a_review_learns_nothing_of_the_others(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.s.flush()
    people.grant(world.s, actor=None, person=world.rex, role=Role.PEOPLE_PARTNER, at=NOW)
    world.commit()
    assert piles(client, world.rex) == []
    world.seal(case, next(a for a in case.assignments if a.reviewer_id == world.rex.id), 3)
    world.commit()
    assert piles(client, world.rex) == ["In review: 1"]


def test_an_auditor_checks_what_was_closed(world: World, client, frozen_clock) -> None:
    world.cycle.closed_at = NOW
    world.commit()
    assert needed(client, world.aud) == [("Check the record of Spring 2026", "/records/verify")]
    frozen_clock.shift(timedelta(days=91))
    assert needed(client, world.aud) == []


def queued(world: World, state: OutboxState) -> None:
    world.s.execute(delete(OutboxRow))
    world.s.add(OutboxRow(kind="mail", key="k", payload={}, state=state, due_at=NOW, created_at=NOW))
    world.commit()


def test_an_operator_hears_of_what_does_not_get_out(world: World, client, frozen_clock) -> None:
    queued(world, OutboxState.PENDING)
    assert needed(client, world.opal) == []
    frozen_clock.shift(timedelta(hours=1))
    assert needed(client, world.opal) == [("Not yet out: mail (1)", "/outbox")]


def test_the_outbox_is_for_operators(world: World, client) -> None:
    queued(world, OutboxState.FAILED)
    page = client(world.opal).get("/outbox")
    assert (page.status_code, "given up" in page.text) == (200, True)
    world.s.rollback()
    world.s.execute(delete(OutboxRow))
    world.commit()
    assert "No mail is listed here for you to look after." in client(world.opal).get("/outbox").text


@pytest.mark.parametrize(("who", "steps"), [("pia", 3), ("opal", 3), ("ada", 0)])
def test_an_empty_portal_says_what_to_do_first(world: World, client, who: str, steps: int) -> None:
    for name in ("committee_seat", "committee", "cycle_pin", "margin_setting", "cycle"):
        world.s.execute(text(f"DELETE FROM {name}"))
    world.commit()
    page = opened(client, getattr(world, who))
    assert page.count('class="is-open"') + page.count('class="is-done"') == steps
    assert ("/cycles/new" in page) == (who == "pia")


def test_a_cycle_without_a_committee_keeps_the_first_steps(world: World, client) -> None:
    world.s.execute(text("DELETE FROM committee_seat"))
    world.s.execute(delete(Committee))
    world.commit()
    assert opened(client, world.pia).count('class="is-done"') == 2
    assert "First steps" not in opened(client, world.ada)


def test_the_process_says_that_it_answers(client) -> None:
    assert (client().get("/healthz").status_code, client().get("/healthz").text) == (200, "ok\n")


def test_a_ready_portal_says_so_line_by_line(client, monkeypatch) -> None:
    monkeypatch.setattr(routes, "_letters_problem", lambda: None)
    answer = client().get("/readyz")
    assert (answer.status_code, answer.text) == (200, "database: ok\nletters: ok\n")


def test_a_database_of_another_revision_is_not_ready(client, engine, monkeypatch) -> None:
    monkeypatch.setattr(routes, "_letters_problem", lambda: None)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = client().get("/readyz")
    assert answer.status_code == 503
    assert answer.text == "database: not ready\nletters: ok\n"


def test_what_is_missing_is_told_to_the_log_alone(client, monkeypatch) -> None:
    routes._letters_problem.cache_clear()
    monkeypatch.setattr(routes, "pdf_ready", lambda: "letters cannot be made without Pango; install it")
    answer = client().get("/readyz")
    routes._letters_problem.cache_clear()
    assert answer.status_code == 503
    assert answer.text == "database: ok\nletters: not ready\n"


def test_a_declined_review_waits_for_the_people_partner_until_somebody_else_is_asked(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    for a in case.assignments[1:]:
        world.seal(case, a, 3)
    first = case.assignments[0]
    first.ended_at = first.declined_at = NOW + timedelta(hours=1)
    world.commit()
    waited = ("A review was declined: ask somebody else", "/cycles/spring-2026/chasing")
    assert needed(client, world.pia) == [waited]
    assert "Reviews declined, with nobody asked instead: 1." in client(world.pia).get("/cycles/spring-2026").text
    world.s.rollback()
    first.ended_at, first.declined_at, first.assigned_at = None, None, NOW + timedelta(hours=2)
    world.commit()
    assert needed(client, world.pia) == []
