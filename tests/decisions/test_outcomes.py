"""Every outcome by its sentence: what it needs on record, and what on record it cannot stand beside."""

from datetime import date, timedelta
from typing import Any

import pytest

from portal.cases.commands import return_for_evidence, withdraw
from portal.decisions.commands import record_decision
from portal.domain.case_flow import IllegalStep, State, StepBlocked
from portal.domain.case_types import KINDS, CaseType, Outcome, outcomes_of
from portal.domain.problems import InvalidInput
from portal.models.calibration import Choice
from portal.models.case import Case
from tests.world import NOW, World

FOR, AGAINST = dict.fromkeys(("kim", "lou", "nat"), Choice.FOR), dict.fromkeys(("kim", "lou", "nat"), Choice.AGAINST)
REASONS = "The evidence speaks for itself, and colleagues confirmed it."
DAY = NOW.date() + timedelta(days=30)
MET, MISSED = (3, 3, 3), (2, 2, 3)
TEACHING = ["must_have:teaching"]
SWITCH, DOWN = CaseType.SWITCH, CaseType.STEP_DOWN


def voted(world: World, votes: Any, scores: Any, kind: CaseType = CaseType.PROMOTION) -> Case:
    who = "ron" if kind is DOWN else "ada"
    case = world.case(who, State.IN_CALIBRATION, scores=scores, case_type=kind)
    world.ballot(case, votes)
    world.bar_check(case)
    return case


def decide(world: World, case: Case, outcome: Outcome, day: date | None = None, **other: Any) -> Any:
    given = {"reasons": REASONS, "unmet_codes": [], "effective_on": day, "actor": world.kim, "at": NOW}
    return record_decision(world.s, case=case, outcome=outcome, **{**given, **other})


@pytest.mark.parametrize(
    ("votes", "scores", "kind", "outcome", "other"),
    [
        (FOR, MET, CaseType.PROMOTION, Outcome.APPROVED, {"day": DAY}),
        (FOR, MET, CaseType.PROMOTION, Outcome.DEFERRED, {}),
        (AGAINST, MISSED, CaseType.PROMOTION, Outcome.NOT_YET, {"unmet_codes": TEACHING}),
        (FOR, MET, SWITCH, Outcome.APPROVED_ON_TRIAL, {"day": DAY}),
        (AGAINST, MET, SWITCH, Outcome.DECLINED, {}),
        (FOR, (), DOWN, Outcome.APPROVED, {"day": DAY}),
        (AGAINST, (), DOWN, Outcome.DECLINED, {}),
    ],
)
def test_each_outcome_with_what_it_needs_is_recorded(
    world: World, votes: Any, scores: Any, kind: CaseType, outcome: Outcome, other: dict[str, Any]
) -> None:
    made = decide(world, voted(world, votes, scores, kind), outcome, **other)
    named = other.get("unmet_codes", [])
    assert (made.outcome, made.effective_on, [c["code"] for c in made.unmet]) == (outcome, other.get("day"), named)


