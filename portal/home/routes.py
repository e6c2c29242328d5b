"""`/` is my work: what needs me now, what is coming, what is done. Also whether the portal is well."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from portal.web.database import session
from portal.web.routing import GuardedBlueprint, anyone, signed_in

home = GuardedBlueprint("home", __name__)


@home.get("/", load=None, access=signed_in)
def index() -> ResponseReturnValue:
    return render_template("home/index.html")


@home.get("/healthz", load=None, access=anyone)
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return "ok\n", 200, {"Content-Type": "text/plain"}


@home.get("/readyz", load=None, access=anyone)
def readyz() -> ResponseReturnValue:
    """The database answers too."""
    session().execute(text("SELECT 1"))
    return "ok\n", 200, {"Content-Type": "text/plain"}
