"""Who meets in the calibration room and which cases are on the table, loaded with all that policies ask."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.calibration.policy import Published, Room
from portal.calibration.queries.evidence import CaseFacts, facts_of
from portal.calibration.queries.published import published_in
from portal.calibration.queries.scores import sheets_at
from portal.domain.case_flow import FROM_CALIBRATION
from portal.domain.ladder import Family
from portal.domain.rubric_files import read_pinned
from portal.models.case import Case
from portal.models.cycle import Committee, CommitteeSeat, Cycle, CyclePin, MarginSetting
from portal.models.decision import Decision

# Cycle, committee and rubric of a case are not loaded with it: the room has them already, or one get finds them.
_FOR_POLICY = (
    joinedload(Case.candidate),
    selectinload(Case.assignments),
    selectinload(Case.recusals),
    selectinload(Case.referees),
)
_FOR_POSITIONS = (
    selectinload(Case.decisions).joinedload(Decision.ballot),
    selectinload(Case.ballots),
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


def watched_room(s: Session, *, slug: str, grade: int) -> Room | None:
    """A grade without its cases, in one statement: enough to say who may look whether anything is new."""
    q = select(Cycle).where(Cycle.slug == slug)
    found = s.scalars(q.options(joinedload(Cycle.committees).joinedload(Committee.seats))).unique().one_or_none()
    return Room(found, (), grade) if found else None


def published_room(s: Session, *, slug: str) -> Published | None:
    """A cycle with what was published of it, if anything."""
    cycle = _cycle(s, slug)
    return Published(cycle, tuple(published_in(s, cycle))) if cycle else None


def families_of(cycle: Cycle) -> list[Family]:
    """The ladders the cycle pinned, as they were pinned."""
    return [read_pinned(p.rubric_version.org_text, p.rubric_version.family_text) for p in cycle.pins]


def cases_at(s: Session, cycle: Cycle, family_id: str, grade: int | None) -> list[Case]:
    """All cases of one family at one grade (None: at any) that came to calibration, whoever asks."""
    return [c for c in _cases(s, [cycle.id], grade) if c.family_id == family_id]


def earlier_facts(s: Session, cycle: Cycle, family_id: str, grade: int | None) -> tuple[CaseFacts, ...]:
    """What closed cycles that opened before this one decided at the same grade (None: at any) of the same family."""
    q = select(Cycle).where(Cycle.closed_at.is_not(None), Cycle.opens_at < cycle.opens_at, Cycle.id != cycle.id)
    closed = list(s.scalars(q.order_by(Cycle.opens_at, Cycle.id)))  # held here, so that their cases find them
    found = [c for c in _cases(s, [one.id for one in closed], grade) if c.family_id == family_id] if closed else []
    facts: list[CaseFacts] = []
    for cycle_id in dict.fromkeys(c.cycle_id for c in found):
        sheets = sheets_at(s, cycle_id=cycle_id, grade=grade)
        facts += facts_of([c for c in found if c.cycle_id == cycle_id], sheets, earlier=True)
    return tuple(facts)


def _cycle(s: Session, slug: str) -> Cycle | None:
    q = select(Cycle).where(Cycle.slug == slug)
    q = q.options(
        joinedload(Cycle.margins).joinedload(MarginSetting.set_by),
        selectinload(Cycle.pins).joinedload(CyclePin.rubric_version),
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
    return list(s.scalars(q.options(*_FOR_POLICY, *_FOR_POSITIONS).order_by(Case.grade, Case.created_at, Case.id)))
