"""Where what is missing can be put right: each reason of a verdict with its remedy, and the page on which to do it."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal.calibration.queries import Figures
from portal.models.cycle import Cycle
from portal.models.person import Person, Role

ON_ASSIGNMENTS = frozenset({"no_link", "weak_link", "severity_unknown", "readings_disagree"})
ON_LADDER = frozenset({"peers_undeclared", "not_peers", "written_bar_unknown"})


@dataclass(frozen=True)
class Remedy:
    """What stands in the way, what would help, and where; `href` is "" when there is no page to do it on, or not for
    this person, and then `who` says who can."""

    why: str
    remedy: str
    href: str
    label: str
    who: str


def remedy_of(actor: Person, cycle: Cycle, family_id: str, figures: Figures) -> Remedy:
    reason = figures["reason"]
    partner = actor.has(Role.PEOPLE_PARTNER)
    href, label = _place(reason, cycle, family_id)
    who = "" if not href or partner or reason in ON_LADDER else _("A people partner can do it.")
    return Remedy(
        why=_(figures["why"]),
        remedy=_(figures["remedy"]) if figures["remedy"] else "",
        href=href if not who else "",
        label=label,
        who=who,
    )


def _place(reason: str, cycle: Cycle, family_id: str) -> tuple[str, str]:
    """The address at which the remedy of a reason is carried out, and what the link says."""
    if reason in ON_ASSIGNMENTS:
        return url_for("assignments.board", slug=cycle.slug), _("Go to the assignments")
    if reason == "no_shared_committee":
        return url_for("cycles.committees", slug=cycle.slug), _("Name one committee for both tracks")
    if reason in ON_LADDER:
        return url_for("ladders.show", family_id=family_id), _("Go to the ladder")
    return "", ""


def margins(figures: Figures) -> list[dict[str, Any]]:
    """The margins a recorded check was held against, the last one that which counted."""
    return list(figures.get("margins", []))
