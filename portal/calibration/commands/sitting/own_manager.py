"""Whether the candidate's own manager came in to answer: they may answer, never vote, move a score, or stay."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.calibration.commands.sitting.table import held_open, item_on_table, noted, refuse_if_away, touch
from portal.models.calibration_session import CalibrationSession
from portal.models.case import Case
from portal.models.person import Person


def note_manager(
    s: Session, *, live: CalibrationSession, case: Case, actor: Person, present: bool, at: datetime
) -> None:
    """Record it for the case on the table. Raises Refused when another is, NotPermitted with a conflict."""
    live = held_open(s, live)
    refuse_if_away(actor, case)
    item_on_table(live, case).manager_present = present
    touch(s, live, at)
    noted(s, live, case, actor, "own_manager_noted", at, {"present": present})
