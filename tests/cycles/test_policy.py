"""Who may see and run a cycle."""

from portal.cycles import policy
from tests.verdicts import only, verdicts
from tests.world import World

KEEPERS = {"pia", "theo"}


def test_everyone_sees_when_cycles_run(world: World) -> None:
    assert verdicts(world, policy.can_see, world.cycle) == only(set(world.everyone))


def test_people_partners_run_them(world: World) -> None:
    others = set(world.everyone) - KEEPERS
    assert verdicts(world, policy.can_run, world.cycle) == only(KEEPERS, "Only people partners run a cycle.", others)
