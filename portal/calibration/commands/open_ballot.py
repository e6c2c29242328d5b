"""Opening a ballot fixes what the committee decides on: who may vote, and the position they were shown."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.calibration.queries.sessions import position_now
from portal.cases.policy import conflict
from portal.cases.queries import count, family_of, last_ballot, refused_without_a_gap
from portal.domain.case_flow import State
from portal.domain.problems import Refused
from portal.domain.scoring import Position
from portal.models.audit import record
from portal.models.calibration import Ballot, Elector, Standing
from portal.models.case import Case
from portal.models.outbox import enqueue_mail
from portal.models.person import Person


def open_ballot(s: Session, *, case: Case, actor: Person, at: datetime) -> Ballot:
    """Open a ballot: the eligible are the active members without a conflict at this moment, the others are recused.
    What they are shown, with the changes the committee has made, is kept.

    Another round is possible when the last had no quorum, when it was a tie and the policy has ties voted on again,
    when it refused a case of which it saw every clause of the bar as met, or when an appeal sent the case back since.
    Raises Refused when a ballot is open, when the committee has decided, or when nobody may vote."""
    s.refresh(
        case, ["_state", "state_since", "version"], with_for_update=True
    )  # of two at once, the second sees the first
    before = last_ballot(s, case)
    if reason := why_not_open(case, before):
        raise Refused(reason)
    where = position_now(s, case)
    ballot = Ballot(
        case=case,
        round=before.round + 1 if before else 1,
        quorum=case.cycle.quorum,
        majority=case.cycle.majority,
        shown=where.overall,
        position=plain(where),
        opened_at=at,
        opened_by_id=actor.id,
        electors=_electors(case),
    )
    eligible = [e.person_id for e in ballot.electors if e.standing is Standing.ELIGIBLE]
    if not eligible:
        raise Refused("Nobody on the committee may vote on this case: every member has a conflict. Name other members.")
    s.add(ballot)
    s.flush()
    thing = f"ballot:{ballot.id}"
    payload = {"round": ballot.round, "shown": ballot.shown, "eligible": sorted(eligible)}
    stage = case.state.value
    record(s, actor=actor, action="ballot_opened", thing=thing, at=at, case_id=case.id, stage=stage, payload=payload)
    for person_id in sorted(eligible):
        key, path = f"ballot-open:{ballot.id}", f"/cases/{case.id}/votes"
        enqueue_mail(s, to_id=person_id, template="ballot_open", key=key, at=at, path=path)
    return ballot


def why_not_open(case: Case, before: Ballot | None) -> str | None:
    """What stands against opening a ballot now, as a sentence with its remedy; None when nothing does."""
    if case.state is not State.IN_CALIBRATION:
        return "A ballot is held while the case is in calibration."
    if case.committee is None:
        return "No committee is named for this grade. Name one in the cycle's committees."
    if before is None or (before.closed_at is not None and before.opened_at < case.state_since):
        return None
    if before.closed_at is None:
        return "A ballot is already open; close it first."
    counted = count(before)
    if counted.tied and family_of(case).org.policy.tie == "vote_again":
        return None
    if refused_without_a_gap(before):
        return None
    return "The committee has voted on this case." if counted.quorum_met else None


def _electors(case: Case) -> list[Elector]:
    seats = case.committee.seats if case.committee else []
    return [
        Elector(
            person_id=seat.person_id,
            standing=Standing.RECUSED if conflict(seat.person, case) else Standing.ELIGIBLE,
            choice=None,
            voted_at=None,
        )
        for seat in seats
        if seat.person.active
    ]


def plain(where: Position) -> dict[str, Any]:
    """A position as plain data: overall, meets_bar, disagreement, and lists of competencies, pillars and unmet clauses,
    each clause with its code, sentence and competency."""
    data = asdict(where)
    return {key: list(value) if isinstance(value, tuple) else value for key, value in data.items()}
