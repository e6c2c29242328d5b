"""The answer to an appeal: the decision stands, or the case goes back. The first record is not touched either way."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases import commands as steps
from portal.decisions.commands.panel import held, result_of
from portal.decisions.policy import can_answer
from portal.decisions.queries import ANSWER_LETTER, forbidden_names, letter_key
from portal.decisions.wording import refuse_given_away
from portal.domain.appeals import allowed
from portal.domain.case_flow import Action, step
from portal.domain.problems import InvalidInput, NotPermitted, Refused
from portal.domain.voting import Tally
from portal.models.appeal import Appeal
from portal.models.audit import record
from portal.models.outbox import enqueue, enqueue_mail
from portal.models.person import Person

SHORTEST_ANSWER = 20


def answer_appeal(
    s: Session, *, appeal: Appeal, actor: Person, action: Action, answer: str, at: datetime, look_again: str = ""
) -> None:
    """Record what the panel answers, once its vote is closed; the member who presides does, in words of the panel.

    `action` is one that agrees with the count. Going back, `look_again` says to whoever takes up the case what is to be
    looked at; the candidate reads both texts. A new decision, if it comes to one, is a new version with a letter of its
    own."""
    appeal = held(s, appeal)
    if appeal.answered_at is not None:
        raise Refused("This appeal has been answered.")
    if not (verdict := can_answer(actor, appeal.case)):
        raise NotPermitted(verdict.why)
    panel = appeal.panels[-1]
    if panel.closed_at is None:
        raise Refused("The panel's vote is still open; close it first.")
    _refuse_what_the_panel_did_not_say(action, result_of(panel))
    _refuse_words(appeal, action, answer, look_again)
    case, upheld = appeal.case, action is Action.UPHOLD
    arrow = step(case.state, action)
    steps.move(s, case=case, action=action, actor=actor, at=at, note=look_again.strip())
    appeal.answered_by_id, appeal.answered_at = actor.id, at
    appeal.upheld, appeal.answer = upheld, answer.strip()
    appeal.sent_back_to, appeal.look_again = None if upheld or arrow is None else arrow.target, look_again.strip()
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
    made_of = {"appeal": appeal.id}
    enqueue(s, kind=ANSWER_LETTER, key=letter_key(appeal), payload=made_of, at=at, case_id=case.id)


def _refuse_what_the_panel_did_not_say(action: Action, count: Tally) -> None:
    possible = allowed(count)
    said = f"{count.votes_for} that the decision stands, {count.votes_against} to look again"
    if not possible:
        raise Refused(f"Too few of the panel answered: {count.cast} of {count.needed} needed. Another is appointed.")
    if action in possible:
        return
    if count.carried:
        raise InvalidInput(f"The panel answered ({said}): the decision stands.")
    raise InvalidInput(f"The panel answered ({said}): the case goes back, to be calibrated or to be reviewed again.")


def _refuse_words(appeal: Appeal, action: Action, answer: str, look_again: str) -> None:
    if len(answer.strip()) < SHORTEST_ANSWER:
        raise InvalidInput("Say what you looked at and what follows from it; the candidate reads this.")
    if action is Action.UPHOLD and look_again.strip():
        raise InvalidInput("Nothing is to be looked at again where the decision stands; leave that empty.")
    if action is not Action.UPHOLD and len(look_again.strip()) < SHORTEST_ANSWER:
        raise InvalidInput("Say what must be looked at again; whoever takes up the case has only this to go by.")
    names = confidential_names(appeal)
    for text in (answer, look_again):
        refuse_given_away("words of the answer go to the candidate", text, appeal.decision.position, names)


def confidential_names(appeal: Appeal) -> list[str]:
    """Names that no text for the candidate may hold: whoever scored, was asked for feedback, or sat on a panel."""
    return sorted({*forbidden_names(appeal.case), *(m.person.name for p in appeal.panels for m in p.members)})
