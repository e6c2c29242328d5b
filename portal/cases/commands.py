"""Verbs about a case as a whole. `move` is how every room takes a step: the table decides, history and audit follow."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases import policy, queries
from portal.domain.case_flow import Action, Facts, IllegalStep, State, words
from portal.domain.problems import InvalidInput, Refused
from portal.domain.rubric_files import read_pinned
from portal.models.audit import record
from portal.models.case import Case, CaseType, Extension
from portal.models.cycle import Cycle, CyclePin
from portal.models.outbox import enqueue_mail
from portal.models.person import Person


def move(s: Session, *, case: Case, action: Action, actor: Person | None, at: datetime, note: str = "") -> None:
    """Take one step of the flow table. Raises IllegalStep or StepBlocked, and then nothing has changed."""
    _take(case, action, queries.facts_for(s, case, at), actor, at, note)
    s.flush()
    record(
        s,
        actor=actor,
        action=f"case_{action.value}",
        thing=f"case:{case.id}",
        at=at,
        case_id=case.id,
        stage=case.state.value,
        reason=note,
    )


def _take(case: Case, action: Action, facts: Facts, actor: Person | None, at: datetime, note: str) -> None:
    """As `case.take`; but a refusal tells no more of the state than the page does."""
    try:
        case.take(action, facts, by=actor, at=at, note=note)
    except IllegalStep:
        shown = policy.shown_state(actor, case) if actor else case.state
        raise IllegalStep(f"“{words(action)}” is not possible while the case is {words(shown)}.") from None


def open_case(s: Session, *, actor: Person, candidate: Person, cycle: Cycle, at: datetime) -> Case:
    """A promotion case to the next level on the candidate's own track, on the rubric the cycle pinned.

    Opened by someone else (the manager), it is a nomination that the candidate has yet to accept."""
    _refuse_unless_open(s, cycle, candidate, at)
    pin = _pin_for(cycle, candidate)
    version = pin.rubric_version
    family = read_pinned(version.org_text, version.family_text)
    target = family.next_level(str(candidate.level_id))
    if target is None or target.grade is None:
        raise Refused(f"{family.name} has no level above {family.level(str(candidate.level_id)).title} on this track.")
    track = family.track(target.track)
    case = Case(
        cycle=cycle,
        candidate=candidate,
        case_type=CaseType.PROMOTION,
        family_id=family.id,
        rubric_hash=version.content_hash,
        from_level_id=str(candidate.level_id),
        to_level_id=target.id,
        track_id=track.id,
        track_kind=track.kind,
        grade=target.grade,
        nominated_by_id=actor.id if actor.id != candidate.id else None,
        state_since=at,
        created_at=at,
    )
    s.add(case)
    s.flush()
    record(
        s, actor=actor, action="case_opened", thing=f"case:{case.id}", at=at, case_id=case.id, stage=case.state.value
    )
    if case.nominated_by_id:
        path = f"/cases/{case.id}"
        enqueue_mail(s, to_id=candidate.id, template="nominated", key=f"nominated:{case.id}", at=at, path=path)
    return case


def _refuse_unless_open(s: Session, cycle: Cycle, candidate: Person, at: datetime) -> None:
    if cycle.closed_at is not None or not cycle.opens_at <= at < cycle.submit_by:
        raise Refused(
            f"{cycle.name} takes new cases from {cycle.opens_at:%d %b %Y} to {cycle.submit_by:%d %b %Y} (UTC)."
        )
    if queries.open_case_of(s, candidate.id):
        raise Refused(f"{candidate.name} already has an open case; there is one at a time.")


def _pin_for(cycle: Cycle, candidate: Person) -> CyclePin:
    if not candidate.family_id or not candidate.level_id:
        raise Refused(f"{candidate.name} has no level on a ladder yet; a people partner can set it.")
    pin = next((p for p in cycle.pins if p.family_id == candidate.family_id), None)
    if pin is None:
        raise Refused(f"{cycle.name} does not take cases of the ladder “{candidate.family_id}”.")
    return pin


def accept_nomination(s: Session, *, case: Case, actor: Person, at: datetime) -> None:
    if case.accepted:
        raise Refused("There is no nomination waiting to be accepted.")
    case.accepted_at = at
    record(s, actor=actor, action="nomination_accepted", thing=f"case:{case.id}", at=at, case_id=case.id)


def withdraw(s: Session, *, case: Case, actor: Person, at: datetime, note: str = "") -> None:
    move(s, case=case, action=Action.WITHDRAW, actor=actor, at=at, note=note)


def revive(s: Session, *, case: Case, actor: Person, at: datetime) -> None:
    """Back to a draft with everything in it, while the deadline allows and no other case is open."""
    if queries.open_case_of(s, case.candidate_id):
        raise Refused("There is another open case; withdraw that one first.")
    move(s, case=case, action=Action.REVIVE, actor=actor, at=at)


def return_for_evidence(
    s: Session, *, case: Case, actor: Person, sections: list[str], reason: str, until: datetime | None, at: datetime
) -> None:
    """Back to the candidate, naming the sections and what is missing; with a deadline it is a clarification."""
    if not reason.strip():
        raise InvalidInput("Say what is missing; the candidate has only this to go by.")
    names = ", ".join(sections)
    move(s, case=case, action=Action.RETURN, actor=actor, at=at, note=f"{names}: {reason}" if names else reason)
    if until is not None:
        extend(s, case=case, actor=actor, until=until, reason="returned for evidence", at=at)
    path = f"/cases/{case.id}"
    key = f"returned:{case.id}:{len(case.events)}"
    enqueue_mail(s, to_id=case.candidate_id, template="returned", key=key, at=at, path=path)


def extend(s: Session, *, case: Case, actor: Person, until: datetime, reason: str, at: datetime) -> None:
    """More time to submit, for this person only, on record."""
    if case.state is not State.DRAFT:
        raise Refused("Only a draft has a deadline to extend.")
    if until <= at:
        raise InvalidInput("The new deadline must lie ahead.")
    case.extensions.append(Extension(until=until, reason=reason, granted_by_id=actor.id, granted_at=at))
    s.flush()
    record(s, actor=actor, action="extension_granted", thing=f"case:{case.id}", at=at, case_id=case.id, reason=reason)
