"""Tables as files: what a workbook's cells say as text, what is refused, and that no cell acts as a formula."""

import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.adapters import tables
from portal.adapters.tables import read_rows, write_csv, write_workbook
from portal.domain.problems import InvalidInput


def workbook(*rows: list[object]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    page.write_datetime(number, column, cell, day)
                else:
                    page.write(number, column, cell)
        book.add_worksheet().write_string(0, 0, "not read")
    return out.getvalue()


def test_cells_of_a_workbook_read_as_a_person_would_type_them() -> None:
    rows = [["email", "since"], ["a@example.org", datetime(2026, 4, 1)], [True, 7], [2.5, " x "]]
    assert read_rows(workbook(*rows)) == [
        ["email", "since"],
        ["a@example.org", "2026-04-01"],
        ["true", "7"],
        ["2.5", "x"],
    ]


def test_rows_keep_their_numbers_when_a_workbook_begins_with_empty_ones() -> None:
    assert read_rows(workbook([], [], ["a", None], ["b", "c"])) == [["", ""], ["", ""], ["a", ""], ["b", "c"]]


text = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from("='+-@＝ "), max_size=8)


@settings(deadline=None, max_examples=25)  # each example starts a process
@given(st.lists(st.tuples(text, text), max_size=4))
def test_what_is_written_reads_back_as_it_was_in_both_formats(rows: list[tuple[str, str]]) -> None:
    stripped = [["a", "b"], *([cell.strip() for cell in row] for row in rows)]
    assert read_rows(write_csv(("a", "b"), stripped[1:])) == stripped
    assert read_rows(write_workbook(("a", "b"), stripped[1:], sheet="x")) == stripped


@pytest.mark.parametrize("cell", ["=1+1", " =1", "+1", "-1", "@x", "＝1", " ＠x", "'=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    book = write_workbook(("a",), [[cell]], sheet="x")
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
    assert f"'{cell}".encode() in write_csv(("a",), [[cell]])


def test_the_same_rows_give_the_same_bytes() -> None:
    assert write_workbook(("a",), [["x"]], sheet="x") == write_workbook(("a",), [["x"]], sheet="x")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xd0\xcf\x11\xe0 old", "The file is an old or a locked Excel file; save it as .xlsx"),
        (b"PK\x03\x04 not a zip", "The file is not a workbook that can be read ("),
    ],
)
def test_what_is_no_workbook_is_refused_with_the_remedy(content: bytes, message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_rows(content)
    assert refusal.value.message.startswith(message)


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_MOST_UNPACKED", 100)
    with pytest.raises(InvalidInput, match="unpacks to more than"):
        read_rows(workbook(["a"]))


def test_a_cell_at_the_far_corner_of_a_sheet_ends_the_reading_and_not_the_portal() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write_string(1_048_575, 16_383, "17 billion cells in five kilobytes")
    with pytest.raises(InvalidInput, match="takes more room than a table does"):
        read_rows(out.getvalue())
