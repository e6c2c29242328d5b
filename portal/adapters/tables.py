"""Tables as files: CSV and XLSX read into rows of text, rows written so that a spreadsheet takes no cell for a
formula. Knows the two formats and no table of ours."""

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.domain.problems import InvalidInput

FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # in wide letters, too, as in East Asia
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MOST_UNPACKED = 400 * 1024 * 1024
_CHILD = Path(__file__).with_name("workbook_child.py")
_MEMORY, _SECONDS = 1024 * 1024 * 1024, 30  # for reading one workbook
_UNREADABLE = "The file is not a workbook that can be read ({}); save it as .xlsx again."
_MADE = datetime(2000, 1, 1)  # a fixed day, so that the same rows give the same bytes
_MARKED = re.compile(rf"'+[ ]*[{re.escape(''.join(FORMULA))}]")
Rows = list[list[str]]


def read_rows(content: bytes) -> Rows:
    """The rows of a CSV file or of a workbook's first sheet, white space at the ends of cells dropped, and the mark
    that kept a cell from being a formula.

    CSV is UTF-8 with or without a byte order mark, with commas, or semicolons as some spreadsheets write them. In a
    workbook days read as in 2026-04-01 and yes or no as true and false. Raises InvalidInput with the remedy."""
    if content.startswith(_ZIP):
        return [list(map(_plain, row)) for row in _workbook_rows(content)]
    text = _text(content)
    rows = _csv_rows(text)
    if "'" in text:
        return [list(map(_plain, row)) for row in rows]
    return [list(map(str.strip, row)) for row in rows]


def write_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with a byte order mark, no cell that could act as a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def write_workbook(header: Sequence[str], rows: Iterable[Sequence[str]], *, sheet: str) -> bytes:
    """One sheet, every cell text. The same rows give the same bytes."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": _MADE})
        page = book.add_worksheet(sheet)
        page.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for column, name in enumerate(header):
            page.set_column(column, column, max(12, len(name) + 2))
            page.write_string(0, column, name, bold)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                page.write_string(number, column, harmless(cell))
    return out.getvalue()


def harmless(cell: str) -> str:
    """A mark in front of what a spreadsheet could take for a formula, and of what already looks so marked."""
    if not cell or cell[0].isalnum():
        return cell
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) or _MARKED.match(cell) else cell


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and _MARKED.match(cell) else cell


def _text(content: bytes) -> str:
    if content.startswith(_OLD_EXCEL):
        raise InvalidInput("The file is an old or a locked Excel file; save it as .xlsx without a password, or as CSV.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidInput("The file is UTF-16; save it as CSV in UTF-8.")
    if b"\0" in content:
        raise InvalidInput("The file is not text (it holds NUL bytes); save it as CSV in UTF-8 or as .xlsx.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = content[: broken.start].count(b"\n") + 1
        raise InvalidInput(f"Line {line} is not UTF-8; save the file as CSV in UTF-8.") from None


def _csv_rows(text: str) -> Rows:
    first = text.split("\n", 1)[0]
    delimiter = ";" if ";" in first and "," not in first else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return list(reader)
    except csv.Error as broken:
        raise InvalidInput(f"Line {reader.line_num} is not CSV: {broken}.") from None


def _workbook_rows(content: bytes) -> Rows:
    """The first sheet from its first cell on, read in a process of its own, so that what a file does to its reader
    it does not do to the portal. What unpacks to far more than any list of people is not unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > _MOST_UNPACKED:
                raise InvalidInput("The workbook unpacks to more than 400 MB; split it, or save it as CSV.")
    except zipfile.BadZipFile as broken:
        raise InvalidInput(_UNREADABLE.format(broken)) from None
    found = _asked_of_a_child(content)
    if "problem" in found:
        raise InvalidInput(_UNREADABLE.format(found["problem"]))
    rows: Rows = found["rows"]
    return rows


def _asked_of_a_child(content: bytes) -> dict[str, Any]:
    command = [sys.executable, "-I", str(_CHILD), str(_MEMORY), str(_SECONDS)]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=content, capture_output=True, timeout=2 * _SECONDS, env={"LANG": "C.UTF-8"}, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise InvalidInput(
            "The workbook takes more room than a table does, for example with a cell far outside of it; copy the rows "
            "into a new one, or save it as CSV."
        ) from None
    found: dict[str, Any] = json.loads(done.stdout)
    return found
