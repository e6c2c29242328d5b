"""A member stands apart from a result in writing. The vote stays what it was; the reasons go on record beside it."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.calibration.commands.cast import held
from portal.calibration.policy import can_dissent, elector_of
from portal.cases.policy import conflict
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, NotPermitted, Refused
from portal.models.audit import record
from portal.models.calibration import Ballot
from portal.models.person import Person

SHORTEST = 10


def dissent(s: Session, *, ballot: Ballot, actor: Person, text: str, at: datetime) -> None:
    """Record, once, why a member who voted with the minority does not share the result.

    Chair and people partner read it; it stands in no letter. Raises Refused while the ballot is open, after the
    decision was released, and for a second one; NotPermitted for whoever did not vote against the result."""
    ballot = held(s, ballot)
    if ballot.closed_at is None:
        raise Refused("A dissent is recorded once the ballot is closed; nobody sees the result before.")
    if ballot.case.state not in (State.IN_CALIBRATION, State.DECIDED):
        raise Refused("The decision was released; its record stays as it is.")
    place = elector_of(actor, ballot)
    if place is None or conflict(actor, ballot.case) or not (verdict := can_dissent(actor, ballot)):
        raise NotPermitted("A dissent is for a member who voted otherwise than the ballot came out.")
    if place.dissent:
        raise Refused("Your dissent is on record already.")
    if len(text.strip()) < SHORTEST:
        raise InvalidInput("Say why you do not share the result.")
    place.dissent, place.dissented_at = text.strip(), at
    s.flush()
    case, why = ballot.case, {"dissent": place.dissent, "as": verdict.why}
    thing, stage = f"ballot:{ballot.id}", case.state.value
    record(s, actor=actor, action="dissent_recorded", thing=thing, at=at, case_id=case.id, stage=stage, payload=why)
