"""The line in the audit log that every verb of this room leaves about a case."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.models.audit import record
from portal.models.case import Case
from portal.models.person import Person


def note(
    s: Session,
    *,
    case: Case,
    actor: Person,
    action: str,
    at: datetime,
    thing: str = "",
    payload: Any = None,
    reason: str = "",
) -> None:
    """`thing` is the case itself if nothing else is named; of `payload` only the hash is kept."""
    record(
        s,
        actor=actor,
        action=action,
        thing=thing or f"case:{case.id}",
        at=at,
        case_id=case.id,
        stage=case.state.value,
        reason=reason,
        payload=payload,
    )
