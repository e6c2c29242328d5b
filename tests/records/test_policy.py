"""Who may read, check and take out the audit log, and in which part somebody opened a packet."""

import pytest

from portal.domain.case_flow import State
from portal.records import policy
from tests.verdicts import only, verdicts
from tests.world import World

KEEPERS = {"pia", "theo"}


def test_everyone_opens_the_log_and_two_offices_see_more_than_their_own_acts(world: World) -> None:
    assert verdicts(world, policy.can_read_log) == only(set(world.everyone))
    assert {key for key, person in world.everyone.items() if policy.sees_all(person)} == KEEPERS | {"aud"}


@pytest.mark.parametrize(
    ("ask", "allowed", "why"),
    [
        (policy.can_verify, {"aud", "opal"}, "Only auditors and operators check the chain."),
        (policy.can_export, KEEPERS | {"aud"}, "Auditors and people partners export the log."),
    ],
)
def test_who_checks_and_exports_it(world: World, ask, allowed: set[str], why: str) -> None:
    assert verdicts(world, ask) == only(allowed, why, set(world.everyone) - allowed)


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.DECIDED, State.RELEASED, State.CLOSED])
def test_the_candidate_sees_who_opened_the_packet_once_released(world: World, state: State) -> None:
    expected = {"ada"} if state in (State.RELEASED, State.CLOSED) else set()
    assert verdicts(world, policy.can_see_openings, world.case("ada", state)) == only(expected)


def test_the_part_in_which_somebody_opened_a_packet(world: World) -> None:
    case = world.case("ada", State.RELEASED)
    found = {key: policy.part_in(person, case, {world.ron.id}) for key, person in world.everyone.items()}
    assert {key: part for key, part in found.items() if part != "other"} == {
        **dict.fromkeys(["rex", "rob", "rae"], "reviewer"),
        **dict.fromkeys(["kim", "lou", "nat", "ola", "joe", "ron"], "committee"),
        **dict.fromkeys(["pia", "theo"], "people_partner"),
        "aud": "auditor",
        "max": "manager",
    }


def test_a_case_without_a_committee_has_no_seats(world: World) -> None:
    case = world.case("ada")
    assert (policy.part_in(world.kim, case, ()), policy.part_in(world.max, case, ())) == ("other", "manager")
