"""Long forms on a phone: one part stands open, the others say how far they are, and a link leads into a folded one."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from portal.domain.case_flow import State
from tests.world import World

PHONE = {"width": 360, "height": 740}


def test_a_phone_shows_the_first_unfinished_part_and_opens_what_a_link_leads_to(
    populated: World, signed_in: Callable[..., Page]
) -> None:
    case = populated.case("ivy")
    populated.commit()
    page = signed_in("ivy")
    page.set_viewport_size(PHONE)
    page.goto(f"/cases/{case.id}/packet/edit")
    summary, result = (page.get_by_role("region", name=name, exact=True) for name in ("Summary", "Result 2"))
    expect(summary.get_by_role("textbox")).to_be_visible()
    expect(result.get_by_role("textbox").first).to_be_hidden()
    page.get_by_role("navigation", name="In this packet").get_by_role("link", name="Result 2").click()
    expect(result.get_by_role("textbox").first).to_be_visible()
    result.get_by_label("What changed").fill("Failed payments went down.")
    expect(result.locator(".fold-state").first).to_have_text("1 of 4 written")
    assert page.evaluate("document.documentElement.scrollHeight") < 8_000


def test_the_scoring_form_folds_and_j_opens_the_next_competency(
    populated: World, signed_in: Callable[..., Page]
) -> None:
    case = populated.case("theo", State.IN_REVIEW)
    populated.commit()
    page = signed_in("rex")
    page.set_viewport_size(PHONE)
    page.goto(f"/cases/{case.id}/review")
    first, second = (page.locator("[data-row]").nth(n) for n in (0, 1))
    expect(first.get_by_role("radio").first).to_be_visible()
    expect(second.get_by_role("radio").first).to_be_hidden()
    first.get_by_role("radio").nth(3).check()
    expect(first.locator(".fold-state")).to_contain_text("3 · ")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(second.get_by_role("radio").first).to_be_focused()
