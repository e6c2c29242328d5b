"""Who is asking: flask-login over the stored sessions, and what a visitor who is not signed in is told."""

from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request, session
from flask_babel import gettext as _
from flask_login import LoginManager, login_user, logout_user
from sqlalchemy.orm import joinedload

from portal.models.person import Person
from portal.web import database
from portal.web.fragments import is_autosave, wants_fragment
from portal.web.idempotency import FIELD
from portal.web.sessions import IDLE_KEY, StoredSession

SIGN_IN_PATH = "/sign-in"
TOKENS = {"csrf_token", FIELD, "version"}


def install(app: Flask) -> None:
    login = LoginManager(app)
    login.session_protection = None  # the cookie itself is random, stored hashed and rotated
    login.user_loader(_person)
    login.unauthorized_handler(_ask_to_sign_in)


def _person(person_id: str) -> Person | None:
    found = database.session().get(Person, person_id, options=[joinedload(Person.grants)])
    return found if found and found.active else None


def _ask_to_sign_in() -> Response:
    """A page leads to the sign-in page and back; htmx must not swap that page into a part; autosave keeps the text."""
    if is_autosave():
        return make_response(jsonify(problem=_("You are signed out. Your text is still here.")), 401)
    if kept := _written():
        return make_response(render_template("errors/signed_out.html", written=kept), 401)
    there = SIGN_IN_PATH
    if request.method == "GET" and request.path != "/":
        there += "?" + urlencode({"next": request.full_path.rstrip("?")})
    if wants_fragment():
        answer = make_response("", 401)
        answer.headers["HX-Redirect"] = there
        return answer
    return make_response(redirect(there, 303))


def _written() -> dict[str, str]:
    """What was typed into a form whose session has ended meanwhile, so that the answer can give it back."""
    if wants_fragment():
        return {}
    kept = {name: text for name, text in request.form.items() if name not in TOKENS and "password" not in name}
    return {name: text for name, text in kept.items() if len(text.split()) > 1}


def start_session(person: Person, *, idle_minutes: int) -> None:
    """Sign in: a fresh key (nobody who knew the old cookie comes along), and how long it may idle."""
    stored: Any = session
    stored.clear()
    login_user(person)
    session[IDLE_KEY] = idle_minutes
    stored.rotate()


def end_session() -> None:
    logout_user()
    session.clear()


def session_handle() -> str:
    stored: Any = session
    current = stored._get_current_object() if hasattr(stored, "_get_current_object") else stored
    return current.handle if isinstance(current, StoredSession) else ""
