"""A past cycle from two CSV files, CASES and SCORES: read whole, every problem told at once with file, row and
column.
"""

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from portal.domain.measurement.shapes import Floats, Ints

CASE_COLUMNS = ("case", "track", "grade", "approved", "shown", "committee", "cycle")
SCORE_COLUMNS = ("case", "reviewer", "home", "competency", "pillar", "score")
CASE_REQUIRED = ("case", "track", "grade", "approved")
SCORE_REQUIRED = ("case", "reviewer", "competency", "score")
TRACKS = {"ic": 0, "manager": 1}
NAN = float("nan")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Problem:
    """What is wrong in a file and where: row 1 is the header; row and column are None where the file as a whole is
    meant.
    """

    file: str
    row: int | None
    column: str | None
    message: str


@dataclass(frozen=True)
class Cases:
    """CASES.csv: per case its name, track 0/1, grade, approved 1/0/nan, overall shown, committee and cycle ("" = not
    recorded).
    """

    names: tuple[str, ...]
    track: Ints
    grade: tuple[str, ...]
    approved: Floats
    shown: Floats
    committee: tuple[str, ...]
    cycle: tuple[str, ...]


@dataclass(frozen=True)
class Scores:
    """SCORES.csv: per score the case's place in CASES, reviewer, competency and score (nan = not assessed); per
    reviewer name and home.
    """

    case: Ints
    reviewer: Ints
    competency: Ints
    score: Floats
    reviewers: tuple[str, ...]
    home: Floats


class _Sheet:
    """One CSV file by columns, gathering problems as columns are read."""

    def __init__(self, path: Path, columns: Sequence[str], required: Sequence[str]) -> None:
        self.file, self.problems, self.columns, self.rows = str(path), list[Problem](), dict[str, list[str]](), 0
        try:
            with path.open(newline="", encoding="utf-8-sig") as lines:
                rows = list(csv.reader(lines, strict=True))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            self.tell(None, None, f"cannot be read as CSV in UTF-8: {error}")
            return
        header = [name.strip() for name in rows[0]] if rows else []
        if self._header_fits(header, columns, required):
            self._fill(header, rows[1:])

    def tell(self, row: int | None, column: str | None, message: str) -> None:
        self.problems.append(Problem(self.file, row, column, message))

    def _header_fits(self, header: list[str], columns: Sequence[str], required: Sequence[str]) -> bool:
        for name in required:
            if name not in header:
                self.tell(1, name, f"column is missing; the header must be {','.join(columns)}")
        absent = [name for name in columns if name not in header]
        for name in header:
            if header.count(name) > 1:
                self.tell(1, name, "column appears twice")
            elif absent and name not in columns:
                self.tell(1, name, f"unknown column while {', '.join(absent)} is missing: is it misspelt?")
        return not self.problems

    def _fill(self, header: list[str], rows: list[list[str]]) -> None:
        width = len(header)
        while rows and not rows[-1]:
            rows.pop()
        for at, row in enumerate(rows):
            if len(row) != width:
                self.tell(at + 2, None, f"has {len(row)} cells where the header has {width}")
        if self.problems:
            return
        self.rows = len(rows)
        if not rows:
            self.tell(None, None, "holds no rows below the header")
        for name, cells in zip(header, zip(*rows, strict=True), strict=False):
            self.columns[name] = [cell.strip() for cell in cells]

    def texts(self, column: str) -> list[str]:
        """The column's cells; empty texts where the column is absent."""
        return self.columns.get(column, [""] * self.rows)

    def read(self, column: str, convert: Callable[[str], Value | None], expected: str) -> list[Value]:
        """The column through `convert`, which answers None for what it cannot take; each such row becomes a problem."""
        cells = self.texts(column)
        known = {cell: convert(cell) for cell in set(cells)}
        wrong = {cell for cell, value in known.items() if value is None}
        if wrong:
            for at, cell in enumerate(cells):
                if cell in wrong:
                    self.tell(
                        at + 2, column, f"{cell!r} is not {expected}" if cell else f"is empty; {expected} is needed"
                    )
        # a None among them is a problem by now, and problems keep the values from being used
        return cast("list[Value]", [known[cell] for cell in cells])

    def once(self, column: str, keys: Sequence[Any], what: str) -> None:
        """A problem for each row whose key stood in an earlier row; incomplete keys (None) are told elsewhere."""
        if len(set(keys)) == len(keys):
            return
        first: dict[Any, int] = {}
        for at, key in enumerate(keys):
            if key is None or (isinstance(key, tuple) and None in key):
                continue
            if key in first:
                self.tell(at + 2, column, f"{what} stands in row {first[key]} already")
            first.setdefault(key, at + 2)


