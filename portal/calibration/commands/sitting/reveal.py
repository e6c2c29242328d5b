"""Showing the pre-vote: how many for, against and without a view, to everybody in the room at once."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.calibration.commands.sitting.table import (
    held_open,
    item_on_table,
    noted,
    refuse_if_away,
    refuse_if_moved,
    touch,
)
from portal.domain.problems import Refused
from portal.models.calibration_session import CalibrationSession
from portal.models.case import Case
from portal.models.person import Person


def reveal(s: Session, *, live: CalibrationSession, case: Case, actor: Person, version: int, at: datetime) -> None:
    """Show the counts; from here on no pre-vote changes. Raises Refused when they are shown already or another case is
    on the table, StaleVersion when somebody moved the session, NotPermitted with a conflict."""
    live = held_open(s, live)
    refuse_if_away(actor, case)
    refuse_if_moved(live, version, f"the pre-vote on {case.candidate.name}", actor)
    item = item_on_table(live, case)
    if item.revealed_at is not None:
        raise Refused("The pre-vote is shown already.")
    item.revealed_at = at
    touch(s, live, at)
    noted(s, live, case, actor, "pre_vote_shown", at, {"votes": len(item.pre_votes)})
