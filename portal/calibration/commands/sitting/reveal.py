"""Showing the pre-vote: how many for, against and without a view, to everybody in the room at once."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.calibration.commands.sitting.pre_vote import voters
from portal.calibration.commands.sitting.table import (
    held_open,
    item_on_table,
    noted,
    refuse_if_away,
    refuse_if_moved,
    touch,
)
from portal.domain.problems import Refused
from portal.models.calibration_session import CalibrationSession, PreVote
from portal.models.case import Case
from portal.models.person import Person


def reveal(s: Session, *, live: CalibrationSession, case: Case, actor: Person, seen: str, at: datetime) -> None:
    """Show the counts; from here on no pre-vote changes. What somebody thought who must stay away since is dropped, not
    shown. Raises Refused when they are shown already or another case is
    on the table, StaleVersion when somebody moved the session, NotPermitted with a conflict."""
    live = held_open(s, live)
    refuse_if_away(actor, case)
    refuse_if_moved(live, seen, f"the pre-vote on {case.candidate.name}", actor)
    item = item_on_table(live, case)
    if item.revealed_at is not None:
        raise Refused("The pre-vote is shown already.")
    item.revealed_at = at
    _drop_of_who_is_away(s, live, case)
    touch(s, live, at)
    noted(s, live, case, actor, "pre_vote_shown", at, {"votes": len(item.pre_votes)})


def _drop_of_who_is_away(s: Session, live: CalibrationSession, case: Case) -> None:
    may = [person.id for person in voters(case)]
    here = (PreVote.session_id == live.id, PreVote.case_id == case.id, PreVote.person_id.not_in(may))
    s.execute(delete(PreVote).where(*here))
