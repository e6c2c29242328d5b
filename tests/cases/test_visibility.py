"""Who may know that a case exists: the list and the policy give the same answer for every person at every stage."""

import pytest

from portal.cases import listing, policy, queries
from portal.domain.case_flow import State
from portal.models.case import Case, ConflictSource, Recusal
from portal.models.person import Person
from tests.world import NOW, World


def recuse(world: World, case: Case, person: Person) -> None:
    declared = {"source": ConflictSource.DECLARED, "reason": "a shared project", "declared_by_id": person.id}
    case.recusals.append(Recusal(person=person, at=NOW, **declared))
    world.s.flush()


@pytest.mark.parametrize("state", list(State))
def test_the_list_equals_the_policy_for_every_person(world: World, state: State) -> None:
    if state is State.UNDER_APPEAL:
        made = [world.case("ada", State.RELEASED), world.case("mona", State.RELEASED), world.case("theo")]
    else:
        made = [world.case("ada", state), world.case("mona", state), world.case("theo", state)]
    for person in world.everyone.values():
        listed = [c.id for c in queries.visible_to(world.s, person)]
        allowed = [c.id for c in sorted(made, key=lambda c: c.candidate.name) if policy.can_see(person, c)]
        assert listed == allowed, person.name


def test_a_people_partner_sees_their_own_case_only_as_its_candidate(world: World) -> None:
    case = world.case("theo", State.IN_REVIEW)
    assert policy.hats(world.theo, case) == {policy.Hat.CANDIDATE}


def test_a_recused_reviewer_no_longer_knows_of_the_case(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    case.recusals.append(
        Recusal(
            person=world.rex,
            source=ConflictSource.DECLARED,
            reason="shared project",
            declared_by_id=world.rex.id,
            at=NOW,
        )
    )
    world.s.flush()
    assert policy.can_see(world.rex, case).hidden
    assert queries.visible_to(world.s, world.rex) == []


def test_the_deputy_presides_only_while_the_chair_has_a_conflict(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    assert policy.Hat.CHAIR not in policy.hats(world.lou, case)
    recuse(world, case, world.kim)
    assert policy.Hat.CHAIR in policy.hats(world.lou, case)
    assert [c.id for c in queries.visible_to(world.s, world.lou)] == [case.id]


def test_a_decision_does_not_exist_for_those_who_wait_for_its_release(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    decided = {key for key, person in world.everyone.items() if policy.shown_state(person, case) is State.DECIDED}
    assert decided == {"kim", "lou", "nat", "ola", "joe", "pia", "theo"}
    for person in world.everyone.values():
        rows = listing.page_for(world.s, person, listing.Asked()).rows
        if rows:
            assert rows[0].state is policy.shown_state(person, case), person.name


def test_withdrawing_is_refused_alike_before_and_after_the_decision(world: World) -> None:
    waiting, decided = world.case("ada", State.IN_CALIBRATION), world.case("mona", State.DECIDED)
    assert policy.can_withdraw(world.ada, waiting) == policy.can_withdraw(world.mona, decided)
    assert not policy.can_withdraw(world.ada, waiting)


def test_a_recusal_of_the_chair_from_another_case_changes_nothing_here(world: World) -> None:
    recuse(world, world.case("mona", State.SUBMITTED), world.kim)
    case = world.case("ada", State.SUBMITTED)
    assert policy.can_see(world.lou, case).hidden
    assert case.id not in [c.id for c in queries.visible_to(world.s, world.lou)]


def test_who_has_no_part_in_a_case_learns_nothing_by_withdrawing_it(world: World) -> None:
    assert policy.can_withdraw(world.sam, world.case("ada")).hidden


def test_a_leavers_case_is_withdrawn_by_a_people_partner_at_any_stage(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    assert not policy.can_withdraw(world.pia, case)
    world.ada.active = False
    assert policy.can_withdraw(world.pia, case)
    assert policy.can_open(world.sam)
    assert policy.can_list(world.sam)
