"""What the views of this room share: who is asking, and where they are sent after something was done."""

from typing import Any

from flask import Response, make_response, redirect, url_for
from flask_login import current_user

from portal.models.case import Case
from portal.models.person import Person
from portal.web.forms import ReasonForm


def me() -> Person:
    actor: Person = current_user._get_current_object()
    return actor


def reason_page(case: Case, kind: str, person: Person, form: ReasonForm) -> dict[str, Any]:
    """The context of the page that asks for a reason."""
    return {"case": case, "kind": kind, "person": person, "form": form}


def to(endpoint: str, **ids: Any) -> Response:
    return make_response(redirect(url_for(endpoint, **ids), 303))
