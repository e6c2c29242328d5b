"""Takes what is due from the outbox table and has it done: each row by one worker at a time, tried again after a
failure, taken up by another when its worker died. A handler must stand being called twice for one row."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, and_, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.database import begin_write, is_busy
from portal.models.outbox import ATTEMPTS, LEASE, OutboxRow, OutboxState

Handler = Callable[[dict[str, Any], str], None]
"""Called with the row's payload and key, outside any transaction."""

_log = logging.getLogger(__name__)
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)
_TRIES = 6  # to write down what became of a row; on SQLite each waits for the write lock


class NeverAgain(Exception):
    """Trying the same again cannot help."""


class Outbox:
    def __init__(self, engine: Engine, handlers: Mapping[str, Handler]) -> None:
        self._engine, self._handlers = engine, dict(handlers)
        self._held: set[int] = set()

    def claim(self, limit: int = 50) -> list[int]:
        """Ids of rows that are now ours to do for the length of a lease. What nobody here knows how to do waits: a mail
        until there is a mail server."""
        at = now()
        due = and_(OutboxRow.state == OutboxState.PENDING, OutboxRow.due_at <= at)
        lapsed = and_(OutboxRow.state == OutboxState.RUNNING, OutboxRow.lease_until < at)
        ours = OutboxRow.kind.in_(self._handlers)
        q = select(OutboxRow).where(ours, or_(due, lapsed)).order_by(OutboxRow.due_at, OutboxRow.id).limit(limit)
        with Session(self._engine) as s:
            if s.scalar(q.with_only_columns(OutboxRow.id).limit(1)) is None:
                return []
            s.rollback()
            begin_write(s)
            rows = list(s.scalars(q.with_for_update(skip_locked=True)))
            for row in rows:
                row.state, row.lease_until = OutboxState.RUNNING, at + LEASE
                row.attempts += 1
            ids = [row.id for row in rows]
            s.commit()
        self._held.update(ids)
        return ids

    def renew(self) -> None:
        """Keep what this process holds, however long its turn takes; what a dead process held lapses by itself. Call it
        several times in the length of a lease."""
        if not (held := sorted(self._held.copy())):
            return
        with Session(self._engine) as s:
            begin_write(s)
            ours = and_(OutboxRow.id.in_(held), OutboxRow.state == OutboxState.RUNNING)
            s.execute(update(OutboxRow).where(ours).values(lease_until=now() + LEASE))
            s.commit()

    def deliver(self, row_id: int) -> None:
        """Do one claimed row and settle it."""
        self._held.add(row_id)
        try:
            self._deliver(row_id)
        finally:
            self._held.discard(row_id)

    def _deliver(self, row_id: int) -> None:
        with Session(self._engine) as s:
            row = s.get(OutboxRow, row_id)
            if row is None or row.state is not OutboxState.RUNNING:
                return
            kind, key, payload = row.kind, row.key, dict(row.payload)
        try:
            self._handlers[kind](payload, key)
        except Exception as error:
            _log.warning("outbox row %s (%s) failed: %s", row_id, kind, error)
            self._settle(row_id, error)
        else:
            self._settle(row_id, None)

    def run_due(self) -> int:
        """Claim and do everything that is due, here and now; gives how many rows were done or tried."""
        count = 0
        while ids := self.claim():
            for row_id in ids:
                self.deliver(row_id)
            count += len(ids)
        return count

    def _settle(self, row_id: int, error: Exception | None) -> None:
        """A mail that went out does not go out again because somebody else was writing for long."""
        for tries_left in reversed(range(_TRIES)):
            try:
                self._write_down(row_id, error)
            except DBAPIError as problem:
                if not tries_left or not is_busy(problem):
                    raise
                _log.warning("outbox row %s is settled later: the database is busy", row_id)
            else:
                return

    def _write_down(self, row_id: int, error: Exception | None) -> None:
        with Session(self._engine) as s:
            begin_write(s)
            row = s.get(OutboxRow, row_id, with_for_update=True)
            if row is None or row.state is not OutboxState.RUNNING:
                return
            row.lease_until = None
            if error is None:
                row.settle(now())
            else:
                _note_failure(row, error)
            s.commit()


def _note_failure(row: OutboxRow, error: Exception) -> None:
    row.last_error = f"{type(error).__name__}: {error}"[:2000]
    if isinstance(error, NeverAgain) or row.attempts >= ATTEMPTS:
        row.state = OutboxState.FAILED
        return
    row.state = OutboxState.PENDING
    row.due_at = now() + min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (row.attempts - 1))
