"""A sheet as a workbook: the form on the first page, one competency a row; the packet on the second, to be read."""

from portal.adapters.tables import read_rows
from portal.adapters.workbook import MOST_IN_A_CELL, Page, write_pages
from portal.domain.problems import InvalidInput
from portal.reviews.sheets.sheet import (
    FORMAT,
    KEYS,
    NOTHING,
    SUMMARY,
    TITLE,
    Filled,
    Key,
    Line,
    Matter,
    NotASheet,
    Sheet,
)

COLUMNS = ("Code", "Competency", "Expected", "Scale", "Evidence", "Score", "Why", "Cites")
WIDTHS = (14, 22, 44, 44, 44, 16, 60, 16)
SCORE, WHY, CITES = (COLUMNS.index(name) for name in ("Score", "Why", "Cites"))
_HEAD = len(KEYS) + 2  # the row with the column names, from 0: title, keys, what it is about
LETTERS = "ABCDEFGH"


def write_workbook(sheet: Sheet, matter: Matter = NOTHING) -> bytes:
    """The file, with the cells to fill in marked and the scores offered as choices."""
    rows: list[list[str | int]] = [[TITLE, FORMAT, "", _short(*matter.hints)]]
    rows += [[name, getattr(sheet.key, name)] for name in KEYS]
    rows += [["", _short(*matter.about)], list(COLUMNS)]
    first = len(rows)
    rows += [_row(line, matter) for line in sheet.lines]
    rows.append([SUMMARY, matter.summary, "", "", "", "", sheet.summary])
    scored = range(first, first + len(sheet.lines))
    form = Page(
        "Review",
        rows,
        WIDTHS,
        bold=frozenset({_HEAD}),
        choices={(row, SCORE): matter.scores for row in scored if matter.scores},
        to_fill=frozenset({(row, c) for row in scored for c in (SCORE, WHY, CITES)} | {(len(rows) - 1, WHY)}),
    )
    packet = [["Place", "What", "Text"], *([place, what, _short(text)] for place, what, text in matter.packet)]
    return write_pages([form, Page("Packet", packet, (24, 28, 110), bold=frozenset({0}))])


def _row(line: Line, matter: Matter) -> list[str | int]:
    name, expected, anchors = matter.asked.get(line.competency, ("", "", ()))
    score: str | int = int(line.score) if line.score.isdecimal() else line.score
    claims = _short(*matter.claims.get(line.competency, ()))
    return [line.competency, name, _short(expected), _short(*anchors), claims, score, line.why, " ".join(line.cites)]


def _short(*texts: str) -> str:
    """For reading only: what a cell cannot hold ends in three dots."""
    text = "\n".join(texts)
    return text if len(text) < MOST_IN_A_CELL else text[: MOST_IN_A_CELL - 10] + " …"


def read_workbook(content: bytes) -> Filled:
    """The sheet in a workbook's first page. Raises NotASheet with the cell at fault and the remedy."""
    try:
        rows = read_rows(content)
    except InvalidInput as unreadable:
        raise NotASheet("", unreadable.message) from None
    _refuse_another_format(rows)
    places: dict[tuple[str, str], str] = {}
    key = _key(rows, places)
    if len(rows) <= _HEAD or [cell.lower() for cell in rows[_HEAD][: len(COLUMNS)]] != [c.lower() for c in COLUMNS]:
        raise NotASheet(f"row {_HEAD + 1}", f"the columns are {', '.join(COLUMNS)}; download the sheet anew.")
    found: list[Line] = []
    summary = ""
    for number, row in enumerate(rows[_HEAD + 1 :], start=_HEAD + 2):
        code = _cell(row, 0)
        if code == SUMMARY:
            summary, places[SUMMARY, "why"] = _text(row), f"cell {LETTERS[WHY]}{number}"
        elif code:
            _refuse_twice(code, number, found)
            found.append(_line(code, number, row, places))
        elif any(_cell(row, at) for at in (SCORE, WHY, CITES)):
            raise NotASheet(f"cell A{number}", "the row says nothing of which competency; put its code back.")
    return Filled(Sheet(Key(**key), tuple(found), summary), places)


def _refuse_another_format(rows: list[list[str]]) -> None:
    if not rows or _cell(rows[0], 0) != TITLE:
        raise NotASheet("cell A1", f"it does not say “{TITLE}”; download a sheet from My reviews.")
    if _cell(rows[0], 1) != FORMAT:
        raise NotASheet("cell B1", f"this sheet has another format than {FORMAT}; download it anew.")


def _key(rows: list[list[str]], places: dict[tuple[str, str], str]) -> dict[str, str]:
    found = {}
    for number, name in enumerate(KEYS, start=2):
        row = rows[number - 1] if number <= len(rows) else []
        if _cell(row, 0) != name:
            raise NotASheet(f"cell A{number}", f"it does not say “{name}”; download the sheet anew and keep its head.")
        found[name], places["", name] = _cell(row, 1), f"cell B{number}"
    return found


def _refuse_twice(code: str, number: int, found: list[Line]) -> None:
    if any(line.competency == code for line in found):
        raise NotASheet(f"cell A{number}", f"{code} is there twice; keep one of the two rows.")


def _line(code: str, number: int, row: list[str], places: dict[tuple[str, str], str]) -> Line:
    for what, column in (("score", SCORE), ("why", WHY), ("cites", CITES)):
        places[code, what] = f"cell {LETTERS[column]}{number}"
    return Line(code, _cell(row, SCORE), _text(row), tuple(_cell(row, CITES).replace(",", " ").split()))


def _cell(row: list[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""


def _text(row: list[str]) -> str:
    return _cell(row, WHY).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
