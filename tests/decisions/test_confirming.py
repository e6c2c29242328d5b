"""A second member who could vote confirms; nobody else, and nothing unread."""

from collections.abc import Callable

import pytest

from portal.decisions import policy
from portal.decisions.commands import confirm, record_decision
from portal.domain.case_flow import State
from portal.domain.problems import NotPermitted, Refused
from portal.models.calibration import Choice
from portal.models.case import Case, ConflictSource, Recusal
from portal.models.decision import Decision, Outcome
from tests.world import NOW, World


@pytest.fixture
def recorded(world: World) -> Decision:
    """Recorded by kim; ola was recused when the ballot opened, joe was absent."""
    case = world.case("ada", State.IN_CALIBRATION)
    world.ballot(case, {"kim": Choice.FOR, "lou": Choice.FOR, "nat": Choice.FOR, "joe": None})
    world.bar_check(case)
    return record_decision(
        world.s,
        case=case,
        actor=world.kim,
        outcome=Outcome.DEFERRED,
        reasons="The bar was met; no role is open.",
        unmet_codes=[],
        effective_on=None,
        at=NOW,
    )


@pytest.mark.parametrize("who", ["nat", "lou", "joe"])
def test_an_eligible_member_confirms(world: World, recorded: Decision, who: str) -> None:
    confirm(world.s, decision=recorded, actor=getattr(world, who), at=NOW)
    assert (recorded.confirmed_by, recorded.confirmed_at) == (getattr(world, who), NOW)


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("kim", "Whoever recorded a decision does not confirm it"),
        ("ola", "Only a member who could vote"),
        ("pia", "A member of the committee confirms"),
        ("rex", "nothing was decided"),
    ],
)
def test_nobody_else_does(world: World, recorded: Decision, who: str, why: str) -> None:
    with pytest.raises(NotPermitted, match=why):
        confirm(world.s, decision=recorded, actor=getattr(world, who), at=NOW)
    assert recorded.confirmed_at is None


def test_a_member_recused_since_the_ballot_does_not_confirm(world: World, recorded: Decision) -> None:
    case = recorded.case
    declared = {"source": ConflictSource.DECLARED, "reason": "friends", "declared_by_id": world.nat.id}
    case.recusals.append(Recusal(person=world.nat, at=NOW, **declared))
    world.s.flush()
    with pytest.raises(NotPermitted):
        confirm(world.s, decision=recorded, actor=world.nat, at=NOW)


def test_it_is_confirmed_once(world: World, recorded: Decision) -> None:
    confirm(world.s, decision=recorded, actor=world.nat, at=NOW)
    with pytest.raises(Refused, match="confirmed this decision already"):
        confirm(world.s, decision=recorded, actor=world.lou, at=NOW)


def test_a_version_that_was_replaced_is_not_confirmed_unread(world: World, recorded: Decision) -> None:
    record_decision(
        world.s,
        case=recorded.case,
        actor=world.kim,
        outcome=Outcome.DEFERRED,
        reasons="Said more clearly: no role is open.",
        correction="The first version left out why.",
        unmet_codes=[],
        effective_on=None,
        at=NOW,
    )
    for decision, seen in ((recorded, None), (recorded.case.decisions[-1], 1)):
        with pytest.raises(Refused, match="Version 2 replaced the one you read"):
            confirm(world.s, decision=decision, actor=world.nat, at=NOW, seen=seen)


def test_a_released_decision_is_not_confirmed_again(world: World) -> None:
    case = world.case("ada", State.RELEASED)
    decision = case.decisions[-1]
    decision.confirmed_at = decision.confirmed_by_id = None
    with world.s.no_autoflush, pytest.raises(Refused, match="waits for its release"):
        confirm(world.s, decision=decision, actor=world.nat, at=NOW)


def all_hats(world: World, case: Case, ask: Callable[..., object]) -> set[str]:
    return {key for key, person in world.everyone.items() if ask(person, case)}


def test_who_records_and_who_confirms(world: World, recorded: Decision) -> None:
    case = recorded.case
    assert all_hats(world, case, policy.can_record) == {"kim"}
    assert all_hats(world, case, policy.can_confirm) == {"lou", "nat", "joe"}


def test_the_deputy_records_while_the_chair_has_a_conflict(world: World, recorded: Decision) -> None:
    case = recorded.case
    declared = {"source": ConflictSource.DECLARED, "reason": "friends", "declared_by_id": world.kim.id}
    case.recusals.append(Recusal(person=world.kim, at=NOW, **declared))
    world.s.flush()
    assert all_hats(world, case, policy.can_record) == {"lou"}
