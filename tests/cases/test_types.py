"""The types of case beside the promotion: who opens one, on what it is scored, and what its page says."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from portal.cases.commands import move, open_case
from portal.cases.queries import facts_for, rubric_of
from portal.domain.case_flow import Action, State
from portal.domain.case_types import AT_ONCE, CaseType, Outcome
from portal.domain.problems import InvalidInput, NotPermitted, Refused
from portal.models.audit import AuditEvent
from portal.models.case import Case
from portal.models.cycle import Committee, CommitteeSeat, Cycle, CyclePin, MarginSetting
from portal.models.letter import Letter
from portal.models.packet import PacketSection
from portal.models.person import Person
from tests.world import NOW, World

SOON = NOW + timedelta(days=3)
T = CaseType


def opened(world: World, who: Person, case_type: CaseType, **given: object) -> Case:
    values = {"actor": who, "candidate": who, "cycle": world.cycle, "at": NOW, **given}
    return open_case(world.s, case_type=case_type, **values)


def next_cycle(world: World) -> Cycle:
    """A second cycle, open at the same time, with the same ladder and committee."""
    first = world.cycle
    cycle = Cycle(
        slug="autumn-2026",
        name="Autumn 2026",
        opens_at=NOW - timedelta(days=1),
        submit_by=NOW + timedelta(days=30),
        review_by=NOW + timedelta(days=60),
        decide_by=NOW + timedelta(days=90),
        min_reviewers=3,
        quorum=0.67,
        majority=0.5,
        appeal_days=15,
        created_by_id=world.pia.id,
        created_at=NOW,
        pins=[CyclePin(family_id="engineering", rubric_version=first.pins[0].rubric_version)],
        margins=[MarginSetting(margin=0.5, set_by_id=world.pia.id, set_at=NOW)],
    )
    seats = [CommitteeSeat(person=seat.person) for seat in world.committee.seats]
    chair, deputy = world.committee.chair, world.committee.deputy
    cycle.committees = [Committee(name="All", grade_from=1, grade_to=7, chair=chair, deputy=deputy, seats=seats)]
    world.s.add(cycle)
    world.s.flush()
    return cycle


def refused_before(world: World, earliest: str | None = None) -> Case:
    """Ada's case of this cycle, answered "not yet" with a letter that names one clause."""
    case = world.case("ada", State.CLOSED, outcome=Outcome.NOT_YET)
    clause = {"code": "must_have:direction", "title": "Technical direction", "says": "The bar insists on this."}
    clause |= {"expectation": "Sets a direction.", "would_meet": ["A decision others built on."]}
    when = {"cycle": "Autumn 2026", "opens_on": earliest} if earliest else None
    part = {"clauses": [clause], "earliest": when, "support": []}
    letter = Letter(case=case, decision=case.decisions[-1], code="AAAA-BBBB-CCCC-DDDD", data={"part": part})
    letter.data_sha256, letter.prepared_at = "0" * 64, NOW
    world.s.add(letter)
    world.s.flush()
    return case


def test_a_switch_is_scored_only_on_what_its_path_assesses(world: World) -> None:
    case = opened(world, world.ada, T.SWITCH)
    assert (case.to_level_id, case.track_kind, case.grade, case.scored) == ("em", "manager", 3, True)
    assert {line.pillar.id for line in rubric_of(case).competencies} == {"craft", "growth"}


def test_a_switch_and_a_promotion_at_once_is_refused_with_the_reason(world: World) -> None:
    with pytest.raises(Refused, match="two cases") as refused:
        opened(world, world.ada, T.SWITCH, to_level_id="sem")
    assert refused.value.message == AT_ONCE


def test_a_way_across_that_is_not_there_names_none(world: World) -> None:
    with pytest.raises(Refused, match="Say to which level: from Software Engineer II there are none"):
        opened(world, world.sam, T.SWITCH)
    with pytest.raises(Refused, match="no level above Chief Technology Officer"):
        opened(world, world.cleo, T.PROMOTION)


def test_nothing_is_scored_on_the_way_to_a_smaller_role_and_no_reviewer_is_missed(world: World) -> None:
    case = opened(world, world.ron, T.STEP_DOWN, to_level_id="senior")
    assert (case.grade, case.scored, rubric_of(case).competencies) == (3, False, ())
    for code in ("motivation", "handover"):
        world.s.add(PacketSection(case_id=case.id, code=code, texts={"text": "As I wish."}, saved_at=NOW))
    world.s.flush()
    assert facts_for(world.s, case, NOW).reviewers_needed == 0
    for action, actor in (
        (Action.SUBMIT, world.ron),
        (Action.OPEN_REVIEW, world.pia),
        (Action.SEND_TO_CALIBRATION, world.pia),
    ):
        move(world.s, case=case, action=action, actor=actor, at=NOW)
    assert case.state is State.IN_CALIBRATION


