"""Several sheets in one file, and the files in what somebody sent: each small, and none unpacked beyond a limit."""

import io
import zipfile
import zlib
from collections.abc import Sequence

MOST_FILES = 200
MOST_UNPACKED = 20 * 1024 * 1024
_DAY = (2000, 1, 1, 0, 0, 0)
_WORKBOOK_PART = "[Content_Types].xml"
_ZIP = b"PK\x03\x04"


class TooMuch(Exception):
    """A file holds more than a set of sheets ever would."""


def zipped(files: Sequence[tuple[str, bytes]]) -> bytes:
    """One ZIP; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in files:
            bundle.writestr(zipfile.ZipInfo(name, _DAY), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def files_in(name: str, content: bytes) -> list[tuple[str, bytes]]:
    """The file itself, or what is in it if it is a ZIP of sheets: (name, content), in the order of the names.

    Raises TooMuch when it unpacks to more than sheets do, or is not a ZIP that can be read."""
    if not content.startswith(_ZIP):
        return [(name, content)]
    parts = _unpack(content)
    if any(inner == _WORKBOOK_PART for inner, _ in parts):
        return [(name, content)]
    for inner, held in parts:
        if held.startswith(_ZIP) and not any(deep == _WORKBOOK_PART for deep, _ in _unpack(held)):
            raise TooMuch(f"{inner} in it is another ZIP; send the sheets themselves.")
    return [(f"{name}: {inner}", held) for inner, held in parts]


def is_workbook(content: bytes) -> bool:
    return content.startswith(_ZIP)


def _unpack(content: bytes) -> list[tuple[str, bytes]]:
    """Every part, read through with a limit: the sizes a ZIP states for its parts need not be true."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            return _parts(bundle)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as broken:
        raise TooMuch(f"it cannot be unpacked ({broken}); send the sheets one by one.") from None


def _parts(bundle: zipfile.ZipFile) -> list[tuple[str, bytes]]:
    found, left = [], MOST_UNPACKED
    parts = sorted((p for p in bundle.infolist() if not p.is_dir()), key=lambda part: part.filename)
    if len(parts) > MOST_FILES:
        raise TooMuch(f"it holds more than {MOST_FILES} files; send fewer at once.")
    for part in parts:
        with bundle.open(part) as stream:
            held = stream.read(left + 1)
        left -= len(held)
        if left < 0:
            raise TooMuch("it unpacks to far more than review sheets do; send the sheets one by one.")
        if not part.filename.startswith("__MACOSX/"):
            found.append((part.filename, held))
    return found