def _text(cell: str) -> str | None:
    return cell or None


def _number(cell: str) -> float | None:
    if not cell:
        return NAN
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def read_cases(path: Path, *, shown_needed: bool = False) -> tuple[Cases | None, list[Problem]]:
    """CASES.csv (`case,track,grade,approved,shown,committee,cycle`), or all its problems.

    Track `ic` or `manager`; approved `1`, `0` or empty (anchor, withdrawn); shown, committee and cycle may be empty
    or absent, except that with `shown_needed` every decided case needs a number there.
    """
    sheet = _Sheet(path, CASE_COLUMNS, (*CASE_REQUIRED, "shown") if shown_needed else CASE_REQUIRED)
    names = sheet.read("case", _text, "a name for the case")
    track = sheet.read("track", lambda cell: TRACKS.get(cell.lower()), "a track: ic or manager")
    grade = sheet.read("grade", _text, "a grade")
    decided = {"1": 1.0, "0": 0.0, "": NAN}
    approved = sheet.read("approved", decided.get, "1, 0 or empty (no decision)")
    shown = sheet.read("shown", _number, "a number or empty")
    sheet.once("case", names, "the case")
    if shown_needed and not sheet.problems:
        for at, (outcome, score) in enumerate(zip(approved, shown, strict=True)):
            if math.isnan(score) and not math.isnan(outcome):
                sheet.tell(at + 2, "shown", "is empty; without scores every decided case needs the overall shown")
    if sheet.problems:
        return None, sheet.problems
    committee, cycle = tuple(sheet.texts("committee")), tuple(sheet.texts("cycle"))
    cases = Cases(tuple(names), np.array(track), tuple(grade), np.array(approved), np.array(shown), committee, cycle)
    return cases, []


def _numbered(texts: Sequence[str]) -> tuple[Ints, tuple[str, ...]]:
    names = sorted(set(texts))
    place = {name: at for at, name in enumerate(names)}
    return np.array([place[text] for text in texts], dtype=np.int64), tuple(names)


def _homes(sheet: _Sheet, reviewer: Sequence[str | None], home: Sequence[float | None]) -> dict[str, float]:
    """One home per reviewer; a second one is a problem."""
    homes: dict[str, float] = {}
    for at, (name, side) in enumerate(zip(reviewer, home, strict=True)):
        if name is None or side is None or math.isnan(side):
            continue
        if homes.setdefault(name, side) != side:
            sheet.tell(at + 2, "home", f"reviewer {name!r} has another home in an earlier row")
    return homes


def read_scores(path: Path, cases: Cases | None) -> tuple[Scores | None, list[Problem]]:
    """SCORES.csv (`case,reviewer,home,competency,pillar,score`), or all its problems.

    Home `ic`, `manager` or empty; an empty score is "not assessed". `cases`: the file's cases must be among them;
    None (CASES could not be read) leaves that unchecked.
    """
    sheet = _Sheet(path, SCORE_COLUMNS, SCORE_REQUIRED)
    names = sheet.read("case", _text, "a name of a case")
    reviewer = sheet.read("reviewer", _text, "a reviewer")
    competency = sheet.read("competency", _text, "a competency")
    sides: dict[str, float] = {"ic": 0.0, "manager": 1.0, "": NAN}
    home = sheet.read("home", lambda cell: sides.get(cell.lower()), "a home track: ic, manager or empty")
    score = sheet.read("score", _number, "a number or empty (not assessed)")
    place = {name: at for at, name in enumerate(cases.names)} if cases else {}
    for at, name in enumerate(names):
        if cases and name and name not in place:
            sheet.tell(at + 2, "case", f"{name!r} is not a case of the cases file")
    sheet.once(
        "competency", list(zip(names, reviewer, competency, strict=True)), "this score of case, reviewer and competency"
    )
    homes = _homes(sheet, reviewer, home)
    if sheet.problems or cases is None:
        return None, sheet.problems
    people, reviewers = _numbered(reviewer)
    case = np.array([place[name] for name in names], dtype=np.int64)
    sides_of = np.array([homes.get(name, NAN) for name in reviewers])
    return Scores(case, people, _numbered(competency)[0], np.array(score), reviewers, sides_of), []
