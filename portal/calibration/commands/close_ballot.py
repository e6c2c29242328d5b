"""Closing a ballot: from here on the votes are what they are, and the record says whose they were."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.calibration.commands.cast import held
from portal.cases.policy import conflict
from portal.domain.problems import Refused
from portal.models.audit import record
from portal.models.calibration import Ballot, Elector, Standing
from portal.models.person import Person


def close_ballot(s: Session, *, ballot: Ballot, actor: Person, at: datetime) -> None:
    """Close the ballot and write every vote into the audit log.

    Whoever got a conflict while the ballot was open is recused from it, and a vote they had cast is not counted.
    Raises Refused when it is closed already."""
    ballot = held(s, ballot)
    if ballot.closed_at is not None:
        raise Refused("This ballot is already closed.")
    ballot.closed_at, ballot.closed_by_id = at, actor.id
    electors = [_settled(e, ballot) for e in ballot.electors]
    s.flush()
    thing, stage = f"ballot:{ballot.id}", ballot.case.state.value
    for e in electors:
        if e.choice is not None:
            vote = {"choice": e.choice.value, "voted_at": e.voted_at}
            where = {"thing": thing, "case_id": ballot.case_id, "stage": stage}
            record(s, actor=e.person, action="vote_counted", at=at, payload=vote, **where)
    standing = {e.person_id: e.standing.value for e in electors}
    record(
        s,
        actor=actor,
        action="ballot_closed",
        thing=thing,
        at=at,
        case_id=ballot.case_id,
        stage=stage,
        payload=standing,
    )


def _settled(elector: Elector, ballot: Ballot) -> Elector:
    if elector.standing is Standing.ELIGIBLE and conflict(elector.person, ballot.case):
        elector.choice = elector.voted_at = None
        elector.standing = Standing.RECUSED
    return elector
