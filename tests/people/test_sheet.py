"""The people file: what is read, what is refused with its place, and what a spreadsheet must not take for a formula."""

import pytest

from portal.domain.problems import InvalidInput
from portal.people.sheet import COLUMNS, Line, all_at_once, read_people, write_people

ROW = dict.fromkeys(COLUMNS, "") | {"email": "ada@example.org", "name": "Ada"}


def refused(content: bytes) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(InvalidInput) as refusal:
        read_people(content)
    return refusal.value.message, refusal.value.problems


def test_rows_are_numbered_as_a_spreadsheet_counts_and_blank_ones_left_out() -> None:
    lines = read_people(b"Email, name\nada@example.org,Ada\n,\n\nbo@example.org, Bo \n")
    assert lines == [
        Line(2, {"email": "ada@example.org", "name": "Ada"}),
        Line(5, {"email": "bo@example.org", "name": "Bo"}),
    ]


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [b",", b";"])
def test_a_byte_order_mark_and_semicolons_are_fine(start: bytes, delimiter: bytes) -> None:
    content = (
        start + delimiter.join([b"email", b"name"]) + b"\r\n" + delimiter.join([b"ada@example.org", b"Ad\xc3\xa1"])
    )
    assert read_people(content) == [Line(2, {"email": "ada@example.org", "name": "Adá"})]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty; its first row names the columns."),
        (b"\xff\xfee\x00", "The file is UTF-16; save it as CSV in UTF-8."),
        (
            b"email\nada\0@example.org",
            "The file is not text (it holds NUL bytes); save it as CSV in UTF-8 or as .xlsx.",
        ),
        (b"email,name\nada@example.org,Ad\xe1\n", "Line 2 is not UTF-8; save the file as CSV in UTF-8."),
        (b'email,name\nada@example.org,"Ada\n', "Line 2 is not CSV: unexpected end of data."),
    ],
)
def test_what_is_not_a_people_file_is_refused_with_the_remedy(content: bytes, message: str) -> None:
    assert refused(content)[0] == message


def test_every_fault_of_the_header_is_named_at_once() -> None:
    assert refused(b"name,name,manager_mail,shoe size\n")[1] == (
        "the column “name” is there twice",
        "there is no column “manager_mail”; did you mean “manager_email”?",
        f"there is no column “shoe size”; known are {', '.join(COLUMNS)}",
        "the column “email” is missing; people are told apart by it",
    )


def test_rows_of_the_wrong_length_are_named() -> None:
    assert refused(b"email,name\na@b.org\nc@d.org,C\ne@f.org,E,x\n")[1] == (
        "row 2: 1 cells where the header has 2",
        "row 4: 3 cells where the header has 2",
    )


def test_beyond_a_hundred_problems_the_rest_is_a_number() -> None:
    problems = all_at_once([f"row {n}" for n in range(130)]).problems
    assert (len(problems), problems[-1]) == (101, "and 30 more")


@pytest.mark.parametrize("name", ["=cmd()", "+1", "-1", "@x", " =x", "\t=x"])
def test_no_cell_acts_as_a_formula_and_reading_back_gives_the_name(name: str) -> None:
    written = write_people([ROW | {"name": name}])
    assert written.startswith(b"\xef\xbb\xbf")
    assert f"'{name}" in written.decode("utf-8-sig")
    assert read_people(written)[0].cells["name"].strip() == name.strip()


def test_what_is_written_can_be_read() -> None:
    assert read_people(write_people([ROW])) == [Line(2, ROW)]
