"""What may be attached to a packet: the kinds of file, told by their content and never by their name, and how much."""

import codecs
import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from portal.domain.problems import InvalidInput, Refused

MEGABYTE = 1024 * 1024
ACCEPTED = "PDF, PNG, JPEG or plain text (UTF-8)"
LONGEST_NAME = 120
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


class FileKind(StrEnum):
    """Values are what is stored; `mimetype` is what a browser is told."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    TEXT = "text"

    @property
    def mimetype(self) -> str:
        return _MIMETYPES[self]

    @property
    def suffix(self) -> str:
        return {FileKind.JPEG: ".jpg", FileKind.TEXT: ".txt"}.get(self, f".{self.value}")


_MIMETYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.PNG: "image/png",
    FileKind.JPEG: "image/jpeg",
    FileKind.TEXT: "text/plain; charset=utf-8",
}
_BEGINNINGS = ((b"%PDF-", FileKind.PDF), (b"\x89PNG\r\n\x1a\n", FileKind.PNG), (b"\xff\xd8\xff", FileKind.JPEG))


@dataclass(frozen=True)
class Limits:
    """In bytes: one file, all files of one case, all files of the portal."""

    file: int
    case: int
    instance: int


@dataclass(frozen=True)
class Inspected:
    """What a file turned out to be. `size` in bytes."""

    sha256: str
    size: int
    kind: FileKind


class Inspection:
    """Looks at a file piece by piece, so that no file is ever whole in memory.

    Raises InvalidInput as soon as it is clear that the file cannot be taken; the sentence says what to do."""

    def __init__(self, largest: int) -> None:
        self._largest, self._size, self._hash = largest, 0, hashlib.sha256()
        self._kind: FileKind | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")

    def take(self, piece: bytes) -> None:
        if not piece:
            return
        if self._kind is None:
            self._kind = kind_of(piece)
        self._size += len(piece)
        self._hash.update(piece)
        if self._size > self._largest:
            raise InvalidInput(f"The file is larger than {megabytes(self._largest)}. Make it smaller, or link to it.")
        if self._kind is FileKind.TEXT:
            self._read(piece, final=False)

    def result(self) -> Inspected:
        if self._kind is None:
            raise InvalidInput("The file is empty. Choose another one.")
        if self._kind is FileKind.TEXT:
            self._read(b"", final=True)
        return Inspected(self._hash.hexdigest(), self._size, self._kind)

    def _read(self, piece: bytes, *, final: bool) -> None:
        try:
            text = self._decoder.decode(piece, final)
        except UnicodeDecodeError:
            raise InvalidInput(_REFUSAL) from None
        if _NOT_TEXT.search(text):
            raise InvalidInput(_REFUSAL)


_REFUSAL = f"The content of the file is none of {ACCEPTED}, whatever its name says. Save it as one of these."


def kind_of(beginning: bytes) -> FileKind:
    """By the first bytes; what begins like none of the others has to prove that it is text."""
    return next((kind for mark, kind in _BEGINNINGS if beginning.startswith(mark)), FileKind.TEXT)


def refuse_over(limits: Limits, *, size: int, in_case: int, in_all: int) -> None:
    """Raise Refused when one more file of this size would be too much for the case or for the portal."""
    if in_case + size > limits.case:
        left = max(0, limits.case - in_case)
        raise Refused(
            f"The files of a packet may have {megabytes(limits.case)} together; {megabytes(left)} of that are left. "
            "Remove one you no longer need, or link to this one."
        )
    if in_all + size > limits.instance:
        raise Refused("The portal has no room for more files. Nothing was lost; tell a people partner, or link to it.")


def shown_name(sent: str) -> str:
    """The sender's file name as a label on pages: no folders, nothing invisible, cut to a length; never a path."""
    base = re.split(r"[\\/]", sent)[-1]
    kept = re.sub(r"\s+", " ", _UNPRINTABLE.sub("", base)).strip()
    return kept[:LONGEST_NAME] or "file"


def megabytes(size: int) -> str:
    """“10 MB”, “0.3 MB”; a little file is “1 KB” and not nothing."""
    if size >= MEGABYTE // 10:
        return f"{size / MEGABYTE:.1f}".removesuffix(".0") + " MB"
    return f"{-(-size // 1024)} KB"
