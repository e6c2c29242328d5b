"""What differs between two versions of a family file, table by table and field by field, as a person would type it."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from portal.domain.rubric_edit import TABLES, Values, row_name, rows_of, typed

HEAD = ("name", "version")


@dataclass(frozen=True)
class FieldChange:
    """One field before and after; "" where nothing is written."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class RowChange:
    """A row of a table ("" for the head of the file) that was added, removed or changed in the fields named."""

    table: str
    name: str
    what: str
    fields: tuple[FieldChange, ...]


def family_changes(before: str, after: str) -> tuple[RowChange, ...]:
    """Every difference that has a meaning; comments, layout and the order of rows have none."""
    found = list(_head(before, after))
    for table in TABLES:
        old, new = _named(table, rows_of(before, table)), _named(table, rows_of(after, table))
        for name in [*old, *(name for name in new if name not in old)]:
            found += _row(table, name, old.get(name), new.get(name))
    return tuple(found)


def _head(before: str, after: str) -> Iterator[RowChange]:
    old, new = tomllib.loads(before), tomllib.loads(after)
    pairs = [(key, str(old.get(key, "")), str(new.get(key, ""))) for key in HEAD]
    if fields := tuple(FieldChange(key.capitalize(), a, b) for key, a, b in pairs if a != b):
        yield RowChange("", "", "changed", fields)


def _named(table: str, rows: list[Values]) -> dict[str, Values]:
    """Rows by the name a person would give them; the second of a name gets a number."""
    found: dict[str, Values] = {}
    for row in rows:
        name = row_name(table, row)
        count = sum(1 for known in found if known == name or known.startswith(f"{name} ("))
        found[f"{name} ({count + 1})" if count else name] = row
    return found


def _row(table: str, name: str, old: Values | None, new: Values | None) -> Iterator[RowChange]:
    before, after = typed(table, old or {}), typed(table, new or {})
    columns = [column for column in TABLES[table] if before[column.key] != after[column.key]]
    if not columns and (old is None) == (new is None):
        return
    what = "added" if old is None else "removed" if new is None else "changed"
    yield RowChange(table, name, what, tuple(FieldChange(c.label, before[c.key], after[c.key]) for c in columns))
