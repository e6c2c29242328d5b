"""The outbox: each row done once, tried again after a failure, taken up after a worker's death."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.database import begin_write
from portal.adapters.outbox import NeverAgain, Outbox
from portal.models.outbox import ATTEMPTS, LEASE, OutboxRow, OutboxState, enqueue


@pytest.fixture
def put(engine: Engine) -> Callable[..., None]:
    def write(*keys: str, kind: str = "note") -> None:
        with Session(engine) as s:
            for key in keys:
                enqueue(s, kind=kind, key=key, payload={"text": key}, at=now())
            s.commit()

    return write


def states(engine: Engine) -> dict[str, OutboxState]:
    with Session(engine) as s:
        return {row.key: row.state for row in s.scalars(select(OutboxRow))}


def test_what_is_due_is_done_once(engine: Engine, put, frozen_clock) -> None:
    done: list[Any] = []
    outbox = Outbox(engine, {"note": lambda payload, key: done.append((payload["text"], key))})
    put("a", "b")
    assert (outbox.run_due(), outbox.run_due()) == (2, 0)
    assert done == [("a", "a"), ("b", "b")]
    assert states(engine) == {"a": OutboxState.DONE, "b": OutboxState.DONE}


def test_a_failure_is_tried_again_later_and_given_up_in_the_end(engine: Engine, put, frozen_clock) -> None:
    tried = []

    def fail(_payload: dict[str, Any], key: str) -> None:
        tried.append(key)
        raise ConnectionError("no server")

    outbox = Outbox(engine, {"note": fail})
    put("a")
    assert outbox.run_due() == 1
    assert outbox.run_due() == 0, "not before the wait is over"
    for _ in range(20):
        frozen_clock.shift(timedelta(hours=1, seconds=1))
        outbox.run_due()
    assert len(tried) == ATTEMPTS
    assert states(engine) == {"a": OutboxState.FAILED}
    with Session(engine) as s:
        assert s.scalar(select(OutboxRow.last_error)) == "ConnectionError: no server"


def test_what_can_never_work_is_not_tried_again(engine: Engine, put, frozen_clock) -> None:
    def refuse(_payload: dict[str, Any], _key: str) -> None:
        raise NeverAgain("no such mailbox")

    put("a")
    Outbox(engine, {"note": refuse}).run_due()
    assert states(engine) == {"a": OutboxState.FAILED}


def test_what_nobody_here_can_do_waits_untouched(engine: Engine, put, frozen_clock) -> None:
    put("a", kind="mail")
    assert Outbox(engine, {"note": lambda _payload, _key: None}).run_due() == 0
    assert states(engine) == {"a": OutboxState.PENDING}


def test_a_dead_workers_row_is_taken_up_when_its_lease_is_over(engine: Engine, put, frozen_clock) -> None:
    done: list[str] = []
    outbox = Outbox(engine, {"note": lambda _payload, key: done.append(key)})
    put("a")
    assert len(outbox.claim()) == 1  # and the worker dies here
    assert outbox.run_due() == 0
    frozen_clock.shift(LEASE + timedelta(seconds=1))
    assert outbox.run_due() == 1
    assert done == ["a"]


def test_two_workers_never_do_the_same_row(engine: Engine, put) -> None:
    done: list[str] = []
    keys = [f"k{n}" for n in range(30)]
    put(*keys)
    outbox = Outbox(engine, {"note": lambda _payload, key: done.append(key)})
    workers = [Thread(target=outbox.run_due) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(done) == sorted(keys)


def test_what_was_done_is_settled_although_somebody_writes_for_long(
    engine: Engine, put, frozen_clock, monkeypatch
) -> None:
    """Else a mail that went out would go out again once its lease lapses."""
    sent: list[str] = []
    busy: list[bool] = []

    def begin_or_wait_in_vain(s: Session) -> None:
        if sent and len(busy) < 3:
            busy.append(True)
            locked = sqlite3.OperationalError("database is locked")
            locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise OperationalError("BEGIN IMMEDIATE", None, locked)
        begin_write(s)

    monkeypatch.setattr("portal.adapters.outbox.begin_write", begin_or_wait_in_vain)
    put("a")
    outbox = Outbox(engine, {"note": lambda _payload, key: sent.append(key)})
    outbox.run_due()
    frozen_clock.shift(2 * LEASE)
    outbox.run_due()
    assert (sent, len(busy), states(engine)) == (["a"], 3, {"a": OutboxState.DONE})
