"""My work: what needs the reader now, what is coming, what is done; each hat a section, each line one click from the
act."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from portal.home.fragments import asked, deciding, keeping, own, running, trials
from portal.home.fragments.lines import Line, Section, Zone, kind_of_date, sections
from portal.home.queries import titles_of
from portal.models.person import Person
from portal.web.database import session

__all__ = ["Line", "Section", "Zone", "beginnings_for", "dates_of", "work"]

beginnings_for = keeping.beginnings_for


def work(actor: Person, at: datetime) -> dict[str, Any]:
    """The zones of the page in order, each with the sections that have a line in it."""
    lines = _lines(actor, at)
    return {"zones": _zones(lines), "has_dates": bool(_dates(lines, at))}


def dates_of(actor: Person, at: datetime) -> list[tuple[str, str, datetime]]:
    """The days that lie ahead, once each: where, what kind of date (never whose), when."""
    return _dates(_lines(actor, at), at)


def _dates(lines: Iterable[Line], at: datetime) -> list[tuple[str, str, datetime]]:
    found = {(one.href, kind_of_date(one), one.due) for one in lines if one.due and one.due > at and one.why}
    return sorted(found, key=lambda one: (one[2], one[0], one[1]))


def _lines(actor: Person, at: datetime) -> list[Line]:
    s = session()
    hats = (
        own.Candidate(s, actor, at),
        asked.Manager(s, actor),
        asked.Referee(s, actor),
        asked.Reviewer(s, actor),
        deciding.Deciding(s, actor, at),
        running.PeoplePartner(s, actor, at),
        trials.Trials(s, actor, at),
        keeping.Keeper(s, actor, at),
    )
    titles = titles_of(s, [name for hat in hats for name in hat.rubrics])
    return [line for hat in hats for line in hat.lines(titles)]


def _zones(lines: Iterable[Line]) -> list[dict[str, Any]]:
    found = list(lines)
    names: dict[Zone, Callable[[], str]] = {
        Zone.NEEDS: lambda: _("Needs you now"),
        Zone.COMING: lambda: _("Coming"),
        Zone.DONE: lambda: _("Done"),
    }
    zones = []
    for zone, name in names.items():
        mine = [line for line in found if line.zone is zone]
        zones.append({"code": zone.value, "name": name(), "count": len(mine), "sections": sections(mine)})
    return zones
