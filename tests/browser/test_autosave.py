"""What is typed is kept: saved as one types, not lost to a second tab, an ended session or a server that is down."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import delete, select

from portal.models.packet import PacketSection
from portal.models.person import SignInSession
from tests.browser.conftest import Served
from tests.browser.journey import PASSWORD
from tests.world import World

SAVED = re.compile(r"^Saved at \d\d:\d\d UTC")
TEXT = "Three teams build on the plan that I wrote."
OTHER = "Four teams build on it by now."
LATE_MS = 30_000


@pytest.fixture
def editor(populated: World, signed_in: Callable[..., Page]) -> Page:
    """Ivy's packet, open in the editor."""
    case = populated.case("ivy")
    populated.commit()
    page = signed_in("ivy")
    page.goto(f"/cases/{case.id}/packet/edit")
    return page


def summary(page: Page) -> Locator:
    return page.get_by_role("region", name="Summary", exact=True)


def field(page: Page) -> Locator:
    return summary(page).get_by_label("Summary", exact=True)


def status(page: Page) -> Locator:
    return summary(page).get_by_role("status")


def kept(served: Served) -> str:
    with served.session() as s:
        return s.scalars(select(PacketSection.texts).where(PacketSection.code == "summary")).one()["text"]


def test_what_is_typed_is_saved_and_said_to_be(editor: Page, served: Served) -> None:
    field(editor).press_sequentially(TEXT)
    expect(status(editor)).to_have_text(SAVED)
    assert kept(served) == TEXT
    editor.reload()
    expect(field(editor)).to_have_value(TEXT)


def test_a_second_tab_overwrites_nothing_and_offers_both_versions(editor: Page, served: Served) -> None:
    tab = editor.context.new_page()
    tab.goto(editor.url)
    field(editor).fill(TEXT)
    expect(status(editor)).to_have_text(SAVED)
    field(tab).fill(OTHER)
    expect(status(tab)).to_contain_text("changed elsewhere since you opened it. Nothing is lost.")
    assert kept(served) == TEXT
    tab.get_by_role("button", name="Save to see both versions").click()
    expect(tab.get_by_role("alert").filter(has_text="Nothing was overwritten, and nothing is lost")).to_be_focused()
    expect(tab.get_by_label("Summary", exact=True)).to_have_value(OTHER)
    expect(tab.get_by_text(TEXT, exact=True)).to_be_visible()
    tab.get_by_role("button", name="Save my version").click()
    expect(tab.get_by_role("status").filter(has_text="Summary is saved.")).to_be_visible()
    assert kept(served) == OTHER


def test_a_button_pressed_while_a_save_is_under_way_waits_for_it(editor: Page, served: Served) -> None:
    """Else the press would carry a version that its own page has just replaced, and be told of a second tab."""
    field(editor).fill(TEXT)
    with editor.expect_request(lambda request: request.headers.get("x-autosave") == "1"):
        pass
    field(editor).fill(OTHER)
    editor.get_by_role("button", name="Save Summary").click()
    expect(editor.get_by_role("status").filter(has_text="Summary is saved.")).to_be_visible()
    assert kept(served) == OTHER


def test_a_session_that_ended_costs_no_text(editor: Page, served: Served) -> None:
    with served.session() as s:
        s.execute(delete(SignInSession))
        s.commit()
    field(editor).fill(TEXT)
    expect(status(editor)).to_contain_text("You were signed out; your text is still here.")
    with editor.expect_popup() as opened:
        status(editor).get_by_role("link", name="Open the sign-in page").click()
    tab = opened.value
    tab.get_by_label("Email").fill("ivy@example.org")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("My work")
    editor.bring_to_front()
    editor.evaluate("() => window.dispatchEvent(new Event('focus'))")
    expect(status(editor)).to_have_text(SAVED)
    assert kept(served) == TEXT


def test_a_server_that_is_down_is_said_and_caught_up_with(editor: Page, served: Served) -> None:
    served.stop()
    field(editor).fill(TEXT)
    expect(status(editor)).to_contain_text("Not saved: no connection; trying again")
    served.start_again()
    expect(status(editor)).to_have_text(SAVED, timeout=LATE_MS)
    assert kept(served) == TEXT


def test_text_that_cannot_be_kept_is_refused_with_the_reason(editor: Page) -> None:
    field(editor).fill("word " * 4_001)
    expect(status(editor)).to_contain_text("longer than 20,000 characters")


def test_evidence_is_saved_as_one_types_and_stays_one_row(editor: Page) -> None:
    competency = editor.get_by_role("region", name="Ships what matters", exact=True)
    competency.get_by_role("link", name="Add evidence").click()
    form = competency.locator("form[data-autosave*=evidence]")
    form.get_by_label("Claim").fill(TEXT)
    form.get_by_label("My contribution").fill("I wrote it.")
    expect(form.get_by_role("status")).to_contain_text("Say when it was")
    form.get_by_label("When").fill("March to June 2025")
    expect(form.get_by_role("status")).to_have_text(SAVED)
    form.get_by_label("Claim").fill(OTHER)
    expect(form.get_by_role("status")).to_have_text(SAVED)
    form.get_by_role("button", name="Save evidence").click()
    expect(competency.get_by_role("article")).to_have_count(1)
    expect(competency.get_by_role("article")).to_contain_text(OTHER)
    editor.reload()
    expect(competency.get_by_role("article")).to_contain_text(OTHER)


def test_a_preview_shows_the_text_as_it_stands_and_costs_no_save(editor: Page, served: Served) -> None:
    field(editor).fill("Three teams build on **the plan**.")
    summary(editor).get_by_role("button", name="Preview Summary").click()
    expect(summary(editor).get_by_role("region", name="Preview of Summary").locator("strong")).to_have_text("the plan")
    expect(status(editor)).to_have_text(SAVED)
    summary(editor).get_by_role("button", name="Save Summary").click()
    expect(editor.get_by_text("Summary is saved.")).to_be_visible()
    assert kept(served) == "Three teams build on **the plan**."
