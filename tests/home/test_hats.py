"""Each hat finds on the front page what it has to do, one click from the act, and nothing else."""

import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import object_session

from portal.decisions.commands import confirm, record_decision
from portal.domain.appeals import Finding
from portal.domain.case_flow import Action, Facts, State
from portal.domain.packet import sections_for
from portal.models.appeal import Appeal, AppealGround, AppealMember, AppealPanel
from portal.models.calibration import Choice
from portal.models.case import Assignment, ConflictSource, Recusal
from portal.models.decision import Outcome
from portal.models.packet import Evidence, PacketSection, Referee, RefereeState, Statement
from portal.models.person import Person
from portal.reviews.commands import seal
from tests.reviews.filling import saved
from tests.world import NOW, World

ITEM = re.compile(r'<li( class="is-needed")? data-row>\s*<div>\s*<a class="work-title" href="([^"]+)">([^<]+)</a>')


def lines(client, person: Person) -> list[tuple[str, str, bool]]:
    """(title, address, needs me) of every line of the page, in its order."""
    page = opened(client, person)
    return [(title, href, bool(mark)) for mark, href, title in ITEM.findall(page)]


def opened(client, person: Person) -> str:
    """The page; the test's own session lets go of what it read, so that it can write again."""
    page = client(person).get("/")
    assert page.status_code == 200
    object_session(person).rollback()
    return page.text


def needed(client, person: Person) -> list[tuple[str, str]]:
    return [(title, href) for title, href, needs in lines(client, person) if needs]


def test_somebody_without_any_part_is_told_so_and_may_open_a_case(world: World, client) -> None:
    page = opened(client, world.aud)
    assert "Nothing needs you now." in page
    assert lines(client, world.sam) == [("Open a case to Senior Engineer", "/cases/new", False)]


def test_whoever_stands_at_the_top_of_a_ladder_is_not_asked_to_open_a_case(world: World, client) -> None:
    assert lines(client, world.cleo) == []


def test_a_draft_says_how_far_it_is_and_how_long_there_is(world: World, client) -> None:
    case = world.case("ada")
    texts = {"text": "What I do now."}
    world.s.add(PacketSection(case_id=case.id, code="summary", texts=texts, saved_at=NOW))
    world.commit()
    assert needed(client, world.ada) == [("Finish your packet to Staff Engineer", f"/cases/{case.id}/packet/edit")]
    page = opened(client, world.ada)
    assert "1 of 6 sections written" in page
    assert "packet due in 2 weeks" in page
    assert '<time datetime="2026-03-30T10:00:00+00:00">30 Mar 2026</time>' in page


def test_dates_stand_in_the_zone_of_the_reader(world: World, client) -> None:
    world.case("ada")
    world.ada.timezone = "Pacific/Auckland"
    world.cycle.submit_by = NOW + timedelta(days=14, hours=3)
    world.commit()
    assert ">31 Mar 2026</time>" in opened(client, world.ada)


def test_a_nomination_asks_to_be_accepted(world: World, client) -> None:
    case = world.case("ada")
    case.nominated_by_id = world.max.id
    world.commit()
    assert needed(client, world.ada) == [("Accept or decline your nomination to Staff Engineer", f"/cases/{case.id}")]
    assert "nominated by Max Brandt" in opened(client, world.ada)
    title = "Ada Marchetti has not accepted the nomination yet"
    assert (title, f"/cases/{case.id}", False) in lines(client, world.max)


def test_a_returned_packet_says_what_is_missing(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    case.take(Action.RETURN, Facts(), by=world.pia, at=NOW, note="Summary: name the second team")
    world.commit()
    title = "Your packet to Staff Engineer came back: add what is missing"
    assert needed(client, world.ada) == [(title, f"/cases/{case.id}/packet/edit")]
    assert "Summary: name the second team" in opened(client, world.ada)


def test_a_draft_past_its_deadline_says_who_can_help(world: World, client, frozen_clock) -> None:
    case = world.case("ada")
    world.commit()
    frozen_clock.move_to(world.cycle.submit_by)
    title = "Your packet to Staff Engineer was not submitted in time"
    assert needed(client, world.ada) == [(title, f"/cases/{case.id}")]
    assert "a people partner can grant more time" in opened(client, world.ada)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.IN_REVIEW, State.IN_CALIBRATION, State.DECIDED])
