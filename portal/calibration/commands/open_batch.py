"""Opening the ballots of the cases on which all reviewers agree, together: no talk is spent on them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from portal.calibration.commands.open_ballot import open_ballot, why_not_open
from portal.calibration.policy import can_open_ballot
from portal.calibration.queries.agenda import Item
from portal.cases.queries import case, last_ballot
from portal.models.person import Person


def open_unanimous(s: Session, *, items: Iterable[Item], actor: Person, at: datetime) -> int:
    """How many ballots were opened. Cases that are not unanimous, that the actor does not preside over, or whose ballot
    cannot be opened now are left alone."""
    opened = 0
    for item in items:
        found = case(s, case_id=item.case.id) if item.unanimous else None
        if found is None or not can_open_ballot(actor, found):
            continue
        if why_not_open(found, last_ballot(s, found)) is None:
            open_ballot(s, case=found, actor=actor, at=at)
            opened += 1
    return opened
