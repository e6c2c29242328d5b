"""A packet as it is read: the same view for a draft's preview and for a snapshot, from plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from portal.domain.attachments import FileKind, megabytes
from portal.domain.case_types import CaseType
from portal.domain.ladder import Rubric, RubricCompetency, ScalePoint
from portal.domain.packet import Field, Section, sections_for
from portal.models.packet import Evidence
from portal.web.prose import prose

_COLUMNS = ("id", "claim", "contribution", "period", "link")


@dataclass(frozen=True)
class ReadSection:
    section: Section
    texts: tuple[tuple[Field, Markup], ...]


@dataclass(frozen=True)
class ReadFile:
    """`about` says what kind of file it is and how large."""

    id: str
    name: str
    about: str


@dataclass(frozen=True)
class ReadEvidence:
    id: str
    claim: Markup
    contribution: Markup
    period: str
    link: str
    files: tuple[ReadFile, ...] = ()


@dataclass(frozen=True)
class ReadCompetency:
    """A competency of the target level with what the candidate claims for it."""

    line: RubricCompetency
    point: ScalePoint | None
    rows: tuple[ReadEvidence, ...]


@dataclass(frozen=True)
class Reading:
    """A packet as it is read, from plain data: the same for a draft's preview and for a snapshot."""

    sections: tuple[ReadSection, ...]
    competencies: tuple[ReadCompetency, ...]


def reading(rubric: Rubric, grade: int, content: dict[str, Any], case_type: CaseType = CaseType.PROMOTION) -> Reading:
    """The view of `packets/_content.html`; `content` is a snapshot's, or a draft's as plain data."""
    return Reading(
        sections=tuple(_read_section(s, content["sections"].get(s.code, {})) for s in sections_for(grade, case_type)),
        competencies=tuple(_read_competency(rubric, line, content) for line in rubric.competencies),
    )


def _read_section(section: Section, texts: dict[str, str]) -> ReadSection:
    return ReadSection(section, tuple((f, prose(texts.get(f.code, ""))) for f in section.fields))


def _read_competency(rubric: Rubric, line: RubricCompetency, content: dict[str, Any]) -> ReadCompetency:
    value = content["self_assessment"].get(line.id)
    rows = tuple(read_evidence(row) for row in content["evidence"] if row["competency"] == line.id)
    return ReadCompetency(line, point(rubric, value), rows)


def read_evidence(row: dict[str, Any] | Evidence, files: Sequence[dict[str, Any]] | None = None) -> ReadEvidence:
    """A row of a snapshot, or of the draft with its files as plain data."""
    held = row if isinstance(row, dict) else {name: getattr(row, name) for name in _COLUMNS}
    return ReadEvidence(
        held["id"],
        prose(held["claim"]),
        prose(held["contribution"]),
        held["period"],
        held["link"],
        tuple(_read_file(one) for one in (held.get("attachments", ()) if files is None else files)),
    )


def _read_file(held: dict[str, Any]) -> ReadFile:
    kind = FileKind(held["kind"])
    words = {FileKind.TEXT: "text"}.get(kind, kind.value.upper())
    return ReadFile(held["id"], held["name"], f"{words}, {megabytes(held['size'])}")


def point(rubric: Rubric, value: int | None) -> ScalePoint | None:
    points = rubric.scale.points if rubric.scale else ()
    return next((p for p in points if p.value == value), None)
