"""Signing in to the demonstration with one click. These doors exist only where the portal runs as a demonstration."""

from typing import Any

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.adapters.clock import now
from portal.demo.personas import PERSONAS, persona
from portal.models.audit import record
from portal.people import queries
from portal.web.database import session
from portal.web.routing import GuardedBlueprint, anyone
from portal.web.sign_in import start_session

demo = GuardedBlueprint("demo", __name__)


@demo.app_context_processor
def personas() -> dict[str, Any]:
    name = current_user.name if current_user.is_authenticated else None
    return {"personas": PERSONAS, "persona_now": next((p for p in PERSONAS if p.name == name), None)}


@demo.post("/sign-in/demo", load=None, access=anyone)
def sign_in() -> ResponseReturnValue:
    chosen = persona(request.form.get("persona", ""))
    person = queries.by_email(session(), chosen.email) if chosen else None
    if person is None:
        abort(404)
    record(session(), actor=person, action="signed_in", thing=f"person:{person.id}", at=now(), reason="demonstration")
    start_session(person, idle_minutes=queries.idle_minutes(session(), person))
    return redirect("/", 303)
