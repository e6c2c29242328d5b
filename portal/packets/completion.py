"""How far a packet is: which sections are done, what is missing by name, and which competencies have no evidence."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from portal.domain.case_types import CaseType
from portal.domain.ladder import Rubric
from portal.domain.packet import Section, is_complete, sections_for


@dataclass(frozen=True)
class Gap:
    """A section that is not complete, and the fields in which nothing is written."""

    section: Section
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Completion:
    """`done` of `total` required sections; `gaps` the others; competencies by name."""

    done: int
    total: int
    gaps: tuple[Gap, ...]
    must_haves: int
    must_haves_without_evidence: tuple[str, ...]
    others_without_evidence: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.gaps and not self.must_haves_without_evidence


def empty_fields(section: Section, texts: Mapping[str, str]) -> tuple[str, ...]:
    """Labels of the required fields in which nothing is written."""
    return tuple(f.label for f in section.fields if f.required and not texts.get(f.code, "").strip())


def completion(
    grade: int,
    rubric: Rubric,
    written: Mapping[str, Mapping[str, str]],
    evidenced: Collection[str],
    case_type: CaseType = CaseType.PROMOTION,
) -> Completion:
    """`written`: section code -> field code -> text; `evidenced`: ids of competencies with at least one row."""
    required = [s for s in sections_for(grade, case_type) if s.required]
    gaps = tuple(
        Gap(s, empty_fields(s, written.get(s.code, {})))
        for s in required
        if not is_complete(s, written.get(s.code, {}))
    )
    bare = [c for c in rubric.competencies if c.id not in evidenced]
    return Completion(
        done=len(required) - len(gaps),
        total=len(required),
        gaps=gaps,
        must_haves=sum(c.must_have is not None for c in rubric.competencies),
        must_haves_without_evidence=tuple(c.name for c in bare if c.must_have is not None),
        others_without_evidence=tuple(c.name for c in bare if c.must_have is None),
    )
