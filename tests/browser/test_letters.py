"""Letters in a real browser: a template changed with its preview beside it, and a bar that goes on without its tab."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.letters.commands import prepare
from portal.models.letter import LetterTemplate
from portal.models.outbox import OutboxRow
from tests.browser.conftest import Served
from tests.letters.stages import confirmed
from tests.world import World

TEMPLATE = "/letters/templates/en/approved/promotion"
WELL_DONE = (
    "{% block headline %}Well done, {{ letter.candidate }}{% endblock %}\n{% block opening %}<p>%s</p>{% endblock %}"
)
LATE_MS = 60_000


def test_a_template_is_changed_with_its_preview_beside_it(
    populated: World, signed_in: Callable[..., Page], served: Served
) -> None:
    decision = confirmed(populated, at=populated.now)
    prepare(populated.s, decision=decision, actor=populated.pia, at=populated.now)
    populated.commit()
    page = signed_in("pia")
    page.goto(TEMPLATE)
    text, preview = page.get_by_label("Template", exact=True), page.locator("#preview")
    text.fill(WELL_DONE.replace("%s", "{{ letter.to.titel }}"))
    expect(preview).to_contain_text("Line 2: “letter.to.titel” is not known. Did you mean “title”?")
    text.fill(WELL_DONE.replace("%s", "You are {{ letter.to.title }} now."))
    expect(preview).to_contain_text("Well done, Maria Example")
    page.get_by_label("Preview with").select_option(label="Ada Marchetti, Spring 2026")
    expect(preview).to_contain_text("Well done, Ada Marchetti")
    expect(preview).to_contain_text("You are Staff Engineer now.")
    page.get_by_label("Why it changes").fill("Warmer.")
    page.get_by_role("button", name="Save as the next version").click()
    expect(page.get_by_text("In force: version 1.")).to_be_visible()
    with served.session() as s:
        kept = s.scalars(select(LetterTemplate).where(LetterTemplate.case_type == "promotion")).one()
        assert (kept.number, kept.reason, "Well done" in kept.text) == (1, "Warmer.", True)


def test_letters_go_on_being_set_after_the_tab_is_closed(
    populated: World, signed_in: Callable[..., Page], served: Served
) -> None:
    for who in ("ada", "mona"):
        confirmed(populated, who, at=populated.now)
    populated.commit()
    page = signed_in("pia")
    page.goto("/cycles/spring-2026/letters")
    page.get_by_role("button", name="Prepare 2 letters").click()
    expect(page.locator("#letters-progress")).to_contain_text(re.compile("[012] of 2 letters are set"))
    page.close()
    again = signed_in("theo")
    again.goto("/cycles/spring-2026/letters")
    expect(again.get_by_role("link", name="Review the release")).to_be_visible(timeout=LATE_MS)
    expect(again.locator("#letters-progress")).to_contain_text("2 of 2 letters are set")
    with served.session() as s:
        made = [kind for kind in s.scalars(select(OutboxRow.kind)) if kind != "mail"]
        assert sorted(made) == ["prepare_letter", "prepare_letter", "render_letter", "render_letter"]
