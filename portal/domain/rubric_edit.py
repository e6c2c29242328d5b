"""Changes one table of a family file as text: rows become fields a person can type, and typed fields become TOML.

The text is parsed, changed and written anew; the comment on top stays, other comments and the layout do not. Whether
the result is a ladder is for `portal.domain.rubric_files.read_family` to say.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.domain.rubric_problems import entry_name
from portal.domain.toml_text import document

Values = dict[str, Any]


class Unreadable(ValueError):
    """What was typed is no value of its column; the message says what would be."""


@dataclass(frozen=True)
class Column:
    """One key of a row, dotted where it is nested. `choices` are fixed words; `refers` names a table of ids."""

    key: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    refers: str = ""

    @property
    def label(self) -> str:
        return self.key.replace("_", " ").replace(".", ", ").capitalize()


def _columns(text: str, **special: Column) -> tuple[Column, ...]:
    parts = [word.partition(":") for word in text.split()]
    return tuple(special.get(key.replace(".", "_")) or Column(key, kind or "text") for key, _, kind in parts)


def _ref(key: str, table: str) -> Column:
    return Column(key, "choice", refers=table)


_TRACK, _LEVEL = _ref("track", "track"), _ref("level", "level")
_TRACK_KIND = Column("kind", "choice", ("ic", "manager", "lead", "advisor"))
_SKILL = Column("kind", "choice", ("functional", "human", "leadership", "people-management"))
_STATUS = Column("status", "choice", ("adopted", "disputed", "not-peers"))
_LEVEL_KEYS = """id track title grade:whole scope_like_grade:wholes split.people:number split.craft:number
    split.org:number reports:wholes feeder:yes may_stay:yes first_line:yes scope.reach:whole scope.ambiguity:whole
    scope.horizon:whole scope.stakes:whole contract:prose owns_operations:yes"""
_BAND_KEYS = """level currency source surveyed:day region base.p25:number base.p50:number base.p75:number
    base.p90:number bonus_target:number equity_p50:number"""

TABLES: Mapping[str, tuple[Column, ...]] = {
    "track": _columns("id kind name support:lines", kind=_TRACK_KIND),
    "level": _columns(_LEVEL_KEYS, track=_TRACK),
    "competency": _columns(
        "id track pillar kind weight:number name about:prose covers:lines",
        track=_TRACK,
        pillar=_ref("pillar", "pillar"),
        kind=_SKILL,
    ),
    "expectation": _columns(
        "id competency level text:prose signals:lines counter_signals:lines proficiency",
        competency=_ref("competency", "competency"),
        level=_LEVEL,
    ),
    "bar": _columns(
        "track applies_to:lines weighted_mean:number minimum_each:number must_have:scores",
        track=_TRACK,
    ),
    "band": _columns(_BAND_KEYS, level=_LEVEL),
    "switch": _columns(
        "from to trial_months:whole return_months:whole carries:lines assesses:lines kind",
        **{"from": _ref("from", "level"), "to": _ref("to", "level")},
    ),
    "process": _columns("case_type track steps:lines needs_vacancy:yes interviews:whole", track=_TRACK),
    "peer_claim": _columns("levels:lines source status", status=_STATUS),
}
"""The tables of a family file and their columns, in the order in which they are shown."""


def rows_of(text: str, table: str) -> list[Values]:
    """The rows of a table as TOML values."""
    found: list[Values] = tomllib.loads(text).get(table, [])
    return found


def row_name(table: str, row: Values) -> str:
    return entry_name(table, row) or "?"


def typed(table: str, row: Values) -> dict[str, str]:
    """A row as a person would type it, by column key; "" where nothing is written."""
    return {column.key: _shown(_at(row, column.key), column.kind) for column in TABLES[table]}


def with_row(text: str, table: str, number: int | None, fields: Mapping[str, str]) -> str:
    """The file with a row replaced, or added at the end where `number` is None.

    Raises Unreadable with (key, what is expected) pairs."""
    row = _row(table, fields)
    values = tomllib.loads(text)
    rows = list(values.get(table, []))
    if number is None:
        rows.append(row)
    elif typed(table, rows[number]) != typed(table, row):
        rows[number] = row
    return _written(text, {**values, table: rows})


def without_row(text: str, table: str, number: int) -> str:
    values = tomllib.loads(text)
    rows = [row for at, row in enumerate(values.get(table, [])) if at != number]
    return _written(text, {**values, table: rows})


def with_head(text: str, **head: str) -> str:
    """The file with keys of its head set, such as name and version."""
    return _written(text, {**tomllib.loads(text), **head})


def with_expectations(text: str, texts: Mapping[tuple[str, str], str]) -> str:
    """The file with the texts of expectations set, by (competency, level). An empty text stands for none: a row that
    says nothing else is dropped."""
    values = tomllib.loads(text)
    rows = [dict(row) for row in values.get("expectation", [])]
    known = {(row["competency"], row["level"]): row for row in rows}
    for (competency, level), words in texts.items():
        row = known.get((competency, level))
        if row is None and words:
            rows.append({"id": f"{competency}.{level}", "competency": competency, "level": level, "text": words})
        elif row is not None:
            row["text"] = words
    kept = [row for row in rows if row.get("text") or set(row) - {"id", "competency", "level", "text"}]
    return _written(text, {**values, "expectation": kept})


def _written(text: str, values: Values) -> str:
    """The values as a file, under the comment the file opened with; the very same text where nothing changed."""
    if values == tomllib.loads(text):
        return text
    opening = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        opening.append(line)
    comment = "\n".join(opening) + "\n\n" if opening else ""
    return comment + document({key: value for key, value in values.items() if value != []})


def _row(table: str, fields: Mapping[str, str]) -> Values:
    row: Values = {}
    wrong: list[tuple[str, str]] = []
    for column in TABLES[table]:
        words = fields.get(column.key, "").strip()
        if not words:
            continue
        try:
            _put(row, column.key, _READERS[column.kind](words))
        except ValueError as unreadable:
            wrong.append((column.key, str(unreadable)))
    if wrong:
        raise Unreadable(wrong)
    return row


def _at(row: Values, key: str) -> Any:
    found: Any = row
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _put(row: Values, key: str, value: Any) -> None:
    outer, _, inner = key.partition(".")
    if inner:
        row.setdefault(outer, {})[inner] = value
    else:
        row[outer] = value


def _shown(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if kind == "scores":
        return "\n".join(f"{must['competency']}: {must['at_least']:g}" for must in value)
    if isinstance(value, list):
        return (", " if kind == "wholes" else "\n").join(map(str, value))
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _whole(words: str) -> int:
    try:
        return int(words)
    except ValueError:
        raise ValueError(f"Expected a whole number, got “{words}”.") from None


def _number(words: str) -> int | float:
    try:
        value = float(words)
    except ValueError:
        raise ValueError(f"Expected a number such as 2.7, got “{words}”.") from None
    return int(value) if value.is_integer() and words.lstrip("-").isdigit() else value


def _day(words: str) -> date:
    try:
        return date.fromisoformat(words if len(words) > 7 else f"{words}-01")
    except ValueError:
        raise ValueError(f"Expected a day such as 2026-04-01, got “{words}”.") from None


def _yes(words: str) -> bool:
    if words not in {"yes", "no"}:
        raise ValueError("Expected yes or no.")
    return words == "yes"


def _lines(words: str) -> list[str]:
    return [line.strip() for line in words.splitlines() if line.strip()]


def _scores(words: str) -> list[Values]:
    found = []
    for line in _lines(words):
        competency, colon, least = line.rpartition(":")
        if not colon:
            raise ValueError(f"Expected a competency and a score a line, as in direction: 3, got “{line}”.")
        found.append({"competency": competency.strip(), "at_least": _number(least.strip())})
    return found


_READERS: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "prose": str,
    "choice": str,
    "whole": _whole,
    "number": _number,
    "day": _day,
    "yes": _yes,
    "lines": _lines,
    "wholes": lambda words: [_whole(part.strip()) for part in words.split(",")],
    "scores": _scores,
}
