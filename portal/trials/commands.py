"""Verbs about trials: one begins with its letter, ends with a decision on record, and can lead home until its day."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.queries import path_of
from portal.domain.problems import InvalidInput, Refused
from portal.domain.trials import DECIDE_WITHIN, Standing, days_of
from portal.models.audit import record
from portal.models.decision import Decision, Outcome
from portal.models.outbox import enqueue_mail
from portal.models.person import Person
from portal.models.trial import Trial, TrialDecision, TrialEnd
from portal.trials.queries import standing_of, today_of

SHORTEST_REASON = 10


def begin(s: Session, *, decision: Decision, actor: Person, at: datetime) -> Trial | None:
    """The trial that a released decision begins, with the days that its letter names; None for any other outcome. A
    correction in words alone lets the one before go on."""
    days = days_of(path_of(decision.case), decision.effective_on) if decision.effective_on else None
    if decision.outcome is not Outcome.APPROVED_ON_TRIAL or days is None:
        return None
    case = decision.case
    if before := _goes_on(s, decision):
        before.decision = decision
        s.flush()
        _note(s, before, "trial_goes_on", actor, at, payload={"decision": decision.id})
        return before
    trial = Trial(
        case=case,
        decision=decision,
        starts_on=days.starts_on,
        ends_on=days.ends_on,
        return_until=days.return_until,
        home_level_id=case.from_level_id,
        begun_at=at,
    )
    s.add(trial)
    s.flush()
    payload = {"starts_on": days.starts_on, "ends_on": days.ends_on, "return_until": days.return_until}
    _note(s, trial, "trial_begun", actor, at, payload=payload)
    return trial


def _goes_on(s: Session, decision: Decision) -> Trial | None:
    """The trial of the decision that this one corrects in words alone: it goes on as it is, ended or not."""
    corrected = decision.corrects
    if corrected is None or corrected.decides != decision.decides:
        return None
    return s.scalar(select(Trial).where(Trial.decision_id == corrected.id))


def confirm(s: Session, *, trial: Trial, actor: Person, reason: str, at: datetime) -> TrialDecision:
    """The new role is theirs from the day after the trial. Not before its last weeks: it runs its time."""
    if len(reason.strip()) < SHORTEST_REASON:
        raise InvalidInput("Say what the trial showed; the person reads it.")
    _refuse_if_over(trial, at)
    if trial.end is not None:
        raise Refused("This trial was confirmed already.")
    from_day = trial.ends_on - DECIDE_WITHIN
    if standing_of(trial, at) in (Standing.COMING, Standing.RUNNING):
        raise Refused(
            f"The trial runs until {trial.ends_on:%d %b %Y}; it can be confirmed from {from_day:%d %b %Y} on."
        )
    return _end(s, trial, TrialEnd.CONFIRMED, reason, trial.ends_on + timedelta(days=1), actor, at)


def go_home(s: Session, *, trial: Trial, actor: Person, reason: str, effective_on: date, at: datetime) -> TrialDecision:
    """Back to the level left, during the trial or after it was confirmed, until the last day for it. Whoever uses their
    own right gives no reason; a people partner who records it does."""
    if actor.id != trial.case.candidate_id and len(reason.strip()) < SHORTEST_REASON:
        raise InvalidInput("Say what was agreed; the person reads it.")
    _refuse_if_over(trial, at)
    today = today_of(trial.case, at)
    if today > trial.return_until:
        raise Refused(f"The way home was open until {trial.return_until:%d %b %Y}.")
    if effective_on < max(today, trial.starts_on):
        raise InvalidInput("From which day: choose a day that lies ahead, in the trial or after it.")
    return _end(s, trial, TrialEnd.RETURNED, reason, effective_on, actor, at)


def _refuse_if_over(trial: Trial, at: datetime) -> None:
    if standing_of(trial, at) is Standing.RETURNED:
        raise Refused("This trial has ended: the person went home.")


def _end(
    s: Session, trial: Trial, outcome: TrialEnd, reason: str, effective_on: date, actor: Person, at: datetime
) -> TrialDecision:
    end = TrialDecision(outcome=outcome, reason=reason.strip(), effective_on=effective_on, by=actor, at=at)
    trial.ends.append(end)
    s.flush()
    payload = {"outcome": outcome.value, "effective_on": effective_on, "reason": end.reason}
    _note(s, trial, f"trial_{outcome.value}", actor, at, payload=payload)
    candidate = trial.case.candidate
    path, key = f"/cases/{trial.case_id}/trial", f"trial-{outcome.value}:{trial.id}"
    for person_id in (candidate.id, candidate.manager_id):
        if person_id is not None and person_id != actor.id:
            enqueue_mail(s, to_id=person_id, template="trial_ended", key=key, at=at, path=path)
    return end


def _note(s: Session, trial: Trial, action: str, actor: Person, at: datetime, payload: Mapping[str, object]) -> None:
    case = trial.case
    thing = f"trial:{trial.id}"
    record(s, actor=actor, action=action, thing=thing, at=at, case_id=case.id, stage=case.state.value, payload=payload)
