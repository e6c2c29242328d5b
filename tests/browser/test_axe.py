"""Every main page for somebody who should see it: no violation of axe in light or dark, and it fits a phone."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.stages import Sight, populate, sights
from tests.world import World

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERY_RULE = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
PHONE = 360


@pytest.mark.timeout(240)
def test_every_main_page_passes_axe_and_fits_a_phone(populated: World, signed_in: Callable[..., Page]) -> None:
    pages: dict[str, Page] = {}
    found = {}
    for sight in sights(populate(populated)):
        if sight.key not in pages:
            pages[sight.key] = signed_in(sight.key)
            pages[sight.key].add_init_script(AXE_SCRIPT)
        if told := list(problems(pages[sight.key], sight)):
            found[sight.name] = told
    assert not found, "\n".join(f"{name}: {told}" for name, told in found.items())


def problems(page: Page, sight: Sight) -> Iterator[str]:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": 1280, "height": 900})
    answer = page.goto(sight.path)
    expected = 404 if sight.name == "nothing here" else 200
    if answer is None or answer.status != expected:
        yield f"answered {answer and answer.status}"
    yield from violations(page, EVERY_RULE, "light")
    page.emulate_media(color_scheme="dark")
    yield from violations(page, CONTRAST, "dark")
    page.set_viewport_size({"width": PHONE, "height": 800})
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    if wide > PHONE:
        yield f"{wide} px wide on a phone"


def violations(page: Page, options: dict[str, Any], scheme: str) -> Iterator[str]:
    result = page.evaluate("(options) => axe.run(document, options)", options)
    for rule in result["violations"]:
        places = "; ".join(str(node["target"][0]) for node in rule["nodes"][:3])
        yield f"{scheme}: {rule['id']} at {places}"