def test_a_smaller_role_is_asked_for_by_nobody_else(world: World) -> None:
    with pytest.raises(NotPermitted, match="Only the person themself"):
        opened(world, world.max, T.STEP_DOWN, candidate=world.ron, to_level_id="senior")


def test_a_manager_nominates_for_a_switch_and_a_stranger_does_not(world: World) -> None:
    assert not opened(world, world.max, T.SWITCH, candidate=world.ada).accepted
    with pytest.raises(NotPermitted, match="person or their manager"):
        opened(world, world.rae, T.SWITCH, candidate=world.mona)


def test_an_off_cycle_promotion_has_a_reason_and_a_deadline_of_its_own(world: World, frozen_clock) -> None:
    late = world.cycle.submit_by + timedelta(days=7)
    frozen_clock.move_to(late)
    until = late + timedelta(days=2)
    given = {"candidate": world.ada, "at": late, "reason": "An offer from outside.", "until": until}
    case = opened(world, world.pia, T.OFF_CYCLE, **given)
    assert (case.to_level_id, case.submit_by, case.accepted) == ("staff", until, False)
    assert [(e.reason, e.granted_by_id) for e in case.extensions] == [("An offer from outside.", world.pia.id)]
    event = world.s.scalars(select(AuditEvent).where(AuditEvent.action == "case_opened")).one()
    assert event.reason == "An offer from outside."


def test_its_own_deadline_counts_also_before_the_cycles(world: World) -> None:
    case = opened(world, world.pia, T.OFF_CYCLE, candidate=world.ada, reason="It cannot wait.", until=SOON)
    assert case.submit_by == SOON < world.cycle.submit_by


@pytest.mark.parametrize(("reason", "until"), [("", SOON), ("It cannot wait.", None), ("It cannot wait.", NOW)])
def test_without_reason_and_day_nothing_is_opened_outside_the_dates(
    world: World, reason: str, until: datetime | None
) -> None:
    with pytest.raises(InvalidInput):
        opened(world, world.pia, T.OFF_CYCLE, candidate=world.ada, reason=reason, until=until)


@pytest.mark.parametrize(("actor", "candidate"), [("max", "ada"), ("ada", "ada"), ("theo", "theo"), ("pia", "cleo")])
def test_only_a_people_partner_outside_the_line_opens_off_cycle(world: World, actor: str, candidate: str) -> None:
    who, whose = getattr(world, actor), getattr(world, candidate)
    with pytest.raises(NotPermitted, match="outside the person's reporting line"):
        opened(world, who, T.OFF_CYCLE, candidate=whose, reason="It cannot wait.", until=SOON)


def test_a_level_is_confirmed_on_its_own_rubric(world: World) -> None:
    case = opened(world, world.pia, T.CONFIRMATION, candidate=world.ada, reason="Hired in January.", until=SOON)
    assert (case.from_level_id, case.to_level_id, case.grade) == ("senior", "senior", 3)
    assert rubric_of(case).level.id == "senior"


def test_a_resubmission_needs_a_not_yet_and_another_cycle(world: World) -> None:
    with pytest.raises(Refused, match="Only after a letter"):
        opened(world, world.ada, T.RESUBMISSION)
    before = refused_before(world)
    with pytest.raises(Refused, match="From the next cycle on"):
        opened(world, world.ada, T.RESUBMISSION)
    case = opened(world, world.ada, T.RESUBMISSION, cycle=next_cycle(world))
    assert (case.previous_case_id, case.to_level_id) == (before.id, "staff")


def test_the_earliest_day_of_the_letter_is_respected(world: World) -> None:
    refused_before(world, earliest="2026-09-01")
    with pytest.raises(Refused, match="2026-09-01"):
        opened(world, world.ada, T.RESUBMISSION, cycle=next_cycle(world))


def test_after_a_move_the_old_letter_is_about_another_level(world: World) -> None:
    refused_before(world)
    world.ada.level_id = "staff"
    with pytest.raises(Refused, match="about another level"):
        opened(world, world.ada, T.RESUBMISSION, cycle=next_cycle(world))


