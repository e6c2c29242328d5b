"""Taking reasons out of the audit log: the text goes, and one row more says of which rows, and what is left of each."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from portal.models.audit import BEFORE, TEXTS_ERASED, AuditEvent, AuditReason, canonical, record
from portal.models.case import Case
from portal.models.person import Person

ACT = "reasons_erased"
# On what ground something was erased stays; and what roles were given is said in words of the portal's own.
KEPT = (ACT, BEFORE, TEXTS_ERASED, "person_erased", "role_granted", "role_revoked")
Fits = Callable[[str], bool]


def of_case(case: Case) -> ColumnElement[bool]:
    return AuditEvent.case_id == case.id


def about(person: Person) -> ColumnElement[bool]:
    """Rows on the person, and rows on whatever else whose reason may name them."""
    name, address = (AuditReason.text.icontains(word, autoescape=True) for word in (person.name, person.email))
    return or_(AuditEvent.thing == f"person:{person.id}", name, address)


def naming(person: Person) -> re.Pattern[str]:
    """The person's name as words of their own, or their address."""
    words = (rf"\b{re.escape(person.name)}\b", re.escape(person.email))
    return re.compile("|".join(words), re.IGNORECASE)


def count_reasons(s: Session, where: ColumnElement[bool]) -> int:
    q = select(func.count()).select_from(AuditReason).join(AuditEvent, AuditEvent.sequence == AuditReason.sequence)
    return s.scalar(q.where(where, AuditEvent.action.not_in(KEPT))) or 0


def erase_reasons_of_case(s: Session, *, case: Case, actor: Person | None, at: datetime) -> None:
    erase(s, _found(s, of_case(case)), f"case:{case.id}", actor=actor, at=at, case=case)


def erase_reasons_about(s: Session, *, person: Person, actor: Person | None, at: datetime) -> None:
    """While the person still has their name: what was said of them, and what names them."""
    named, own = naming(person), f"person:{person.id}"
    found = [line for line in _found(s, about(person)) if line.thing == own or named.search(line.reason)]
    erase(s, found, own, actor=actor, at=at)


def _found(s: Session, where: ColumnElement[bool]) -> list[AuditEvent]:
    q = select(AuditEvent).join(AuditReason, AuditReason.sequence == AuditEvent.sequence)
    return list(s.scalars(q.where(where, AuditEvent.action.not_in(KEPT)).order_by(AuditEvent.sequence)))


def erase(
    s: Session, lines: list[AuditEvent], thing: str, *, actor: Person | None, at: datetime, case: Case | None = None
) -> None:
    """Take the reasons of these rows away, and say so in one row more."""
    if not lines:
        return
    left = canonical({str(line.sequence): line.rest() for line in lines})
    s.execute(delete(AuditReason).where(AuditReason.sequence.in_([line.sequence for line in lines])))
    for line in lines:
        s.expire(line, ["said"])
    where = {"case_id": case.id, "stage": case.state.value} if case else {}
    record(s, actor=actor, action=ACT, thing=thing, at=at, reason=left, **where)


@dataclass(frozen=True)
class Listed:
    """The list of rows from before reasons stood apart: where it stands in the log, and what each row was then."""

    sequence: int = 0
    rows: Mapping[int, str] = field(default_factory=dict)


def rows_from_before(s: Session) -> Listed:
    """The first such list there is; a further one counts for nothing, and neither does one without a code of it."""
    q = select(AuditEvent.sequence, AuditReason.text)
    q = q.join(AuditReason, AuditReason.sequence == AuditEvent.sequence)
    q = q.where(AuditEvent.action == BEFORE, AuditEvent.reason_hash != "").order_by(AuditEvent.sequence).limit(1)
    found = s.execute(q).first()
    return Listed(found.sequence, _read(found.text)) if found else Listed()


def erased_reasons(s: Session) -> dict[int, str]:
    """Rows whose reason was erased on record, with the hash over what was left of each. One statement."""
    q = select(AuditReason.text).join(AuditEvent, AuditEvent.sequence == AuditReason.sequence)
    found: dict[int, str] = {}
    for text in s.scalars(q.where(AuditEvent.action == ACT).order_by(AuditEvent.sequence)):
        found |= _read(text)
    return found


def _read(text: str) -> dict[int, str]:
    """What an erasure says; nothing when somebody has been at it, and then the rows it spoke of no longer fit."""
    try:
        return {int(number): str(left) for number, left in json.loads(text).items()}
    except (ValueError, AttributeError):
        return {}
