"""The blueprint of the room, who is asking, and how a file leaves it."""

from collections.abc import Iterable

from flask import Response
from flask_login import current_user

from portal.models.person import Person
from portal.web.files import DOWNLOAD_CSP
from portal.web.routing import GuardedBlueprint

letters = GuardedBlueprint("letters", __name__)
CASE, CYCLE = "/cases/<string:case_id>", "/cycles/<string:slug>/letters"


def me() -> Person:
    actor: Person = current_user._get_current_object()
    return actor


def attachment(body: Iterable[bytes], *, mimetype: str, name: str) -> Response:
    """A download of what is made while it is sent, in pieces; no browser shows it in our name."""
    answer = Response(body, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = DOWNLOAD_CSP
    return answer