def test_an_approval_leaves_nothing_to_ask_again(world: World) -> None:
    world.case("ada", State.CLOSED)
    with pytest.raises(Refused, match="Only after a letter"):
        opened(world, world.ada, T.RESUBMISSION, cycle=next_cycle(world))


def test_the_last_letters_gaps_are_read_by_those_who_may_read_the_letter(world: World, client) -> None:
    before = refused_before(world)
    case = opened(world, world.ada, T.RESUBMISSION, cycle=next_cycle(world))
    world.commit()
    for person in (world.ada, world.max, world.pia):
        page = client(person).get(f"/cases/{case.id}").text
        assert "Technical direction" in page
        assert "A decision others built on." in page
    editor = client(world.ada).get(f"/cases/{case.id}/packet/edit").text
    assert "A decision others built on." in editor
    assert f'href="/cases/{before.id}"' in editor


def test_reviewers_of_the_new_case_do_not_learn_of_the_letter_before(world: World, client) -> None:
    refused_before(world)
    case = opened(world, world.ada, T.RESUBMISSION, cycle=next_cycle(world))
    case.committee = None
    world._submit(case)
    case.committee = case.cycle.committees[0]
    world._review(case, ("rex", "rob", "rae"))
    world.commit()
    browser = client(world.rex)
    for path in (f"/cases/{case.id}", f"/cases/{case.id}/review"):
        page = browser.get(path, follow_redirects=True)
        assert page.status_code == 200
        assert "A decision others built on." not in page.text
        assert "What the last letter named" not in page.text


def test_the_page_of_a_switch_says_what_is_carried_and_what_is_scored(world: World, client) -> None:
    case = opened(world, world.ada, T.SWITCH)
    world.commit()
    page = client(world.ada).get(f"/cases/{case.id}").text
    assert '<span class="tag">Switch of track</span>' in page
    assert "<dt>Outcomes</dt><dd>carried from Senior Engineer: Ships what matters</dd>" in page
    assert "<dt>Growing others</dt><dd><strong>scored</strong>: " in page
    assert "6 months, with a way home for 12" in page
    assert "Switch of track" in client(world.ada).get("/cases").text


def test_why_a_case_lies_outside_the_dates_is_not_for_its_reviewers(world: World, client) -> None:
    case = opened(world, world.pia, T.OFF_CYCLE, candidate=world.ada, reason="An offer from outside.", until=SOON)
    case.accepted_at = NOW
    world._submit(case)
    world._review(case, ("rex", "rob", "rae"))
    world.commit()
    read = [
        key
        for key in ("ada", "max", "pia", "rex")
        if "An offer" in client(getattr(world, key)).get(f"/cases/{case.id}").text
    ]
    assert read == ["ada", "max", "pia"]


def test_one_chooses_among_the_types_in_plain_words(world: World, client) -> None:
    page = client(world.ada).get("/cases/new").text
    for words in (
        "to Staff Engineer (grade 4), Spring 2026",
        "to Engineering Manager (grade 3), Spring 2026",
        "to Software Engineer II (grade 2), Spring 2026",
        "The ladder has no conversion to advisor from Senior Engineer.",
        "Only after a letter that said “not yet”.",
        "A people partner opens it.",
    ):
        assert words in page
    assert "Why it cannot wait" not in page
    answer = client(world.ada).post("/cases/new", data={"opening": f"switch:{world.cycle.id}:em"})
    assert answer.status_code == 303
    world.s.rollback()
    assert world.s.scalars(select(Case)).one().case_type is T.SWITCH


def test_a_people_partner_opens_what_lies_outside_the_dates(world: World, client) -> None:
    browser = client(world.pia)
    page = browser.get(f"/cases/new?who={world.ada.email}").text
    assert "A case for Ada Marchetti" in page
    data = {"person": world.ada.id, "opening": f"off_cycle:{world.cycle.id}:staff", "reason": "", "until": "2026-03-20"}
    refused = browser.post("/cases/new", data=data)
    assert refused.status_code == 422
    assert "Say why this cannot wait" in refused.text
    answer = browser.post("/cases/new", data=data | {"reason": "An offer from outside."})
    assert answer.status_code == 303
    world.s.rollback()
    case = world.s.scalars(select(Case)).one()
    assert (case.case_type, case.nominated_by_id, f"{case.submit_by:%d %H}") == (T.OFF_CYCLE, world.pia.id, "21 00")


def test_a_people_partner_is_offered_nothing_for_their_own_line(world: World, client) -> None:
    page = client(world.pia).get(f"/cases/new?who={world.cleo.email}").text
    assert "Cleo Acheson" not in page.split("<datalist")[0]
