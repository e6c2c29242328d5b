"""A sheet comes back as it went out, in either form, whatever was written in it; and what cannot be read is named by
its cell or line."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.adapters.tables import read_rows, write_workbook
from portal.reviews import sheets
from portal.reviews.sheets import Key, Line, Matter, NotASheet, Sheet, TooMuch

KEY = Key("abc123def456", "rex@example.org", "1 9f86d081884c7d65", "2c26b46b68ffc68f", "3")
MATTER = Matter(
    about=("Ada, to Staff", "two\nlines"),
    asked={"ships": ("Ships what matters", "Expected: [depth]\nscore: 4", ("0 · None: nothing",))},
    claims={"ships": ("E1: why:", "E2: =1+1")},
    packet=(("Summary", "Text", "[_end]\n[ships]\nwhy:\n# x"), ("E1", "", "")),
    scores=("0", "1", "2", "3", "4", "no_evidence"),
    hints=("Fill in.",),
    summary="Summary",
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=80).map(str.strip)
NASTY = st.sampled_from(
    [
        "=1+1", "'=1+1", "@x", "-3", "+1", "[ships]", "[_end]", "why:", "| bar", "||", "# note", "_x0041_", "_x000D_",
        "a\n\n\nb", "score: 2", "1e5", "TRUE", "2026-01-01", "007", "\u2028x", "x\x0by", "\ufeffx", "مرحبا", "漢字",
    ]
).map(str.strip)  # fmt: skip
SCORE = st.sampled_from(["", "0", "3", "no_evidence", "outside_my_field", "unclear"])
CITES = st.lists(st.sampled_from(["E1", "E2", "E12"]), unique=True).map(tuple)


def lines(code: str) -> st.SearchStrategy[Line]:
    return st.builds(Line, st.just(code), SCORE, TEXT | NASTY, CITES)


SHEETS = st.builds(Sheet, st.just(KEY), st.tuples(lines("ships"), lines("depth"), lines("cross-team")), TEXT | NASTY)
PLAIN = Sheet(KEY, (Line("ships", "3", "Shown.", ("E1",)), Line("depth")), "Solid.")


@given(SHEETS, st.sampled_from([Matter(), MATTER]))
@settings(max_examples=300, deadline=None)
def test_a_text_comes_back_as_it_went_out(sheet: Sheet, matter: Matter) -> None:
    assert sheets.read_text(sheets.write_text(sheet, matter)).sheet == sheet


@given(SHEETS, st.sampled_from([Matter(), MATTER]))
@settings(max_examples=120, deadline=None)
def test_a_workbook_comes_back_as_it_went_out(sheet: Sheet, matter: Matter) -> None:
    assert sheets.read_workbook(sheets.write_workbook(sheet, matter)).sheet == sheet


@given(SHEETS)
@settings(max_examples=100, deadline=None)
def test_an_editors_line_ends_and_mark_do_no_harm(sheet: Sheet) -> None:
    text = "\ufeff" + sheets.write_text(sheet).replace("\n", "\r\n")
    assert sheets.read_text(text).sheet == sheet


def test_text_without_bars_is_text_all_the_same() -> None:
    said = "Shown twice.\n\n  and: once more\n# even this"
    assert sheets.read_text(sheets.write_text(PLAIN).replace("| Shown.", said)).sheet.lines[0].why == said


def test_the_same_sheet_is_the_same_file() -> None:
    assert sheets.write_workbook(PLAIN, MATTER) == sheets.write_workbook(PLAIN, MATTER)
    files = [("a.txt", b"one"), ("b.txt", b"two")]
    assert sheets.zipped(files) == sheets.zipped(files)


def test_no_cell_is_a_formula() -> None:
    sheet = Sheet(KEY, (Line("ships", "", '=HYPERLINK("http://x")', ()),), "+1")
    with zipfile.ZipFile(io.BytesIO(sheets.write_workbook(sheet, MATTER))) as parts:
        pages = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
    assert [(len(page) > 500, b"<f>" in page) for page in pages] == [(True, False), (True, False)]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("Evenbar review sheet 1", "Something", "line 1: the file does not begin with “Evenbar review sheet”"),
        ("Evenbar review sheet 1", "Evenbar review sheet 9", "line 1: this sheet has another format than 1"),
        ("reviewer: rex@example.org\n", "", "line 1: the head does not say “reviewer:”"),
        ("[depth]", "[ships]", "line 16: [ships] is there twice"),
        ("[_end]", "", "line 27: the line [_end] is missing"),
        ("score: 3", "3", "line 11: text belongs under “why:”"),
        ("why:\n| Solid.", "# nothing", "line 22: [_summary] has no line “why:”"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_by_line(old: str, new: str, why: str) -> None:
    with pytest.raises(NotASheet) as refused:
        sheets.read_text(sheets.write_text(PLAIN).replace(old, new, 1))
    assert str(refused.value).startswith(why)


def cells(**changed: str) -> bytes:
    """A workbook as the form writes it, some cells changed: `cells(A1="x")`."""
    rows = [[*row, *([""] * (8 - len(row)))] for row in read_rows(sheets.write_workbook(PLAIN))]
    for place, text in changed.items():
        rows[int(place[1:]) - 1]["ABCDEFGH".index(place[0])] = text
    return write_workbook(rows[0], rows[1:], sheet="Review")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"A1": "x"}, "cell A1: it does not say “Evenbar review sheet”"),
        ({"B1": "9"}, "cell B1: this sheet has another format than 1"),
        ({"A3": "who"}, "cell A3: it does not say “reviewer”"),
        ({"F8": "Points"}, "row 8: the columns are Code, Competency"),
        ({"A10": "ships"}, "cell A10: ships is there twice"),
        ({"A9": ""}, "cell A9: the row says nothing of which competency"),
    ],
)
def test_a_workbook_that_cannot_be_read_is_refused_by_cell(changed: dict[str, str], why: str) -> None:
    with pytest.raises(NotASheet) as refused:
        sheets.read_workbook(cells(**changed))
    assert str(refused.value).startswith(why)


def test_what_is_no_workbook_is_refused_with_a_remedy() -> None:
    with pytest.raises(NotASheet, match="not a workbook that can be read"):
        sheets.read_workbook(b"PK\x03\x04 and then nothing")


def test_places_name_the_cell_and_the_line_of_each_field() -> None:
    book = sheets.read_workbook(sheets.write_workbook(PLAIN))
    assert [book.place("depth", what) for what in ("score", "why", "cites")] == ["cell F10", "cell G10", "cell H10"]
    assert (book.place("", "saved"), book.place("_summary", "why")) == ("cell B6", "cell G11")
    text = sheets.read_text(sheets.write_text(PLAIN))
    assert [text.place("ships", what) for what in ("score", "cites", "why")] == ["line 11", "line 12", "line 13"]
    assert text.place("ships", "nothing") == ""


def test_a_zip_gives_its_sheets_by_name_and_a_workbook_is_one_file() -> None:
    book = sheets.write_workbook(PLAIN)
    both = sheets.zipped([("b.txt", b"two"), ("a.xlsx", book), ("__MACOSX/x", b"")])
    assert sheets.files_in("mine.zip", both) == [("mine.zip: a.xlsx", book), ("mine.zip: b.txt", b"two")]
    assert sheets.files_in("a.xlsx", book) == [("a.xlsx", book)]
    assert sheets.files_in("a.txt", b"text") == [("a.txt", b"text")]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([("big.txt", b"0" * 30_000_000)], "it unpacks to far more"),
        ([("inner.zip", sheets.zipped([("a.txt", b"")]))], "inner.zip in it is another ZIP"),
        ([(f"{n}.txt", b"") for n in range(201)], "it holds more than 200 files"),
    ],
)
def test_what_is_no_set_of_sheets_is_not_unpacked(files: list[tuple[str, bytes]], why: str) -> None:
    with pytest.raises(TooMuch) as refused:
        sheets.files_in("mine.zip", sheets.zipped(files))
    assert str(refused.value).startswith(why)


def test_a_broken_zip_is_refused_with_a_remedy() -> None:
    with pytest.raises(TooMuch, match="send the sheets one by one"):
        sheets.files_in("mine.zip", b"PK\x03\x04 broken")
