"""Who meets in the calibration room and which cases are on the table, loaded with all that policies ask."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, joinedload, object_session, selectinload

from portal.calibration.policy import Place, Published, Room
from portal.calibration.queries.evidence import CaseFacts, facts_of
from portal.calibration.queries.published import published_in
from portal.calibration.queries.scores import Sheets, sheets_at
from portal.calibration.queries.table import CaseRow, case_rows, family_pinned
from portal.domain.case_flow import FROM_CALIBRATION
from portal.domain.ladder import Family
from portal.models.case import Case
from portal.models.cycle import Committee, CommitteeSeat, Cycle, MarginSetting
from portal.models.person import Person

# Cycle, committee and rubric of a case are not loaded with it: the room has them already, or one get finds them.
_FOR_POLICY = (
    joinedload(Case.candidate),
    selectinload(Case.assignments),
    selectinload(Case.recusals),
    selectinload(Case.referees),
)


def overview_room(s: Session, *, slug: str) -> Room | None:
    """All grades of a cycle."""
    cycle = _cycle(s, slug)
    return Room(cycle, tuple(_cases(s, [cycle.id]))) if cycle else None


def grade_room(s: Session, *, slug: str, grade: int) -> Room | None:
    """One grade of a cycle; None for a grade that no ladder of the cycle has."""
    cycle = _cycle(s, slug)
    if cycle is None or not any(grade in family.grades() for family in families_of(cycle)):
        return None
    return Room(cycle, tuple(_cases(s, [cycle.id], grade)), grade)


def method_room(s: Session, *, slug: str) -> Room | None:
    """A cycle alone, without its cases: for pages that tell of no case."""
    cycle = _cycle(s, slug)
    return Room(cycle, ()) if cycle else None


def place(s: Session, *, slug: str, grade: int) -> Place | None:
    """A grade with who sits there, in one statement: enough to say who may look whether anything is new."""
    q = (
        select(Cycle.id, Committee.chair_id, Committee.deputy_id, func.aggregate_strings(CommitteeSeat.person_id, ","))
        .select_from(Cycle)
        .outerjoin(
            Committee, and_(Committee.cycle_id == Cycle.id, Committee.grade_from <= grade, Committee.grade_to >= grade)
        )
        .outerjoin(CommitteeSeat, CommitteeSeat.committee_id == Committee.id)
        .where(Cycle.slug == slug)
        .group_by(Cycle.id, Committee.id, Committee.chair_id, Committee.deputy_id)
    )
    rows = s.execute(q).all()
    if not rows:
        return None
    members = {one for *_rest, seats in rows for one in (seats or "").split(",") if one}
    leaders = {one for _cycle, chair, deputy, _seats in rows for one in (chair, deputy) if one}
    return Place(rows[0][0], slug, grade, frozenset(members), frozenset(leaders))


def bare_room(s: Session, *, slug: str, grade: int) -> Room | None:
    """One grade of a cycle without its cases, in one statement; None for a grade that no ladder of the cycle has."""
    q = (
        select(Cycle)
        .where(Cycle.slug == slug)
        .options(
            joinedload(Cycle.margins).joinedload(MarginSetting.set_by),
            joinedload(Cycle.pins),
            joinedload(Cycle.committees).joinedload(Committee.seats),
        )
    )
    cycle = s.scalars(q).unique().one_or_none()
    if cycle is None or not any(grade in family.grades() for family in families_of(cycle)):
        return None
    return Room(cycle, (), grade)


def published_room(s: Session, *, slug: str) -> Published | None:
    """A cycle with what was published of it, if anything."""
    cycle = _cycle(s, slug)
    return Published(cycle, tuple(published_in(s, cycle))) if cycle else None


def families_of(cycle: Cycle) -> list[Family]:
    """The ladders the cycle pinned, as they were pinned."""
    s = object_session(cycle)
    if s is None:
        raise RuntimeError("the ladders of a cycle are read through its database session")
    return [family_pinned(s, pin.content_hash) for pin in cycle.pins]


def cases_at(s: Session, cycle: Cycle, family_id: str, grade: int | None) -> list[CaseRow]:
    """All cases of one family at one grade (None: at any) that came to calibration, whoever asks."""
    return [c for c in case_rows(s, cycle.id, grade=grade) if c.family_id == family_id]


@dataclass(frozen=True)
class Gathered:
    """The cases of a grade (or of all) that somebody sees, of every ladder, those of closed cycles before, and the
    reviews of both."""

    cases: list[CaseRow]
    earlier: list[CaseRow]
    sheets: Sheets

    def here(self, family_id: str) -> list[CaseRow]:
        return [c for c in self.cases if c.family_id == family_id]

    def facts(self, family_id: str) -> tuple[CaseFacts, ...]:
        return facts_of(self.here(family_id), self.sheets)

    def earlier_facts(self, family_id: str) -> tuple[CaseFacts, ...]:
        """Cycle by cycle."""
        mine = [c for c in self.earlier if c.family_id == family_id]
        cycles = dict.fromkeys(c.cycle_id for c in mine)
        ordered = [c for cycle_id in cycles for c in mine if c.cycle_id == cycle_id]
        return facts_of(ordered, self.sheets, earlier=True)


def gathered(s: Session, cycle: Cycle, grade: int | None, eyes: Person | None = None) -> Gathered:
    """What there is to measure at one grade (None: at any) as far as `eyes` see it (None: all there is). Two
    statements."""
    rows = case_rows(s, cycle.id, grade=grade, eyes=eyes, before=cycle.opens_at)
    earlier = [row for row in rows if row.cycle_id != cycle.id]
    sheets = sheets_at(s, cycle_id=cycle.id, grade=grade, also={row.cycle_id for row in earlier})
    return Gathered([row for row in rows if row.cycle_id == cycle.id], earlier, sheets)


def _cycle(s: Session, slug: str) -> Cycle | None:
    q = select(Cycle).where(Cycle.slug == slug)
    q = q.options(
        joinedload(Cycle.margins).joinedload(MarginSetting.set_by),
        selectinload(Cycle.pins),
        selectinload(Cycle.committees).options(
            joinedload(Committee.chair),
            joinedload(Committee.deputy),
            joinedload(Committee.seats).joinedload(CommitteeSeat.person),
        ),
    )
    return s.scalars(q).unique().one_or_none()


def _cases(s: Session, cycle_ids: Sequence[str], grade: int | None = None) -> list[Case]:
    q = select(Case).where(Case.cycle_id.in_(cycle_ids), Case._state.in_(FROM_CALIBRATION))
    if grade is not None:
        q = q.where(Case.grade == grade)
    return list(s.scalars(q.options(*_FOR_POLICY).order_by(Case.grade, Case.created_at, Case.id)))