def test_a_case_in_motion_is_coming(world: World, client, state: State) -> None:
    case = world.case("ada", state)
    world.commit()
    assert lines(client, world.ada) == [("Your case to Staff Engineer", f"/cases/{case.id}", False)]


def test_a_released_decision_is_to_be_read_then_may_be_appealed(world: World, client) -> None:
    case = world.case("ada", State.RELEASED)
    world.commit()
    title = "Read the decision on your case to Staff Engineer"
    assert needed(client, world.ada) == [(title, f"/cases/{case.id}/decision")]
    assert ">6 Apr 2026</time>" in opened(client, world.ada)  # 15 working days
    case.acknowledged_at = NOW
    world.commit()
    assert lines(client, world.ada) == [("You may appeal: Staff Engineer", f"/cases/{case.id}/appeal", False)]


def test_after_the_appeal_window_the_decision_is_among_what_is_done(world: World, client, frozen_clock) -> None:
    case = world.case("ada", State.RELEASED)
    world.commit()
    frozen_clock.move_to(NOW + timedelta(days=40))
    title = "The decision on your case to Staff Engineer"
    assert lines(client, world.ada) == [(title, f"/cases/{case.id}/decision", False)]


def test_an_appeal_waits_with_another_panel(world: World, client) -> None:
    case = appealed(world)
    world.commit()
    assert lines(client, world.ada) == [("Your appeal: Staff Engineer", f"/cases/{case.id}/appeal", False)]


