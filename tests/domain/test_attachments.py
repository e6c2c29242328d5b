"""What may be attached: told by content, in pieces, with a sentence that says what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.attachments import FileKind, Inspection, Limits, megabytes, refuse_over, shown_name
from portal.domain.problems import InvalidInput, Refused

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def inspected(data: bytes, largest: int = 1000, step: int = 7):
    found = Inspection(largest)
    for at in range(0, len(data), step):
        found.take(data[at : at + step])
    found.take(b"")
    return found.result()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n" + bytes(20), FileKind.PDF),
        (PNG, FileKind.PNG),
        (b"\xff\xd8\xff\xe0" + bytes(20), FileKind.JPEG),
        ("Große Fläche\n\tüber\r\nZeilen\f".encode(), FileKind.TEXT),
        (b"<script>alert(1)</script>", FileKind.TEXT),
    ],
)
def test_the_kind_is_told_by_the_content(data: bytes, kind: FileKind) -> None:
    assert inspected(data, step=40).kind is kind


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00\x03",
        b"PK\x03\x04",
        b"GIF89a\x01\x00",
        "text in UTF-16".encode("utf-16"),
        b"caf\xe9 in Latin-1",
        b"a text with a NUL\x00",
        b"a cut off character \xc3",
        b"\x00%PDF-1.7",
    ],
)
def test_anything_else_is_refused_with_what_is_accepted(data: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        inspected(data)
    assert refused.value.message == (
        "The content of the file is none of PDF, PNG, JPEG or plain text (UTF-8), whatever its name says. "
        "Save it as one of these."
    )


def test_nothing_is_no_file() -> None:
    with pytest.raises(InvalidInput, match="The file is empty"):
        inspected(b"")


def test_a_file_that_is_too_large_is_refused_before_it_is_read_to_its_end() -> None:
    found = Inspection(10)
    found.take(b"0123456789")
    with pytest.raises(InvalidInput, match="larger than 1 KB"):
        found.take(b"x")


@given(
    st.text(alphabet=st.characters(min_codepoint=32, codec="utf-8", exclude_characters="\x7f"), min_size=1),
    st.integers(1, 9),
)
def test_text_is_text_wherever_it_is_cut(text: str, step: int) -> None:
    data = text.encode()
    assert (inspected(data, 10**6, max(step, 4)).size) == len(data)


def test_limits_of_case_and_portal_are_told_apart() -> None:
    limits = Limits(file=10, case=3 * 1024**2, instance=5 * 1024**2)
    refuse_over(limits, size=1024**2, in_case=2 * 1024**2, in_all=4 * 1024**2)
    with pytest.raises(Refused, match="may have 3 MB together; 1 MB of that are left"):
        refuse_over(limits, size=1024**2 + 1, in_case=2 * 1024**2, in_all=0)
    with pytest.raises(Refused, match="The portal has no room for more files"):
        refuse_over(limits, size=1024**2, in_case=0, in_all=5 * 1024**2)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("plan.pdf", "plan.pdf"),
        ("C:\\Users\\ada\\plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\r\nb\x00c.txt", "abc.txt"),
        ("  ", "file"),
        ("x" * 200, "x" * 120),
    ],
)
def test_a_name_is_a_label_and_never_a_path(sent: str, shown: str) -> None:
    assert shown_name(sent) == shown


def test_sizes_in_words() -> None:
    assert [megabytes(n) for n in (0, 1, 2048, 300_000, 10 * 1024**2)] == ["0 KB", "1 KB", "2 KB", "0.3 MB", "10 MB"]


@pytest.mark.parametrize(
    ("kind", "mimetype", "suffix"),
    [
        (FileKind.PDF, "application/pdf", ".pdf"),
        (FileKind.PNG, "image/png", ".png"),
        (FileKind.JPEG, "image/jpeg", ".jpg"),
        (FileKind.TEXT, "text/plain; charset=utf-8", ".txt"),
    ],
)
def test_what_a_browser_is_told_of_a_file(kind: FileKind, mimetype: str, suffix: str) -> None:
    assert (kind.mimetype, kind.suffix) == (mimetype, suffix)
