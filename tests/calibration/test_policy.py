"""Who may enter, see, vote and run the check: by hat, at every stage."""

from typing import Any

import pytest

from portal.calibration import policy
from portal.calibration.policy import Room
from portal.domain.case_flow import State
from portal.models.calibration import Choice
from portal.models.case import Case
from tests.calibration.places import recuse
from tests.world import World

COMMITTEE = {"kim", "lou", "nat", "ola", "joe"}
OFFICE = {"pia", "theo"}


def allowed(world: World, can: Any, thing: Any) -> set[str]:
    return {key for key, person in world.everyone.items() if can(person, thing)}


def hidden(world: World, can: Any, thing: Any) -> set[str]:
    return {key for key, person in world.everyone.items() if can(person, thing).hidden}


def room(world: World, *cases: Case, grade: int | None = 4) -> Room:
    return Room(world.cycle, tuple(cases), grade)


def test_the_committee_and_people_partners_enter_and_nobody_else_knows_of_the_room(world: World) -> None:
    assert allowed(world, policy.can_enter, room(world)) == COMMITTEE | OFFICE
    assert hidden(world, policy.can_enter, room(world)) == set(world.everyone) - COMMITTEE - OFFICE


def test_a_grade_the_committee_does_not_cover_is_for_people_partners(world: World) -> None:
    assert allowed(world, policy.can_enter, room(world, grade=7)) == OFFICE
    assert allowed(world, policy.can_enter, room(world, grade=None)) == COMMITTEE | OFFICE


def test_the_chair_and_people_partners_run_the_check(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    assert allowed(world, policy.can_check, room(world, case)) == {"kim"} | OFFICE
    assert policy.can_check(world.nat, room(world, case)).hidden is False
    assert policy.can_check(world.sam, room(world, case)).hidden is True


def test_the_deputy_runs_it_while_presiding_for_a_chair_with_a_conflict(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    recuse(world, case, world.kim)
    assert allowed(world, policy.can_check, room(world, case)) == {"kim", "lou"} | OFFICE


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.IN_REVIEW])
def test_before_calibration_there_is_no_position(world: World, state: State) -> None:
    case = world.case("ada", state)
    assert allowed(world, policy.can_see_position, case) == set()
    knows = {key for key in world.everyone if key not in hidden(world, policy.can_see_position, case)}
    assert knows == (OFFICE if state is State.DRAFT else {"kim"} | OFFICE)


@pytest.mark.parametrize("state", [State.IN_CALIBRATION, State.DECIDED, State.RELEASED, State.CLOSED])
def test_from_calibration_on_those_who_decide_see_the_position(world: World, state: State) -> None:
    case = world.case("ada", state)
    assert allowed(world, policy.can_see_position, case) == COMMITTEE | OFFICE
    assert hidden(world, policy.can_see_position, case) == set(world.everyone) - COMMITTEE - OFFICE


def test_ones_own_case_is_not_in_the_room_whatever_else_one_is(world: World) -> None:
    case = world.case("theo", State.IN_CALIBRATION)
    assert policy.can_see_position(world.theo, case).hidden
    assert policy.in_room(world.theo, case) is False
    assert policy.in_room(world.pia, case) is True


def test_a_member_with_a_conflict_does_not_know_the_case(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    recuse(world, case, world.nat)
    for can in (policy.can_see_position, policy.can_open_ballot):
        assert can(world.nat, case).hidden
    assert policy.in_room(world.nat, case) is False


def test_a_manager_on_the_committee_is_not_there_for_their_own_reports(world: World) -> None:
    case = world.case("rex", State.IN_CALIBRATION, reviewers=("nat", "ola", "joe"))
    assert allowed(world, policy.can_see_position, case) == COMMITTEE | OFFICE
    world.rex.manager, world.rex.chain = world.nat, f"{world.nat.chain}{world.nat.id}/"
    world.s.flush()
    assert allowed(world, policy.can_see_position, case) == (COMMITTEE - {"nat"}) | OFFICE


def test_only_the_chair_opens_and_closes(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    ballot = world.ballot(case, dict.fromkeys(COMMITTEE), closed=False)
    assert allowed(world, policy.can_open_ballot, case) == {"kim"}
    assert allowed(world, policy.can_close, ballot) == {"kim"}
    assert hidden(world, policy.can_close, ballot) == set(world.everyone) - COMMITTEE - OFFICE


def test_the_deputy_opens_and_closes_when_the_chair_has_a_conflict(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    recuse(world, case, world.kim)
    ballot = world.ballot(case, dict.fromkeys(COMMITTEE - {"kim"}), closed=False)
    assert allowed(world, policy.can_open_ballot, case) == {"lou"}
    assert allowed(world, policy.can_close, ballot) == {"lou"}


def test_those_who_were_eligible_when_it_opened_vote(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    ballot = world.ballot(case, dict.fromkeys(COMMITTEE - {"ola"}), closed=False)
    assert allowed(world, policy.can_cast, ballot) == COMMITTEE - {"ola"}
    assert hidden(world, policy.can_cast, ballot) == set(world.everyone) - COMMITTEE - OFFICE
    recuse(world, case, world.joe)
    assert allowed(world, policy.can_cast, ballot) == COMMITTEE - {"ola", "joe"}


def test_nobody_reads_a_count_before_the_ballot_is_closed(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    ballot = world.ballot(case, dict.fromkeys(COMMITTEE, Choice.FOR), closed=False)
    assert allowed(world, policy.can_read_tally, ballot) == set()
    assert allowed(world, policy.can_read_votes, ballot) == set()


def test_after_closing_the_committee_reads_counts_and_two_hats_read_names(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    ballot = world.ballot(case, dict.fromkeys(COMMITTEE, Choice.FOR))
    assert allowed(world, policy.can_read_tally, ballot) == COMMITTEE | OFFICE
    assert allowed(world, policy.can_read_votes, ballot) == {"kim"} | OFFICE
    assert policy.can_read_tally(world.ada, ballot).hidden