def test_a_manager_writes_then_signs_a_statement(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    statement = world.s.get(Statement, (case.id, world.max.id))
    assert statement is not None
    statement.signed_at = None
    world.commit()
    assert needed(client, world.max) == [("Sign your statement on Ada Marchetti", f"/cases/{case.id}/statement")]
    world.s.delete(statement)
    world.commit()
    assert needed(client, world.max) == [("Write your statement on Ada Marchetti", f"/cases/{case.id}/statement")]


def test_a_manager_reads_the_decision_after_release(world: World, client) -> None:
    case = world.case("ada", State.RELEASED)
    world.commit()
    assert ("The decision on Ada Marchetti", f"/cases/{case.id}/decision", False) in lines(client, world.max)


def test_a_referee_is_asked_once_and_sees_nothing_else_of_the_case(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    referee = Referee(
        person=world.joe,
        pseudonym="Referee 1",
        state=RefereeState.INVITED,
        answers={},
        proposed_by_id=world.ada.id,
        proposed_at=NOW,
    )
    case.referees.append(referee)
    world.commit()
    assert needed(client, world.joe) == [("Give feedback on Ada Marchetti", f"/cases/{case.id}/feedback")]
    assert "Staff Engineer" not in opened(client, world.joe)
    referee.state, referee.answered_at = RefereeState.ANSWERED, NOW
    world.commit()
    assert ("Your feedback on Ada Marchetti", f"/cases/{case.id}/feedback", False) in lines(client, world.joe)


def test_a_reviewer_first_answers_for_conflicts_then_writes_then_seals(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    mine = next(a for a in case.assignments if a.reviewer_id == world.rex.id)
    mine.no_conflict_at = None
    world.commit()
    place = f"/cases/{case.id}/review"
    assert needed(client, world.rex) == [("Say whether you have a conflict with Ada Marchetti", f"{place}/before")]
    mine.no_conflict_at = NOW
    world.commit()
    assert needed(client, world.rex) == [("Review Ada Marchetti", place)]
    review = saved(world, case, world.rex)
    world.commit()
    assert needed(client, world.rex) == [("Finish and seal your review of Ada Marchetti", place)]
    assert "scored so far: 6" in opened(client, world.rex)
    seal(world.s, review=review, actor=world.rex, at=NOW)
    world.commit()
    assert needed(client, world.rex) == []
    assert ("Your sealed review of Ada Marchetti", place, False) in lines(client, world.rex)


@pytest.mark.parametrize("end", ["waived_at", "ended_at"])
def test_a_review_that_is_no_longer_asked_for_is_gone(world: World, client, end: str) -> None:
    case = world.case("ada", State.IN_REVIEW)
    mine: Assignment = next(a for a in case.assignments if a.reviewer_id == world.rex.id)
    setattr(mine, end, NOW)
    world.commit()
    assert needed(client, world.rex) == []


def test_a_member_votes_once_the_ballot_is_open(world: World, client) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    world.commit()
    assert ("Prepare for Ada Marchetti", f"/cases/{case.id}", False) in lines(client, world.nat)
    world.ballot(case, {"kim": None, "lou": None, "nat": None, "ola": Choice.FOR}, closed=False)
    world.commit()
    votes = f"/cases/{case.id}/votes"
    assert needed(client, world.nat) == [("Vote on Ada Marchetti", votes)]
    assert needed(client, world.ola) == []
    assert "you have voted; the ballot is open" in opened(client, world.ola)
    assert "you are not among its voters" in opened(client, world.joe)


def test_the_chair_is_led_from_the_ballot_to_the_check_to_the_decision(world: World, client, frozen_clock) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    world.commit()
    room = "/cycles/spring-2026/calibration/4"
    assert needed(client, world.kim) == [("Open the ballot on Ada Marchetti", f"/cases/{case.id}/votes")]
    ballot = world.ballot(case, dict.fromkeys(("kim", "lou", "nat", "ola", "joe"), Choice.FOR), closed=False)
    world.commit()
    assert needed(client, world.kim) == []
    frozen_clock.shift(timedelta(days=1))
    title = "Close the ballot on Ada Marchetti once everyone has voted"
    assert needed(client, world.kim) == [(title, f"/cases/{case.id}/votes")]
    ballot.closed_at, ballot.closed_by_id = NOW, world.kim.id
    world.commit()
    assert needed(client, world.kim) == [("Run the check of both bars at grade 4", room)]
    world.bar_check(case)
    world.commit()
    assert needed(client, world.kim) == [("Record the decision on Ada Marchetti", f"/cases/{case.id}/decision")]


def test_a_ballot_without_quorum_is_held_again(world: World, client) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    world.ballot(case, {"kim": Choice.FOR, "lou": None, "nat": None, "ola": None, "joe": None})
    world.commit()
    assert [title for title, _ in needed(client, world.kim)] == ["Open the ballot on Ada Marchetti"]


def test_the_deputy_presides_while_the_chair_has_a_conflict(world: World, client) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    world.commit()
    assert needed(client, world.lou) == []
    recuse(world, case, world.kim)
    world.commit()
    assert [title for title, _ in needed(client, world.lou)] == ["Open the ballot on Ada Marchetti"]
    assert needed(client, world.kim) == []


def test_a_second_member_confirms_and_not_the_one_who_recorded(world: World, client) -> None:
    case = world.case("ada", State.DECIDED)
    case.decisions[-1].confirmed_at = case.decisions[-1].confirmed_by_id = None
    world.commit()
    place = f"/cases/{case.id}/decision"
    assert needed(client, world.nat) == [("Confirm the decision on Ada Marchetti", place)]
    assert needed(client, world.kim) == []
    assert "waits for a second member to confirm" in opened(client, world.kim)


def test_the_chair_knows_how_many_cases_are_on_their_way(world: World, client) -> None:
    world.case("ada", State.SUBMITTED)
    world.case("mona", State.IN_REVIEW)
    world.commit()
    assert ("2 cases are on their way", "/cases", False) in lines(client, world.kim)


def test_whoever_is_appointed_answers_the_appeal(world: World, client) -> None:
    case = appealed(world)
    seat_panel(world, case, "rae", "sam", "ron")
    for a in case.assignments:
        world.s.delete(a.review)
        world.s.delete(a)
    world.commit()
    place = f"/cases/{case.id}/appeal"
    assert needed(client, world.rae) == [("Answer the appeal of Ada Marchetti", place)]
    panel = case.appeals[-1].panels[-1]
    for member in panel.members[:2]:
        member.finding, member.said_at = Finding.STANDS, NOW
    world.commit()
    assert lines(client, world.sam)[-1] == ("The appeal of Ada Marchetti: you have answered", place, False)
    closing = ("Close the vote on the appeal of Ada Marchetti once everyone has answered", place, False)
    assert lines(client, world.rae)[-1] == closing
    panel.closed_at, panel.closed_by_id = NOW, world.rae.id
    world.commit()
    assert needed(client, world.rae) == [("Record what the panel answers to the appeal of Ada Marchetti", place)]
    waiting = ("The appeal of Ada Marchetti: the presiding member records the answer", place, False)
    assert lines(client, world.sam)[-1] == waiting


def seat_panel(world: World, case, *keys: str) -> None:
    """A panel for the open appeal; the first presides."""
    members = [AppealMember(person=getattr(world, key), place=place) for place, key in enumerate(keys)]
    case.appeals[-1].panels.append(
        AppealPanel(number=1, quorum=0.67, appointed_by_id=world.pia.id, appointed_at=NOW, members=members)
    )


def appealed(world: World):
    case = world.case("ada", State.RELEASED)
    case.take(Action.APPEAL, Facts(appeal_window_open=True), by=world.ada, at=NOW)
    words = "A whole result was not read."
    case.appeals.append(
        Appeal(decision=case.decisions[-1], ground=AppealGround.MISSED_EVIDENCE, statement=words, filed_at=NOW)
    )
    return case


def recuse(world: World, case, person: Person) -> None:
    declared = {"source": ConflictSource.DECLARED, "reason": "a shared project", "declared_by_id": person.id}
    case.recusals.append(Recusal(person=person, at=NOW, **declared))


def test_a_candidate_reads_what_is_missing_and_what_is_next(world: World, client) -> None:
    case = world.case("ada")
    world.commit()
    browser = client(world.ada)
    assert "0 of 6 sections written, next: Summary" in browser.get("/").text
    must = [line for line in world.rubric(case).competencies if line.must_have is not None]
    world.s.rollback()
    for section in sections_for(case.grade):
        texts = {f.code: f"Text of {f.label}." for f in section.fields}
        world.s.add(PacketSection(case_id=case.id, code=section.code, texts=texts, saved_at=NOW))
    world.commit()
    names = ", ".join(line.name for line in must)
    assert f"every section is written; no evidence yet for {names}" in browser.get("/").text
    world.s.rollback()
    for line in must:
        held = {"claim": "A.", "contribution": "B.", "period": "2025", "added_at": NOW}
        world.s.add(Evidence(case_id=case.id, competency_id=line.id, **held))
    world.commit()
    assert "everything that is asked for is there; submitting it is next" in browser.get("/").text


def test_a_candidate_reads_when_the_packet_was_submitted(world: World, client) -> None:
    world.case("ada", State.SUBMITTED)
    world.commit()
    assert "submitted on 16 Mar 2026, waiting for its reviewers" in client(world.ada).get("/").text


def test_a_correction_waits_for_a_second_member_and_then_for_its_letter(world: World, client) -> None:
    case = world.case("ada", State.RELEASED)
    given = {"unmet_codes": [], "effective_on": None, "at": NOW, "correction": "No role was open on that day."}
    reasons = "The bar was met, and colleagues from three teams confirmed it."
    made = record_decision(world.s, case=case, actor=world.kim, outcome=Outcome.DEFERRED, reasons=reasons, **given)
    world.commit()
    wanted = ("Confirm the decision on Ada Marchetti", f"/cases/{case.id}/decision")
    assert (needed(client, world.nat), needed(client, world.pia)) == ([wanted], [])
    confirm(world.s, decision=world.fresh(made), actor=world.nat, at=NOW)
    world.commit()
    assert needed(client, world.nat) == []
    assert [title for title, _ in needed(client, world.pia)] == ["Prepare letters"]
    assert "Prepare" not in client(world.max).get("/").text
