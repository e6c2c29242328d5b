"""What a letter is put together from, and the letter of a decision."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.cases import queries as cases
from portal.decisions import queries as decisions
from portal.letters.contents import Sources, zone_of
from portal.models.appeal import Appeal
from portal.models.calibration_session import PositionChange
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.decision import Decision
from portal.models.letter import AppealLetter, Letter


def sources_of(s: Session, decision: Decision) -> Sources:
    case = decision.case
    return Sources(
        decision=decision,
        tally=cases.count(decision.ballot),
        snapshot=decisions.last_snapshot(s, case),
        next_cycle=next_cycle(s, case.cycle),
        changes=changes_before(s, decision),
    )


def changes_before(s: Session, decision: Decision) -> tuple[PositionChange, ...]:
    """What the committee had moved when it decided, in the order it was moved."""
    q = select(PositionChange).where(
        PositionChange.case_id == decision.case_id, PositionChange.at <= decision.recorded_at
    )
    return tuple(s.scalars(q.order_by(PositionChange.id)))


def next_cycle(s: Session, cycle: Cycle) -> Cycle | None:
    q = select(Cycle).where(Cycle.opens_at > cycle.opens_at).order_by(Cycle.opens_at, Cycle.id)
    return s.scalar(q.limit(1))


def release_day(case: Case, at: datetime) -> date:
    """The day a release at this moment falls on for the candidate, which is the day the letter is dated."""
    return at.astimezone(zone_of(case)).date()


def letter(s: Session, *, letter_id: str) -> Letter | None:
    q = select(Letter).where(Letter.id == letter_id)
    return s.scalar(q.options(joinedload(Letter.decision).joinedload(Decision.case)))


def letter_place(s: Session, *, case_id: str, number: int) -> Letter | None:
    """The letter of one version of a case's decision."""
    case = decisions.case(s, case_id=case_id)
    found = next((d for d in case.decisions if d.number == number), None) if case else None
    return found.letter if found else None


def latest_letter(case: Case) -> Letter | None:
    """The letter of the newest decision, if it was prepared."""
    return case.decisions[-1].letter if case.decisions else None


def answered_appeal(s: Session, *, case_id: str, number: int) -> Appeal | None:
    """The answered appeal against one version of a case's decision."""
    case = decisions.case(s, case_id=case_id)
    return next((a for a in case.appeals if a.decision.number == number and a.answered_at), None) if case else None


def answer_letter(s: Session, *, case_id: str, number: int) -> AppealLetter | None:
    """The letter that answers the appeal against one version of a case's decision."""
    case = decisions.case(s, case_id=case_id)
    found = next((a for a in case.appeals if a.decision.number == number), None) if case else None
    return found.letter if found else None
