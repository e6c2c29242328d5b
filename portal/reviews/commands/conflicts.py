"""Conflicts of interest: said to be absent, declared, reported by somebody else and confirmed by another, and lifted by
two others."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases.policy import can_see, conflict
from portal.domain.case_flow import FROM_REVIEW
from portal.domain.problems import InvalidInput, NotPermitted, Refused
from portal.models.case import Assignment, Case, ConflictSource, Recusal
from portal.models.outbox import enqueue_mail
from portal.models.person import Person
from portal.reviews.commands.before import refuse_before_anchor
from portal.reviews.commands.notices import tell_if_all_in
from portal.reviews.commands.trail import leave_line

RECUSED = "recused"


def declare_no_conflict(s: Session, *, assignment: Assignment, actor: Person, at: datetime) -> None:
    """The reviewer's word that nothing binds them, given before the packet opens. Giving it twice changes nothing.

    While an anchor packet waits that comes before the case, the case stays closed."""
    if assignment.reviewer_id != actor.id:
        raise NotPermitted("Only the reviewer can say this.")
    if assignment.ended_at is not None or assignment.case.state not in FROM_REVIEW:
        raise Refused("There is no review of yours to open.")
    if assignment.no_conflict_at is not None:
        return
    refuse_before_anchor(s, assignment)
    assignment.no_conflict_at = at
    s.flush()
    leave_line(s, case=assignment.case, actor=actor, action="no_conflict_declared", at=at, about=actor.id)


def recuse(s: Session, *, case: Case, person: Person, actor: Person, reason: str, at: datetime) -> Recusal:
    """Keep a person away from a case. Their own word counts at once, in every hat: their assignment ends, and a review
    they sealed is frozen and no longer counts. Somebody else's word waits until the person, or another keeper of the
    case, confirms it. The reason stays on the recusal, outside the audit log."""
    own = actor.id == person.id
    _refuse_unless_new(case, person, own, reason)
    if reported := _reported(case, person):
        confirm_recusal(s, recusal=reported, actor=actor, at=at)
        return reported
    source = ConflictSource.DECLARED if own else ConflictSource.BY_OTHER
    row = Recusal(person=person, source=source, reason=reason.strip(), declared_by_id=actor.id, at=at, pending=not own)
    told = not own and bool(can_see(person, case))  # who does not know of the case learns nothing of it
    case.recusals.append(row)
    if own:
        _leave(case, person, at)
    s.flush()
    payload = {"source": source.value}  # no word of the reason: a hash of few words can be guessed
    action = "recused" if own else "conflict_reported"
    leave_line(s, case=case, actor=actor, action=action, at=at, about=person.id, payload=payload)
    if told:
        enqueue_mail(
            s, to_id=person.id, template="conflict_reported", key=f"conflict:{row.id}", at=at, path="/conflicts"
        )
    if own:
        tell_if_all_in(s, case=case, at=at)
    return row


def _refuse_unless_new(case: Case, person: Person, own: bool, reason: str) -> None:
    if person.id == case.candidate_id:
        raise Refused("It is their own case: they see it as its candidate only, without any recusal.")
    if person.id in case.recused_ids:
        raise Refused(f"{person.name} is recused from this case already.")
    if not own and not reason.strip():
        raise InvalidInput("Say why this person must stay away.")
    if not own and _reported(case, person):
        raise Refused(f"A conflict of {person.name} is reported already; it waits to be confirmed.")


def _reported(case: Case, person: Person) -> Recusal | None:
    return next((r for r in case.recusals if r.person_id == person.id and r.lifted_at is None), None)


def confirm_recusal(s: Session, *, recusal: Recusal, actor: Person, at: datetime) -> None:
    """A reported conflict takes effect by the word of the person concerned, or of another keeper of the case."""
    if not recusal.pending or recusal.lifted_at is not None:
        raise Refused("There is no report left to confirm.")
    if actor.id == recusal.declared_by_id:
        raise NotPermitted("You reported it; the person concerned or another keeper of the case confirms it.")
    case = recusal.case
    if actor.id != recusal.person_id and conflict(actor, case):
        raise NotPermitted("Whoever has a conflict with the case confirms nobody else's.")
    recusal.pending, recusal.confirmed_at, recusal.confirmed_by_id = False, at, actor.id
    _leave(case, recusal.person, at)
    s.flush()
    leave_line(s, case=case, actor=actor, action="recused", at=at, about=recusal.person_id)
    tell_if_all_in(s, case=case, at=at)


def _leave(case: Case, person: Person, at: datetime) -> None:
    for assignment in case.active_assignments:
        if assignment.reviewer_id == person.id:
            assignment.ended_at, assignment.ended_reason = at, RECUSED


def lift_recusal(s: Session, *, recusal: Recusal, actor: Person, reason: str, at: datetime) -> bool:
    """Undo a recusal that was a mistake: one person without a conflict asks for it, another does it; never the person
    themselves. Gives whether it is lifted now. A report that was not confirmed is dismissed by one, since it never had
    an effect. A review is not taken up again until somebody assigns it anew."""
    if recusal.person_id == actor.id:
        raise NotPermitted("Nobody lifts their own recusal.")
    if conflict(actor, recusal.case):
        raise NotPermitted("Whoever has a conflict with the case lifts nobody's recusal.")
    if recusal.lifted_at is not None:
        raise Refused("This recusal was lifted already.")
    if not reason.strip():
        raise InvalidInput("Say why the recusal is lifted.")
    if recusal.lift_asked_by_id == actor.id:
        raise Refused("You asked for it already; another person without a conflict lifts it.")
    done = recusal.pending or recusal.lift_asked_by_id is not None
    if done:
        recusal.lifted_at, recusal.lifted_by_id = at, actor.id
    else:
        recusal.lift_asked_at, recusal.lift_asked_by_id = at, actor.id
    before = recusal.lifted_reason
    recusal.lifted_reason = f"{before} / {reason.strip()}" if before else reason.strip()
    s.flush()
    action = "recusal_lifted" if done else "recusal_lift_asked"
    leave_line(s, case=recusal.case, actor=actor, action=action, at=at, about=recusal.person_id)
    return done
