"""Reads a ladder from a sheet: a row for each competency, a column for each level, what is expected in the cells.

The first column names the competency. The columns `pillar`, `kind` and `weight` are optional; every other column is a
level, its header the level's id. `manager:em` puts the level `em` on the manager track (`ic`, `lead` and `advisor`
likewise); a header that is no id (`Senior Engineer`) becomes the title, and an id is made of it.
"""

import csv
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from portal.domain.ladder_tables import CompetencyKind, TrackKind
from portal.domain.rubric_import.choices import Choices
from portal.domain.rubric_import.draft import ID, Cell, Draft, DraftCompetency, DraftFamily, DraftLevel, identifier
from portal.domain.rubric_import.source_problems import Problems, read_source, unstorable
from portal.domain.rubric_problems import did_you_mean

EXTRAS = ("pillar", "kind", "weight")
TRACK_KINDS: tuple[TrackKind, ...] = get_args(TrackKind)
COMPETENCY_KINDS: tuple[CompetencyKind, ...] = get_args(CompetencyKind)


@dataclass(frozen=True)
class _Sheet:
    """The header's cells and the rows, each with its number in the sheet; the problems they lead to."""

    file: str
    header: list[str]
    rows: list[tuple[int, list[str]]]
    problems: Problems

    def tell(self, message: str, row: int | None = None, column: str | None = None) -> None:
        self.problems.tell(self.file, message, row=row, column=column)


def read_matrix(source: Path, choices: Choices, problems: Problems) -> Draft | None:
    """The draft of one CSV matrix, or None; what is wrong is in `problems`."""
    sheet = _sheet(source, problems)
    if sheet is None:
        return None
    levels = _levels(sheet, choices)
    competencies = tuple(_competencies(sheet, levels, choices))
    _check_rows(sheet, levels, competencies)
    choices.check_names(
        problems, levels=[level.id for level in levels.values()], competencies=[entry.id for entry in competencies]
    )
    family_id = choices.family_id or identifier(source.stem) or "family"
    if family_id == "org":
        sheet.tell('the file would be the family "org", which is the organisation\'s file; say --family-id ID')
    name = choices.family_name or source.stem
    family = DraftFamily(family_id, name, source.name, tuple(levels.values()), competencies)
    pillars = {entry.pillar: _pillar_name(sheet, entry.pillar) for entry in competencies if entry.pillar}
    return Draft(choices.org_id, pillars, (family,))


def _sheet(source: Path, problems: Problems) -> _Sheet | None:
    text = read_source(source, problems)
    if text is None:
        return None
    try:
        lines = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), strict=True)]
    except csv.Error as broken:
        problems.tell(str(source), f"not a CSV file: {broken}; save the sheet as CSV, comma separated")
        return None
    rows = [(number, row) for number, row in enumerate(lines[1:], start=2) if any(row)]
    sheet = _Sheet(str(source), lines[0] if lines else [], rows, problems)
    return sheet if _is_rectangular(sheet) else None


def _is_rectangular(sheet: _Sheet) -> bool:
    width = len(sheet.header)
    if sheet.header and sheet.header[0].lower() in EXTRAS:
        sheet.tell("the first column names the competency; move this one to the right", row=1, column=sheet.header[0])
    if width < 2:
        other = next((mark for mark in ";\t" if any(mark in cell for cell in sheet.header)), "")
        remedy = (
            "its cells are not separated by commas; save it as CSV, comma separated" if other else "no level columns"
        )
        sheet.tell(remedy, row=1)
        return False
    if not sheet.rows:
        sheet.tell("holds no competency below the header")
    ragged = [(number, row) for number, row in sheet.rows if len(row) != width]
    for number, row in ragged:
        sheet.tell(f"has {len(row)} cells where the header has {width}; put texts with commas in quotes", row=number)
    for number, row in [(1, sheet.header), *sheet.rows]:
        for letter in filter(None, map(unstorable, row)):
            sheet.tell(f"holds the character {letter}; take it out", row=number)
    return not ragged and bool(sheet.rows)


def _levels(sheet: _Sheet, choices: Choices) -> dict[int, DraftLevel]:
    """The levels by the place of their column."""
    levels: dict[int, DraftLevel] = {}
    seen: dict[str, str] = {}
    for place, header in enumerate(sheet.header[1:], start=1):
        if not header and not any(row[place] for _, row in sheet.rows):
            continue  # spreadsheets like to leave empty columns at the end
        level = None if header.lower() in EXTRAS else _level(sheet, header, place, choices)
        name = level.id if level else header.lower()
        if name in seen:
            sheet.tell(f'stands twice, as "{seen[name]}" and "{header}"; rename or join them', row=1, column=header)
        seen[name] = header
        if level:
            levels[place] = level
    if not levels:
        sheet.tell("no level columns; write a column for each level, its id as header", row=1)
    return levels


