"""Who knows of a case, wears which hat on it and takes which step: the row "existence of the case", stage by stage."""

import pytest

from portal.cases import policy
from portal.cases.policy import Hat
from portal.domain.case_flow import State
from portal.models.base import new_id
from portal.models.case import Case, ConflictSource, Recusal
from portal.models.packet import Referee, RefereeState, Statement
from portal.models.person import KeptApart
from tests.verdicts import Verdicts, only, verdicts
from tests.world import NOW, World

KEEPERS = {"pia", "theo"}
PARTIES = {"ada", "max", "aud"} | KEEPERS
REVIEWERS = {"rex", "rob", "rae"}
COMMITTEE = {"kim", "lou", "nat", "ola", "joe"}
KNOWS = {
    State.DRAFT: PARTIES,
    State.WITHDRAWN: PARTIES,
    State.SUBMITTED: PARTIES | {"kim"},
    State.IN_REVIEW: PARTIES | {"kim"} | REVIEWERS,
    State.IN_CALIBRATION: PARTIES | REVIEWERS | COMMITTEE,
    State.DECIDED: PARTIES | REVIEWERS | COMMITTEE,
    State.RELEASED: PARTIES | REVIEWERS | COMMITTEE,
    State.CLOSED: PARTIES | REVIEWERS | COMMITTEE,
}


def recuse(world: World, case: Case, key: str) -> None:
    person = getattr(world, key)
    declared = {"source": ConflictSource.DECLARED, "reason": "friends", "declared_by_id": person.id}
    case.recusals.append(Recusal(person_id=person.id, at=NOW, **declared))


def refer(world: World, case: Case, key: str, state: RefereeState) -> None:
    given = {"pseudonym": "Referee X7Q", "answers": {}, "proposed_by_id": world.ada.id, "proposed_at": NOW}
    case.referees.append(Referee(person=getattr(world, key), state=state, **given))


@pytest.mark.parametrize("state", KNOWS)
def test_who_knows_that_a_case_exists(world: World, state: State) -> None:
    assert verdicts(world, policy.can_see, world.case("ada", state)) == only(KNOWS[state])


def test_a_referee_and_the_recused_do_not_know_of_it(world: World) -> None:
    case = world.case("ada", State.RELEASED)
    refer(world, case, "rob", RefereeState.INVITED)
    for key in ("kim", "rex", "pia"):
        recuse(world, case, key)
    assert verdicts(world, policy.can_see, case) == only(KNOWS[State.RELEASED] - {"rob", "kim", "rex", "pia"})


def test_why_somebody_must_stay_away(world: World) -> None:
    case = world.case("max")
    recuse(world, case, "lou")
    refer(world, case, "rob", RefereeState.INVITED)
    refer(world, case, "rae", RefereeState.DECLINED)
    world.s.add(Statement(case_id=case.id, writer_id=world.joe.id, saved_at=NOW))
    bond = {"bond": new_id(), "reason": "married", "recorded_by_id": world.pia.id, "at": NOW}
    world.s.add(KeptApart(person_id=world.max.id, away_id=world.sam.id, **bond))
    world.s.flush()
    world.s.refresh(case)
    reports = dict.fromkeys(["ada", "ivy", "ron"], "They are in the reporting line of Max Brandt.")
    above = dict.fromkeys(["cleo", "vera", "dana"], "Max Brandt is in their reporting line.")
    found = {key: policy.conflict(person, case) for key, person in world.everyone.items()}
    assert {key: why for key, why in found.items() if why} == reports | above | {
        "max": "It is their own case.",
        "rob": "They are a referee on this case.",
        "joe": "They wrote a statement on this case.",
        "lou": "They are recused from this case.",
        "sam": "They are kept apart from Max Brandt.",
    }


def test_a_conflict_takes_away_every_hat_but_the_managers_and_the_referees(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    refer(world, case, "rob", RefereeState.INVITED)
    recuse(world, case, "kim")
    worn = {key: policy.hats(getattr(world, key), case) for key in ("ada", "max", "rob", "kim", "lou", "nat", "rex")}
    assert worn == {
        "ada": {Hat.CANDIDATE},
        "max": {Hat.MANAGER, Hat.CONFLICTED},
        "rob": {Hat.REFEREE, Hat.CONFLICTED},
        "kim": {Hat.CONFLICTED},
        "lou": {Hat.COMMITTEE, Hat.CHAIR},
        "nat": {Hat.COMMITTEE},
        "rex": {Hat.REVIEWER},
    }


def test_on_their_own_case_a_people_partner_is_the_candidate_only(world: World) -> None:
    assert policy.hats(world.theo, world.case("theo", State.DECIDED)) == {Hat.CANDIDATE}


def test_who_presides(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    assert policy.presiding(case) is world.kim
    recuse(world, case, "kim")
    assert policy.presiding(case) is world.lou
    world.lou.active = False
    assert policy.presiding(case) is None
    assert policy.presiding(world.case("mona")) is None


def test_a_decided_case_is_in_calibration_for_all_who_wait(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    knows = {key for key, person in world.everyone.items() if policy.sees_decision(person, case)}
    shown = {key for key, person in world.everyone.items() if policy.shown_state(person, case) is State.DECIDED}
    assert (knows, shown) == (COMMITTEE | KEEPERS, COMMITTEE | KEEPERS)
    assert policy.shown_state(world.ada, case) is State.IN_CALIBRATION
    assert policy.shown_state(world.ada, world.case("mona", State.RELEASED)) is State.RELEASED


@pytest.mark.parametrize("state", KNOWS)
def test_the_candidate_withdraws_until_calibration_begins(world: World, state: State) -> None:
    case = world.case("ada", state)
    others = dict.fromkeys(KNOWS[state] - {"ada"}, "Only the candidate withdraws a case.")
    open_to = state in (State.DRAFT, State.WITHDRAWN, State.SUBMITTED, State.IN_REVIEW)
    late = {} if open_to else {"ada": "A case can be withdrawn until calibration begins."}
    assert verdicts(world, policy.can_withdraw, case) == Verdicts({"ada"} if open_to else set(), others | late)


def test_a_people_partner_withdraws_for_a_candidate_who_left(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    case.candidate.active = False
    assert verdicts(world, policy.can_withdraw, case).allowed == {"ada"} | KEEPERS


@pytest.mark.parametrize(
    ("ask", "allowed", "why"),
    [
        (policy.can_accept, {"ada"}, "Only the person nominated accepts or declines."),
        (policy.can_revive, {"ada"}, "Only the candidate takes up a withdrawn case again."),
        (policy.can_run, KEEPERS, "Only a people partner without a conflict moves a case on."),
        (policy.can_return, KEEPERS | {"kim"}, "Only a people partner or the chair returns a case for evidence."),
        (policy.can_see_history, KEEPERS | {"kim"}, "The full history is kept by the people partner."),
    ],
)
@pytest.mark.parametrize("state", [State.IN_REVIEW, State.DECIDED])
def test_each_step_has_its_hat(world: World, state: State, ask, allowed: set[str], why: str) -> None:
    assert verdicts(world, ask, world.case("ada", state)) == only(allowed, why, KNOWS[state] - allowed)


def test_everyone_has_a_list_and_may_open_a_case_of_their_own(world: World) -> None:
    for ask in (policy.can_list, policy.can_open):
        assert verdicts(world, ask) == only(set(world.everyone))
