"""The blueprint the room's routes hang on, who is asking, which day it is, and where the files are."""

from datetime import date
from pathlib import Path

from flask import current_app, request
from flask_login import current_user
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.ladders import queries
from portal.ladders.queries import Ladder
from portal.models.person import Person
from portal.web.routing import GuardedBlueprint

ladders = GuardedBlueprint("ladders", __name__, url_prefix="/ladders")


def me() -> Person:
    actor: Person = current_user._get_current_object()
    return actor


def today() -> date:
    return now().date()


def folder() -> Path:
    found: Path = current_app.config["SETTINGS"].rubrics
    return found


def load_ladder(s: Session, *, family_id: str) -> Ladder | None:
    """The ladder as it is today, or in the version the address asks for."""
    version = request.args.get("version")
    return queries.ladder(s, folder=folder(), on=today(), family_id=family_id, version=version)
