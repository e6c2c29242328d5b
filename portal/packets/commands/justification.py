"""Whether the organisation needs the role: kept apart from all that reviewers read."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.case_flow import State
from portal.models.case import Case
from portal.models.packet import BusinessJustification
from portal.models.person import Person
from portal.packets.commands.keeping import checked, hold, refuse_stale, refuse_unless
from portal.packets.commands.noting import note

WRITABLE = frozenset({State.DRAFT, State.SUBMITTED, State.IN_REVIEW})
LABEL = "Why the organisation needs the role"


def save_justification(
    s: Session, *, case: Case, actor: Person, text: str, version: int, at: datetime
) -> BusinessJustification:
    """Keep the manager's text. `version` is the one the writer saw, 0 before the first save.

    Raises StaleVersion with both texts, Refused once the case is decided."""
    hold(s, case)
    refuse_unless(case, WRITABLE, "The justification cannot be changed")
    row = s.get(BusinessJustification, case.id, populate_existing=True)
    text = checked(LABEL, text)
    if row is not None and text == row.text:
        return row
    refuse_stale(version, row.version if row else 0, mine={LABEL: text}, theirs={LABEL: row.text if row else ""})
    if row is None:
        row = BusinessJustification(case_id=case.id, writer_id=actor.id, text=text, saved_at=at)
        s.add(row)
    else:
        row.text, row.saved_at, row.writer_id = text, at, actor.id
    s.flush()
    thing = f"justification:{case.id}"
    note(s, case=case, actor=actor, action="justification_saved", thing=thing, at=at, payload=text)
    return row
