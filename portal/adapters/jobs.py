"""Runs work beside the requests. What is to be done stands in the outbox table; here is only what executes it: huey's
queue and worker threads, and a ticker that looks for what is due.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from huey import Huey, MemoryHuey, PostgresHuey, SqliteHuey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from portal.adapters.database import create_private

_log = logging.getLogger(__name__)
_POLL_S = 1.0
_STOP_S = 30.0


class JobsRefused(Exception):
    """The queue cannot be used as it is; the message says what to change."""


class JsonSerializer(Serializer):  # type: ignore[misc]
    """Queued work as JSON: huey's own form, pickle, would run whatever someone managed to write into the queue."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(data._asdict()).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(**json.loads(bytes(data)))


def make_huey(url: str) -> Huey:
    """A queue in `sqlite:////path/to/jobs.db`, `postgresql://…`, or `memory:` (gone with the process).

    Tasks take JSON values, start at once, and leave no result: results belong in the outbox. Raises JobsRefused.
    """
    options = {"results": False, "serializer": JsonSerializer()}
    if url == "memory:":
        return MemoryHuey("evenbar", **options)
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise JobsRefused(f"{url!r} is no queue; use sqlite:////path/to/jobs.db or postgresql://…") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.database:
        create_private(Path(parsed.database))
        return SqliteHuey("evenbar", filename=parsed.database, timeout=10, **options)
    if backend in ("postgresql", "postgres"):
        dsn = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        return PostgresHuey("evenbar", connection=_PostgresConnections(dsn), **options)
    raise JobsRefused(f"the queue works on SQLite and PostgreSQL, not on {url!r}")


@contextmanager
def running_workers(huey: Huey, workers: int = 1) -> Iterator[None]:
    """Executes queued tasks in threads of this process until the block ends, then lets those at work finish."""
    consumer = _Consumer(
        huey, workers=workers, periodic=False, max_delay=_POLL_S, shutdown_timeout=_STOP_S, check_worker_health=False
    )
    consumer.start()
    try:
        with Ticker(10, consumer.check_worker_health, name="worker health"):
            yield
    finally:
        consumer.stop(graceful=True)
        close(huey)


def close(huey: Huey) -> None:
    """Closes the queue's connections; no worker may be running."""
    huey.storage.close()
    if isinstance(huey, PostgresHuey):
        huey.storage.connection.close()


class _PostgresConnections:
    """Opens huey's connections and remembers them: huey keeps two for each thread and closes only the caller's."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._opened: list[Any] = []

    def __call__(self) -> Any:
        import psycopg

        connection = psycopg.connect(self._dsn, application_name="evenbar-jobs")
        self._opened = [other for other in self._opened if not other.closed] + [connection]
        return connection

    def close(self) -> None:
        for connection in self._opened:
            connection.close()


class _Consumer(Consumer):  # type: ignore[misc]
    def _set_signal_handlers(self) -> None:
        """Signals are the process's own to handle; it may be serving pages too."""


class Ticker:
    """Calls a function every so many seconds and at once when nudged, in a thread of its own, never twice at a time.

    What the function raises is logged, and the next tick comes all the same.
    """

    def __init__(self, seconds: float, call: Callable[[], object], *, name: str) -> None:
        self._seconds = seconds
        self._call = call
        self._name = name
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begins; the first call comes at once."""
        self._thread.start()

    def nudge(self) -> None:
        """Asks for a call now. A nudge during a call leads to one more after it."""
        self._wake.set()

    def stop(self, timeout_s: float = _STOP_S) -> bool:
        """Ends after the call at work, if any; False if that took longer than the timeout."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def __enter__(self) -> "Ticker":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            self._attempt()
            if not self._stopping.is_set():
                self._wake.wait(self._seconds)

    def _attempt(self) -> None:
        try:
            self._call()
        except Exception:
            _log.exception("%s failed; it is tried again at the next tick", self._name)
