"""The people file: one person a row, as CSV or as a workbook, read with every problem at once and written so that
reading it back changes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from portal.adapters.collector import collector_paused
from portal.adapters.tables import read_rows, write_csv, write_workbook
from portal.domain.problems import InvalidInput

COLUMNS = ("email", "name", "manager_email", "family", "level", "since", "active", "roles", "timezone", "locale")
MOST_PROBLEMS = 100


class Line(NamedTuple):
    """One row: its number as a spreadsheet counts (the header is row 1) and its cells by column."""

    number: int
    cells: Mapping[str, str]


def read_people(content: bytes) -> list[Line]:
    """The rows of a people file, CSV or XLSX. Raises InvalidInput naming every row that does not fit the header."""
    return read_lines(content, COLUMNS, needed={"email": "people are told apart by it"})


def read_lines(content: bytes, columns: tuple[str, ...], *, needed: Mapping[str, str]) -> list[Line]:
    """The rows of a file whose first row names its columns, in any order, out of `columns`. `needed` are those that
    must be there, each with the reason."""
    with collector_paused():
        return _lines(read_rows(content), columns, needed)


def _lines(rows: list[list[str]], columns: tuple[str, ...], needed: Mapping[str, str]) -> list[Line]:
    if not rows:
        raise InvalidInput("The file is empty; its first row names the columns.", (f"columns: {', '.join(columns)}",))
    header = [name.lower() for name in rows[0]]
    if problems := _header_problems(header, columns, needed):
        raise InvalidInput("The first row has to name the columns.", tuple(problems))
    numbered = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(row)]
    width = len(header)
    if wrong := [_misfit(number, row, header) for number, row in numbered if len(row) != width]:
        raise all_at_once(wrong)
    return [Line(number, dict(zip(header, row, strict=True))) for number, row in numbered]


def write_people(rows: Iterable[Mapping[str, str]]) -> bytes:
    """The people file as CSV: every column, UTF-8 with a byte order mark."""
    return write_csv(COLUMNS, ([row[column] for column in COLUMNS] for row in rows))


def write_people_workbook(rows: Iterable[Mapping[str, str]]) -> bytes:
    """The same as a workbook."""
    return write_workbook(COLUMNS, ([row[column] for column in COLUMNS] for row in rows), sheet="People")


def as_text(lines: Sequence[Line]) -> str:
    """The rows as CSV text, to be carried by the form that imports what was looked at."""
    header = list(lines[0].cells) if lines else ["email"]
    return write_csv(header, (list(line.cells.values()) for line in lines)).decode("utf-8-sig")


def all_at_once(problems: list[str]) -> InvalidInput:
    """The refusal of a file: all of it, with its problems; beyond a hundred the rest is a number."""
    more = len(problems) - MOST_PROBLEMS
    shown = (*problems[:MOST_PROBLEMS], f"and {more} more") if more > 0 else tuple(problems)
    return InvalidInput(f"Nothing was imported: {len(problems)} to put right.", shown)


def _header_problems(header: list[str], columns: tuple[str, ...], needed: Mapping[str, str]) -> list[str]:
    problems = [f"the column “{name}” is there twice" for name in sorted({n for n in header if header.count(n) > 1})]
    for name in header:
        if name not in columns:
            near = get_close_matches(name, columns, n=1)
            guess = f"did you mean “{near[0]}”?" if near else f"known are {', '.join(columns)}"
            problems.append(f"there is no column “{name}”; {guess}")
    missing = (f"the column “{name}” is missing; {why}" for name, why in needed.items() if name not in header)
    return [*problems, *missing]


def _misfit(number: int, row: list[str], header: list[str]) -> str:
    return f"row {number}: {len(row)} cells where the header has {len(header)}"
