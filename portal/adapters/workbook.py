"""A workbook that people fill in: wrapped text, cells that offer choices, further pages to read beside it. `tables`
reads what comes back. The same pages give the same bytes."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.adapters.tables import harmless

_MADE = datetime(2000, 1, 1)  # a fixed day, as in `tables`
MOST_IN_A_CELL = 32_767


@dataclass(frozen=True)
class Page:
    """One sheet. `widths` are in characters; `choices` maps a cell (row, column from 0) to what it offers; rows in
    `bold` are headings, and everything above the last of them stays in sight."""

    name: str
    rows: Sequence[Sequence[str | int]]
    widths: Sequence[int]
    bold: frozenset[int] = frozenset()
    choices: Mapping[tuple[int, int], Sequence[str]] = field(default_factory=dict)
    to_fill: frozenset[tuple[int, int]] = frozenset()


def write_pages(pages: Sequence[Page]) -> bytes:
    """Text is written as text, never as a formula; a number is a number, so that a spreadsheet can count it.

    Text beyond what a cell holds is refused with ValueError rather than cut."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": _MADE})
        look = {"text_wrap": True, "valign": "top"}
        kinds = {
            "plain": book.add_format(look),
            "bold": book.add_format({**look, "bold": True}),
            "fill": book.add_format({**look, "border": 1, "bg_color": "#FFF8DC"}),
        }
        for page in pages:
            _write_page(book.add_worksheet(page.name), page, kinds)
    return out.getvalue()


def _write_page(sheet: Any, page: Page, kinds: Mapping[str, object]) -> None:
    for column, width in enumerate(page.widths):
        sheet.set_column(column, column, width)
    if page.bold:
        sheet.freeze_panes(max(page.bold) + 1, 0)
    for row, cells in enumerate(page.rows):
        for column, cell in enumerate(cells):
            kind = "fill" if (row, column) in page.to_fill else "bold" if row in page.bold else "plain"
            _write_cell(sheet, row, column, cell, kinds[kind])
    for (row, column), offered in page.choices.items():
        sheet.data_validation(row, column, row, column, {"validate": "list", "source": list(offered)})


def _write_cell(sheet: Any, row: int, column: int, cell: str | int, kind: object) -> None:
    if isinstance(cell, int):
        sheet.write_number(row, column, cell, kind)
        return
    text = harmless(cell)
    if len(text) > MOST_IN_A_CELL:
        raise ValueError(f"a cell holds at most {MOST_IN_A_CELL} characters")
    if text:
        sheet.write_string(row, column, text, kind)
    else:
        sheet.write_blank(row, column, None, kind)
