"""Sessions as the commands hold them, where the room stands as one person sees it, and what was changed of one case."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.calibration.policy import Sitting, SittingCase
from portal.cases import queries as cases
from portal.cases.queries import rubric_of
from portal.domain.scoring import Position, position
from portal.models.calibration_session import CalibrationSession, Minute, PositionChange
from portal.models.case import Case
from portal.models.cycle import Committee, CommitteeSeat, Cycle
from portal.reviews.queries import sealed_scores

_PROTOCOL = (
    joinedload(CalibrationSession.opened_by),
    selectinload(CalibrationSession.items),
    selectinload(CalibrationSession.minutes).joinedload(Minute.by),
    selectinload(CalibrationSession.changes).joinedload(PositionChange.proposer),
)
_COMMITTEES = selectinload(Cycle.committees).options(
    joinedload(Committee.chair),
    joinedload(Committee.deputy),
    selectinload(Committee.seats).joinedload(CommitteeSeat.person),
)


def sitting(s: Session, *, slug: str, grade: int, session_id: str) -> Sitting | None:
    """A session with its cycle's committees, for the policies and the commands."""
    cycle = s.scalar(select(Cycle).where(Cycle.slug == slug).options(_COMMITTEES))
    q = select(CalibrationSession).where(CalibrationSession.id == session_id, CalibrationSession.grade == grade)
    found = s.scalar(q.options(*_PROTOCOL)) if cycle else None
    if cycle is None or found is None or found.cycle_id != cycle.id:
        return None
    return Sitting(cycle, found)


def locked(s: Session, live: CalibrationSession) -> CalibrationSession:
    """The session as it is now, its row held until the end of the transaction: two steps come one after the other."""
    q = select(CalibrationSession).where(CalibrationSession.id == live.id).with_for_update(of=CalibrationSession)
    return s.scalars(q.options(*_PROTOCOL), execution_options={"populate_existing": True}).one()


def sitting_case(s: Session, *, slug: str, grade: int, session_id: str, case_id: str) -> SittingCase | None:
    """A session and one case of its cycle, as the policies ask of it."""
    found = sitting(s, slug=slug, grade=grade, session_id=session_id)
    one = cases.case(s, case_id=case_id) if found else None
    if found is None or one is None or one.cycle_id != found.cycle.id:
        return None
    return SittingCase(found, one)


NOTHING = "nothing"  # on the table


def stand(case_id: str | None, box_until: datetime | None = None, shown: bool = False) -> str:
    """Where the room stands, as a facilitator's screen carries it back: two who press from the same screen cannot both
    move on. It holds what they see and counts nothing they do not."""
    return NOTHING if case_id is None or box_until is None else f"{case_id}/{box_until.isoformat()}/{int(shown)}"


def changes_of(s: Session, case_ids: Collection[str]) -> dict[str, list[PositionChange]]:
    """What the committee changed, by case, the first first. One statement."""
    if not case_ids:
        return {}
    q = select(PositionChange).where(PositionChange.case_id.in_(case_ids)).options(joinedload(PositionChange.proposer))
    found: dict[str, list[PositionChange]] = {}
    for change in s.scalars(q.order_by(PositionChange.id)):
        found.setdefault(change.case_id, []).append(change)
    return found


def settled(changes: Iterable[PositionChange]) -> Mapping[str, float]:
    """The competencies that were changed with what they were changed to; the last change counts."""
    return {change.competency_id: change.new for change in changes}


def position_now(s: Session, case: Case) -> Position:
    """Where the case stands with what the committee has changed: what a ballot is opened on."""
    moved = settled(changes_of(s, [case.id]).get(case.id, ()))
    return position(rubric_of(case), sealed_scores(s, case), moved)


def minutes_of(s: Session, case: Case) -> list[Minute]:
    q = select(Minute).where(Minute.case_id == case.id).options(joinedload(Minute.by))
    return list(s.scalars(q.order_by(Minute.id)))
