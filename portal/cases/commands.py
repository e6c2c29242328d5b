"""Verbs about a case as a whole. `move` is how every room takes a step: the table decides, history and audit follow."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases import policy, queries
from portal.cases.openings import OWN_DATES, openers_for, why_not_again, why_on_trial
from portal.cases.previous import latest_refusal
from portal.domain.case_flow import Action, Facts, IllegalStep, State, words
from portal.domain.case_types import KINDS, UPWARD, CaseType, Opener, grade_of, rubric_for, targets, why_not
from portal.domain.ladder import Family, Level
from portal.domain.moments import told
from portal.domain.problems import InvalidInput, NotPermitted, Refused
from portal.domain.rubric_files import read_pinned
from portal.models.audit import record
from portal.models.case import Case, Extension
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


def open_case(
    s: Session,
    *,
    actor: Person,
    candidate: Person,
    cycle: Cycle,
    at: datetime,
    case_type: CaseType = CaseType.PROMOTION,
    to_level_id: str | None = None,
    reason: str = "",
    until: datetime | None = None,
) -> Case:
    """A case on the rubric the cycle pinned; without `to_level_id` to the only level its type can ask for.

    Opened by someone else it is a nomination that the candidate has yet to accept. What only a people partner opens is
    not bound to the cycle's dates: it has a `reason` and a deadline of its own, `until`, kept as an extension. Raises
    NotPermitted for who may not, Refused with the remedy for what the ladder or the dates do not allow."""
    _refuse_wrong_opener(s, actor, candidate, case_type)
    _refuse_unless_open(s, cycle, candidate, case_type, actor, at)
    _refuse_without_dates(case_type, reason, until, at)
    pin = _pin_for(cycle, candidate)
    family = read_pinned(pin.rubric_version.org_text, pin.rubric_version.family_text)
    target = _target(family, case_type, str(candidate.level_id), to_level_id)
    case = _case_row(family, candidate, target, case_type, at)
    case.cycle, case.rubric_version = cycle, pin.rubric_version
    case.nominated_by_id = actor.id if actor.id != candidate.id else None
    if case_type is CaseType.RESUBMISSION:
        case.previous_case_id = _previous(s, candidate, cycle)
    s.add(case)
    if case_type in OWN_DATES and until is not None:
        case.reason = reason.strip()
        case.extensions.append(Extension(until=until, reason=case.reason, granted_by_id=actor.id, granted_at=at))
    s.flush()
    _tell_of_opening(s, case, actor, at)
    return case


def _tell_of_opening(s: Session, case: Case, actor: Person, at: datetime) -> None:
    record(
        s,
        actor=actor,
        action="case_opened",
        thing=f"case:{case.id}",
        at=at,
        case_id=case.id,
        stage=case.state.value,
        reason=case.reason,
        payload={"type": case.case_type.value, "to": case.to_level_id},
    )
    if case.nominated_by_id:
        path, key = f"/cases/{case.id}", f"nominated:{case.id}"
        enqueue_mail(s, to_id=case.candidate_id, template="nominated", key=key, at=at, path=path)


def _refuse_wrong_opener(s: Session, actor: Person, candidate: Person, case_type: CaseType) -> None:
    opener = KINDS[case_type].opener
    if opener in openers_for(s, actor, candidate):
        return
    if opener is Opener.PEOPLE_PARTNER:
        raise NotPermitted("A people partner outside the person's reporting line opens this type of case.")
    who = "Only the person themself opens" if opener is Opener.PERSON else "The person or their manager opens"
    raise NotPermitted(f"{who} this type of case.")


def _refuse_unless_open(
    s: Session, cycle: Cycle, candidate: Person, case_type: CaseType, actor: Person, at: datetime
) -> None:
    runs = cycle.closed_at is None and cycle.opens_at <= at
    if not runs or not (case_type in OWN_DATES or at < cycle.submit_by):
        first, last = told(cycle.opens_at, actor.timezone), told(cycle.submit_by, actor.timezone)
        raise Refused(f"{cycle.name} takes new cases from {first} to {last}.")
    if queries.open_case_of(s, candidate.id):
        raise Refused(f"{candidate.name} already has an open case; there is one at a time.")
    if why := why_on_trial(s, candidate):
        raise Refused(why)


def _target(family: Family, case_type: CaseType, own_id: str, to_level_id: str | None) -> Level:
    possible = targets(family, case_type, own_id)
    if to_level_id is not None:
        if why := why_not(family, case_type, own_id, to_level_id):
            raise Refused(why)
        return family.level(to_level_id)
    if len(possible) != 1:
        title = family.level(own_id).title
        if case_type in UPWARD:
            raise Refused(f"{family.name} has no level above {title} on this track.")
        raise Refused(f"Say to which level: from {title} there are {', '.join(x.title for x in possible) or 'none'}.")
    return possible[0]


def _case_row(family: Family, candidate: Person, target: Level, case_type: CaseType, at: datetime) -> Case:
    own, track = family.level(str(candidate.level_id)), family.track(target.track)
    return Case(
        candidate=candidate,
        case_type=case_type,
        family_id=family.id,
        from_level_id=own.id,
        to_level_id=target.id,
        track_id=track.id,
        track_kind=track.kind,
        grade=grade_of(own, target),
        scored=bool(rubric_for(family, case_type, own.id, target.id).competencies),
        state_since=at,
        created_at=at,
    )


def _previous(s: Session, candidate: Person, cycle: Cycle) -> str:
    refusal = latest_refusal(s, candidate)
    if why := why_not_again(refusal, str(candidate.level_id), cycle):
        raise Refused(why)
    return refusal.case_id if refusal else ""


def _refuse_without_dates(case_type: CaseType, reason: str, until: datetime | None, at: datetime) -> None:
    if case_type not in OWN_DATES:
        return
    if not reason.strip():
        raise InvalidInput("Say why this cannot wait for the dates of a cycle; the reason stays on record.")
    if until is None or until <= at:
        raise InvalidInput("Give a last day for the packet that lies ahead.")


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
    if not sections:
        raise InvalidInput("Name at least one part of the packet that needs more.")
    note = f"{', '.join(sections)}: {reason}"
    move(s, case=case, action=Action.RETURN, actor=actor, at=at, note=note)
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
