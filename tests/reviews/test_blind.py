"""Before their own review is sealed, a reviewer cannot tell whether another one exists, is sealed, or what it says:
every page they can ask for has the same bytes."""

from collections.abc import Callable

import pytest

from portal.domain.case_flow import State
from portal.models.outbox import OutboxRow
from portal.models.person import Role
from portal.people import commands as people
from portal.reviews import commands
from tests.reviews.filling import saved, sealed, seat
from tests.two_worlds import addresses, masked
from tests.world import NOW, World

ROOMS = ("cases.", "reviews.", "assignments.", "home.")


def nothing(world: World, case) -> None:
    """Reviewers as the world has them."""


def chair_the_committee(world: World, case) -> None:
    world.committee.chair = world.rex
    world.committee.seats[0].person = world.rex


def become_people_partner(world: World, case) -> None:
    people.grant(world.s, actor=None, person=world.rex, role=Role.PEOPLE_PARTNER, at=NOW)


def a_sealed_review(world: World, case) -> None:
    sealed(world, case, world.rob, value=4)


def a_review_begun(world: World, case) -> None:
    saved(world, case, world.rae, value=0)


def another_reviewer(world: World, case) -> None:
    commands.assign(world.s, case=case, reviewer=world.nat, actor=world.pia, at=NOW)


def a_waiver(world: World, case) -> None:
    commands.waive(world.s, assignment=seat(case, world.rae), actor=world.pia, reason="ill", at=NOW)


def a_recusal(world: World, case) -> None:
    commands.recuse(world.s, case=case, person=world.rob, actor=world.rob, reason="friends", at=NOW)


def seen_by(world: World, app, client, case, who: str) -> dict[str, tuple[int, bytes]]:
    ids = {"case_id": case.id, "person_id": world.rob.id, "slug": world.cycle.slug}
    mine = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith(ROOMS)}
    adapter, browser = app.url_map.bind("localhost"), client(getattr(world, who))
    asked = [url for url in addresses(app, ids) if adapter.match(url)[0] in mine]
    answers = {url: browser.get(url) for url in asked}
    return {url: (answer.status_code, masked(answer.data)) for url, answer in answers.items()}


@pytest.mark.parametrize("hat", [nothing, chair_the_committee, become_people_partner])
@pytest.mark.parametrize("secret", [a_sealed_review, a_review_begun, another_reviewer, a_waiver, a_recusal])
def test_a_reviewer_is_blind_until_their_own_is_sealed(
    world: World, app, client, hat: Callable, secret: Callable
) -> None:
    case = world.case("ada", State.IN_REVIEW)
    hat(world, case)
    world.commit()
    before = seen_by(world, app, client, case, "rex")
    entitled = seen_by(world, app, client, case, "pia")
    world.fresh(case)
    secret(world, case)
    world.commit()
    after = seen_by(world, app, client, case, "rex")
    assert [url for url in after if after[url] != before[url]] == []
    assert after[f"/cases/{case.id}/review"][0] == 200
    assert seen_by(world, app, client, case, "pia") != entitled


def test_sealing_mails_nobody(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rob)
    assert world.s.query(OutboxRow).all() == []
