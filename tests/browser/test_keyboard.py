"""Without a mouse: from the skip link to a sealed review and a changed vote."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.domain.case_flow import State
from tests.world import World

FAR = 60  # presses of Tab; what is further away cannot be called operable


def tab_to(page: Page, what: Locator) -> None:
    """Press Tab until this has the focus, and a focus that can be seen."""
    for _ in range(FAR):
        page.keyboard.press("Tab")
        if what.evaluate("(element) => element === document.activeElement"):
            break
    expect(what).to_be_focused()
    assert what.evaluate("(element) => element.matches(':focus-visible')")


@pytest.fixture
def scoring(populated: World, signed_in: Callable[..., Page]) -> Page:
    """Rex's empty review of Theo."""
    case = populated.case("theo", State.IN_REVIEW)
    populated.commit()
    page = signed_in("rex")
    page.goto(f"/cases/{case.id}/review")
    return page


def test_the_first_key_skips_the_navigation(scoring: Page) -> None:
    scoring.keyboard.press("Tab")
    expect(scoring.get_by_role("link", name="Skip to the content")).to_be_focused()
    scoring.keyboard.press("Enter")
    expect(scoring.get_by_role("main")).to_be_focused()


def test_a_review_is_scored_and_sealed(scoring: Page) -> None:
    keys = scoring.keyboard
    blocks = scoring.locator("[data-row]")
    names = blocks.get_by_role("heading", level=3).all_inner_texts()
    keys.press("j")
    for number, name in enumerate(names):
        block = scoring.get_by_role("region", name=name, exact=True)
        if number:
            tab_to(scoring, block.get_by_role("radio").first)
        keys.press("Space")
        for _ in range(3):
            keys.press("ArrowDown")
        expect(block.get_by_role("radio").nth(3)).to_be_checked()
        tab_to(scoring, block.get_by_role("textbox"))
        keys.type(f"{name}: the second result shows it.")
    tab_to(scoring, scoring.get_by_role("button", name="Check and seal"))
    keys.press("Enter")
    tab_to(scoring, scoring.get_by_role("button", name="Seal it"))
    keys.press("Enter")
    expect(scoring.get_by_role("status").filter(has_text="Sealed.")).to_be_visible()


def test_j_and_k_move_between_competencies_and_back(scoring: Page) -> None:
    first = scoring.locator("[data-row]").first.get_by_role("radio").first
    second = scoring.locator("[data-row]").nth(1).get_by_role("radio").first
    scoring.keyboard.press("j")
    expect(first).to_be_focused()
    scoring.keyboard.press("j")
    expect(second).to_be_focused()
    scoring.keyboard.press("k")
    expect(first).to_be_focused()


def test_a_vote_is_cast_and_changed_and_the_focus_stays_on_the_ballot(
    populated: World, signed_in: Callable[..., Page]
) -> None:
    case = populated.case("ada", State.IN_CALIBRATION)
    populated.ballot(case, dict.fromkeys(("kim", "lou", "nat", "ola", "joe")), closed=False)
    populated.commit()
    page = signed_in("nat")
    page.goto(f"/cases/{case.id}/votes")
    for choice in ("For", "Against"):
        tab_to(page, page.get_by_role("button", name=choice, exact=True))
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").filter(has_text=f"Your vote: {choice}")).to_be_visible()
        assert page.evaluate("() => document.getElementById('ballot').contains(document.activeElement)")
