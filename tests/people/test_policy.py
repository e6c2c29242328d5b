"""Who may see, keep and empower people."""

from portal.people import policy
from tests.verdicts import Verdicts, only, verdicts
from tests.world import World

KEEPERS = {"pia", "theo"}


def test_everyone_sees_who_works_here_and_keeps_their_own_account(world: World) -> None:
    for ask in (policy.can_see_directory, policy.can_see, policy.can_keep_own_account):
        assert verdicts(world, ask, world.ada) == only(set(world.everyone))


def test_people_partners_and_operators_keep_the_list_of_people(world: World) -> None:
    keepers = KEEPERS | {"opal"}
    refused = "Only people partners and operators keep the list of people."
    assert verdicts(world, policy.can_keep_people) == only(keepers, refused, set(world.everyone) - keepers)


def test_that_people_are_kept_apart_is_known_to_people_partners_only(world: World) -> None:
    assert verdicts(world, policy.can_keep_apart) == only(KEEPERS)


def test_an_operator_grants_roles_to_others(world: World) -> None:
    others = dict.fromkeys(set(world.everyone) - {"opal"}, "Only operators grant roles.")
    assert verdicts(world, policy.can_grant_roles, world.ada) == Verdicts({"opal"}, others)
    oneself = policy.can_grant_roles(world.opal, world.opal)
    assert (oneself.allowed, oneself.why) == (False, "Nobody changes their own roles; ask another operator.")
