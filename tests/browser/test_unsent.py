"""What a referee types is kept before it is sent, and a row of evidence outlives a cut line and an ended session."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import delete, select

from portal.models.packet import Evidence, Referee, RefereeState
from portal.models.person import SignInSession
from portal.models.unsent import UnsentText
from portal.packets import commands
from tests.browser.conftest import Served
from tests.browser.journey import PASSWORD
from tests.world import World

WAITS = re.compile(r"^Saved at \d\d:\d\d UTC, not sent yet$")
SAVED = re.compile(r"^Saved at \d\d:\d\d UTC$")
TEXT = "She cut the queue in half."
LATE_MS = 30_000


def test_feedback_is_kept_as_one_types_and_sent_by_the_button(
    populated: World, signed_in: Callable[..., Page], served: Served
) -> None:
    case = populated.case("ivy")
    asked = {"case": case, "actor": populated.ivy, "person": populated.rob}
    commands.propose_referee(populated.s, at=populated.now, **asked)
    populated.commit()
    page = signed_in("rob")
    page.goto(f"/cases/{case.id}/feedback")
    status = page.locator("[data-save-status]")
    page.get_by_label("First result").press_sequentially(TEXT)
    expect(status).to_have_text(WAITS)
    with served.session() as s:
        assert s.scalars(select(UnsentText.texts)).one() == {"result-1": TEXT}
        assert s.scalars(select(Referee.state)).one() is RefereeState.INVITED
    page.reload()
    expect(page.get_by_label("First result")).to_have_value(TEXT)
    page.get_by_label("A reason not to").fill("Has not yet led a second team.")
    page.get_by_role("button", name="Send my feedback").click()
    expect(page.get_by_role("status").filter(has_text="Thank you. Your feedback is kept.")).to_be_visible()
    with served.session() as s:
        assert s.scalars(select(Referee.state)).one() is RefereeState.ANSWERED
        assert s.scalars(select(UnsentText.texts)).one() == {}


def test_a_row_of_evidence_outlives_a_cut_line_and_an_ended_session(
    populated: World, signed_in: Callable[..., Page], served: Served
) -> None:
    case = populated.case("ivy")
    populated.commit()
    page = signed_in("ivy")
    page.goto(f"/cases/{case.id}/packet/edit")
    competency = page.get_by_role("region", name="Ships what matters", exact=True)
    competency.get_by_role("link", name="Add evidence").click()
    form = competency.locator("form[data-autosave*=evidence]")
    served.stop()
    form.get_by_label("Claim").fill(TEXT)
    form.get_by_label("My contribution").fill("I wrote it.")
    form.get_by_label("When").fill("2025")
    expect(form.get_by_role("status")).to_contain_text("Not saved: no connection; trying again")
    served.start_again()
    expect(form.get_by_role("status")).to_have_text(SAVED, timeout=LATE_MS)
    with served.session() as s:
        s.execute(delete(SignInSession))
        s.commit()
    form.get_by_label("Claim").fill("Four teams use it.")
    expect(form.get_by_role("status")).to_contain_text("You were signed out; your text is still here.")
    sign_in_elsewhere(page, form)
    expect(form.get_by_role("status")).to_have_text(SAVED)
    with served.session() as s:
        assert list(s.scalars(select(Evidence.claim).where(Evidence.case_id == case.id))) == ["Four teams use it."]


def sign_in_elsewhere(page: Page, form: Locator) -> None:
    """In the tab that the form offers, and back."""
    with page.expect_popup() as opened:
        form.get_by_role("status").get_by_role("link", name="Open the sign-in page").click()
    tab = opened.value
    tab.get_by_label("Email").fill("ivy@example.org")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("My work")
    page.bring_to_front()
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")
