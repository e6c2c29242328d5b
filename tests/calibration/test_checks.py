"""A recorded check: what it rests on, that it stays, and that nobody learns from it what they are kept from."""

import pytest
from sqlalchemy import select

from portal.calibration import commands
from portal.calibration.policy import in_room
from portal.calibration.queries import reading_of, readings_of
from portal.cases.queries import facts_for
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput
from portal.models.audit import AuditEvent
from portal.models.calibration import ALL_GRADES, BarCheck
from portal.models.cycle import MarginSetting
from portal.models.decision import Outcome
from tests.calibration.places import closed_cycle, newcomer, recuse
from tests.world import NOW, World


def run(world: World, family: str = "engineering", grade: int = 4) -> BarCheck:
    return commands.run_bar_check(world.s, cycle=world.cycle, family_id=family, grade=grade, actor=world.kim, at=NOW)


def test_a_check_keeps_verdict_sentence_evidence_and_who_ran_it(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    world.case("mona", State.IN_CALIBRATION)
    check = run(world)
    assert (check.cycle_id, check.family_id, check.grade, check.margin) == (world.cycle.id, "engineering", 4, 0.5)
    assert (check.verdict, check.figures["reason"]) == ("not_enough_evidence", "too_few_decisions")
    assert check.sentence == check.figures["sentence"]
    assert (check.run_by_id, check.run_at) == (world.kim.id, NOW)
    outcomes = {row["track"]: row["outcome"] for row in check.figures["evidence"]}
    assert outcomes == {"ic": "approved", "manager": None}
    assert case.decisions[0].ballot.shown == next(r["shown"] for r in check.figures["evidence"] if r["outcome"])
    margins = [{"margin": 0.5, "by": "Pia Romero", "at": "2026-02-24T10:00:00+00:00", "late": False}]
    assert check.figures["margins"] == margins
    event = world.s.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert (event.action, event.thing, event.actor_id) == ("bar_checked", f"bar_check:{check.id}", world.kim.id)


def test_a_check_opens_the_way_to_a_decision(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    assert facts_for(world.s, case).bar_checked is False
    run(world)
    assert facts_for(world.s, case).bar_checked is True


def test_the_same_evidence_gives_the_same_hash_and_another_margin_another(world: World) -> None:
    world.case("ada", State.IN_CALIBRATION)
    first, second = run(world), run(world)
    world.cycle.margins.append(MarginSetting(margin=0.25, set_by_id=world.pia.id, set_at=NOW))
    third = run(world)
    assert first.inputs_hash == second.inputs_hash != third.inputs_hash
    assert third.margin == 0.25


@pytest.mark.parametrize(("family", "grade"), [("product", 4), ("engineering", 9)])
def test_what_the_cycle_does_not_hold_cannot_be_checked(world: World, family: str, grade: int) -> None:
    with pytest.raises(InvalidInput):
        run(world, family, grade)


def test_cases_of_other_grades_and_withdrawn_ones_stay_out(world: World) -> None:
    world.case("ada", State.WITHDRAWN)
    world.case("ron", State.IN_CALIBRATION)
    assert run(world).figures["evidence"] == []


def test_deferred_cases_count_as_approved_on_merit(world: World) -> None:
    world.case("ada", State.DECIDED, outcome=Outcome.DEFERRED)
    found = run(world).figures["tracks"]["ic"]
    assert (found["approved"], found["decided"], found["deferred"]) == (1, 1, 1)


def test_reviews_by_people_with_a_conflict_stay_out(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    recuse(world, case, world.rex)
    (row,) = run(world).figures["evidence"]
    assert {r["reviewer"] for r in row["reviews"]} == {world.rob.id, world.rae.id}


def test_closed_cycles_at_the_same_grade_are_pooled_in(world: World) -> None:
    closed_cycle(world, approved=3, refused=2)
    world.case("mona", State.DECIDED)
    check = run(world)
    assert check.figures["n"] == {"ic": 5, "manager": 1}
    assert check.figures["tracks"]["ic"]["decided"] == 0
    assert check.figures["cycles"] == ["Spring 2026", "Autumn 2025"]


def test_a_closed_cycle_too_small_for_an_aggregate_is_not(world: World) -> None:
    closed_cycle(world, approved=2, refused=2)
    assert run(world).figures["evidence"] == []


def test_whoever_may_see_every_case_reads_the_check_as_it_was_recorded(world: World) -> None:
    ids = {world.case("ada", State.DECIDED).id, world.case("mona", State.DECIDED).id}
    check = run(world)
    reading = reading_of(check, ids)
    assert (reading.verdict, reading.sentence) == (check.verdict, check.sentence)
    assert reading.figures is check.figures


def test_with_a_conflict_one_reads_what_a_world_without_that_case_would_say(world: World) -> None:
    for n in range(3):
        world.case(newcomer(world, f"n{n}", "senior"), State.DECIDED)
    without = run(world)
    hidden = world.case("ada", State.DECIDED, outcome=Outcome.NOT_YET)
    recuse(world, hidden, world.nat)
    complete = run(world)
    world.commit()
    seen = {row["case"] for row in complete.figures["evidence"]} - {hidden.id}
    assert in_room(world.nat, hidden) is False
    reading = reading_of(world.fresh(complete), seen)
    assert complete.figures["approved"] == {"ic": 3, "manager": 0}
    assert complete.figures["n"] == {"ic": 4, "manager": 0}
    stored = {k: v for k, v in without.figures.items() if k not in ("evidence", "question")}
    assert reading.figures == stored
    assert (reading.sentence, reading.evidence_hash) == (without.sentence, without.inputs_hash)


def test_a_check_without_stored_evidence_is_read_as_it_is(world: World) -> None:
    check = world.bar_check(world.case("ada", State.IN_CALIBRATION))
    assert reading_of(check, set()).sentence == "The data cannot say."


def test_of_checks_that_say_the_same_to_somebody_the_first_stands(world: World) -> None:
    seen = world.case("mona", State.IN_CALIBRATION)
    first = run(world)
    hidden = world.case("ada", State.DECIDED)
    second = run(world)
    for_all, for_one = ({seen.id, hidden.id}, {seen.id})
    assert [r.check for r in readings_of([second, first], for_all)] == [second, first]
    assert [r.check for r in readings_of([second, first], for_one)] == [first]
    assert readings_of([second, first], set()) == []


def decided(world: World, key: str, level: str, outcome: Outcome, scores: tuple[int, int, int] = (3, 3, 3)) -> None:
    world.case(newcomer(world, key, level), State.DECIDED, outcome=outcome, scores=scores)


def test_all_grades_are_checked_together_each_a_stratum_of_its_own(world: World) -> None:
    decided(world, "a", "senior", Outcome.APPROVED)
    decided(world, "b", "em", Outcome.NOT_YET)
    world.case("ron", State.DECIDED)
    check = run(world, grade=ALL_GRADES)
    assert {row["grade"] for row in check.figures["evidence"]} == {4, 5}
    assert check.figures["reason"] == "strata_too_small"
    assert check.figures["question"]["place"] == "over all grades"


def test_a_check_over_all_grades_does_not_open_the_way_to_a_decision_at_one(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    run(world, grade=ALL_GRADES)
    assert facts_for(world.s, case).bar_checked is False


def test_the_same_sentence_comes_in_parts_for_other_languages(world: World) -> None:
    world.case("ada", State.DECIDED)
    figures = run(world).figures
    assert figures["sentence"] == " ".join(text % values if values else text for text, values in figures["parts"])
