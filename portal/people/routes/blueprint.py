"""The blueprint the room's routes hang on, and who is asking."""

from flask_login import current_user

from portal.models.person import Person
from portal.web.routing import GuardedBlueprint

people = GuardedBlueprint("people", __name__)


def me() -> Person:
    actor: Person = current_user._get_current_object()
    return actor
