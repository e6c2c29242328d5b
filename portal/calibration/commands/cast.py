"""Casting a vote: secret, changeable, and counted only if it arrived before the ballot was closed."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.calibration.policy import elector_of
from portal.cases.policy import conflict
from portal.domain.problems import NotPermitted, Refused
from portal.models.calibration import Ballot, Choice, Elector
from portal.models.person import Person


def held(s: Session, ballot: Ballot) -> Ballot:
    """The ballot as it is now, its row locked until the end of the transaction, so that a vote and the closing of the
    ballot come one after the other and never cross."""
    voters = selectinload(Ballot.electors).joinedload(Elector.person)
    q = select(Ballot).where(Ballot.id == ballot.id).options(voters).with_for_update()
    return s.scalars(q, execution_options={"populate_existing": True}).one()


def cast(s: Session, *, ballot: Ballot, actor: Person, choice: Choice, at: datetime) -> None:
    """Store or change one's own vote.

    No audit event is written here, on purpose: a line, or only the next number of the log, would tell who has voted
    and how many. Closing the ballot writes them all. Raises Refused once the ballot is closed, NotPermitted for whoever
    was not on the ballot when it opened or has a conflict since."""
    ballot = held(s, ballot)
    if ballot.closed_at is not None:
        raise Refused("This ballot was closed before your vote arrived; your vote was not counted.")
    place = elector_of(actor, ballot)
    if place is None or conflict(actor, ballot.case):
        raise NotPermitted("Those who vote were fixed when the ballot opened, and you are not among them.")
    place.choice, place.voted_at = choice, at
    s.flush()
