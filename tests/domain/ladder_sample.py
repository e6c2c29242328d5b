"""A ladder with nothing to complain of, as values to plant defects in: five IC levels, four of management, an advisor.

`values()` gives the two files as plain dicts; `family(...)` changes them and reads them through the real loader.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from portal.domain.ladder import Family
from portal.domain.rubric_files import read_family, read_org

Values = dict[str, Any]
Change = Callable[[Values], object]

PILLARS = ("outcomes", "direction", "craft", "growth", "conduct")
IC_LEVELS = {"i1": 1, "i2": 2, "i3": 3, "i4": 4, "i5": 5}
MANAGER_LEVELS = {"m3": 3, "m4": 4, "m5": 5, "m6": 6}
LEAD_LEVELS = {"t4": 4, "t5": 5}
IC = (
    ("results", "outcomes", "functional", 20, "Results"),
    ("vision", "direction", "functional", 20, "Technical aim"),
    ("depth", "craft", "functional", 20, "Depth"),
    ("teaching", "growth", "leadership", 15, "Teaching"),
    ("empathy", "conduct", "human", 25, "Empathy"),
)
MANAGER = (
    ("team-results", "outcomes", "functional", 20, "Team results"),
    ("aim", "direction", "functional", 20, "Group aim"),
    ("running", "craft", "people-management", 20, "Running people"),
    ("careers", "growth", "people-management", 15, "Careers"),
    ("climate", "conduct", "human", 25, "Climate"),
)
LEAD = (
    ("flow", "outcomes", "functional", 20, "Flow"),
    ("map", "direction", "functional", 20, "Map"),
    ("judgement", "craft", "leadership", 20, "Judgement"),
    ("guiding", "growth", "leadership", 15, "Guiding"),
    ("listening", "conduct", "human", 25, "Listening"),
)
MODES = ["cross-team-technical", "mentoring", "strategic-decisions", "cross-functional-influence"]
SUPPORT = ["mentor", "learning budget"]


def org_values() -> Values:
    return {
        "schema": "ladder/1",
        "kind": "org",
        "id": "acme",
        "version": "1",
        "effective": date(2026, 1, 1),
        "published_to": "all staff",
        "grade": [
            {"rank": rank, "name": f"Grade {rank}", "executive": rank == 6, "scope": scope(rank)}
            for rank in range(1, 7)
        ],
        "pillar": [{"id": pillar, "name": pillar.title(), "asks": "What?"} for pillar in PILLARS],
        "axis": [{"id": "reach", "name": "Reach", "anchors": ["a", "b", "c", "d", "e", "f", "g"]}],
        "scale": {
            "id": "bar-relative",
            "no_evidence": "NE",
            "points": [{"value": value, "name": f"Point {value}"} for value in range(5)],
        },
        "policy": {},
    }


def scope(ordinal: int) -> Values:
    return dict.fromkeys(("reach", "ambiguity", "horizon", "stakes"), ordinal)


def family_values(*, lead: bool = False) -> Values:
    tracks = [("ic", "ic", IC_LEVELS, IC), ("em", "manager", MANAGER_LEVELS, MANAGER)]
    tracks += [("tl", "lead", LEAD_LEVELS, LEAD)] if lead else []
    return {
        "kind": "family",
        "id": "eng",
        "name": "Engineering",
        "org": "acme",
        "version": "1",
        "track": [
            *({"id": track, "kind": kind, "name": track.upper(), "support": SUPPORT} for track, kind, _, _ in tracks),
            {"id": "adv", "kind": "advisor", "name": "Advisor"},
        ],
        "level": [
            *(_level(track, level, grade) for track, _, levels, _ in tracks for level, grade in levels.items()),
            {"id": "advisor", "track": "adv", "title": "Advisor", "contract": "12 months", "reports": [0, 0]},
        ],
        "competency": [
            _competency(track, index, row) for track, _, _, rows in tracks for index, row in enumerate(rows)
        ],
        "expectation": [
            {"id": f"{row[0]}-{level}", "competency": row[0], "level": level, "text": text(row[0], level)}
            for _, _, levels, rows in tracks
            for level in levels
            for row in rows
        ],
        "bar": [_bar(track, list(levels), rows) for track, _, levels, rows in tracks],
        "band": [_band(level, grade) for _, _, levels, _ in tracks for level, grade in levels.items()],
        "switch": [*_switches(lead), _conversion("i5", "advisor"), _conversion("advisor", "i5")],
        "process": [
            {"case_type": "promotion", "track": track, "steps": ["a", "b"], "needs_vacancy": False, "interviews": 1}
            for track, _, _, _ in tracks
        ],
        "peer_claim": [{"levels": ["i4", "m4"], "source": "T4"}],
    }


def stem(competency: str) -> str:
    return competency.replace("-", "")


def text(competency: str, level: str) -> str:
    """Words no other competency uses."""
    return f"{stem(competency)}ed through {level}"


def _level(track: str, level: str, grade: int) -> Values:
    values = {"id": level, "track": track, "title": f"Title {level}", "grade": grade}
    if track == "em":
        title = "Director" if grade == 5 else "VP" if grade == 6 else f"Manager {level}"
        split = {"people": 50, "craft": 30, "org": 20} if grade == 3 else {"people": 60, "craft": 10, "org": 30}
        return values | {"title": title, "split": split, "reports": [2, 3 + grade], "first_line": grade == 3}
    split = {"people": 10, "craft": 80, "org": 10}
    return values | {"split": split, "reports": [0, 1], "feeder": level == "i3", "may_stay": level == "i3"}


def _competency(track: str, index: int, row: tuple[str, str, str, int, str]) -> Values:
    competency, pillar, kind, weight, name = row
    values = {"id": competency, "track": track, "pillar": pillar, "kind": kind, "weight": weight, "name": name}
    covers = {"covers": MODES[index : index + 1]} if track == "ic" else {}
    return values | covers | {"about": f"{stem(competency)}ing {stem(competency)}ly"}


def _bar(track: str, levels: list[str], rows: tuple[tuple[str, str, str, int, str], ...]) -> Values:
    """ICs must have direction and growth, managers direction and craft, leads craft and growth."""
    musts = {"ic": (1, 3), "em": (1, 2), "tl": (2, 3)}[track]
    must_have = [{"competency": rows[index][0], "at_least": 3} for index in musts]
    return {"track": track, "applies_to": levels, "weighted_mean": 2.7, "minimum_each": 1, "must_have": must_have}


def _band(level: str, grade: int) -> Values:
    base = {"p25": grade * 90, "p50": grade * 100, "p75": grade * 110, "p90": grade * 120}
    survey = {"currency": "EUR", "source": "survey", "surveyed": date(2026, 1, 1), "region": "EU"}
    return {"level": level, "base": base, "bonus_target": 0.1, "equity_p50": 1000, **survey}


def _switches(lead: bool) -> list[Values]:
    pairs = [(f"i{grade}", f"m{grade}") for grade in (3, 4, 5)]
    pairs += [pair for grade in (4, 5) for pair in ((f"i{grade}", f"t{grade}"), (f"t{grade}", f"m{grade}")) if lead]
    return [_switch(start, end) for first, second in pairs for start, end in ((first, second), (second, first))]


def _switch(start: str, end: str) -> Values:
    halves = {"carries": list(PILLARS[3:]), "assesses": list(PILLARS[:3])}
    return {"from": start, "to": end, "trial_months": 6, "return_months": 12, **halves}


def _conversion(start: str, end: str) -> Values:
    return {"from": start, "to": end, "kind": "advisor"}


def family(change: Change | None = None, *, org: Change | None = None, lead: bool = False) -> Family:
    """The ladder after a change to the family file's values, or to the organisation's."""
    org_file, family_file = org_values(), family_values(lead=lead)
    if change is not None:
        change(family_file)
    if org is not None:
        org(org_file)
    return read_family(read_org(toml(org_file), "org.toml"), toml(family_file), "eng.toml")


def row(values: Values, table: str, **wanted: object) -> Values:
    """The first row of a table with these values."""
    return next(entry for entry in values[table] if all(entry.get(key) == value for key, value in wanted.items()))


def toml(values: Values) -> str:
    """The values as a TOML file: arrays of tables as `[[table]]`, all else as a key, tables inside rows inline."""
    lines = [f"{key} = {_value(value)}" for key, value in values.items() if not _is_table(value)]
    for key, value in values.items():
        if isinstance(value, dict):
            lines += [f"\n[{key}]", *(f"{inner} = {_value(entry)}" for inner, entry in value.items())]
        elif _is_table(value):
            for entry in value:
                lines += [f"\n[[{key}]]", *(f"{inner} = {_value(held)}" for inner, held in entry.items())]
    return "\n".join(lines) + "\n"


def _is_table(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
