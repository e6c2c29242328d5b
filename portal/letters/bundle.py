"""The released letters of a cycle as one file: a ZIP with a list, or one PDF with an outline. Made piece by piece, so
that five hundred letters take no more memory than one."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from portal.adapters.pdf_merge import merge
from portal.adapters.storage import Storage
from portal.adapters.tables import write_csv
from portal.letters.queries import Issued

LIST = "letters.csv"
HEADER = ("file", "candidate", "level", "outcome", "version", "issued_on", "standing", "code", "sha256")
SUPERSEDED = "superseded"
STANDS = "stands"
_PIECE = 64 * 1024


def standing(issued: Issued) -> str:
    return SUPERSEDED if issued.superseded else STANDS


def entry_name(issued: Issued) -> str:
    """Says nothing about whom or what the letter is about, but whether it still stands."""
    folder = f"{SUPERSEDED}/" if issued.superseded else ""
    return f"{folder}evenbar-letter-{issued.code}.pdf"


def listing(letters: Iterable[Issued]) -> bytes:
    """Which file is whose letter, for a spreadsheet."""
    return write_csv(HEADER, [_row(one) for one in letters])


def _row(one: Issued) -> tuple[str, ...]:
    what = (entry_name(one), one.candidate, one.level, one.outcome, str(one.version), one.issued_on)
    return (*what, standing(one), one.code, one.pdf_sha256)


class _Pipe(io.RawIOBase):
    """Takes what is written and gives it away in pieces; it cannot go back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def taken(self) -> Iterator[bytes]:
        pieces, self._pieces = self._pieces, []
        yield from pieces


def zipped(letters: Sequence[Issued], storage: Storage) -> Iterator[bytes]:
    """A ZIP in pieces: the list, then the letters as they lie in the store. The same letters give the same bytes."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry(LIST), listing(letters))
        yield from pipe.taken()
        for one in letters:
            archive.writestr(_entry(entry_name(one)), storage.get(one.pdf_sha256))
            yield from pipe.taken()
    yield from pipe.taken()


def _entry(name: str) -> zipfile.ZipInfo:
    """With a fixed time, so that nothing but the letters tells one archive from another."""
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.external_attr = 0o600 << 16
    return info


def merged(letters: Sequence[Issued], storage: Storage, *, title: str, words: dict[str, str]) -> IO[bytes]:
    """One PDF of all letters with an outline of candidates; `words` says an outcome, and what superseded is called."""
    parts = ((_heading(one, words), storage.get(one.pdf_sha256)) for one in letters)
    return merge(parts, title=title, language="en")


def _heading(one: Issued, words: dict[str, str]) -> str:
    said = f"{one.candidate}: {one.level}, {words[one.outcome]}"
    return f"{said} ({words[SUPERSEDED]})" if one.superseded else said


def in_pieces(file: IO[bytes]) -> Iterator[bytes]:
    """An open file as the body of an answer; it is closed when the answer was given, or broke off."""
    with file:
        while piece := file.read(_PIECE):
            yield piece
