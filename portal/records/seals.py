"""Checking seals: from the first key of an epoch, kept away from the machine, follow the keys of all its rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain.problems import InvalidInput
from portal.models.audit import KEY_STARTED, AuditEvent, earlier_seal_of, next_key, seal_of


@dataclass(frozen=True)
class FirstKey:
    """What `evenbar audit new-key` writes: the epoch, the first row under it, and its key as 64 hex digits."""

    epoch: int
    sequence: int
    key: str

    def as_text(self) -> str:
        return json.dumps({"epoch": self.epoch, "sequence": self.sequence, "key": self.key}) + "\n"


def read_first_key(text: str) -> FirstKey:
    """Raises InvalidInput when the text is not what `as_text` writes."""
    try:
        found = json.loads(text)
        made = FirstKey(int(found["epoch"]), int(found["sequence"]), str(found["key"]))
        if len(bytes.fromhex(made.key)) == 32:
            return made
    except (ValueError, KeyError, TypeError):
        pass
    raise InvalidInput("not a key written by `evenbar audit new-key`")


class Seals:
    """Follows the keys from row to row. Without a first key for an epoch, its rows are not judged by their seals."""

    def __init__(self, keys: Sequence[FirstKey]) -> None:
        self._first = {one.epoch: one for one in keys}
        self._begins = {one.sequence: one for one in keys}
        self._epoch, self._key = 0, ""
        self._announced = False  # the row before says that a key was started
        self._last = 0
        self.checked = 0
        self.whole = 0  # how many of the rows were sealed over all of them, as every row is since the list of BEFORE

    def misfit(self, line: AuditEvent) -> str:
        """Why the seal of this row is not right, or nothing."""
        begun = self._begins.get(line.sequence)
        if begun or line.epoch != self._epoch:
            if not self._may_begin(line, begun):
                return "it was not sealed with the key of its time"
            self._epoch, self._key = line.epoch, begun.key if begun else ""
        self._announced, self._last = line.action == KEY_STARTED, line.sequence
        if not self._key:
            return "" if line.epoch or not line.seal else "it was not sealed with the key of its time"
        whole = line.seal == seal_of(self._key, self._epoch, line.rest())
        if not whole and line.seal != earlier_seal_of(self._key, self._epoch, line.event_hash):
            return "it was not sealed with the key of its time"
        self.whole += whole
        self._key, self.checked = next_key(self._key), self.checked + 1
        return ""

    def _may_begin(self, line: AuditEvent, begun: FirstKey | None) -> bool:
        """The next epoch, announced by the row before, at the row its first key says, if that is known."""
        expected = self._first.get(line.epoch)
        return self._announced and line.epoch == self._epoch + 1 and expected == begun

    def ends_with(self, epoch: int, key: str) -> bool:
        """Whether the key that waits for the next row follows from the rows there are, as far as first keys tell."""
        if any(one.sequence > self._last + 1 for one in self._first.values()):
            return False
        if self._announced:
            waiting = self._first.get(epoch)
            return epoch == self._epoch + 1 and (waiting is None or waiting.key == key)
        return epoch == self._epoch and (not self._key or key == self._key)
