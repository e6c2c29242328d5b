"""Why the organisation needs the role: the business justification, with what decides who may read it."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.cases.queries import case as load_case
from portal.models.calibration import Ballot
from portal.models.case import Case
from portal.models.decision import Decision, Outcome
from portal.models.packet import BusinessJustification


@dataclass(frozen=True)
class NeedPlace:
    """The business justification, with what decides who may read it."""

    case: Case
    text: BusinessJustification | None
    ballot_closed: bool
    deferred: bool


def need(s: Session, *, case_id: str) -> NeedPlace | None:
    case = load_case(s, case_id=case_id)
    return need_of(s, case) if case else None


def need_of(s: Session, case: Case) -> NeedPlace:
    closed = exists().where(Ballot.case_id == case.id, Ballot.closed_at.is_not(None))
    deferred = exists().where(
        Decision.case_id == case.id, Decision.released_at.is_not(None), Decision.outcome == Outcome.DEFERRED
    )
    ballot_closed, was_deferred = s.execute(select(closed, deferred)).one()
    text = s.get(BusinessJustification, case.id)
    return NeedPlace(case, text, ballot_closed, was_deferred)
