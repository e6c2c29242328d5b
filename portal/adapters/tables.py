"""Tables as files: CSV and XLSX read into rows of text, rows written so that a spreadsheet takes no cell for a
formula. Knows the two formats and no table of ours."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from portal.domain.problems import InvalidInput

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MOST_UNPACKED = 400 * 1024 * 1024
_MADE = datetime(2000, 1, 1)  # a fixed day, so that the same rows give the same bytes
_MARKED = re.compile(r"'+[ ]*[=+\-@\t\r\n]")
Rows = list[list[str]]


def read_rows(content: bytes) -> Rows:
    """The rows of a CSV file or of a workbook's first sheet, white space at the ends of cells dropped, and the mark
    that kept a cell from being a formula.

    CSV is UTF-8 with or without a byte order mark, with commas, or semicolons as some spreadsheets write them. In a
    workbook days read as in 2026-04-01 and yes or no as true and false. Raises InvalidInput with the remedy."""
    if content.startswith(_ZIP):
        return [[_plain(_as_text(cell)) for cell in row] for row in _trimmed(_workbook_rows(content))]
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


def _workbook_rows(content: bytes) -> list[list[Any]]:
    """The first sheet from its first cell on. What unpacks to far more than any list of people is not unpacked."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > _MOST_UNPACKED:
                raise InvalidInput("The workbook unpacks to more than 400 MB; split it, or save it as CSV.")
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows: list[list[Any]] = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, zipfile.BadZipFile, IndexError) as broken:
        raise InvalidInput(f"The file is not a workbook that can be read ({broken}); save it as .xlsx again.") from None
    return rows


def _trimmed(rows: list[list[Any]]) -> list[list[Any]]:
    """Without the columns to the right that hold nothing: a spreadsheet keeps those that were only ever formatted."""
    width = max((at + 1 for row in rows for at, cell in enumerate(row) if cell != ""), default=0)
    return [row[:width] for row in rows]


def _as_text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)
