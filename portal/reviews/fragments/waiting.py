"""A reviewer's queue: what is begun, due and done, and the filters over it, each with how many it would leave."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal.models.person import Person
from portal.reviews import queries
from portal.web.database import session


def waiting(actor: Person, kept: queries.Wanted) -> dict[str, Any]:
    """The rows that the filter takes; the choices come from everything the person is asked for."""
    everything = queries.queue(session(), actor)
    return {
        "tasks": [task for task in everything if kept.takes(task)],
        "total": len(everything),
        "anchors": queries.anchors_due(session(), actor),
        "kept": kept,
        "ways": [_way(everything, kept, code, label) for code, label in _labels()],
        "cycles": sorted({(task.slug, task.cycle) for task in everything}, key=lambda found: found[1]),
        "tracks": sorted({(task.track_kind, task.track) for task in everything}),
    }


def _labels() -> list[tuple[str, str]]:
    return [("", _("All")), ("open", _("To write")), ("sealed", _("Sealed")), ("changed", _("Packet changed"))]


def _way(tasks: list[queries.Task], kept: queries.Wanted, code: str, label: str) -> dict[str, Any]:
    other = queries.Wanted(code, kept.cycle, kept.track)
    return {
        "code": code,
        "label": label,
        "count": sum(other.takes(task) for task in tasks),
        "href": url_for("reviews.queue", **other.words),
        "current": code == kept.only,
    }
