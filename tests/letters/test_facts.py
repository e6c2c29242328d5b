"""Every fact of a letter is looked up again before the letter leaves: one that differs is named by its place, with both
sides and the remedy."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from portal.domain.case_types import CaseType
from portal.letters import facts, queries
from portal.letters.checks import problems_of
from portal.letters.commands import problems_before_release
from portal.letters.facts import PLACES, recount, trial_from_the_ladder, working_days_between
from portal.models.audit import digest
from portal.models.calibration import Ballot, BarCheck, Choice
from portal.models.cycle import Cycle
from portal.models.decision import Decision, Outcome
from portal.models.letter import Letter
from tests.letters.stages import prepared
from tests.world import NOW, World

R = Outcome
KINDS = {
    R.APPROVED: ("ada", CaseType.PROMOTION),
    R.APPROVED_ON_TRIAL: ("ada", CaseType.SWITCH),
    R.DECLINED: ("ada", CaseType.SWITCH),
    R.NOT_YET: ("ada", CaseType.PROMOTION),
    R.DEFERRED: ("ada", CaseType.PROMOTION),
}


def letter_of(world: World, outcome: Outcome) -> Letter:
    who, kind = KINDS[outcome]
    return prepared(world, who, outcome, case_type=kind)


def problems(world: World, letter: Letter, data: dict[str, Any] | None = None) -> list[str]:
    data = data or letter.data
    sources = queries.sources_of(world.s, letter.decision)
    return list(problems_of(data, digest(data), sources, forbidden_names=[]))


@pytest.mark.parametrize("outcome", list(Outcome))
def test_each_fact_that_differs_is_named_by_its_place_with_the_remedy(world: World, outcome: Outcome) -> None:
    letter = letter_of(world, outcome)
    assert problems(world, letter) == []
    unnoticed = []
    for place in PLACES[outcome]:
        data = deepcopy(letter.data)
        *above, last = place.split(".")
        there = data
        for key in above:
            there = there[key]
        there[last] = (
            "something else" if isinstance(there[last], str) else [{"code": "x", "title": "", "expectation": ""}]
        )
        named = [p for p in problems(world, letter, data) if p.startswith(f"{place}: the letter says ")]
        if len(named) != 1 or not named[0].endswith(" Prepare the letter again."):
            unnoticed.append(place)
    assert unnoticed == []


def test_no_field_of_a_letter_goes_unchecked(world: World) -> None:
    """Whatever is taken out of a letter, or out of its part, is noticed; so a new field cannot be forgotten here."""
    for outcome in Outcome:
        letter = letter_of(world, outcome)
        free = {"language", "template", "code", "paper", "archive"}  # how it is set; the code is checked before release
        for key in set(letter.data) - free:
            data = deepcopy(letter.data)
            del data[key]
            assert problems(world, letter, data), key
        for key in letter.data["part"]:
            data = deepcopy(letter.data)
            data["part"][key] = [] if key == "clauses" else "other"
            assert problems(world, letter, data), (outcome, key)
        world.s.rollback()


def test_a_sentence_of_a_clause_that_was_reworded_is_found(world: World) -> None:
    letter = letter_of(world, R.NOT_YET)
    for key in ("title", "says", "would_meet"):
        data = deepcopy(letter.data)
        data["part"]["clauses"][1][key] = "You were nearly there."
        (found,) = problems(world, letter, data)
        assert found.startswith("part.clauses: the letter says ")


def test_a_cycle_that_was_set_up_since_is_to_be_named(world: World) -> None:
    letter = letter_of(world, R.NOT_YET)
    later = {"opens_at": NOW + timedelta(days=180), "submit_by": NOW + timedelta(days=200)}
    times = {"review_by": NOW + timedelta(days=220), "decide_by": NOW + timedelta(days=240), "created_at": NOW}
    rules = {"min_reviewers": 3, "quorum": 0.67, "majority": 0.5, "appeal_days": 15}
    world.s.add(Cycle(slug="autumn-2026", name="Autumn 2026", created_by_id=world.pia.id, **later, **times, **rules))
    world.s.flush()
    assert problems(world, letter) == [
        'part.earliest: the letter says “null”, the record “{"cycle":"Autumn 2026","opens_on":"2026-09-12"}”. '
        "Prepare the letter again."
    ]


def other_position(world: World, decision: Decision) -> None:
    position = {**decision.position, "overall": 1.0}
    world.s.execute(update(Decision).where(Decision.id == decision.id).values(position=position))


def other_grade(world: World, decision: Decision) -> None:
    world.s.execute(update(BarCheck).where(BarCheck.id == decision.bar_check_id).values(grade=9))


def still_open(world: World, decision: Decision) -> None:
    world.s.execute(update(Ballot).where(Ballot.id == decision.ballot_id).values(closed_at=None, closed_by_id=None))


def strange_clause(world: World, decision: Decision) -> None:
    unmet = [{"code": "must_have:depth", "competency": "depth", "needed": 3, "got": 2}]
    world.s.execute(update(Decision).where(Decision.id == decision.id).values(unmet=unmet))


BROKEN: dict[str, tuple[Callable[[World, Decision], None], str]] = {
    "position": (other_position, "The decision's position against the bar is not the one that was voted on."),
    "grade": (other_grade, "The check of the bars is of another grade."),
    "ballot": (still_open, "The ballot behind the decision is not a closed one of this case."),
    "clause": (strange_clause, "The committee did not see these clauses as unmet: must_have:depth."),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_decision_that_lost_its_ground_stops_its_letter(world: World, what: str) -> None:
    change, says = BROKEN[what]
    letter = letter_of(world, R.APPROVED)
    change(world, letter.decision)
    world.s.expire_all()
    found = [p for p in problems(world, letter) if p.startswith(says)]
    assert len(found) == 1
    assert "ecord the decision again." in found[0]


def test_a_deferral_on_an_unmet_bar_stops_its_letter(world: World) -> None:
    letter = letter_of(world, R.NOT_YET)
    letter.decision.outcome = R.DEFERRED
    assert [
        p for p in facts.about_the_record(letter.decision) if p.startswith("A deferral says the bar was met; it was")
    ]


def test_the_vote_is_counted_from_the_rows(world: World) -> None:
    decision = letter_of(world, R.APPROVED).decision
    assert recount(decision) == {"for": 2, "against": 0, "abstain": 1, "absent": 1, "recused": 1}
    next(e for e in decision.ballot.electors if e.person_id == world.kim.id).choice = Choice.AGAINST
    assert recount(decision) == {"for": 1, "against": 1, "abstain": 1, "absent": 1, "recused": 1}


def test_working_days_are_counted_one_by_one(world: World) -> None:
    sources = queries.sources_of(world.s, letter_of(world, R.APPROVED).decision)
    friday, saturday, monday = date(2026, 3, 20), date(2026, 3, 21), date(2026, 3, 23)
    counted = [working_days_between(date(2026, 3, 16), day, sources) for day in (friday, saturday, monday)]
    assert counted == [4, -1, 5]


def test_the_days_of_a_trial_follow_from_its_months(world: World) -> None:
    decision = letter_of(world, R.APPROVED_ON_TRIAL).decision
    days = {"starts_on": "2026-05-01", "ends_on": "2026-10-31", "return_until": "2027-04-30"}
    assert trial_from_the_ladder(decision) == days


def test_a_letter_prints_the_code_it_is_checked_by(world: World) -> None:
    letter = letter_of(world, R.APPROVED)
    letter.code = "0000-0000-0000-0001"
    said = "It prints another code than the one it is checked by. Prepare the letter again."
    assert said in problems_before_release(world.s, letter, NOW)
