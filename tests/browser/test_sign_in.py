"""Signing in with a real browser, with and without script."""

import pytest
from playwright.sync_api import expect

from portal.adapters.clock import now
from portal.people import commands

PASSWORD = "a quiet morning by the lake"


@pytest.fixture
def ada(served):
    with served.session() as s:
        person = commands.add_person(s, actor=None, email="ada@example.org", name="Ada Marchetti", at=now())
        commands.set_password(s, person=person, password=PASSWORD, at=now())
        s.commit()
    return person


@pytest.mark.parametrize("script", [True, False])
def test_a_person_signs_in_and_out(ada, open_browser, script: bool) -> None:
    page = open_browser(script=script)
    page.goto("/cases")
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_label("Password").fill("not the right one at all")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(page.url.split("/cases")[0] + "/cases")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
