"""The answer to an appeal: the decision stands, or the case goes back. The first record is not touched either way."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases import commands as steps
from portal.decisions.policy import why_not_on_panel
from portal.decisions.queries import forbidden_names
from portal.decisions.wording import refuse_given_away
from portal.domain.case_flow import Action
from portal.domain.problems import InvalidInput, NotPermitted, Refused
from portal.models.audit import record
from portal.models.decision import Appeal
from portal.models.outbox import enqueue_mail
from portal.models.person import Person

ANSWERS = (Action.UPHOLD, Action.SEND_BACK_TO_CALIBRATION, Action.SEND_BACK_TO_REVIEW)
SHORTEST_ANSWER = 20


def answer_appeal(s: Session, *, appeal: Appeal, actor: Person, action: Action, answer: str, at: datetime) -> None:
    """`action` is one of ANSWERS. The candidate reads the answer; a new decision, if it comes to one, is a new version
    with a letter of its own."""
    if appeal.answered_at is not None:
        raise Refused("This appeal has been answered.")
    if actor.id != appeal.appointed_id or (why_not_on_panel(actor, appeal.case)):
        raise NotPermitted("Only the person appointed answers an appeal.")
    if action not in ANSWERS:
        raise InvalidInput("An appeal is answered by upholding the decision or by sending the case back.")
    if len(answer.strip()) < SHORTEST_ANSWER:
        raise InvalidInput("Say what you looked at and what follows from it; the candidate reads this.")
    case = appeal.case
    words = "words of the answer go to the candidate"
    refuse_given_away(words, answer, appeal.decision.position, forbidden_names(case))
    steps.move(s, case=case, action=action, actor=actor, at=at)
    appeal.answered_by_id, appeal.answered_at = actor.id, at
    appeal.upheld, appeal.answer = action is Action.UPHOLD, answer.strip()
    s.flush()
    record(
        s,
        actor=actor,
        action="appeal_answered",
        thing=f"appeal:{appeal.id}",
        at=at,
        case_id=case.id,
        stage=case.state.value,
        payload={"action": action.value, "answer": appeal.answer},
    )
    path, key = f"/cases/{case.id}/appeal", f"appeal-answered:{appeal.id}"
    enqueue_mail(s, to_id=case.candidate_id, template="appeal_answered", key=key, at=at, path=path)
