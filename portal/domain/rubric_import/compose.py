"""Turns a draft into the text of rubric files: `org.toml` and one file per family.

What a source does not say stays out: grades, bars, bands, splits, reports, switches, versions. Three things the format
requires all the same. Each is filled in, and named in the file's opening comment, when it was not said: a competency's
weight (shared equally), its kind (`functional`) and its pillar (`not-stated`, which no organisation file declares, so
that lint reports it).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from portal.domain.ladder_tables import TrackKind
from portal.domain.rubric_import.draft import Cell, Draft, DraftCompetency, DraftFamily
from portal.domain.toml_text import document

NOT_STATED = "not-stated"
ORG_FILE = "org.toml"
TRACK_NAMES: dict[TrackKind, str] = {
    "ic": "Individual contributor",
    "manager": "People management",
    "lead": "Lead",
    "advisor": "Advisor",
}


def file_texts(draft: Draft) -> dict[str, str]:
    """The files of a draft: name to content."""
    families = {f"{family.id}.toml": _family_text(draft.org_id, family) for family in draft.families}
    return {ORG_FILE: _org_text(draft), **families}


def equal_weights(count: int) -> list[float]:
    """`count` weights in hundredths that sum to exactly 100 and differ by at most one hundredth, the first the larger.

    >>> equal_weights(3)
    [33.34, 33.33, 33.33]
    """
    share, over = divmod(10_000, count)
    return [(share + (place < over)) / 100 for place in range(count)]


def not_said(family: DraftFamily) -> list[str]:
    """Sentences on what the source left open and how the file fills it, for the person who goes on from there."""
    notes = ["Grades, bars, pay bands, splits, reports and switches are not in the source and stay open."]
    open_levels = [level.id for level in family.levels if not level.said]
    if open_levels:
        notes.append(f"The source names no track for {', '.join(open_levels)}: put on the track of kind ic.")
    if any(entry.weight is None for entry in family.competencies):
        notes.append("The source gives no weights: each competency of a track weighs the same.")
    if open_kinds := _all_or_listed(family, [entry.id for entry in family.competencies if entry.kind is None]):
        notes.append(f'No kind is said for {open_kinds}: written as "functional"; LL22 to LL25 count by kind.')
    if open_pillars := _all_or_listed(family, [entry.id for entry in family.competencies if entry.pillar is None]):
        notes.append(f'No pillar is said for {open_pillars}: written as "{NOT_STATED}", which LL21 reports.')
    return notes


def _all_or_listed(family: DraftFamily, ids: list[str]) -> str:
    return "any competency" if len(ids) == len(family.competencies) > 0 else ", ".join(ids)


def _org_text(draft: Draft) -> str:
    values: dict[str, Any] = {"schema": "ladder/1", "kind": "org", "id": draft.org_id}
    values["pillar"] = [{"id": pillar_id, "name": name} for pillar_id, name in draft.pillars.items()]
    if draft.proficiency:
        values["scale"] = {"id": draft.org_id, "proficiency": list(draft.proficiency)}
    sources = ", ".join(family.source for family in draft.families)
    return document(
        _without_empty(values), [f"Imported from {sources}. Grades, axes and policy were not in the source."]
    )


def _family_text(org_id: str, family: DraftFamily) -> str:
    kinds = _kinds(family)
    rows = [(kind, entry) for kind in kinds for entry in _on_track(family, kind)]
    values: dict[str, Any] = {
        "schema": "ladder/1",
        "kind": "family",
        "id": family.id,
        "name": family.name,
        "org": org_id,
    }
    values["track"] = [{"id": kind, "kind": kind, "name": TRACK_NAMES[kind]} for kind in kinds]
    values["level"] = [{"id": level.id, "track": level.kind, "title": level.title} for level in family.levels]
    values["competency"] = [row for kind in kinds for row in _competencies(family, kind)]
    values["expectation"] = [row for kind, entry in rows for row in _expectations(family, kind, entry)]
    values["peer_claim"] = [_peer_claim(family, *claim) for claim in family.peers]
    return document(_without_empty(values), [f"Imported from {family.source}.", *not_said(family)])


def _without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in ("", [], None)}


def _kinds(family: DraftFamily) -> list[TrackKind]:
    """The kinds of track in use, in the order of their names above."""
    used = {level.kind for level in family.levels}
    return [kind for kind in TRACK_NAMES if kind in used]


def _on_track(family: DraftFamily, kind: TrackKind) -> list[DraftCompetency]:
    """The competencies something is expected of on a track; one without any expectation belongs to every track."""
    levels = {level.id for level in family.levels if level.kind == kind}
    return [entry for entry in family.competencies if not entry.cells or levels & entry.cells.keys()]


def _id_on(family: DraftFamily, kind: TrackKind, entry: DraftCompetency) -> str:
    """A competency belongs to one track, so a matrix over several tracks makes one competency for each."""
    return entry.id if len(_kinds(family)) == 1 else f"{entry.id}-{kind}"


def _competencies(family: DraftFamily, kind: TrackKind) -> Iterator[dict[str, Any]]:
    mine = _on_track(family, kind)
    for entry, equal in zip(mine, equal_weights(len(mine)) if mine else [], strict=True):
        weight = equal if entry.weight is None else entry.weight
        yield _without_empty(
            {
                "id": _id_on(family, kind, entry),
                "track": kind,
                "pillar": entry.pillar or NOT_STATED,
                "kind": entry.kind or "functional",
                "weight": int(weight) if weight == int(weight) else weight,
                "name": entry.name,
                "about": entry.about,
            }
        )


def _expectations(family: DraftFamily, kind: TrackKind, entry: DraftCompetency) -> Iterator[dict[str, Any]]:
    competency_id = _id_on(family, kind, entry)
    for level in family.levels:
        if level.kind == kind and level.id in entry.cells:
            yield _expectation(competency_id, level.id, entry.cells[level.id])


def _expectation(competency_id: str, level_id: str, cell: Cell) -> dict[str, Any]:
    return _without_empty(
        {
            "id": cell.id or f"{competency_id}.{level_id}",
            "competency": competency_id,
            "level": level_id,
            "proficiency": cell.proficiency,
            "text": cell.text,
            "signals": list(cell.signals),
        }
    )


def _peer_claim(family: DraftFamily, ic: str, manager: str, shared: str) -> dict[str, Any]:
    return {"levels": [ic, manager], "source": f"{family.source}: {shared}", "status": "adopted"}
