"""Colleagues are asked for feedback; they answer or decline."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.cases.queries import family_of
from portal.domain.case_flow import State
from portal.domain.moments import told
from portal.domain.packet import RESULTS
from portal.domain.problems import InvalidInput, Refused
from portal.models.base import new_id
from portal.models.case import Case
from portal.models.outbox import enqueue_mail
from portal.models.packet import Referee, RefereeState
from portal.models.person import Person
from portal.models.unsent import UnsentForm, UnsentText
from portal.packets import policy, queries
from portal.packets.commands.keeping import checked, hold, refuse_stale, refuse_unless
from portal.packets.commands.noting import note
from portal.packets.commands.unsent import keep_unsent, settle_unsent

PROPOSABLE = frozenset({State.DRAFT, State.SUBMITTED})
ANSWERABLE = frozenset({State.DRAFT, State.SUBMITTED, State.IN_REVIEW})
CHANGEABLE = frozenset({State.DRAFT, State.SUBMITTED})
ANSWERS = tuple(f"result-{n}" for n in range(1, RESULTS + 1))
DECLINED = "declined"
LABELS = dict(zip(ANSWERS, ("First result", "Second result", "Third result"), strict=True))
REASON = "reason_not_to"
REASON_NOT_TO = "A reason not to"
CLOSED = "Feedback is no longer collected"
TOLD = "candidate_after_release"  # what the form says to its writer about who reads it


def propose_referee(s: Session, *, case: Case, actor: Person, person: Person, at: datetime) -> Referee:
    """Ask a colleague, who is told by mail with a link and nothing else. Asking the same person again changes nothing.

    Raises Refused with the reason when the person is not eligible or six were asked already."""
    hold(s, case)
    refuse_unless(case, PROPOSABLE, "Nobody more can be asked")
    if already := next((r for r in case.referees if r.person_id == person.id), None):
        return already
    grade = queries.grade_of(case.cycle, person)
    if why := policy.not_eligible(person, case, grade):
        raise Refused(f"{person.name} cannot be asked: {why}")
    if len(policy.asked(case)) >= policy.MOST_REFEREES:
        raise Refused(f"{policy.MOST_REFEREES} people are asked already; that is the most.")
    row = Referee(
        person=person,
        pseudonym=_pseudonym(case),
        state=RefereeState.INVITED,
        answers={},
        proposed_by_id=actor.id,
        proposed_at=at,
    )
    case.referees.append(row)
    s.flush()
    _note(s, row, actor, "referee_asked", at)
    _ask_by_mail(s, row, at)
    return row


def _ask_by_mail(s: Session, row: Referee, at: datetime) -> None:
    """A link and a date, the date also for a calendar. It is the day that reminders go by."""
    person, case = row.person, row.case
    after = at + timedelta(days=family_of(case).org.policy.referee_days)
    by = row.due_at or min(case.cycle.review_by, after)
    due = told(by, person.timezone)
    path, soon = f"/cases/{case.id}/feedback", by if by > at else None
    enqueue_mail(s, to_id=person.id, template="referee", key=f"referee:{row.id}", at=at, by=soon, path=path, due=due)


def _pseudonym(case: Case) -> str:
    """Random, so that neither the order of asking nor the name shows through."""
    taken = {r.pseudonym for r in case.referees}
    while (name := f"Referee {new_id()[:3].upper()}") in taken:
        continue
    return name


def answer_referee(
    s: Session,
    *,
    referee: Referee,
    actor: Person,
    answers: Mapping[str, str],
    reason_not_to: str,
    version: int,
    at: datetime,
    kept: int = 0,
) -> Referee:
    """Keep a referee's answer: per result what they saw, and one reason not to. Until the reviews open it may change.

    `kept`: as in keep_feedback. Raises InvalidInput without a result or a reason, StaleVersion with both texts."""
    hold(s, referee.case)
    s.refresh(referee)
    answered = referee.state is RefereeState.ANSWERED
    refuse_unless(referee.case, CHANGEABLE if answered else ANSWERABLE, CLOSED)
    texts = {code: text for code in ANSWERS if (text := checked(LABELS[code], answers.get(code, "")))}
    reason = checked(REASON_NOT_TO, reason_not_to)
    if not texts:
        raise InvalidInput("Describe at least one result you saw up close.")
    if not reason:
        raise InvalidInput("Give a reason not to: what speaks against it, or what you would want to see first.")
    typed, form = _typed(texts, reason), UnsentForm.FEEDBACK
    settle_unsent(s, case=referee.case, writer=actor, form=form, texts=typed, seen=kept, at=at)
    if answered and texts == referee.answers and reason == referee.reason_not_to:
        return referee
    refuse_stale(
        version,
        referee.version,
        mine={**{LABELS[c]: texts.get(c, "") for c in ANSWERS}, REASON_NOT_TO: reason},
        theirs={**{LABELS[c]: referee.answers.get(c, "") for c in ANSWERS}, REASON_NOT_TO: referee.reason_not_to},
    )
    referee.answers, referee.reason_not_to = texts, reason
    referee.state, referee.answered_at, referee.told = RefereeState.ANSWERED, at, TOLD
    s.flush()
    _note(s, referee, actor, "referee_answered", at)
    return referee


def keep_feedback(
    s: Session,
    *,
    referee: Referee,
    actor: Person,
    answers: Mapping[str, str],
    reason_not_to: str,
    kept: int,
    at: datetime,
) -> UnsentText:
    """What a referee is writing, before it is sent or between two answers; nobody else reads it. Raises StaleVersion,
    and Refused once no answer is taken any more. `kept` is the version of the unsent text that the page was built on, 0
    for none."""
    hold(s, referee.case)
    s.refresh(referee)
    if referee.state is RefereeState.DECLINED:
        raise Refused("You declined to give feedback. Nothing more is asked of you.")
    answered = referee.state is RefereeState.ANSWERED
    refuse_unless(referee.case, CHANGEABLE if answered else ANSWERABLE, CLOSED)
    texts = {code: checked(LABELS[code], answers.get(code, "")) for code in ANSWERS}
    typed = _typed(texts, checked(REASON_NOT_TO, reason_not_to))
    return keep_unsent(s, case=referee.case, writer=actor, form=UnsentForm.FEEDBACK, texts=typed, seen=kept, at=at)


def _typed(answers: Mapping[str, str], reason_not_to: str) -> dict[str, str]:
    return {**answers, REASON: reason_not_to}


def decline_referee(s: Session, *, referee: Referee, actor: Person, reason: str, at: datetime) -> None:
    """Say no. The candidate learns that no answer will come; the reason is for the people partner only."""
    hold(s, referee.case)
    s.refresh(referee)
    refuse_unless(referee.case, ANSWERABLE, CLOSED)
    if referee.state is RefereeState.ANSWERED:
        raise Refused("You have answered already.")
    if not (why := checked("Reason", reason, 2_000)):
        raise InvalidInput("Say why, in a few words; only the people partner reads it.")
    referee.state, referee.answers = RefereeState.DECLINED, {DECLINED: why}
    s.flush()
    _note(s, referee, actor, "referee_declined", at)


def _note(s: Session, row: Referee, actor: Person, action: str, at: datetime) -> None:
    """Without why somebody declined: a hash of few words can be guessed."""
    payload = {"answers": {} if row.state is RefereeState.DECLINED else row.answers}
    note(s, case=row.case, actor=actor, action=action, thing=f"referee:{row.id}", at=at, payload=payload)
