"""Another day than the cycle's for one person: a reviewer's or a referee's, with the reason, on record."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.case_flow import words
from portal.domain.moments import told
from portal.domain.problems import InvalidInput, Refused
from portal.models.case import Assignment, Case
from portal.models.outbox import enqueue_mail
from portal.models.packet import Referee, RefereeState
from portal.models.person import Person
from portal.reviews.commands.trail import leave_line
from portal.reviews.policy import ASSIGNABLE, is_sealed


def set_review_due(
    s: Session, *, assignment: Assignment, actor: Person, until: datetime, reason: str, at: datetime
) -> None:
    """The day by which this one review is asked for. Raises Refused when none is waited for."""
    case = assignment.case
    if case.state not in ASSIGNABLE:
        raise Refused(f"Reviews have a day before and during review; this case is {words(case.state)}.")
    if assignment.ended_at is not None or assignment.waived_at is not None or is_sealed(assignment):
        raise Refused("No review of this person is waited for.")
    _check(until, reason, at)
    assignment.due_at = until
    s.flush()
    _leave(s, case, actor, "review_due_set", assignment.reviewer, until, reason, at)
    _tell(s, case, assignment.reviewer, "review_moved", "review", until, at)


def set_feedback_due(
    s: Session, *, referee: Referee, actor: Person, until: datetime, reason: str, at: datetime
) -> None:
    """The day by which this one referee's word is asked for. Raises Refused when none is waited for."""
    if referee.state is not RefereeState.INVITED:
        raise Refused("No feedback of this person is waited for.")
    _check(until, reason, at)
    referee.due_at = until
    s.flush()
    _leave(s, referee.case, actor, "feedback_due_set", referee.person, until, reason, at)
    _tell(s, referee.case, referee.person, "referee_moved", "feedback", until, at)


def _check(until: datetime, reason: str, at: datetime) -> None:
    if until <= at:
        raise InvalidInput("New last day: it must lie ahead.")
    if not reason.strip():
        raise InvalidInput("Reason: say why, in a few words.")


def _leave(
    s: Session, case: Case, actor: Person, action: str, person: Person, until: datetime, reason: str, at: datetime
) -> None:
    given = {"until": until.isoformat()}
    leave_line(s, case=case, actor=actor, action=action, at=at, about=person.id, reason=reason.strip(), payload=given)


def _tell(s: Session, case: Case, person: Person, template: str, part: str, until: datetime, at: datetime) -> None:
    """A link and the day, also for a calendar; as with asking, what it is about stays behind the sign-in."""
    due = told(until, person.timezone)
    key = f"{template}:{case.id}:{at:%Y%m%d%H%M%S%f}"
    path = f"/cases/{case.id}/{part}"
    enqueue_mail(s, to_id=person.id, template=template, key=key, at=at, by=until, path=path, due=due)
