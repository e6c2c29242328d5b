"""The people file: a CSV with one person a row, read with every problem at once and written so that a spreadsheet takes
no cell for a formula."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from portal.domain.problems import InvalidInput

COLUMNS = ("email", "name", "manager_email", "family", "level", "since", "active", "roles", "timezone", "locale")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
MOST_PROBLEMS = 100


@dataclass(frozen=True)
class Line:
    """One row: its number as a spreadsheet counts (the header is row 1) and its cells by column."""

    number: int
    cells: Mapping[str, str]


def read_people(content: bytes) -> list[Line]:
    """The rows of a people file. Raises InvalidInput naming every row that does not fit the header.

    UTF-8 with or without a byte order mark; commas, or semicolons as some spreadsheets write them."""
    rows = _rows(_text(content))
    if not rows:
        raise InvalidInput("The file is empty; its first row names the columns.", (f"columns: {', '.join(COLUMNS)}",))
    header = [name.strip().lower() for name in rows[0]]
    if problems := _header_problems(header):
        raise InvalidInput("The first row has to name the columns.", tuple(problems))
    numbered = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(cell.strip() for cell in row)]
    wrong = [_misfit(number, row, header) for number, row in numbered if len(row) != len(header)]
    if wrong:
        raise all_at_once(wrong)
    return [Line(number, dict(zip(header, map(_plain, row), strict=True))) for number, row in numbered]


def write_people(rows: Iterable[Mapping[str, str]]) -> bytes:
    """The people file: every column, UTF-8 with a byte order mark, no cell that could act as a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(row[column]) for column in COLUMNS] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def all_at_once(problems: list[str]) -> InvalidInput:
    """The refusal of a file: all of it, with its problems; beyond a hundred the rest is a number."""
    more = len(problems) - MOST_PROBLEMS
    shown = (*problems[:MOST_PROBLEMS], f"and {more} more") if more > 0 else tuple(problems)
    return InvalidInput(f"Nothing was imported: {len(problems)} to put right.", shown)


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidInput("The file is UTF-16; save it as CSV in UTF-8.")
    if b"\0" in content:
        raise InvalidInput("The file is not text (it holds NUL bytes); save it as CSV in UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = content[: broken.start].count(b"\n") + 1
        raise InvalidInput(f"Line {line} is not UTF-8; save the file as CSV in UTF-8.") from None


def _rows(text: str) -> list[list[str]]:
    first = text.split("\n", 1)[0]
    delimiter = ";" if ";" in first and "," not in first else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return list(reader)
    except csv.Error as broken:
        raise InvalidInput(f"Line {reader.line_num} is not CSV: {broken}.") from None


def _header_problems(header: list[str]) -> list[str]:
    problems = [f"the column “{name}” is there twice" for name in sorted({n for n in header if header.count(n) > 1})]
    for name in header:
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, n=1)
            guess = f"did you mean “{near[0]}”?" if near else f"known are {', '.join(COLUMNS)}"
            problems.append(f"there is no column “{name}”; {guess}")
    if "email" not in header:
        problems.append("the column “email” is missing; people are told apart by it")
    return problems


def _misfit(number: int, row: list[str], header: list[str]) -> str:
    return f"row {number}: {len(row)} cells where the header has {len(header)}"


def _plain(cell: str) -> str:
    """White space at the ends is dropped, and the mark that kept a cell from being a formula."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip().startswith(FORMULA) else cell


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) else cell
