"""Which ladders there are to read: those of the configured folder, each overtaken by what was published here and is in
force; or, while the files are broken, the versions pinned last. Any pinned version can be read for ever."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from statistics import fmean

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.rubrics import library_for
from portal.domain import lint
from portal.domain.case_types import rubric_for
from portal.domain.ladder import Family
from portal.domain.lint import pay
from portal.domain.rubric_files import FileProblem, Library, RubricFileErrors, read_pinned
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.ladder import LadderDraft, LadderRelease, RubricVersion
from portal.models.packet import SelfAssessment
from portal.models.person import Person

PAY_RULES = frozenset(rule.id for rule in pay.RULES)


@dataclass(frozen=True)
class Ladder:
    """A family's ladder in one version. `asked` is set when this very version was asked for, not just the newest."""

    family: Family
    content_hash: str
    org_text: str
    family_text: str
    pinned_at: datetime | None = None
    from_files: bool = False
    asked: bool = False

    @property
    def version(self) -> str | None:
        """What links on its pages carry, so that a reader of an old version stays in it."""
        return self.content_hash if self.asked else None


@dataclass(frozen=True)
class Shelf:
    """Every ladder, by name; `problems` says why the files cannot be read, and then the ladders are pinned versions."""

    ladders: tuple[Ladder, ...]
    problems: tuple[FileProblem, ...] = ()


def draft(s: Session, *, family_id: str) -> LadderDraft | None:
    return s.scalar(select(LadderDraft).where(LadderDraft.family_id == family_id))


def drafts(s: Session) -> list[LadderDraft]:
    return list(s.scalars(select(LadderDraft).order_by(LadderDraft.family_id)))


def moved_on(library: Library, pins: Mapping[str, RubricVersion]) -> list[tuple[RubricVersion, str]]:
    """The pinned versions that the library has left behind, each with the version a new cycle would pin now ("–" if it
    has no label)."""
    found = []
    for family_id, pinned in sorted(pins.items()):
        now = library.families.get(family_id)
        if now is not None and library.content_hash(family_id) != pinned.content_hash:
            found.append((pinned, now.version or "–"))
    return found


def pinned_otherwise(s: Session, ladders: Iterable[Ladder]) -> list[tuple[Cycle, Ladder, RubricVersion]]:
    """The open cycles that score on another version of a ladder than the one in force, the oldest cycle first."""
    now = {found.family.id: found for found in ladders}
    open_cycles = s.scalars(select(Cycle).where(Cycle.closed_at.is_(None)).order_by(Cycle.opens_at, Cycle.id))
    pins = [(cycle, pin) for cycle in open_cycles for pin in cycle.pins if pin.family_id in now]
    return [
        (cycle, now[pin.family_id], pin.rubric_version)
        for cycle, pin in pins
        if now[pin.family_id].content_hash != pin.content_hash
    ]


def shelf(s: Session, *, folder: Path, on: date) -> Shelf:
    """Every ladder there is to read on a day."""
    try:
        library = library_for(s, folder=folder, on=on)
    except RubricFileErrors as broken:
        return Shelf(_by_name(_newest_pinned(s, on)), broken.problems)
    ladders = (
        Ladder(family, library.content_hash(family_id), library.org_text, library.texts[family_id], from_files=True)
        for family_id, family in library.families.items()
    )
    return Shelf(_by_name(ladders))


def ladder(s: Session, *, folder: Path, on: date, family_id: str, version: str | None = None) -> Ladder | None:
    """The ladder of this family as it is now, or in the pinned version of this content hash."""
    if version is not None:
        row = s.get(RubricVersion, version)
        return _pinned(row, asked=True) if row and row.family_id == family_id else None
    return next((found for found in shelf(s, folder=folder, on=on).ladders if found.family.id == family_id), None)


@dataclass(frozen=True)
class SelfView:
    """Where a person saw themselves last: means by pillar id, in points of the scale, as held against one level."""

    by_pillar: Mapping[str, float]
    level: str
    grade: int | None
    saved_at: datetime


def last_self_view(s: Session, person: Person) -> SelfView | None:
    """From the newest of one's own cases that holds a self-assessment. Shown to that person and to nobody else."""
    q = (
        select(Case, SelfAssessment)
        .join(SelfAssessment, SelfAssessment.case_id == Case.id)
        .where(Case.candidate_id == person.id, SelfAssessment.value.is_not(None))
        .order_by(Case.created_at.desc(), Case.id, SelfAssessment.competency_id)
    )
    rows = s.execute(q).all()
    if not rows:
        return None
    case = rows[0][0]
    family = read_pinned(case.rubric_version.org_text, case.rubric_version.family_text)
    rubric = rubric_for(family, case.case_type, case.from_level_id, case.to_level_id)
    pillars = {line.id: line.pillar.id for line in rubric.competencies}
    values: dict[str, list[int]] = {}
    mine = [line for its, line in rows if its.id == case.id and line.competency_id in pillars]
    for line in mine:
        if line.value is not None:
            values.setdefault(pillars[line.competency_id], []).append(line.value)
    means = {pillar: fmean(found) for pillar, found in values.items()}
    saved_at = max((line.saved_at for line in mine), default=case.created_at)
    return SelfView(means, rubric.level.title, rubric.grade, saved_at)


def findings(of: Ladder, *, with_pay: bool) -> list[lint.Finding]:
    """What the principles say about a ladder. Findings on pay quote bands, so they go where bands may."""
    return [f for f in _checked(of.org_text, of.family_text) if with_pay or f.rule not in PAY_RULES]


@lru_cache(maxsize=64)
def _checked(org_text: str, family_text: str) -> tuple[lint.Finding, ...]:
    return tuple(lint.check(read_pinned(org_text, family_text)))


def _newest_pinned(s: Session, on: date) -> Iterable[Ladder]:
    coming = select(LadderRelease.content_hash).where(LadderRelease.effective_on > on)
    q = (
        select(RubricVersion)
        .where(RubricVersion.content_hash.not_in(coming))
        .order_by(RubricVersion.family_id, RubricVersion.first_pinned_at.desc(), RubricVersion.content_hash)
    )
    newest: dict[str, RubricVersion] = {}
    for row in s.scalars(q):
        newest.setdefault(row.family_id, row)
    return [_pinned(row) for row in newest.values()]


def _pinned(row: RubricVersion, *, asked: bool = False) -> Ladder:
    return Ladder(
        family=read_pinned(row.org_text, row.family_text),
        content_hash=row.content_hash,
        org_text=row.org_text,
        family_text=row.family_text,
        pinned_at=row.first_pinned_at,
        asked=asked,
    )


def _by_name(ladders: Iterable[Ladder]) -> tuple[Ladder, ...]:
    return tuple(sorted(ladders, key=lambda found: (found.family.name, found.family.id)))
