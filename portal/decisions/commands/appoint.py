"""Naming who answers an appeal."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.decisions.policy import why_not_on_panel
from portal.domain.problems import InvalidInput, Refused
from portal.models.audit import record
from portal.models.decision import Appeal
from portal.models.outbox import enqueue_mail
from portal.models.person import Person


def appoint(s: Session, *, appeal: Appeal, person: Person, actor: Person, at: datetime) -> None:
    """One person outside the first panel and without a conflict, other than whoever appoints. Until the answer is given
    somebody else can be appointed instead."""
    if appeal.answered_at is not None:
        raise Refused("This appeal has been answered.")
    if person.id == actor.id:
        raise InvalidInput("Appoint somebody else: whoever runs the case does not answer an appeal about it.")
    if why := why_not_on_panel(person, appeal.case):
        raise InvalidInput(f"{person.name} cannot answer this appeal. {why}")
    appeal.appointed, appeal.appointed_by_id = person, actor.id
    s.flush()
    record(
        s,
        actor=actor,
        action="appeal_answerer_appointed",
        thing=f"appeal:{appeal.id}",
        at=at,
        case_id=appeal.case_id,
        stage=appeal.case.state.value,
        payload={"person": person.id},
    )
    path, key = f"/cases/{appeal.case_id}/appeal", f"appeal-appointed:{appeal.id}"
    enqueue_mail(s, to_id=person.id, template="appeal_to_answer", key=key, at=at, path=path)
