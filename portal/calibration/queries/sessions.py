"""Sessions: the one going on at a grade, what it changed, and whether anything is new for somebody who looks."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.calibration.policy import Sitting, SittingCase
from portal.cases import queries as cases
from portal.cases.queries import rubric_of
from portal.cycles.sight import free_of_conflict
from portal.domain.scoring import Position, position
from portal.models.calibration import Ballot
from portal.models.calibration_session import CalibrationSession, Minute, PositionChange, PreVote, TableItem
from portal.models.case import Case, Recusal
from portal.models.cycle import Committee, CommitteeSeat, Cycle
from portal.models.person import Person
from portal.reviews.queries import sealed_scores

_PROTOCOL = (
    joinedload(CalibrationSession.opened_by),
    selectinload(CalibrationSession.items).selectinload(TableItem.pre_votes),
    selectinload(CalibrationSession.minutes).joinedload(Minute.by),
    selectinload(CalibrationSession.changes).joinedload(PositionChange.proposer),
)
_COMMITTEES = selectinload(Cycle.committees).options(
    joinedload(Committee.chair),
    joinedload(Committee.deputy),
    selectinload(Committee.seats).joinedload(CommitteeSeat.person),
)


def sessions_at(s: Session, *, cycle_id: str, family_id: str, grade: int) -> list[CalibrationSession]:
    """The sessions of this place with their protocols, the last first: one statement while there was none."""
    q = select(CalibrationSession).where(
        CalibrationSession.cycle_id == cycle_id,
        CalibrationSession.family_id == family_id,
        CalibrationSession.grade == grade,
    )
    return list(s.scalars(q.options(*_PROTOCOL).order_by(CalibrationSession.opened_at.desc(), CalibrationSession.id)))


def going_on(sessions: Iterable[CalibrationSession]) -> CalibrationSession | None:
    """The one that is not over; there is at most one."""
    return next((one for one in sessions if one.closed_at is None), None)


def settled_in(sessions: Iterable[CalibrationSession]) -> dict[str, dict[str, float]]:
    """What these sessions changed, by case id and competency; the last change counts."""
    found: dict[str, dict[str, float]] = {}
    for change in sorted((c for one in sessions for c in one.changes), key=lambda c: c.id):
        found.setdefault(change.case_id, {})[change.competency_id] = change.new
    return found


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


AWAY = "away"  # one token as long as one must stay outside: not even that something happens is told


@dataclass(frozen=True)
class Pulse:
    """What a screen of somebody depends on. Two pulses with the same token show the same.

    `free` is False while the case on the table is one they must leave the room for."""

    session_id: str
    free: bool
    token: str


def pulse(s: Session, actor: Person, *, cycle_id: str, family_id: str, grade: int, at: datetime) -> Pulse | None:
    """One statement, whatever is going on; None without an open session.

    Other people's pre-votes are not in it, nor how many there are: when somebody votes, no other screen stirs."""
    live, item = CalibrationSession, TableItem
    recused = select(func.count(Recusal.id)).where(Recusal.case_id == live.on_table_id, Recusal.lifted_at.is_(None))
    recused = recused.where(Recusal.pending.is_(False))
    ballots = select(func.count(Ballot.id), func.count(Ballot.closed_at)).where(Ballot.case_id == live.on_table_id)
    opened = ballots.with_only_columns(func.count(Ballot.id)).correlate(live).scalar_subquery()
    closed = ballots.with_only_columns(func.count(Ballot.closed_at)).correlate(live).scalar_subquery()
    q = (
        select(
            live.id,
            live.version,
            live.on_table_id,
            free_of_conflict(actor),
            recused.correlate(live).scalar_subquery(),
            opened,
            closed,
            item.box_until,
            PreVote.choice,
        )
        .select_from(live)
        .outerjoin(Case, Case.id == live.on_table_id)
        .outerjoin(Case.candidate)
        .outerjoin(item, (item.session_id == live.id) & (item.case_id == live.on_table_id))
        .outerjoin(
            PreVote,
            (PreVote.session_id == live.id) & (PreVote.case_id == live.on_table_id) & (PreVote.person_id == actor.id),
        )
        .where(live.cycle_id == cycle_id, live.family_id == family_id, live.grade == grade, live.closed_at.is_(None))
    )
    row = s.execute(q).one_or_none()
    if row is None:
        return None
    session_id, version, on_table, is_free, away, rounds, counted, until, mine = row
    free = on_table is None or bool(is_free)
    over = until is not None and at >= until
    parts = (version, away or 0, rounds or 0, counted or 0, int(over), mine or "")
    return Pulse(session_id, free, ".".join(map(str, parts)) if free else AWAY)


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
