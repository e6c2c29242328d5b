"""One grade across tracks: the agenda, both tracks on one axis, and what may be said about their bars, all from the
cases this person may see and no other."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.calibration import queries
from portal.calibration.fragments import words
from portal.calibration.fragments.live import live_page
from portal.calibration.fragments.record import session_record
from portal.calibration.fragments.remedies import remedy_of
from portal.calibration.fragments.table import agenda_of
from portal.calibration.policy import Place, Room, can_check
from portal.calibration.queries import CaseRow, Protocol
from portal.calibration.queries.agenda import Item
from portal.calibration.queries.scores import Sheets
from portal.domain.ladder import Family
from portal.models.person import Person
from portal.reviews.queries import anchor_sheets
from portal.web.database import session


@dataclass(frozen=True)
class Laid:
    """What lies on the table of one ladder at one grade for one person: the cases they may see, in order."""

    items: list[Item]
    facts: tuple[queries.CaseFacts, ...]
    protocol: Protocol
    seed: str


def _laid(place: Place, family_id: str, cases: Sequence[CaseRow], sheets: Sheets) -> Laid:
    """In the order of the session that goes on or was last; before the first, in the order it is going to have."""
    protocol = queries.protocol_at(session(), cycle_id=place.cycle_id, family_id=family_id, grade=place.grade)
    seed = protocol.sessions[0].seed if protocol.sessions else f"{place.slug}/{family_id}/{place.grade}/1"
    items = queries.agenda(cases, sheets, seed, queries.settled_in(protocol.changes))
    return Laid(items, queries.facts_of(cases, sheets), protocol, seed)


def live_part(actor: Person, place: Place, family_id: str) -> dict[str, Any]:
    """The context of the room alone, without the figures: what a screen asks for when something is new."""
    s, grade = session(), place.grade
    cases = [c for c in queries.case_rows(s, place.cycle_id, grade=grade, eyes=actor) if c.family_id == family_id]
    laid = _laid(place, family_id, cases, queries.sheets_at(s, cycle_id=place.cycle_id, grade=grade))
    shown = queries.adjusted(laid.facts)
    return {**live_page(actor, place, family_id, laid.items, laid.protocol, shown), "items": laid.items}


def grade_page(actor: Person, room: Room, family_id: str, page: int = 1) -> dict[str, Any]:
    """The page of one family at one grade. An unknown family id shows the first that has something on the table."""
    s, grade = session(), room.grade or 0
    found = queries.gathered(s, room.cycle, grade, actor)
    families = [f for f in queries.families_of(room.cycle) if grade in f.grades()]
    family = _chosen(families, family_id, {c.family_id for c in found.cases})
    laid = _laid(room.place, family.id, found.here(family.id), found.sheets)
    items = laid.items
    compared = [item for item in items if item.compared]
    sheets = anchor_sheets(s, cycle_id=room.cycle.id, family_id=family.id, grade=grade)
    facts = (*queries.pooled(laid.facts, found.earlier_facts(family.id)), *queries.anchor_facts(family, sheets))
    question = queries.question_for(family, grade, room.cycle.margin)
    figures = queries.measure(facts, question)
    readings = _readings(room, family, items)
    said = readings[0].figures if readings else figures
    shown = queries.adjusted(laid.facts)
    return {
        **live_page(actor, room.place, family.id, items, laid.protocol, shown),
        "adjusted": shown,
        "record": session_record(laid.protocol, items),
        "cycle": room.cycle,
        "grade": grade,
        **_place(family, grade),
        "families": families,
        "agenda": agenda_of(items, room.cycle.slug, grade, family.id, page),
        **_on_the_table(items),
        "seed": laid.seed,
        "figures": figures,
        "said": said,
        "remedy": remedy_of(actor, room.cycle, family.id, said),
        "words": words.say(figures, compared),
        "readings": readings,
        "is_recorded": bool(readings) and readings[0].evidence_hash == queries.evidence_hash(facts, question),
        "bins": _bins(family, items),
        "what_if": _what_if(items, figures),
        "lanes": _lanes(family, compared, figures),
        "pillars": _pillars(family, compared),
        "top": _top(family),
        "may_check": bool(can_check(actor, room)) or any(item.case.presided for item in items),
    }


def _readings(room: Room, family: Family, items: list[Item]) -> list[queries.Reading]:
    """The recorded checks of this place, as whoever sees these cases may read them."""
    checks = queries.checks_of(session(), room.cycle, room.grade or 0)
    return queries.readings_of([c for c in checks if c.family_id == family.id], {item.case.id for item in items})


def _place(family: Family, grade: int) -> dict[str, Any]:
    return {
        "grade_name": next((g.name for g in family.org.grades if g.rank == grade), ""),
        "family": family,
        "levels": [(family.track_of(x.id), x) for x in family.levels_at(grade)],
    }


def _on_the_table(items: list[Item]) -> dict[str, Any]:
    """Every case, and the types of those that say nothing about the bars."""
    return {"items": items, "left_out": [_(item.type_name) for item in items if not item.compared]}


def _chosen(families: list[Family], wanted: str, with_cases: set[str]) -> Family:
    named = [f for f in families if f.id == wanted]
    return [*named, *(f for f in families if f.id in with_cases), *families][0]


def _top(family: Family) -> float:
    scale = family.org.scale
    return max((p.value for p in scale.points), default=4) if scale else 4


def _kinds(family: Family) -> list[tuple[str, str]]:
    """The scored track kinds of the ladder with a short name for the axis, IC first."""
    kinds = {track.kind for track in family.tracks}
    return [(kind, name) for kind, name in words.track_names().items() if kind in kinds]


def _lanes(family: Family, items: list[Item], figures: queries.Figures) -> list[dict[str, Any]]:
    """For the picture of both tracks on one axis: a mark a case, the bar only behind its gate."""
    return [
        {
            "kind": kind,
            "name": name,
            "cases": [
                {"score": item.position.overall, "approved": item.approved}
                for item in items
                if item.case.track_kind == kind and item.position.overall is not None
            ],
            "bar": bar[0],
            "interval": (bar[1], bar[2]) if bar[0] is not None else None,
        }
        for kind, name in _kinds(family)
        for bar in [figures["bars"].get(kind) or (None, None, None)]
    ]


def _bins(family: Family, items: list[Item]) -> dict[str, Any]:
    """Overalls by track in half-point bins: labels, and counts per track."""
    top = int(2 * _top(family))
    labels = [f"{n / 2:g}" for n in range(top + 1)]
    series = []
    for kind, name in _kinds(family):
        mine = [i.position.overall for i in items if i.case.track_kind == kind]
        places = Counter(min(top, round(2 * score)) for score in mine if score is not None)
        series.append({"kind": kind, "name": name, "counts": [places[n] for n in range(top + 1)]})
    columns = [{"label": _("Overall")}, *({"label": one["name"], "num": True} for one in series)]
    shown = any(any(one["counts"]) for one in series)
    return {"labels": labels, "series": series, "columns": columns, "any": shown}


def _what_if(items: list[Item], figures: queries.Figures) -> list[dict[str, Any]]:
    """How far each case lies from its own track's bar and from the peer track's, in points; nothing under the bars'
    floor. Bars are where decisions so far put them, not where they are written."""
    if not figures["bars_shown"]:
        return []
    first, second = figures["pair"]
    peer = {first: second, second: first}
    bars = {kind: figures["bars"][kind][0] for kind in peer}
    return [
        {
            "item": item,
            "own": item.position.overall - bars[item.case.track_kind],
            "peer": item.position.overall - bars[peer[item.case.track_kind]],
        }
        for item in items
        if item.case.track_kind in peer and item.position.overall is not None
    ]


def _pillars(family: Family, items: list[Item]) -> list[dict[str, Any]]:
    """Pillar by pillar, the cases of each track on the scale; rows without a single score are left out."""
    rows = []
    for pillar in family.org.pillars:
        lanes = [_lane(kind, name, _means(items, kind, pillar.id)) for kind, name in _kinds(family)]
        if any(lane["scores"] for lane in lanes):
            rows.append({"name": pillar.name, "lanes": lanes})
    return rows


def _lane(kind: str, name: str, scores: list[float]) -> dict[str, Any]:
    """Cases closer than a sixth of a point share one mark; the table has them apart."""
    places = Counter(round(6 * score) / 6 for score in scores)
    marks = [{"at": at, "cases": cases} for at, cases in sorted(places.items())]
    return {"kind": kind, "name": name, "scores": scores, "marks": marks}


def _means(items: list[Item], kind: str, pillar_id: str) -> list[float]:
    pillars = [p for item in items if item.case.track_kind == kind for p in item.position.pillars]
    return [p.mean for p in pillars if p.id == pillar_id and p.mean is not None]
