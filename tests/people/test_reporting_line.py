"""The reporting line: it follows every move, and never makes a circle."""

import pytest

from portal.domain.problems import InvalidInput, Refused
from portal.people import commands
from tests.world import NOW, World


def test_everyone_below_moves_along(world: World) -> None:
    assert world.dana.is_above(world.ada)
    commands.set_manager(world.s, actor=world.pia, person=world.max, manager=world.dirk, at=NOW)
    assert world.ada.managers_above == (world.cleo.id, world.vera.id, world.dirk.id, world.max.id)
    assert not world.dana.is_above(world.ada)


def test_a_circle_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="circle"):
        commands.set_manager(world.s, actor=world.pia, person=world.dana, manager=world.ada, at=NOW)


def test_nobody_reports_to_themselves(world: World) -> None:
    with pytest.raises(Refused, match="circle"):
        commands.set_manager(world.s, actor=world.pia, person=world.dana, manager=world.dana, at=NOW)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"email": "not an address"}, "Email"),
        ({"name": "  "}, "Name"),
        ({"timezone": "Mars/Olympus"}, "Time zone"),
    ],
)
def test_a_person_who_cannot_be_added_is_refused_by_field(world: World, given, told: str) -> None:
    person = {"email": "new@example.org", "name": "New"} | given
    with pytest.raises(InvalidInput, match=told):
        commands.add_person(world.s, actor=world.pia, at=NOW, **person)


def test_an_address_belongs_to_one_person(world: World) -> None:
    with pytest.raises(Refused, match="already belongs"):
        commands.add_person(world.s, actor=world.pia, email="ADA@example.org", name="Another", at=NOW)


def test_nobody_deactivates_themselves(world: World) -> None:
    with pytest.raises(Refused):
        commands.deactivate(world.s, actor=world.pia, person=world.pia, at=NOW)


def test_granting_a_role_twice_is_one_grant(world: World) -> None:
    from portal.models.person import Role

    commands.grant(world.s, actor=world.opal, person=world.aud, role=Role.AUDITOR, at=NOW)
    assert [g.role for g in world.aud.grants] == [Role.AUDITOR]
