"""Thinking alone before the talk: each member says what they think, and nobody sees it before all is shown."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.calibration.commands.sitting.table import held_open, item_on_table, refuse_if_away
from portal.cases.policy import conflict
from portal.domain.problems import NotPermitted, Refused
from portal.models.calibration import Choice
from portal.models.calibration_session import CalibrationSession, PreVote
from portal.models.case import Case
from portal.models.person import Person


def pre_vote(s: Session, *, live: CalibrationSession, case: Case, actor: Person, choice: Choice, at: datetime) -> None:
    """Store or change one's own pre-vote. No screen of another member stirs.

    No audit line before it is shown: its number alone would tell who has voted. Raises Refused once it was shown or
    another case is on the table, NotPermitted for whoever has no seat or must stay away."""
    live = held_open(s, live)
    refuse_if_away(actor, case)
    item = item_on_table(live, case)
    if actor.id not in {person.id for person in voters(case)}:
        raise NotPermitted("The committee's members vote; you have no seat on it.")
    if item.revealed_at is not None:
        raise Refused("The pre-vote has been shown; the talk has begun.")
    mine = s.get(PreVote, (live.id, case.id, actor.id))
    if mine is None:
        s.add(PreVote(session_id=live.id, case_id=case.id, person_id=actor.id, choice=choice, at=at))
        s.flush()
    else:
        mine.choice, mine.at = choice, at
        s.flush()
    s.expire(item, ["pre_votes"])


def voters(case: Case) -> list[Person]:
    """The active members who may be in the room for a case."""
    seats = case.committee.seats if case.committee else []
    return [seat.person for seat in seats if seat.person.active and not conflict(seat.person, case)]
