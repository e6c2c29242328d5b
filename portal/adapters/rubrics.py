"""The configured folder of rubric files, read again only when one of its files has changed."""

from pathlib import Path

from portal.domain.rubric_files import Library, read_folder

_Signature = tuple[tuple[str, int, int], ...]
_read: dict[Path, tuple[_Signature, Library]] = {}


def library_at(folder: Path) -> Library:
    """The library in this folder, as its files are now. Raises RubricFileErrors with every problem of every file."""
    signature = _signature(folder)
    known = _read.get(folder)
    if known is not None and known[0] == signature:
        return known[1]
    library = read_folder(folder)
    _read[folder] = (signature, library)
    return library


def _signature(folder: Path) -> _Signature:
    """Name, time of change (ns) and size of every rubric file; a file that vanishes meanwhile counts as changed."""
    found = []
    for file in sorted(folder.glob("*.toml")):
        try:
            status = file.stat()
        except FileNotFoundError:
            continue
        found.append((file.name, status.st_mtime_ns, status.st_size))
    return tuple(found)
