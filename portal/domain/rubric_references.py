"""Do the parts of a rubric file fit together: nothing twice, and nothing that names what is not there.

Works on the values as parsed, before any model exists, so that a file with a wrong type still has its other faults
reported in the same run.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any

from portal.domain.rubric_problems import FileProblem, Source, did_you_mean

Row = Mapping[str, Any]

_ONCE_IN_ORG = (("grade", ("rank",)), ("axis", ("id",)), ("pillar", ("id",)))
_ONCE_IN_FAMILY = (
    ("track", ("id",)),
    ("level", ("id",)),
    ("competency", ("id",)),
    ("expectation", ("id",)),
    ("expectation", ("competency", "level")),
    ("band", ("level",)),
    ("switch", ("from", "to")),
    ("process", ("case_type", "track")),
)
_REFERENCES = (
    ("level", "track", "track"),
    ("competency", "track", "track"),
    ("expectation", "competency", "competency"),
    ("expectation", "level", "level"),
    ("bar", "track", "track"),
    ("bar", "applies_to", "level"),
    ("bar", "must_have", "competency"),
    ("band", "level", "level"),
    ("switch", "from", "level"),
    ("switch", "to", "level"),
    ("process", "track", "track"),
    ("peer_claim", "levels", "level"),
)


def org_problems(source: Source) -> list[FileProblem]:
    """Ranks, ids and scale points that stand twice in an organisation file."""
    return [*_doubled_rows(source, _ONCE_IN_ORG), *_doubled_points(source)]


def family_problems(source: Source, org_id: str | None) -> list[FileProblem]:
    """What stands twice or names what is not there in a family file; the organisation is checked if it is known."""
    return [
        *_wrong_org(source, org_id),
        *_doubled_rows(source, _ONCE_IN_FAMILY),
        *_doubled_bars(source),
        *_dangling(source),
        *_strangers(source),
    ]


def _wrong_org(source: Source, org_id: str | None) -> Iterator[FileProblem]:
    named = source.values.get("org")
    if org_id is not None and isinstance(named, str) and named != org_id:
        message = f'org "{named}" does not exist; the organisation file here is "{org_id}"'
        yield source.problem(message, None, 0, ("org",))


def _doubled_rows(source: Source, once: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[FileProblem]:
    for table, keys in once:
        seen: set[Hashable] = set()
        for index, row in source.rows(table):
            key = tuple(str(row[name]) for name in keys if name in row)
            if len(key) == len(keys) and key in seen:
                yield source.problem(f'duplicate {" and ".join(keys)} "{" ".join(key)}"', table, index, keys[:1])
            seen.add(key)


def _doubled_points(source: Source) -> Iterator[FileProblem]:
    scale = source.values.get("scale")
    points = scale.get("points") if isinstance(scale, dict) else ()
    values = [point.get("value") for point in _tables_in(points)]
    for value in sorted({str(value) for value in values if value is not None and values.count(value) > 1}):
        yield source.problem(f"duplicate point value {value}", "scale", 0, ("points",))


def _doubled_bars(source: Source) -> Iterator[FileProblem]:
    seen: set[str] = set()
    for index, row in source.rows("bar"):
        for level in _words_in(row.get("applies_to")):
            if level in seen:
                yield source.problem(f'duplicate bar for the level "{level}"', "bar", index, ("applies_to",))
            seen.add(level)
        musts = [must.get("competency") for must in _tables_in(row.get("must_have"))]
        for twice in sorted({str(must) for must in musts if must is not None and musts.count(must) > 1}):
            yield source.problem(f'duplicate must-have "{twice}"', "bar", index, ("must_have",))


def _tables_in(value: object) -> list[Row]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, tuple) else []


def _words_in(value: object) -> list[str]:
    """The ids a key names: one, a list of them, or a list of must-haves."""
    if isinstance(value, str):
        return [value]
    entries = value if isinstance(value, tuple) else ()
    named = [entry.get("competency") if isinstance(entry, dict) else entry for entry in entries]
    return [name for name in named if isinstance(name, str)]


def _known(source: Source, table: str) -> dict[str, Row]:
    return {row["id"]: row for _, row in source.rows(table) if isinstance(row.get("id"), str)}


def _dangling(source: Source) -> Iterator[FileProblem]:
    known = {table: _known(source, table) for table in ("track", "level", "competency")}
    for table, key, target in _REFERENCES:
        for index, row in source.rows(table):
            for word in _words_in(row.get(key)):
                if word not in known[target]:
                    nearest = did_you_mean(word, known[target])
                    yield source.problem(f'{key}: {target} "{word}" does not exist{nearest}', table, index, (key,))


def _strangers(source: Source) -> Iterator[FileProblem]:
    """Expectations and bars that join a level and a competency of different tracks: no case could be held to them."""
    levels, competencies = _track_by_id(source, "level"), _track_by_id(source, "competency")
    for index, row in source.rows("expectation"):
        theirs = {levels[word] for word in _words_in(row.get("level")) if word in levels}
        for word in _words_in(row.get("competency")):
            if theirs and competencies.get(word) not in {None, *theirs}:
                message = f'competency "{word}" is not of the track of level "{row["level"]}"'
                yield source.problem(message, "expectation", index, ("competency",))
    for index, row in source.rows("bar"):
        for key, tracks in (("applies_to", levels), ("must_have", competencies)):
            for word in _words_in(row.get(key)):
                if word in tracks and "track" in row and tracks[word] != row["track"]:
                    message = f'{key}: "{word}" is not of the bar\'s track "{row["track"]}"'
                    yield source.problem(message, "bar", index, (key,))


def _track_by_id(source: Source, table: str) -> dict[str, str]:
    """The track of each row that names one which exists; a row that does not is reported for that."""
    tracks = _known(source, "track")
    named = ((row_id, row.get("track")) for row_id, row in _known(source, table).items())
    return {row_id: track for row_id, track in named if isinstance(track, str) and track in tracks}
