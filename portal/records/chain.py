"""Is the chain whole? Walked row by row: content, links, reasons, seals, and the end."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.audit import GENESIS, AuditEvent, AuditHead, AuditReason, reason_code
from portal.records.reasons import erased_reasons
from portal.records.seals import FirstKey, Seals


@dataclass(frozen=True)
class Chain:
    """What a check of the whole chain found. `bad` is the sequence of the first row that does not fit, or None."""

    length: int
    head: str
    bad: int | None
    why: str
    sealed: int = 0  # rows whose seal was checked with a first key


def verify(s: Session, keys: Sequence[FirstKey] = ()) -> Chain:
    """Walk the chain from its first row. Names the first row that was changed, is missing, or does not link on.

    With first keys, also the first row that was not sealed with the key of its time, and a cut tail: the key that waits
    for the next row then follows from another number of rows."""
    q = select(AuditEvent, AuditReason.salt, AuditReason.text)
    q = q.outerjoin(AuditReason, AuditReason.sequence == AuditEvent.sequence).order_by(AuditEvent.sequence)
    seals, erased = Seals(keys), erased_reasons(s)
    with closing(s.execute(q.execution_options(yield_per=1000))) as rows:
        found = _walk(rows, seals, erased)
    head = s.get(AuditHead, 1)
    if found.bad is None and head and (head.sequence, head.event_hash) != (found.length, found.head):
        why = f"the log once had {head.sequence} rows; its end was cut off"
        return replace(found, bad=found.length + 1, why=why)
    if found.bad is None and head and not seals.ends_with(head.epoch, head.key):
        why = "the key for the next row is not the one that follows: rows at the end were cut off or written anew"
        return replace(found, bad=found.length + 1, why=why)
    return found


def _walk(rows: Iterable[Any], seals: Seals, erased: Mapping[int, str]) -> Chain:
    length, previous = 0, GENESIS
    for line, salt, text in rows:
        why = _unlinked(line, length + 1, previous) or _altered(line, salt, text, erased) or seals.misfit(line)
        if why:
            return Chain(length, previous, length + 1, why, seals.checked)
        length, previous = line.sequence, line.event_hash
    return Chain(length, previous, None, "", seals.checked)


def _unlinked(line: AuditEvent, expected: int, previous: str) -> str:
    if line.sequence != expected:
        return "it is missing"
    return "" if line.previous_hash == previous else "it does not link to the row before it"


def _altered(line: AuditEvent, salt: str | None, text: str | None, erased: Mapping[int, str]) -> str:
    """Where the reason is gone, a later row says so, and what it says of the rest of this row must hold."""
    if text is None and line.sequence in erased:
        if erased[line.sequence] != line.rest():
            return "it is not what it was when its reason was erased"
        if not line.reason_hash:
            return ""
    elif text is None and line.reason_hash:
        return "its reason is gone, and no erasure is on record"
    elif text is not None and reason_code(str(salt), text) != line.reason_hash:
        return "its reason is not what was written"
    return "" if line.event_hash == line.expected_hash(text or "") else "its content is not what was hashed"


def continues(s: Session, *, sequence: int, event_hash: str) -> bool:
    """Whether a head exported earlier still stands in the log: a cut or rewritten tail does not have it."""
    if sequence == 0:
        return event_hash == GENESIS
    found = s.scalar(select(AuditEvent.event_hash).where(AuditEvent.sequence == sequence))
    return found == event_hash
