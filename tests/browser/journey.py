"""A person at a browser: signs in, follows links and presses buttons by their names, and has every click counted. What
the people of the main road do is in `roles.py`; here is what any of them can."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

PASSWORD = "a quiet morning by the lake"


@dataclass
class Leg:
    """One journey of one person, from the front page to done."""

    name: str
    clicks: int = 0
    seconds: float = 0.0


@dataclass
class Visitor:
    """One person in a browser of their own. Typing is free, every press and every choice is a click."""

    page: Page
    email: str
    clicks: int = 0
    legs: list[Leg] = field(default_factory=list)

    def sign_in(self) -> None:
        self.page.goto("/")
        self.type("Email", self.email)
        self.type("Password", PASSWORD)
        self.press("Sign in")
        self.reads("My work")

    @contextmanager
    def leg(self, name: str, *, clicks: int) -> Iterator[None]:
        """A journey with its cost; more clicks than this fail the test. The seconds are printed, not judged."""
        before, began = self.clicks, time.monotonic()
        yield
        done = Leg(name, self.clicks - before, time.monotonic() - began)
        self.legs.append(done)
        assert done.clicks <= clicks, f"{name}: {done.clicks} clicks, at most {clicks} are allowed"

    # What one can do on any page; `inside` narrows it to a part of the page.

    def click(self, what: Locator) -> None:
        self.clicks += 1
        what.click()

    def press(self, name: str, inside: Locator | None = None) -> None:
        self.click((inside or self.page).get_by_role("button", name=name, exact=True))

    def follow(self, name: str | re.Pattern[str], inside: Locator | None = None) -> None:
        self.click((inside or self.page).get_by_role("link", name=name, exact=True))

    def choose(self, label: str | re.Pattern[str], inside: Locator | None = None) -> None:
        """A radio button, or a box to tick."""
        self.clicks += 1
        (inside or self.page).get_by_label(label, exact=True).check()

    def type(self, label: str | re.Pattern[str], text: str, inside: Locator | None = None) -> None:
        (inside or self.page).get_by_label(label, exact=True).fill(text)

    def go(self, name: str) -> None:
        """To a place of the main navigation."""
        self.follow(name, self.page.get_by_role("navigation", name="Main"))

    def tab(self, name: str) -> None:
        """To another part of the case or the cycle one is in."""
        self.follow(name, self.page.get_by_role("navigation", name=re.compile("^Parts of the")))

    def start(self, task: str | re.Pattern[str]) -> None:
        """From the front page to a task that stands there."""
        self.go("My work")
        self.follow(task, self.page.get_by_role("main"))

    def part(self, name: str | re.Pattern[str]) -> Locator:
        """A section of the page, by its heading."""
        return self.page.get_by_role("region", name=name, exact=True)

    def unfold(self, part: Locator) -> None:
        """Open a part of a long form, unless it stands open."""
        fold = part.locator("details.fold").first
        if fold.get_attribute("open") is None:
            self.click(fold.locator("summary").first)

    # What one reads.

    def reads(self, title: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(title)

    def is_told(self, text: str) -> None:
        """The message at the top of the page after something was done."""
        expect(self.page.get_by_role("status").filter(has_text=text).first).to_be_visible()

    def text(self) -> str:
        return self.page.get_by_role("main").inner_text()

    def download(self, link: str, folder: Path) -> Path:
        self.clicks += 1
        with self.page.expect_download() as caught:
            self.page.get_by_role("link", name=link, exact=True).click()
        file = folder / caught.value.suggested_filename
        caught.value.save_as(file)
        return file
