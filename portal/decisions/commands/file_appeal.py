"""A candidate's objection to a released decision."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases import commands as steps
from portal.cases import queries as cases
from portal.cases.policy import conflict
from portal.decisions import queries
from portal.decisions.policy import appeal_against
from portal.domain.case_flow import Action
from portal.domain.problems import InvalidInput, Refused
from portal.models.appeal import Appeal, AppealGround
from portal.models.audit import record
from portal.models.case import Case
from portal.models.outbox import enqueue_mail
from portal.models.person import Person

SHORTEST_STATEMENT = 20


def file_appeal(s: Session, *, case: Case, actor: Person, ground: AppealGround, statement: str, at: datetime) -> Appeal:
    """Until the last day named in the letter, once per decision. The people partners without a conflict are told."""
    if len(statement.strip()) < SHORTEST_STATEMENT:
        raise InvalidInput("Say what went wrong, so that someone who was not there can look into it.")
    decision = next((d for d in reversed(case.decisions) if d.released_at), None)
    if cases.is_erased(s, case):
        raise Refused("The texts of this case were erased: nobody could look into it again.")
    if decision is None:
        raise Refused("There is no released decision to appeal against.")
    if appeal_against(case, decision):
        raise Refused("There was an appeal against this decision already; it was answered.")
    if cases.open_case_of(s, case.candidate_id):
        raise Refused("Another case of yours is open. There is one at a time: withdraw it, then appeal.")
    steps.move(s, case=case, action=Action.APPEAL, actor=actor, at=at)
    appeal = Appeal(decision=decision, ground=ground, statement=statement.strip(), filed_at=at)
    case.appeals.append(appeal)
    s.flush()
    record(
        s,
        actor=actor,
        action="appeal_filed",
        thing=f"appeal:{appeal.id}",
        at=at,
        case_id=case.id,
        stage=case.state.value,
        payload={"ground": ground.value, "statement": appeal.statement},
    )
    for partner in queries.people_partners(s):
        if not conflict(partner, case):
            path, key = f"/cases/{case.id}/appeal", f"appeal:{appeal.id}"
            enqueue_mail(s, to_id=partner.id, template="appeal_filed", key=key, at=at, path=path)
    return appeal
