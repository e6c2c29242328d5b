"""How strict the reviewers were: by name for the chair, one's own after the cycle, for everybody else only together."""

from typing import Any

from flask_babel import gettext as _

from portal.adapters.clock import now
from portal.calibration import queries
from portal.calibration.policy import Room, can_name_reviewers
from portal.calibration.queries.strictness import Strictness, names_of, strictness, together
from portal.cycles.fragments import frame
from portal.models.person import Person
from portal.web.database import session


def reviewers_page(actor: Person, room: Room) -> dict[str, Any]:
    """From the cases this person may see; a chair reads names of the grades they chair, in the order of names."""
    s = session()
    seen = queries.case_rows(s, room.cycle.id, eyes=actor)
    sheets = queries.sheets_at(s, cycle_id=room.cycle.id)
    by_name = bool(can_name_reviewers(actor, room))
    chaired = [c for c in seen if any(p.chair_id == actor.id and p.covers(c.grade) for p in room.committees)]
    found = strictness(queries.facts_of(chaired if by_name else seen, sheets))
    names = names_of(s, [one.reviewer for one in found]) if by_name else {}
    ordered = {one.reviewer: one for one in found}
    return {
        **frame(room.cycle, now()),
        "by_name": by_name,
        "rows": [_row(name, ordered[person_id]) for person_id, name in names.items()],
        "together": together(found),
    }


def own_page(actor: Person, room: Room) -> dict[str, Any]:
    """One's own row, from every case of the cycle."""
    s = session()
    cases = queries.case_rows(s, room.cycle.id)
    found = strictness(queries.facts_of(cases, queries.sheets_at(s, cycle_id=room.cycle.id)))
    mine = next((one for one in found if one.reviewer == actor.id), None)
    return {**frame(room.cycle, now()), "row": _row(actor.name, mine) if mine else None}


def _row(name: str, one: Strictness) -> dict[str, Any]:
    """A row of the picture, with what the table needs."""
    return {
        "label": name,
        "estimate": one.severity,
        "inner": one.interval,
        "outer": None,
        "note": None if one.severity is not None else _("no number"),
        "reviews": one.reviews,
    }
