"""Who may read and change the ladders: everyone reads them, pay and the files are the people partners'."""

import pytest

from portal.ladders import policy
from tests.verdicts import only, verdicts
from tests.world import World

KEEPERS = {"pia", "theo"}


def test_everyone_reads_the_ladders(world: World) -> None:
    assert verdicts(world, policy.can_read) == only(set(world.everyone))


@pytest.mark.parametrize(
    ("ask", "allowed", "why"),
    [
        (policy.can_see_bands, KEEPERS, "Pay bands are shown to people partners only."),
        (
            policy.can_see_problems,
            KEEPERS | {"opal"},
            "What is wrong with the rubric files is shown to people partners and operators.",
        ),
        (policy.can_edit, KEEPERS, "Ladders are changed by people partners only."),
        (policy.can_export, KEEPERS, "The files hold pay bands, so people partners alone take them out."),
    ],
)
def test_what_is_kept_from_the_others_says_so(world: World, ask, allowed: set[str], why: str) -> None:
    assert verdicts(world, ask) == only(allowed, why, set(world.everyone) - allowed)
