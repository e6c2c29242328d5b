"""Reads rubric files: one organisation file and one file per family, TOML to ladder values.

A folder loads whole or not at all: every problem of every file is gathered first and raised together. What can be read
but breaks a principle loads, and is for `portal.domain.lint` to report.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from portal.domain.ladder import Family, FamilyFile, Org
from portal.domain.rubric_lines import Lines
from portal.domain.rubric_problems import FileProblem, RubricFileErrors, Source, shape_problems
from portal.domain.rubric_references import family_problems, org_problems

__all__ = [
    "FileProblem",
    "Library",
    "RubricFileErrors",
    "content_hash",
    "read_family",
    "read_folder",
    "read_org",
    "read_pinned",
]


@dataclass(frozen=True)
class Library:
    """The rubric files of one folder, read: `families` and `texts` (the family files as written) by family id."""

    org: Org
    org_text: str
    families: Mapping[str, Family]
    texts: Mapping[str, str]

    def content_hash(self, family_id: str) -> str:
        """What a case pins: the hash over the organisation file and this family's file."""
        return content_hash(self.org_text, self.texts[family_id])


def content_hash(org_text: str, family_text: str) -> str:
    """SHA-256, in hex, over both texts in UTF-8, each after its length, so that no other pair has the same bytes."""
    digest = hashlib.sha256()
    for text in (org_text, family_text):
        content = text.encode()
        digest.update(f"{len(content)}:".encode() + content)
    return digest.hexdigest()


def read_org(text: str, file: str) -> Org:
    """The organisation written in `text`; `file` names it in problems. Raises `RubricFileErrors` with all of them."""
    source = _parsed(text, file)
    _raise_any(_org_faults(source))
    return Org.model_validate(source.values)


def read_family(org: Org, text: str, file: str) -> Family:
    """The family written in `text`, joined to its organisation. Raises `RubricFileErrors` with every problem."""
    source = _parsed(text, file)
    _raise_any(_family_faults(source, org.id))
    return _family(org, source)


@lru_cache(maxsize=64)
def read_pinned(org_text: str, family_text: str) -> Family:
    """The family of two stored texts, as a case pinned them; read once per content."""
    return read_family(read_org(org_text, "org file as pinned"), family_text, "family file as pinned")


def read_folder(path: Path) -> Library:
    """Every rubric file (`*.toml`) of a folder. Raises `RubricFileErrors` with every problem of every file."""
    texts, problems = _texts(Path(path))
    sources: dict[str, Source] = {}
    for file, text in texts.items():
        try:
            sources[file] = _parsed(text, file)
        except RubricFileErrors as unreadable:
            problems += unreadable.problems
    orgs = [source for source in sources.values() if _is_org(source)]
    families = [source for source in sources.values() if not _is_org(source)]
    problems += _folder_faults(Path(path), orgs, families, org_unreadable=bool(problems))
    _raise_any(problems)
    org = Org.model_validate(orgs[0].values)
    read = {source.file: _family(org, source) for source in families}
    return Library(
        org=org,
        org_text=texts[orgs[0].file],
        families=MappingProxyType({family.id: family for family in read.values()}),
        texts=MappingProxyType({family.id: texts[file] for file, family in read.items()}),
    )


def _family(org: Org, source: Source) -> Family:
    written = FamilyFile.model_validate(source.values)
    tables = {name: getattr(written, name) for name in FamilyFile.model_fields}
    return Family.model_validate({**tables, "org": org}, by_name=True)


def _parsed(text: str, file: str) -> Source:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        place = re.search(r"at line (\d+)", str(broken))
        line = int(place[1]) if place else len(text.splitlines())
        message = f"not valid TOML: {str(broken)[:1].lower()}{str(broken)[1:]}"
        raise RubricFileErrors([FileProblem(file, None, None, line, message)]) from broken
    return Source(file, {key: _frozen(value) for key, value in values.items()}, Lines(text))


def _frozen(value: Any) -> Any:
    """Lists become tuples, as the models hold them."""
    if isinstance(value, list):
        return tuple(_frozen(entry) for entry in value)
    if isinstance(value, dict):
        return {key: _frozen(entry) for key, entry in value.items()}
    return value


def _raise_any(problems: Iterable[FileProblem]) -> None:
    if found := list(problems):
        raise RubricFileErrors(found)


def _org_faults(source: Source) -> list[FileProblem]:
    return [*shape_problems(Org, source), *org_problems(source)]


def _family_faults(source: Source, org_id: str | None) -> list[FileProblem]:
    return [*shape_problems(FamilyFile, source), *family_problems(source, org_id)]


def _texts(path: Path) -> tuple[dict[str, str], list[FileProblem]]:
    """The text of each rubric file by file name, line ends as LF, and the files that cannot be read as text."""
    if not path.is_dir():
        return {}, [FileProblem(str(path), None, None, None, "no such folder; name a folder that holds rubric files")]
    texts: dict[str, str] = {}
    problems: list[FileProblem] = []
    for file in sorted(path.glob("*.toml")):
        try:
            texts[file.name] = file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as garbled:
            message = f"not UTF-8 text: {garbled.reason} at byte {garbled.start}"
            problems.append(FileProblem(file.name, None, None, None, message))
        except OSError as unreadable:
            problems.append(FileProblem(file.name, None, None, None, f"cannot be read: {unreadable.strerror}"))
    return texts, problems


def _is_org(source: Source) -> bool:
    """A file says what it is by `kind`; where it does not, its name decides, so that its other faults are found too."""
    kind = source.values.get("kind")
    return bool(kind == "org" or (kind != "family" and source.file == "org.toml"))


def _folder_faults(
    path: Path, orgs: list[Source], families: list[Source], *, org_unreadable: bool
) -> list[FileProblem]:
    problems = [problem for source in orgs for problem in _org_faults(source)]
    if not orgs and not org_unreadable:
        problems.append(FileProblem(str(path), None, None, None, 'no organisation file here (kind = "org")'))
    problems += [
        extra.problem(f"a second organisation file; {orgs[0].file} is the first", None, 0, ("kind",))
        for extra in orgs[1:]
    ]
    org_id = orgs[0].values.get("id") if orgs else None
    files: dict[str, str] = {}
    for source in families:
        problems += _family_faults(source, org_id if isinstance(org_id, str) else None)
        name = str(source.values.get("id", source.file))
        first = files.setdefault(name, source.file)
        if first != source.file:
            problems.append(source.problem(f'duplicate family id "{name}"; {first} has it already', None, 0, ("id",)))
    return problems
