"""Who opened a packet, told to its candidate, and the tab that leads there."""

from collections.abc import Iterator
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal.cases.fragments import frame
from portal.models.case import Case
from portal.models.person import Person
from portal.records import policy, queries
from portal.web.database import session
from portal.web.offers import Tab


def tabs(actor: Person, case: Case) -> Iterator[Tab]:
    if policy.can_see_openings(actor, case):
        yield Tab(_("Who opened my packet"), url_for("records.openings", case_id=case.id))


def openings(case: Case) -> dict[str, Any]:
    names = {
        "reviewer": _("Reviewers"),
        "committee": _("Members of the committee"),
        "people_partner": _("People partners"),
        "auditor": _("Auditors"),
        "manager": _("Your manager"),
        "other": _("Others, whose part in it has ended since"),
    }
    found = queries.openings_of(session(), case)
    rows = [{"part": names[one.part], "times": one.times, "stages": one.stages} for one in found]
    return {**frame(case), "openings": rows}
