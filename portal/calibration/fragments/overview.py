"""All grades of a cycle at a glance: how many cases of each track are on the table, and what was last said of the
bars."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.adapters.clock import now
from portal.calibration import queries
from portal.calibration.fragments.published import place_of
from portal.calibration.policy import Room, can_check, can_publish
from portal.calibration.queries.table import Glance, glances
from portal.cycles.fragments import frame
from portal.domain.ladder import Family
from portal.domain.measurement import SPEAKS
from portal.models.calibration import ALL_GRADES, BarCheck
from portal.models.person import Person, Role
from portal.web.database import session

COLUMNS = ("ic", "manager", "lead", "advisor")


@dataclass(frozen=True)
class Count:
    ready: int
    decided: int


@dataclass(frozen=True)
class Row:
    """One grade of one family, as this person may count it."""

    grade: int
    grade_name: str
    family: Family
    counts: dict[str, Count]
    reading: queries.Reading | None


def overview_page(actor: Person, room: Room) -> dict[str, Any]:
    seen = glances(session(), room.cycle.id, actor)
    checks: dict[tuple[str, int], list[BarCheck]] = {}
    for check in queries.checks_of(session(), room.cycle):
        checks.setdefault((check.family_id, check.grade), []).append(check)
    rows = [_row(family, grade, seen, checks) for family, grade in _places(actor, room, seen)]
    kinds = [k for k in COLUMNS if k in ("ic", "manager") or any(_holds(row, k) for row in rows)]
    whole = [_whole(family, seen, checks) for family in queries.families_of(room.cycle)]
    return {
        **frame(room.cycle, now()),
        "rows": rows,
        "whole": whole,
        "kinds": kinds,
        "forest": [_interval(row) for row in [*rows, *whole]],
        "may_check": bool(can_check(actor, room)) or any(case.presided for case in seen),
        "may_publish": bool(can_publish(actor, room)),
        "published": queries.published_in(session(), room.cycle),
    }


def _whole(family: Family, seen: list[Glance], checks: dict[tuple[str, int], list[BarCheck]]) -> Row:
    """Every grade of a ladder together, each a stratum of its own."""
    here = [c for c in seen if c.family_id == family.id]
    readings = queries.readings_of(checks.get((family.id, ALL_GRADES), ()), {c.id for c in here})
    counts: dict[str, Count] = {track.kind: _count(here, track.kind) for track in family.tracks}
    return Row(ALL_GRADES, "", family, counts, readings[0] if readings else None)


def _interval(row: Row) -> dict[str, Any]:
    """A row of the forest: the recorded difference with its envelope, or none where nothing may be claimed."""
    label = f"{row.family.name}, {place_of(row.family, row.grade)}"
    figures = row.reading.figures if row.reading else {}
    if figures.get("delta") is None or figures["reason"] not in SPEAKS:
        note = _("not checked yet") if row.reading is None else _("no claim")
        return {"label": label, "estimate": None, "inner": None, "outer": None, "note": note}
    inner, outer = (tuple(figures[key]) for key in ("envelope90", "envelope95"))
    return {"label": label, "estimate": round(figures["delta"], 2) + 0.0, "inner": inner, "outer": outer, "note": None}


def _places(actor: Person, room: Room, seen: list[Glance]) -> Iterator[tuple[Family, int]]:
    """The grades of each ladder that a committee of theirs covers; for the people partner, of any committee or with a
    case that waits for one."""
    office = actor.has(Role.PEOPLE_PARTNER)
    covering = [c for c in room.committees if office or actor.id in c.member_ids]
    for family in queries.families_of(room.cycle):
        waiting = {case.grade for case in seen if case.family_id == family.id}
        for grade in family.grades():
            if grade in waiting or any(c.covers(grade) for c in covering):
                yield family, grade


def _row(family: Family, grade: int, seen: list[Glance], checks: dict[tuple[str, int], list[BarCheck]]) -> Row:
    here = [c for c in seen if c.family_id == family.id and c.grade == grade]
    readings = queries.readings_of(checks.get((family.id, grade), ()), {c.id for c in here})
    names = {g.rank: g.name for g in family.org.grades}
    return Row(
        grade=grade,
        grade_name=names.get(grade, ""),
        family=family,
        counts={track.kind: _count(here, track.kind) for track in family.tracks},
        reading=readings[0] if readings else None,
    )


def _holds(row: Row, kind: str) -> bool:
    """Advisors have no column of their own until one of their cases is on the table."""
    found = row.counts.get(kind)
    return found is not None and (kind != "advisor" or bool(found.ready or found.decided))


def _count(cases: list[Glance], kind: str) -> Count:
    mine = [c for c in cases if c.track_kind == kind]
    decided = sum(c.decided for c in mine)
    return Count(ready=len(mine) - decided, decided=decided)
