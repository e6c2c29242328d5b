"""Lines for the people partner: each pile of cases as one line that says what it waits for and leads to where that is
done."""

from collections.abc import Iterator
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.home import queries
from portal.home.fragments.lines import Line, Zone, case_href, cycle_href
from portal.models.person import Person, Role

HAT = "people_partner"


class PeoplePartner:
    def __init__(self, s: Session, actor: Person, at: datetime) -> None:
        self._piles = queries.piles(s, actor, at) if actor.has(Role.PEOPLE_PARTNER) else []

    @property
    def rubrics(self) -> list[str]:
        return []

    def lines(self, titles: queries.Titles) -> Iterator[Line]:
        for pile in self._piles:
            yield _needed(pile) if pile.what in _acts() else _coming(pile)


def _acts() -> dict[str, tuple[str, str, str]]:
    """Pile -> what to do, where in the cycle, and the part of the case when there is only one."""
    return {
        "left": (_("Withdraw the case of somebody who has left"), "", "withdraw"),
        "assign": (_("Assign reviewers"), "assignments", "reviewers"),
        "open_review": (_("Open the review"), "", ""),
        "send": (_("Send to calibration: every review is in"), "", ""),
        "declined": (_("A review was declined: ask somebody else"), "chasing", ""),
        "overdue": (_("Reviews are overdue"), "", ""),
        "no_committee": (_("Name a committee for the grade"), "committees", ""),
        "prepare": (_("Prepare letters"), "letters", ""),
        "release": (_("Release letters"), "letters", ""),
        "appoint": (_("Appoint who answers an appeal"), "", "appeal"),
    }


def _needed(pile: queries.Pile) -> Line:
    """To the case where there is only one, else to the cycle's page for it."""
    title, in_cycle, in_case = _acts()[pile.what]
    if pile.count > 1:
        title = _("%(what)s: %(n)s cases", what=title, n=pile.count)
    place = cycle_href(pile.slug, in_cycle)
    if pile.count == 1 and not in_cycle:
        place = case_href(pile.first[0][1], in_case)
    due, why = _due(pile)
    return Line(Zone.NEEDS, HAT, title, place, (_names(pile), pile.cycle), due, why)


def _coming(pile: queries.Pile) -> Line:
    titles = {
        "drafts": _("Drafts being written: %(n)s", n=pile.count),
        "reviewing": _("In review: %(n)s", n=pile.count),
        "calibrating": _("In calibration: %(n)s", n=pile.count),
        "confirming": _("Decided, to be confirmed by a second member: %(n)s", n=pile.count),
        "appeals": _("Appeals that wait for their answer: %(n)s", n=pile.count),
    }
    due, why = _due(pile)
    return Line(Zone.COMING, HAT, titles[pile.what], cycle_href(pile.slug), (_names(pile), pile.cycle), due, why)


def _due(pile: queries.Pile) -> tuple[datetime | None, str]:
    if pile.what == "drafts":
        return pile.submit_by, _("packets due")
    if pile.what in ("left", "appoint", "appeals"):
        return None, ""
    if pile.what in ("assign", "open_review", "declined", "overdue", "reviewing"):
        return pile.review_by, _("reviews due")
    return pile.decide_by, _("decision due")


def _names(pile: queries.Pile) -> str:
    names = ", ".join(name for name, _case_id in pile.first)
    more = pile.count - len(pile.first)
    return _("%(names)s and %(n)s more", names=names, n=more) if more else names
