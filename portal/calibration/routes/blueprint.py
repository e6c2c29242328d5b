"""The blueprint of the calibration room, and where its addresses begin."""

from flask_login import current_user

from portal.calibration.fragments.words import verdict_in_words
from portal.models.person import Person
from portal.web.routing import GuardedBlueprint

ROOM = "/cycles/<string:slug>/calibration"

calibration = GuardedBlueprint("calibration", __name__)
calibration.add_app_template_filter(verdict_in_words)


def me() -> Person:
    actor: Person = current_user._get_current_object()
    return actor
