"""Conflicts of interest: said to be absent, declared, recorded by somebody else, and lifted by somebody else."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.case_flow import FROM_REVIEW
from portal.domain.problems import InvalidInput, NotPermitted, Refused
from portal.models.case import Assignment, Case, ConflictSource, Recusal
from portal.models.person import Person
from portal.reviews.commands.trail import leave_line

RECUSED = "recused"


def declare_no_conflict(s: Session, *, assignment: Assignment, actor: Person, at: datetime) -> None:
    """The reviewer's word that nothing binds them, given before the packet opens. Giving it twice changes nothing."""
    if assignment.reviewer_id != actor.id:
        raise NotPermitted("Only the reviewer can say this.")
    if assignment.ended_at is not None or assignment.case.state not in FROM_REVIEW:
        raise Refused("There is no review of yours to open.")
    if assignment.no_conflict_at is not None:
        return
    assignment.no_conflict_at = at
    s.flush()
    leave_line(s, case=assignment.case, actor=actor, action="no_conflict_declared", at=at, about=actor.id)


def recuse(s: Session, *, case: Case, person: Person, actor: Person, reason: str, at: datetime) -> Recusal:
    """Keep a person away from a case, in every hat, from this moment. Their assignment ends; a review they sealed is
    frozen and no longer counts. The reason stays on the recusal, outside the audit log."""
    if person.id == case.candidate_id:
        raise Refused("It is their own case: they see it as its candidate only, without any recusal.")
    if person.id in case.recused_ids:
        raise Refused(f"{person.name} is recused from this case already.")
    source = ConflictSource.DECLARED if actor.id == person.id else ConflictSource.BY_OTHER
    if source is ConflictSource.BY_OTHER and not reason.strip():
        raise InvalidInput("Say why this person must stay away.")
    row = Recusal(person=person, source=source, reason=reason.strip(), declared_by_id=actor.id, at=at)
    case.recusals.append(row)
    for assignment in case.active_assignments:
        if assignment.reviewer_id == person.id:
            assignment.ended_at, assignment.ended_reason = at, RECUSED
    s.flush()
    payload = {"source": source.value, "reason": row.reason}
    leave_line(s, case=case, actor=actor, action="recused", at=at, about=person.id, payload=payload)
    return row


def lift_recusal(s: Session, *, recusal: Recusal, actor: Person, reason: str, at: datetime) -> None:
    """Undo a recusal that was a mistake. Never by the person themselves; a review they had is not taken up again
    until somebody assigns them anew."""
    if recusal.person_id == actor.id:
        raise NotPermitted("Nobody lifts their own recusal.")
    if recusal.lifted_at is not None:
        raise Refused("This recusal was lifted already.")
    if not reason.strip():
        raise InvalidInput("Say why the recusal is lifted.")
    recusal.lifted_at, recusal.lifted_by_id, recusal.lifted_reason = at, actor.id, reason.strip()
    s.flush()
    payload = {"reason": recusal.lifted_reason}
    leave_line(
        s, case=recusal.case, actor=actor, action="recusal_lifted", at=at, about=recusal.person_id, payload=payload
    )