def _level(sheet: _Sheet, header: str, place: int, choices: Choices) -> DraftLevel:
    before, mark, after = header.partition(":")
    kind = next((known for known in TRACK_KINDS if mark and known == before.strip().lower()), None)
    title = after.strip() if kind else header
    if mark and not kind:
        known = ", ".join(TRACK_KINDS)
        sheet.tell(f'"{before}" is no kind of track, which are {known}; or leave the colon out', row=1, column=header)
    level_id = title if ID.fullmatch(title) else identifier(title)
    if not level_id:
        sheet.tell(f"column {place + 1} has no level id; use Latin letters, digits and hyphens", row=1)
    return choices.level(level_id or f"column-{place + 1}", title, kind)


def _cells_of(sheet: _Sheet, extra: str) -> dict[int, str]:
    """The cells of an optional column by row number; nothing where the sheet has no such column."""
    places = [place for place, header in enumerate(sheet.header) if place and header.lower() == extra]
    return {number: row[places[0]] for number, row in sheet.rows} if places else {}


def _pillar_name(sheet: _Sheet, pillar_id: str) -> str:
    """A pillar's name as it was first written."""
    return next(cell for cell in _cells_of(sheet, "pillar").values() if identifier(cell) == pillar_id)


def _competencies(sheet: _Sheet, levels: dict[int, DraftLevel], choices: Choices) -> Iterator[DraftCompetency]:
    pillars, kinds = _cells_of(sheet, "pillar"), _cells_of(sheet, "kind")
    weights = _weights(sheet)
    for number, row in sheet.rows:
        name = row[0]
        entry_id = identifier(name)
        if not entry_id:
            what = f'"{name}" has no Latin letter or digit to make an id of' if name else "the competency has no name"
            sheet.tell(f"{what}; name it in the first column", row=number)
        pillar = identifier(pillars.get(number, ""))
        if pillars.get(number) and not pillar:
            sheet.tell("has no Latin letter or digit to make an id of", row=number, column="pillar")
        kind = choices.kinds.get(entry_id) or _kind(sheet, number, kinds.get(number, ""))
        cells = {level.id: Cell(row[place]) for place, level in levels.items() if row[place]}
        yield DraftCompetency(entry_id, name, cells, pillar or None, "", kind, weights.get(number))


def _kind(sheet: _Sheet, number: int, word: str) -> CompetencyKind | None:
    if not word or word.lower() in COMPETENCY_KINDS:
        return cast(CompetencyKind, word.lower()) if word else None
    near = did_you_mean(word.lower(), COMPETENCY_KINDS)
    sheet.tell(f'"{word}" is none of {", ".join(COMPETENCY_KINDS)}{near}', row=number, column="kind")
    return None


def _weights(sheet: _Sheet) -> dict[int, float]:
    """The weights by row number: one for every competency, or none at all."""
    cells = _cells_of(sheet, "weight")
    if not any(cells.values()):
        return {}
    weights = {}
    for number, cell in cells.items():
        weight = _number(cell)
        if not cell:
            sheet.tell("is empty; give every competency a weight, or none", row=number, column="weight")
        elif weight is None:
            sheet.tell(f'"{cell}" is no number from 0 up, such as 20 or 12.5', row=number, column="weight")
        else:
            weights[number] = weight
    return weights


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _check_rows(sheet: _Sheet, levels: dict[int, DraftLevel], competencies: Sequence[DraftCompetency]) -> None:
    """Two rows may share a name only when they speak of levels on different tracks."""
    kind_of = {level.id: level.kind for level in levels.values()}
    seen: dict[tuple[str, TrackKind], int] = {}
    for (number, _), entry in zip(sheet.rows, competencies, strict=True):
        for kind in sorted({kind_of[level_id] for level_id in entry.cells} or set(kind_of.values())):
            first = seen.setdefault((entry.id, kind), number)
            if first != number and entry.id:
                message = (
                    f'"{entry.name}" stands in row {first} already for the {kind} track; join the two or rename one'
                )
                sheet.tell(message, row=number)
