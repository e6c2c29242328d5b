"""The minutes: what was said, line by line, by whoever of the committee writes it down."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.calibration.commands.sitting.table import held_open, noted, refuse_if_away, touch
from portal.domain.problems import InvalidInput, Refused
from portal.models.calibration_session import CalibrationSession, Minute
from portal.models.case import Case
from portal.models.person import Person


def note(s: Session, *, live: CalibrationSession, case: Case | None, actor: Person, text: str, at: datetime) -> Minute:
    """Add a line about a case of this session, or about the session (None). Two who write at once both stand.

    Raises InvalidInput for an empty line, Refused for a case that was not on this table, NotPermitted with a
    conflict."""
    live = held_open(s, live)
    if case is not None:
        refuse_if_away(actor, case)
        if live.item_of(case.id) is None:
            raise Refused("This case has not been on the table in this session.")
    if not text.strip():
        raise InvalidInput("Minutes: Write what was said; an empty line is not kept.")
    line = Minute(session=live, case_id=case.id if case else None, text=text.strip(), by=actor, at=at)
    s.add(line)
    touch(s, live, at)
    noted(s, live, case, actor, "minuted", at, {"text": line.text})
    return line
