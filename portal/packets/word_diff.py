"""What changed between two versions of a packet, word by word."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from portal.domain.case_types import CaseType
from portal.domain.ladder import Rubric
from portal.domain.packet import Section, sections_for

MOST_PARTS = 1_500  # beyond it the comparison would take seconds: compare by lines, then not at all
_WORDS = re.compile(r"\S+\s*")
EVIDENCE_FIELDS = (("claim", "Claim"), ("contribution", "My contribution"), ("period", "When"), ("link", "Link"))


@dataclass(frozen=True)
class Piece:
    """A run of text; `kind` is "same", "gone" or "new"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Change:
    """A place in the packet that reads differently now."""

    where: str
    field: str
    pieces: tuple[Piece, ...]


@lru_cache(maxsize=512)
def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """The later text with what went and what came; joining all but "gone" gives `after`, all but "new" `before`."""
    if before == after:
        return (Piece("same", after),) if after else ()
    old, new = _parts(before, after)
    if max(len(old), len(new)) > MOST_PARTS:
        return tuple(p for p in (Piece("gone", before), Piece("new", after)) if p.text)
    return tuple(_pieces(old, new))


def _parts(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) <= MOST_PARTS:
        return old, new
    return before.splitlines(keepends=True), after.splitlines(keepends=True)


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(new[j1:j2]))
            continue
        if i2 > i1:
            yield Piece("gone", "".join(old[i1:i2]))
        if j2 > j1:
            yield Piece("new", "".join(new[j1:j2]))


def changes(
    grade: int,
    rubric: Rubric,
    before: dict[str, Any],
    after: dict[str, Any],
    case_type: CaseType = CaseType.PROMOTION,
) -> tuple[Change, ...]:
    """Every place at which two snapshots' contents differ, in reading order."""
    asked = sections_for(grade, case_type)
    return (*_of_sections(asked, before, after), *_of_evidence(rubric, before, after), *_of_self(rubric, before, after))


def _of_sections(asked: tuple[Section, ...], before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for section in asked:
        for field in section.fields:
            old, new = (c["sections"].get(section.code, {}).get(field.code, "") for c in (before, after))
            if old != new:
                yield Change(section.title, field.label, word_diff(old, new))


def _of_evidence(rubric: Rubric, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    names = {c.id: c.name for c in rubric.competencies}
    old_rows, new_rows = ({row["id"]: row for row in c["evidence"]} for c in (before, after))
    for key in [*new_rows, *(k for k in old_rows if k not in new_rows)]:
        old, new = old_rows.get(key, {}), new_rows.get(key, {})
        for code, label in EVIDENCE_FIELDS:
            if old.get(code, "") != new.get(code, ""):
                name = names.get((new or old)["competency"], "")
                yield Change(name, label, word_diff(old.get(code, ""), new.get(code, "")))


def _of_self(rubric: Rubric, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for line in rubric.competencies:
        old, new = (_point(rubric, c["self_assessment"].get(line.id)) for c in (before, after))
        if old != new:
            yield Change(line.name, "Self-assessment", word_diff(old, new))


def _point(rubric: Rubric, value: int | None) -> str:
    points = rubric.scale.points if rubric.scale else ()
    found = next((p for p in points if p.value == value), None)
    return f"{found.value:g} · {found.name}" if found else ""
