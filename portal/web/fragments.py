"""One way to answer a form: the fragment alone to htmx, the whole page (after a redirect) to everyone else."""

from typing import Any

from flask import Response, current_app, make_response, redirect, render_template, request
from flask_htmx import HTMX


class Htmx(HTMX):
    """flask-htmx reads the headers of htmx 2; what the portal asks of it is the same in htmx 4."""


def wants_fragment() -> bool:
    """True when htmx asks for a part of a page; boosted links and history restores want the whole."""
    htmx = current_app.extensions["htmx"]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def fragment(template: str, *, status: int = 200, **context: Any) -> Response:
    response = make_response(render_template(template, **context), status)
    response.vary.add("HX-Request")
    return response


def answer(template: str, *, back: str, **context: Any) -> Response:
    """After something was done: the changed fragment to htmx, else 303 to the page that shows it."""
    if wants_fragment():
        return fragment(template, **context)
    response = make_response(redirect(back, 303))
    response.vary.add("HX-Request")
    return response


def refused(page: str, **context: Any) -> Response:
    """After a form was not valid: the page again, with what the person wrote and why it was refused (422)."""
    return make_response(render_template(page, **context), 422)


def is_autosave() -> bool:
    return request.headers.get("X-Autosave") == "1"
