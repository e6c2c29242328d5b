"""The candidate's word that the letter has arrived. It is no consent: an appeal stays possible until its last day."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases import commands as steps
from portal.domain.case_flow import Action
from portal.domain.problems import Refused
from portal.models.case import Case
from portal.models.person import Person


def acknowledge(s: Session, *, case: Case, actor: Person, at: datetime) -> None:
    if case.acknowledged_at is not None:
        raise Refused("The letter is acknowledged already.")
    steps.move(s, case=case, action=Action.ACKNOWLEDGE, actor=actor, at=at)
    case.acknowledged_at = at
    s.flush()
