"""A reviewer is told of names in their text before it is sealed or amended, and decides."""

import pytest

from portal.domain.case_flow import State
from portal.models.review import Amendment
from portal.reviews import commands
from tests.reviews.filling import scores, sealed, seat, sent
from tests.world import NOW, World

SAID = "It names {}. Whoever reviews"


def warned(page: str, name: str) -> bool:
    return SAID.format(name) in page


def written(world: World, why: str):
    case = world.case("ada", State.IN_REVIEW)
    given = {"assignment": seat(case, world.rex), "actor": world.rex, "version": 0, "at": NOW}
    commands.save_review(world.s, scores=scores(world, case, 3, why), summary="Solid.", **given)
    world.commit()
    return case


@pytest.mark.parametrize("name", ["Rob Silva", "Sam Ito"])
def test_the_page_that_seals_names_a_fellow_reviewer_and_a_stranger_alike(world: World, client, name: str) -> None:
    case = written(world, f"As {name} says, Rex.")
    page = client(world.rex).get(f"/cases/{case.id}/review/seal").text
    assert warned(page, name)
    assert "It tells that you wrote it: Rex." in page


def test_the_writer_decides(world: World, client) -> None:
    case = written(world, "As Rob Silva says.")
    done = client(world.rex).post(f"/cases/{case.id}/review/seal", data={"version": "1"})
    assert (done.status_code, done.location) == (303, f"/cases/{case.id}/reviews")


def test_a_text_without_names_seals_without_a_word(world: World, client) -> None:
    case = written(world, "Shown in result 1, with Ada Marchetti alone.")
    assert "Your text names people" not in client(world.rex).get(f"/cases/{case.id}/review/seal").text


def test_a_new_version_asks_once_for_the_names_it_holds(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rex)
    world.commit()
    browser, url = client(world.rex), f"/cases/{case.id}/review/amend"
    data = sent(world, case, value=2, version=1, why="See 2.") | {"reason": "Kim Larsen told me."}
    asked = browser.post(url, data=data)
    assert (asked.status_code, warned(asked.text, "Kim Larsen")) == (422, True)
    assert "Kim Larsen told me.</textarea>" in asked.text
    assert world.s.query(Amendment).count() == 0
    assert browser.post(url, data=data | {"named": "Kim Larsen"}).status_code == 303
    world.s.rollback()
    assert world.s.query(Amendment).one().reason == "Kim Larsen told me."
