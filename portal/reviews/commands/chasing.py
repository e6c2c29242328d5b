"""Reminding people of what they owe, never twice for the same step; and a reviewer who cannot do a review."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.cases.queries import case as load_case
from portal.domain.case_flow import State
from portal.domain.chasing import Step
from portal.domain.moments import told
from portal.domain.problems import InvalidInput, NotPermitted, Refused
from portal.models.audit import record
from portal.models.case import Assignment
from portal.models.outbox import enqueue_mail
from portal.models.person import Person
from portal.reviews.commands.notices import keepers
from portal.reviews.commands.trail import leave_line
from portal.reviews.policy import is_sealed
from portal.reviews.queries.chasing import Waited, What, reminded

TEMPLATES = {
    What.REVIEW: "review_due",
    What.FEEDBACK: "referee_due",
    What.STATEMENT: "statement_due",
    What.PACKET: "packet_due",
}
PAUSE = timedelta(hours=20)


def remind(s: Session, *, waited: Waited, step: Step, at: datetime) -> bool:
    """What the rules ask for at this step; gives whether anything was written. The step's key makes it unique, also
    when two workers come at the same moment."""
    key = f"chase:{waited.key}:{waited.due:%Y%m%d%H%M}:{step.code}"
    done = _mail(s, waited, key, None, at) if waited.here else False
    if step.escalates or not waited.here:
        done = _tell_keepers(s, waited, key, at) or done
    return done


def nudge(s: Session, *, waited: Waited, actor: Person, at: datetime) -> None:
    """One click of a people partner. Not within hours of the last reminder, whoever sent that."""
    if not waited.here:
        raise Refused(f"{waited.person} has left; ask somebody else.")
    last = reminded(s, [waited]).get(waited.key)
    if last is not None and at - last < PAUSE:
        raise Refused(f"{waited.person} was reminded already within the last {PAUSE.seconds // 3600} hours.")
    _mail(s, waited, f"chase:{waited.key}:by-hand:{at:%Y%m%d}", actor, at)


def _mail(s: Session, waited: Waited, key: str, actor: Person | None, at: datetime) -> bool:
    due = told(waited.due, waited.timezone)
    by = waited.due if waited.due > at else None
    template = TEMPLATES[waited.what]
    row = enqueue_mail(s, to_id=waited.person_id, template=template, key=key, at=at, by=by, path=waited.path, due=due)
    if row is not None:
        thing = f"person:{waited.person_id}"
        record(s, actor=actor, action=f"{waited.what.value}_reminded", thing=thing, at=at, case_id=waited.case_id)
    return row is not None


def _tell_keepers(s: Session, waited: Waited, key: str, at: datetime) -> bool:
    case = load_case(s, case_id=waited.case_id)
    told = False
    for person in keepers(s, case) if case else ():
        path = f"/cycles/{waited.slug}/chasing"
        row = enqueue_mail(s, to_id=person.id, template="chase_escalated", key=f"told-{key}", at=at, path=path)
        if row is not None:
            row.case_id, told = waited.case_id, True
    return told


def decline_review(s: Session, *, assignment: Assignment, actor: Person, reason: str, at: datetime) -> None:
    """A reviewer cannot do it, and says why; people partners are told. The case waits until somebody else is asked, or
    until a waiver is on record: a panel never gets smaller unnoticed."""
    case = assignment.case
    if assignment.reviewer_id != actor.id:
        raise NotPermitted("Only the reviewer declines a review.")
    if assignment.ended_at is not None or assignment.waived_at is not None or is_sealed(assignment):
        raise Refused("There is no review of yours left to decline.")
    if case.state is not State.IN_REVIEW:
        raise Refused("A review is declined while the case is in review.")
    if not reason.strip():
        raise InvalidInput("Say why, in a few words; only people partners read it.")
    assignment.ended_at, assignment.ended_reason, assignment.declined_at = at, reason.strip(), at
    s.flush()
    leave_line(s, case=case, actor=actor, action="review_declined", at=at, about=actor.id)
    for person in keepers(s, case):
        key = f"declined:{assignment.id}:{at:%Y%m%d%H%M%S}"
        enqueue_mail(s, to_id=person.id, template="review_declined", key=key, at=at, path=f"/cases/{case.id}/reviewers")
