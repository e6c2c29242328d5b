"""Putting a case on the table, or clearing the table for a pause."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.calibration.commands.sitting.table import (
    held_open,
    leads_alone,
    lying,
    noted,
    refuse_if_away,
    refuse_if_moved,
    touch,
)
from portal.domain.case_flow import State
from portal.domain.problems import Refused
from portal.models.calibration_session import CalibrationSession, TableItem
from portal.models.case import Case
from portal.models.person import Person


def put_on_table(
    s: Session, *, live: CalibrationSession, case: Case | None, actor: Person, seen: str, at: datetime
) -> None:
    """Put a case on the table with a fresh time box; None clears the table. `seen` is where the room stood on the
    facilitator's screen; the case that lies there gets a new time box.

    Raises StaleVersion when somebody moved the session meanwhile, Refused for a case that does not belong here,
    NotPermitted when the facilitator must stay away from the case that comes, or from the one that lies there: then
    the other facilitator moves on. Only where neither may be in the room does one of them clear the table."""
    live = held_open(s, live)
    refuse_if_moved(live, seen, case.candidate.name if case else "nothing on the table", actor)
    there = lying(live)
    if there is not None and not (case is None and leads_alone(live)):
        refuse_if_away(actor, there)
    if case is not None:
        refuse_if_away(actor, case)
        _refuse_strangers(live, case)
        _lay(s, live, case, at)
    live.on_table = case
    touch(s, live, at)
    action = "case_put_on_table" if case else "table_cleared"
    noted(s, live, case, actor, action, at, {})


def _refuse_strangers(live: CalibrationSession, case: Case) -> None:
    if (case.cycle_id, case.family_id, case.grade) != (live.cycle_id, live.family_id, live.grade):
        raise Refused("This case belongs to another grade; open the session there.")
    if case.state is not State.IN_CALIBRATION:
        raise Refused("This case is not in calibration, so there is nothing to settle.")


def _lay(s: Session, live: CalibrationSession, case: Case, at: datetime) -> None:
    until = at + timedelta(minutes=live.box_minutes)
    item = live.item_of(case.id)
    if item is not None:
        item.box_until = until
        return
    s.add(TableItem(session=live, case=case, first_at=at, box_until=until, revealed_at=None, manager_present=None))
