"""Is the chain whole? Walked row by row: content, links, reasons, seals, and the end."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.audit import GENESIS, AuditEvent, AuditHead, AuditReason, reason_code
from portal.records.reasons import Listed, erased_reasons, rows_from_before
from portal.records.seals import FirstKey, Seals


@dataclass(frozen=True)
class Chain:
    """What a check of the whole chain found. `bad` is the sequence of the first row that does not fit, or None."""

    length: int
    head: str
    bad: int | None
    why: str
    sealed: int = 0  # rows whose seal was checked with a first key
    relies_on: int = 0  # the row that lists rows from before, if one whose reason is gone was judged by it


def verify(s: Session, keys: Sequence[FirstKey] = ()) -> Chain:
    """Walk the chain from its first row. Names the first row that was changed, is missing, or does not link on.

    With first keys, also the first row that was not sealed with the key of its time, and a cut tail: the key that waits
    for the next row then follows from another number of rows."""
    q = select(AuditEvent, AuditReason.salt, AuditReason.text)
    q = q.outerjoin(AuditReason, AuditReason.sequence == AuditEvent.sequence).order_by(AuditEvent.sequence)
    seals = Seals(keys)
    walk = _Walk(seals, erased_reasons(s), rows_from_before(s))
    with closing(s.execute(q.execution_options(yield_per=1000))) as rows:
        found = walk.over(rows)
    head = s.get(AuditHead, 1)
    if found.bad is None and head and (head.sequence, head.event_hash) != (found.length, found.head):
        why = f"the log once had {head.sequence} rows; its end was cut off"
        return replace(found, bad=found.length + 1, why=why)
    if found.bad is None and head and not seals.ends_with(head.epoch, head.key):
        why = "the key for the next row is not the one that follows: rows at the end were cut off or written anew"
        return replace(found, bad=found.length + 1, why=why)
    return found


class _Walk:
    """Judges row by row. A row from before reasons stood apart, whose reason is gone, cannot be hashed again: it is
    believed when an erasure and the list written at the upgrade agree on it, and the list itself holds.

    Whoever has the key of the next row can write such a list, too. It counts only where none of the rows before it was
    sealed as all are since the upgrade; every row with a code of its reason is hashed, erased or not."""

    def __init__(self, seals: Seals, erased: Mapping[int, str], listed: Listed) -> None:
        self._seals, self._erased, self._listed = seals, erased, listed
        self._believed = 0  # the first row that was judged by the list

    def over(self, rows: Iterable[Any]) -> Chain:
        length, previous = 0, GENESIS
        for line, salt, text in rows:
            if line.sequence == self._listed.sequence and self._believed and self._seals.whole:
                return self._bad(
                    length, previous, self._believed, "the row that lists it was not written at the upgrade"
                )
            why = _unlinked(line, length + 1, previous) or self._altered(line, salt, text) or self._seals.misfit(line)
            if why:
                return self._bad(length, previous, length + 1, why)
            length, previous = line.sequence, line.event_hash
        relies_on = self._listed.sequence if self._believed else 0
        return Chain(length, previous, None, "", self._seals.checked, relies_on)

    def _bad(self, length: int, previous: str, row: int, why: str) -> Chain:
        return Chain(length, previous, row, why, self._seals.checked)

    def _altered(self, line: AuditEvent, salt: str | None, text: str | None) -> str:
        """Where the reason is gone, a later row says so, and what it says of the rest of this row must hold."""
        if text is not None and reason_code(str(salt), text) != line.reason_hash:
            return "its reason is not what was written"
        if text is None and line.reason_hash and line.sequence not in self._erased:
            return "its reason is gone, and no erasure is on record"
        if text is None and self._erased.get(line.sequence, line.rest()) != line.rest():
            return "it is not what it was when its reason was erased"
        if line.event_hash == line.expected_hash(text or "") or (text is None and self._is_from_before(line)):
            return ""
        return "its content is not what was hashed"

    def _is_from_before(self, line: AuditEvent) -> bool:
        left = self._erased.get(line.sequence)
        if line.reason_hash or not left or left != self._listed.rows.get(line.sequence):
            return False
        self._believed = self._believed or line.sequence
        return line.sequence < self._listed.sequence


def _unlinked(line: AuditEvent, expected: int, previous: str) -> str:
    if line.sequence != expected:
        return "it is missing"
    return "" if line.previous_hash == previous else "it does not link to the row before it"


def continues(s: Session, *, sequence: int, event_hash: str) -> bool:
    """Whether a head exported earlier still stands in the log: a cut or rewritten tail does not have it."""
    if sequence == 0:
        return event_hash == GENESIS
    found = s.scalar(select(AuditEvent.event_hash).where(AuditEvent.sequence == sequence))
    return found == event_hash