@pytest.mark.parametrize(
    ("votes", "scores", "kind", "outcome", "other", "says"),
    [
        # approved
        (AGAINST, MISSED, CaseType.PROMOTION, Outcome.APPROVED, {"day": DAY}, "did not carry"),
        (FOR, MET, CaseType.PROMOTION, Outcome.APPROVED, {}, "Say from which day it holds"),
        (FOR, MET, CaseType.PROMOTION, Outcome.APPROVED, {"day": date(2020, 1, 1)}, "before the cycle opened"),
        (FOR, MISSED, CaseType.PROMOTION, Outcome.APPROVED, {"day": DAY, "unmet_codes": TEACHING}, "Only a “not yet”"),
        # approved on trial
        (FOR, MET, CaseType.PROMOTION, Outcome.APPROVED_ON_TRIAL, {"day": DAY}, "the outcome is approved, or deferred"),
        (FOR, MET, SWITCH, Outcome.APPROVED, {"day": DAY}, "the outcome is approved on trial"),
        (FOR, MET, SWITCH, Outcome.APPROVED_ON_TRIAL, {}, "Say from which day it holds"),
        # not yet
        (FOR, MISSED, CaseType.PROMOTION, Outcome.NOT_YET, {"unmet_codes": TEACHING}, "The ballot carried"),
        (AGAINST, MISSED, CaseType.PROMOTION, Outcome.NOT_YET, {}, "Name at least one clause"),
        (AGAINST, MET, CaseType.PROMOTION, Outcome.NOT_YET, {}, "saw every clause as met"),
        (AGAINST, MET, CaseType.PROMOTION, Outcome.NOT_YET, {"unmet_codes": TEACHING}, "did not see these clauses"),
        (
            AGAINST,
            MISSED,
            CaseType.PROMOTION,
            Outcome.NOT_YET,
            {"day": DAY, "unmet_codes": TEACHING},
            "Only an approval",
        ),
        (
            *(AGAINST, MISSED, CaseType.PROMOTION, Outcome.NOT_YET),
            {"unmet_codes": TEACHING, "reasons": "There is no budget for it this year."},
            "money and places are no reason",
        ),
        (
            *(AGAINST, MISSED, CaseType.PROMOTION, Outcome.NOT_YET),
            {"unmet_codes": TEACHING, "reasons": "Dafür ist in diesem Jahr keine Planstelle da."},
            "money and places are no reason",
        ),
        # deferred
        (FOR, MISSED, CaseType.PROMOTION, Outcome.DEFERRED, {}, "A deferral says that the bar was met"),
        (AGAINST, MET, CaseType.PROMOTION, Outcome.DEFERRED, {}, "did not carry"),
        (FOR, MET, SWITCH, Outcome.DEFERRED, {}, "the outcome is approved on trial"),
        (FOR, MET, CaseType.PROMOTION, Outcome.DEFERRED, {"day": DAY}, "Only an approval"),
        # declined
        (FOR, MET, SWITCH, Outcome.DECLINED, {}, "The ballot carried"),
        (AGAINST, MISSED, CaseType.PROMOTION, Outcome.DECLINED, {"unmet_codes": TEACHING}, "the outcome is not yet"),
        (AGAINST, (), DOWN, Outcome.NOT_YET, {}, "the outcome is declined"),
        (AGAINST, (), DOWN, Outcome.DECLINED, {"reasons": "The salary stays the same."}, "money and places"),
    ],
)
def test_what_contradicts_the_record_cannot_be_recorded(
    world: World, votes: Any, scores: Any, kind: CaseType, outcome: Outcome, other: dict[str, Any], says: str
) -> None:
    case = voted(world, votes, scores, kind)
    with pytest.raises(InvalidInput, match=says):
        decide(world, case, outcome, **other)
    assert (case.state, case.decisions) == (State.IN_CALIBRATION, [])


def test_a_withdrawn_case_has_no_decision(world: World, frozen_clock) -> None:
    case = voted(world, FOR, MET)
    withdraw(world.s, case=case, actor=world.ada, at=NOW)
    with pytest.raises(IllegalStep):
        decide(world, case, Outcome.APPROVED, DAY)
    assert (case.state, case.decisions) == (State.WITHDRAWN, [])


def test_a_case_that_was_returned_for_evidence_has_no_decision(world: World, frozen_clock) -> None:
    case = world.case("ada", State.IN_REVIEW)
    given = {"sections": ["evidence"], "reason": "The second result has none.", "until": None, "at": NOW}
    return_for_evidence(world.s, case=case, actor=world.pia, **given)
    with pytest.raises(IllegalStep):
        decide(world, case, Outcome.NOT_YET)
    assert (case.state, case.events[-1].note) == (State.DRAFT, "evidence: The second result has none.")
    with pytest.raises(InvalidInput, match="Say what is missing"):
        return_for_evidence(world.s, case=case, actor=world.pia, **{**given, "reason": " "})
    with pytest.raises(InvalidInput, match="Name at least one part"):
        return_for_evidence(world.s, case=case, actor=world.pia, **{**given, "sections": []})


def test_without_a_ballot_a_quorum_or_the_check_there_is_no_outcome(world: World, frozen_clock) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    with pytest.raises(StepBlocked) as blocked:
        decide(world, case, Outcome.APPROVED, DAY)
    assert {reason.code for reason in blocked.value.reasons} == {"ballot_open", "bar_not_checked"}
    world.ballot(case, {**dict.fromkeys(("kim", "lou", "nat", "ola"), None), "joe": Choice.FOR})
    with pytest.raises(StepBlocked) as blocked:
        decide(world, case, Outcome.APPROVED, DAY)
    assert {reason.code for reason in blocked.value.reasons} == {"no_quorum", "bar_not_checked"}


@pytest.mark.parametrize("kind", CaseType)
def test_every_type_of_case_has_one_way_to_be_refused_and_none_can_be_both(kind: CaseType) -> None:
    refused, carried = outcomes_of(kind, carried=False), outcomes_of(kind, carried=True)
    assert refused == (KINDS[kind].not_carried,)
    assert set(refused) & set(carried) == set()
