"""The ladders that count: the configured folder of rubric files, read again only when one of its files has changed, and
on top of it what was published here and is in force."""

from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from sqlalchemy.orm import Session

from portal.domain.ladder import Family
from portal.domain.rubric_files import Library, read_family, read_folder, read_org
from portal.models.ladder import in_force

_Signature = tuple[tuple[str, int, int], ...]
_read: dict[Path, tuple[_Signature, Library]] = {}


def library_for(s: Session, *, folder: Path, on: date) -> Library:
    """The ladders of a day, for every room that names a level or pins a rubric: the files, each family overtaken by its
    release in force.

    The organisation's file is always the folder's. Raises RubricFileErrors with every problem."""
    files = library_at(folder)
    released = {row.family_id: row.rubric_version.family_text for row in in_force(s, on)}
    families = {family_id: _published(files.org_text, text, family_id) for family_id, text in released.items()}
    return replace(
        files,
        families=MappingProxyType({**files.families, **families}),
        texts=MappingProxyType({**files.texts, **released}),
    )


@lru_cache(maxsize=64)
def _published(org_text: str, family_text: str, family_id: str) -> Family:
    return read_family(read_org(org_text, "organisation file"), family_text, f"{family_id}, published")


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
