"""The assignment file: one reviewer of one case a row, as CSV or as a workbook."""

from collections.abc import Iterable

from portal.adapters.tables import write_csv, write_workbook
from portal.people.sheet import Line, read_lines

COLUMNS = ("case", "reviewer_email")


def read_assignments(content: bytes) -> list[Line]:
    """The rows of an assignment file. Raises InvalidInput naming every row that does not fit the header."""
    return read_lines(content, COLUMNS, needed={"case": "it holds ids", "reviewer_email": "it says who"})


def write_assignments(pairs: Iterable[tuple[str, str]]) -> bytes:
    return write_csv(COLUMNS, pairs)


def write_assignments_workbook(pairs: Iterable[tuple[str, str]]) -> bytes:
    return write_workbook(COLUMNS, pairs, sheet="Assignments")
