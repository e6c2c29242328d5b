"""The scoring form as a file to fill in without a connection: what it holds, and its two forms, text and workbook."""

from portal.reviews.sheets.bundle import MOST_FILES, MOST_UNPACKED, TooMuch, files_in, is_workbook, zipped
from portal.reviews.sheets.sheet import SUMMARY, Filled, Key, Line, Matter, NotASheet, Sheet
from portal.reviews.sheets.text import read_text, write_text
from portal.reviews.sheets.workbook import read_workbook, write_workbook

__all__ = [
    "MOST_FILES",
    "MOST_UNPACKED",
    "SUMMARY",
    "Filled",
    "Key",
    "Line",
    "Matter",
    "NotASheet",
    "Sheet",
    "TooMuch",
    "files_in",
    "is_workbook",
    "read_text",
    "read_workbook",
    "write_text",
    "write_workbook",
    "zipped",
]
