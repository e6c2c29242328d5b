"""Who may see what became of the mails, and who keeps which dates."""

from portal.home import policy
from tests.verdicts import only, verdicts
from tests.world import World


def test_operators_and_people_partners_see_what_became_of_the_mails(world: World) -> None:
    assert verdicts(world, policy.can_see_outbox) == only({"opal", "pia", "theo"})


def test_operators_alone_try_a_mail_again(world: World) -> None:
    refused = "Only an operator tries a mail again."
    assert verdicts(world, policy.can_retry) == only({"opal"}, refused, {"pia", "theo"})


def test_everyone_keeps_their_own_dates(world: World) -> None:
    assert verdicts(world, policy.can_keep_dates) == only(set(world.everyone))
