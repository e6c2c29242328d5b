"""What the views of this room share: who is asking, and where they are sent after something was done."""

from typing import Any

from flask import Response, make_response, redirect, url_for
from flask_login import current_user

from portal.models.person import Person


def me() -> Person:
    actor: Person = current_user._get_current_object()
    return actor


def to(endpoint: str, **ids: Any) -> Response:
    return make_response(redirect(url_for(endpoint, **ids), 303))
