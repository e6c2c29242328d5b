"""Recording what the committee decided, or a corrected version of it, before its release or after."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.calibration.commands import recheck
from portal.cases import commands as steps
from portal.cases import queries as cases
from portal.decisions import queries
from portal.decisions.wording import refuse_given_away, unsaid
from portal.domain.case_flow import Action, State, advance
from portal.domain.case_types import APPROVALS
from portal.domain.moments import told
from portal.domain.problems import InvalidInput, Refused, StaleVersion
from portal.domain.voting import Tally
from portal.models.audit import record
from portal.models.calibration import Ballot
from portal.models.case import Case
from portal.models.decision import Decision, Outcome
from portal.models.person import Person

SHORTEST_REASONS = 10
CORRECTED_IN = (State.DECIDED, State.RELEASED, State.CLOSED)  # where a further version corrects the one before
_IN_WORDS = {
    Outcome.APPROVED: "approved",
    Outcome.APPROVED_ON_TRIAL: "approved on trial",
    Outcome.NOT_YET: "not yet",
    Outcome.DEFERRED: "deferred while no role is open",
    Outcome.DECLINED: "declined",
}


def record_decision(
    s: Session,
    *,
    case: Case,
    actor: Person,
    outcome: Outcome,
    reasons: str,
    unmet_codes: Sequence[str],
    effective_on: date | None,
    at: datetime,
    seen: int | None = None,
    correction: str = "",
) -> Decision:
    """The next version of the decision on a case; the first one moves the case on.

    `unmet_codes` are clauses of the ballot's frozen position; a "not yet" names at least one, a case that was declined
    too, where one is unmet. A further version on the same ballot says in `correction` what it puts right; the one
    before stays on record, and a check of the bars that rested on it is computed again. `seen` is the newest number the
    writer saw. Refused when it contradicts the ballot or the position, or when the reasons name a score or somebody."""
    case = queries.held(s, case)
    if seen is not None and seen != len(case.decisions):
        raise _stale(case, reasons)
    _refuse_while_it_waits(s, case, actor)
    if case.state not in CORRECTED_IN:
        advance(case.state, Action.DECIDE, cases.facts_for(s, case, at))
    ballot, counted = _ballot_of(s, case)
    clauses = queries.unmet_in(ballot)
    _refuse_what_the_ballot_forbids(case, outcome, counted)
    _refuse_what_the_position_forbids(outcome, unmet_codes, clauses)
    _refuse_effective(case, outcome, effective_on)
    _refuse_reasons(case, ballot, outcome, reasons, correction)
    decision = _new_version(s, case, ballot, actor, at)
    decision.outcome, decision.reasons, decision.effective_on = outcome, reasons.strip(), effective_on
    decision.correction, decision.unmet = correction.strip(), [c for c in clauses if c["code"] in unmet_codes]
    case.decisions.append(decision)
    s.flush()
    if case.state not in CORRECTED_IN:
        steps.move(s, case=case, action=Action.DECIDE, actor=actor, at=at)
    _note(s, decision, actor, at)
    return decision


def _refuse_while_it_waits(s: Session, case: Case, actor: Person) -> None:
    if cases.is_erased(s, case):
        raise Refused("The texts of this case were erased. Its decision stands as it is.")
    if case.decisions and (item := case.decisions[-1].planned):
        raise Refused(
            f"Its letter leaves on {told(item.moment, actor.timezone)}. Until then a people partner can take the "
            "release back; after it, the decision can be corrected as a released one."
        )
    if case.state is State.UNDER_APPEAL:
        raise Refused("An appeal against this decision waits for its answer. After it the decision can be corrected.")


def _new_version(s: Session, case: Case, ballot: Ballot, actor: Person, at: datetime) -> Decision:
    out = next((d for d in reversed(case.decisions) if d.released_at and d.ballot_id == ballot.id), None)
    check = out.bar_check if out else queries.last_check(s, case)
    if check is None:
        raise Refused("The equivalence check has not been run at this grade.")
    return Decision(
        number=len(case.decisions) + 1,
        ballot=ballot,
        bar_check=check,
        position=ballot.position,
        recorded_by_id=actor.id,
        recorded_at=at,
    )


def _ballot_of(s: Session, case: Case) -> tuple[Ballot, Tally]:
    found = queries.closed_ballot(s, case)
    if found is None:
        raise Refused("The ballot has not been held and closed.")
    used = any(d.released_at and d.ballot_id == found[0].id for d in case.decisions)
    if used and case.state not in (State.RELEASED, State.CLOSED):
        raise Refused("This ballot led to a decision that was released. After an appeal the committee votes again.")
    return found


def _refuse_what_the_ballot_forbids(case: Case, outcome: Outcome, counted: Tally) -> None:
    allowed = queries.outcomes_of(case, counted)
    if outcome in allowed:
        return
    votes = f"{counted.votes_for} for, {counted.votes_against} against"
    if counted.carried:
        words = ", or ".join(_IN_WORDS[one] for one in allowed)
        raise InvalidInput(f"The ballot carried ({votes}): the outcome is {words}.")
    tie = " A tie does not approve." if counted.votes_for == counted.votes_against else ""
    raise InvalidInput(f"The ballot did not carry ({votes}), so the outcome is {_IN_WORDS[allowed[0]]}.{tie}")


def _refuse_what_the_position_forbids(
    outcome: Outcome, codes: Sequence[str], clauses: Sequence[dict[str, Any]]
) -> None:
    unmet = [c["code"] for c in clauses]
    if strangers := sorted(set(codes) - set(unmet)):
        raise InvalidInput(f"The committee did not see these clauses as unmet: {', '.join(strangers)}.")
    refused = outcome in (Outcome.NOT_YET, Outcome.DECLINED)
    if not refused and codes:
        raise InvalidInput("Only a “not yet” names unmet clauses of the bar.")
    if refused and unmet and not codes:
        raise InvalidInput("Name at least one clause of the bar that is not met; the letter explains it.")
    if outcome is Outcome.NOT_YET and not unmet:
        raise InvalidInput(
            "A “not yet” names what of the bar was not met, and the committee saw every clause as met. Record what it "
            "sees otherwise as a change to the position, with the reason, and open another ballot."
        )
    if outcome is Outcome.DEFERRED and unmet:
        raise InvalidInput(
            f"A deferral says that the bar was met; the position shows clauses that are not: {', '.join(unmet)}."
        )


def _refuse_effective(case: Case, outcome: Outcome, day: date | None) -> None:
    if outcome not in APPROVALS:
        if day is not None:
            raise InvalidInput("Only an approval has a day from which it holds.")
        return
    if day is None:
        raise InvalidInput("Say from which day it holds.")
    if day < case.cycle.opens_at.date():
        raise InvalidInput(
            f"The new level cannot hold from before the cycle opened, on {case.cycle.opens_at:%d %b %Y}."
        )


def _refuse_reasons(case: Case, ballot: Ballot, outcome: Outcome, reasons: str, correction: str) -> None:
    _refuse_unexplained(case, correction)
    _refuse_money(outcome, reasons)
    if case.state is not State.DECIDED:
        words = "words on what is put right stand in the letter"
        refuse_given_away(words, correction, ballot.position, queries.forbidden_names(case))
    if len(reasons.strip()) < SHORTEST_REASONS:
        raise InvalidInput("Say why, in words the candidate can use; they stand in the letter.")
    refuse_given_away("reasons stand in the letter", reasons, ballot.position, queries.forbidden_names(case))


def _refuse_money(outcome: Outcome, reasons: str) -> None:
    if outcome in (Outcome.NOT_YET, Outcome.DECLINED) and (found := unsaid(reasons)):
        raise InvalidInput(
            f"The reasons say “{found[0]}”: money and places are no reason for this outcome. Say what the bar asks."
        )


def _refuse_unexplained(case: Case, correction: str) -> None:
    if case.state in CORRECTED_IN and len(correction.strip()) < SHORTEST_REASONS:
        raise InvalidInput("Say what this version puts right; the reason stays on record with both versions.")
    if case.state not in CORRECTED_IN and correction.strip():
        raise InvalidInput("The first version of a decision corrects nothing.")


def _stale(case: Case, reasons: str) -> StaleVersion:
    newest = case.decisions[-1] if case.decisions else None
    return StaleVersion(
        "A newer version of this decision was recorded while you wrote yours.",
        mine={"Reasons": reasons},
        theirs={"Reasons": newest.reasons if newest else ""},
        version=newest.number if newest else 0,
    )


def _note(s: Session, decision: Decision, actor: Person, at: datetime) -> None:
    """In the log, and in the checks of the bars that rested on the version before."""
    record(
        s,
        actor=actor,
        action="decision_recorded",
        thing=f"decision:{decision.id}",
        at=at,
        case_id=decision.case_id,
        stage=decision.case.state.value,
        payload={
            "number": decision.number,
            "outcome": decision.outcome.value,
            "reasons": decision.reasons,
            "correction": decision.correction,
            "unmet": [c["code"] for c in decision.unmet],
            "effective_on": decision.effective_on,
        },
    )
    recheck(s, decision=decision, actor=actor, at=at)
