"""Doors: every URL says who may pass; what says nothing cannot be built, and what slips through is shut."""

import pytest
from flask import Blueprint, Flask
from sqlalchemy import Engine, update
from werkzeug.routing import IntegerConverter

from portal.app import create_app
from portal.models.person import Person
from portal.settings import Settings
from portal.web import database
from portal.web.database import WriteOnRead
from portal.web.routing import GuardedBlueprint, anyone, refuse_unguarded_endpoints
from tests.world import World

PUBLIC = {
    "people.sign_in",
    "people.sign_in_now",
    "people.invitation",
    "people.accept_invitation",
    "demo.sign_in",
    "home.healthz",
    "home.readyz",
    "letters.verify",
    "letters.verify_form",
}


def test_public_pages_are_listed_here(app: Flask) -> None:
    assert {name for name, view in app.view_functions.items() if view.access is anyone} == PUBLIC


def test_a_door_without_a_lock_cannot_be_built() -> None:
    rooms = GuardedBlueprint("x", __name__)
    with pytest.raises(TypeError):
        rooms.get("/x")
    with pytest.raises(TypeError):
        rooms.route("/x")


def test_an_app_with_an_unlocked_door_does_not_start(app: Flask) -> None:
    plain = Blueprint("plain", __name__)
    plain.add_url_rule("/plain", "page", lambda: "secret")
    bare = Flask("bare")
    bare.register_blueprint(plain)
    with pytest.raises(RuntimeError, match=r"plain\.page"):
        refuse_unguarded_endpoints(bare)


def _asked(settings: Settings, engine: Engine, act) -> None:
    """Asks a portal of its own for a page that does this."""
    app = create_app(settings, engine=engine)
    app.testing = True
    room = GuardedBlueprint("room", __name__)

    @room.get("/test-page", load=None, access=anyone)
    def page() -> str:
        act()
        return "done"

    app.register_blueprint(room)
    app.test_client().get("/test-page")


def test_a_page_that_adds_a_row_is_an_error(world: World, settings: Settings, engine: Engine) -> None:
    with pytest.raises(WriteOnRead):
        _asked(settings, engine, lambda: database.session().add(Person(name="x", email="x@example.org")))


def test_a_page_that_updates_rows_in_bulk_is_an_error(world: World, settings: Settings, engine: Engine) -> None:
    with pytest.raises(WriteOnRead):
        _asked(settings, engine, lambda: database.session().execute(update(Person).values(name="x")))


def test_ids_in_urls_are_typed(app: Flask) -> None:
    bare = [r.rule for r in app.url_map.iter_rules() for part in r.rule.split("<")[1:] if ":" not in part.split(">")[0]]
    assert bare == []


def test_visitors_are_turned_away_everywhere_else(world: World, app: Flask, client) -> None:
    browser = client()
    answers = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC:
            continue
        made_up = {k: 1 if isinstance(c, IntegerConverter) else "nowhere" for k, c in rule._converters.items()}
        _, url = rule.build(made_up)
        method = "POST" if "POST" in rule.methods else "GET"
        answers[rule.endpoint] = browser.open(url, method=method).status_code
    assert {name: code for name, code in answers.items() if code != 303} == {}
