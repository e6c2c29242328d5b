"""How this room leaves its line in the audit log: always with the case and the stage it was at."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.models.audit import record
from portal.models.case import Case
from portal.models.person import Person


def leave_line(
    s: Session,
    *,
    case: Case,
    actor: Person,
    action: str,
    at: datetime,
    about: str | None = None,
    reason: str = "",
    payload: Any = None,
) -> None:
    """`about` is the id of the person it concerns; without one it concerns the review the actor writes."""
    thing = f"person:{about}" if about else f"review:{case.id}"
    stage = case.state.value
    record(
        s, actor=actor, action=action, thing=thing, at=at, case_id=case.id, stage=stage, reason=reason, payload=payload
    )
