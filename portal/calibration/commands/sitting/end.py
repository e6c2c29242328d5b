"""Ending a session clears the table; the protocol stays."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.calibration.commands.sitting.table import held_open, lying, noted, refuse_if_away, refuse_if_moved
from portal.models.calibration_session import CalibrationSession
from portal.models.person import Person


def end_session(s: Session, *, live: CalibrationSession, actor: Person, seen: str, at: datetime) -> None:
    """End it. Raises StaleVersion when somebody moved it meanwhile, Refused when it is over already, NotPermitted
    while a case lies on the table that the facilitator must stay away from."""
    live = held_open(s, live)
    refuse_if_moved(live, seen, "the end of the session", actor)
    there = lying(live)
    if there is not None:
        refuse_if_away(actor, there)
    live.on_table = None
    live.closed_at, live.closed_by_id, live.touched_at = at, actor.id, at
    s.flush()
    noted(s, live, None, actor, "session_ended", at, {"items": len(live.items), "changes": len(live.changes)})
