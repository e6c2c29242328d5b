"""Names in a text are found alike whoever they belong to, so that a warning tells nothing about who has a part."""

import pytest

from portal.people.naming import Named, named_in
from tests.world import World


def found(world: World, text: str, writer: str = "rex") -> Named:
    return named_in(world.s, [text], writer=getattr(world, writer), about=world.ada)


@pytest.mark.parametrize("name", ["Rob Silva", "Kim Larsen", "Sam Ito", "Opal Grant"])
def test_everybody_of_the_directory_is_found_alike(world: World, name: str) -> None:
    assert found(world, f"As {name} wrote, the queue is short.") == Named((), (name,))


@pytest.mark.parametrize("name", ["Ada Marchetti", "Max Brandt", "Dana Osei", "Cleo Acheson", "Site Reliability"])
def test_the_candidate_their_line_and_what_is_nobodys_name_may_stand(world: World, name: str) -> None:
    assert not found(world, f"With {name} it went well.")


def test_of_ones_own_name_each_part_and_the_address_give_one_away(world: World) -> None:
    text = "I, Rex, asked. Write to REX@example.org or rob@example.org. The complex tanaka."
    assert found(world, text) == Named(("REX@example.org", "Rex"), ("rob@example.org",))


def test_the_word_that_names_stay_holds_for_those_names_only() -> None:
    named = Named(("Rex",), ("Rob Silva",))
    assert named.accepted("Rex; Rob Silva")
    assert named.accepted("Kim Larsen; Rex; Rob Silva")
    assert not named.accepted("Rex")
    assert not named.accepted("")
