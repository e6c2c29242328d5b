"""Each persona is one click away, and has something to do."""

import html
import re

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.demo.personas import PERSONAS
from portal.people.queries import by_email
from portal.settings import Settings
from tests.conftest import Browser
from tests.demo.conftest import Demonstration

TITLE = re.compile(r'<a class="work-title" href="([^"]+)">')
CODES = [p.code for p in PERSONAS]


def test_the_personas_are_those_that_are_promised() -> None:
    assert CODES == [
        "candidate-ic",
        "candidate-manager",
        "candidate-decided",
        "manager",
        "referee",
        "reviewer",
        "committee",
        "chair",
        "people-partner",
        "auditor",
        "operator",
        "two-hats",
    ]


@pytest.mark.parametrize("code", CODES)
def test_each_finds_something_to_do_and_every_line_leads_somewhere(signed_in_as, code: str) -> None:
    browser = signed_in_as(code)
    page = browser.get("/")
    assert page.status_code == 200
    assert 'class="is-needed"' in page.text
    assert {href: browser.get(href).status_code for href in TITLE.findall(page.text)} == dict.fromkeys(
        TITLE.findall(page.text), 200
    )


def test_the_sign_in_page_offers_every_persona_with_a_line(portal: Flask) -> None:
    page = portal.test_client().get("/sign-in").text
    assert re.findall(r'name="persona" value="([^"]+)"', page) == CODES
    assert [p.does for p in PERSONAS if p.does not in page] == []


@pytest.mark.parametrize("persona", PERSONAS, ids=CODES)
def test_every_page_says_what_to_try_first_and_offers_the_other_roles(signed_in_as, persona) -> None:
    page = html.unescape(signed_in_as(persona.code).get("/ladders").text)
    assert persona.first in page
    assert re.findall(r'<option value="([^"]+)">[^<]+: ', page) == [code for code in CODES if code != persona.code]


def test_an_unknown_persona_signs_nobody_in(portal: Flask) -> None:
    browser = portal.test_client()
    assert browser.post("/sign-in/demo", data={"persona": "cto"}).status_code == 404
    assert browser.get("/").status_code == 303


def test_signing_in_as_another_ends_the_session_before(signed_in_as) -> None:
    browser = signed_in_as("chair")
    assert "Priya Raman" in browser.get("/").text
    assert browser.post("/sign-in/demo", data={"persona": "auditor"}).status_code == 303
    assert "Goran Petrovic" in browser.get("/").text


def test_two_hats_runs_the_cycle_without_their_own_case_in_it(signed_in_as, demonstration: Demonstration) -> None:
    page = signed_in_as("two-hats").get("/").text
    parts = page.split('-people_partner">')
    assert "Finish your packet" in page
    assert len(parts) > 1
    assert not any("Yara Haddou" in part.split("</ul>")[0] for part in parts[1:])
    with Session(demonstration.engine) as s:
        assert by_email(s, "yara.haddou@demo.example.org") is not None


def test_outside_the_demonstration_there_is_no_such_door(settings: Settings, engine: Engine) -> None:
    app = create_app(settings.model_copy(update={"demo": False}), engine=engine)
    app.testing = True
    app.test_client_class = Browser
    browser = app.test_client()
    assert browser.post("/sign-in/demo", data={"persona": "chair"}).status_code == 404
    assert "persona" not in browser.get("/sign-in").text
