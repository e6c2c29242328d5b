"""Opens the database, SQLite or PostgreSQL, with the settings on which Evenbar's promises rest: no acknowledged
write is lost, and two writers never overwrite each other unseen. Knows SQLAlchemy and no table of ours.
"""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

WRITE = "evenbar_write"
BUSY_TIMEOUT_S = 10
_BUSY_SQLSTATES = frozenset({"40001", "40P01", "55P03"})  # serialisation failure, deadlock, lock not available
_BUSY_SQLITE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class DatabaseRefused(Exception):
    """The database cannot be used as it is; the message says what to change."""


def make_engine(url: str) -> Engine:
    """An engine for `sqlite:///relative.db`, `sqlite:////absolute.db`, `sqlite://` (in memory) or `postgresql://…`.

    A SQLite file is created at once, mode 0600, in a folder made with mode 0700 if it was missing.
    Raises DatabaseRefused when the address is not one of these.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseRefused(
            f"{url!r} is no database address; use sqlite:////path/to/file.db or postgresql://…"
        ) from error
    opener = _OPENERS.get(parsed.get_backend_name())
    if opener is None:
        raise DatabaseRefused(f"Evenbar works on SQLite and PostgreSQL, not on {parsed.get_backend_name()!r}")
    return opener(parsed)


def writing(engine: Engine) -> Engine:
    """The same engine and pool, but every transaction on it starts as a write transaction (see begin_write)."""
    return engine.execution_options(**{WRITE: True})


def begin_write(session: Session) -> Connection:
    """Starts the session's transaction as a write transaction; call it before the first statement.

    SQLite takes the write lock now (BEGIN IMMEDIATE) and waits for it up to BUSY_TIMEOUT_S. A transaction that first
    reads and only then asks for the lock fails without waiting as soon as anyone else wrote in between.
    PostgreSQL locks rows as they are changed; there, two writers of one row are told apart by its version column.
    """
    if session.in_transaction():
        connection = session.connection()
        if not connection.get_execution_options().get(WRITE):
            raise RuntimeError("begin_write comes too late: this session has already begun to read")
        return connection
    return session.connection(execution_options={WRITE: True})


def hold(session: Session, key: int) -> None:
    """Makes writers that pass the same key queue up until the end of the transaction, for what must form one
    sequence. On SQLite the write lock does so already."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
    elif not connection.get_execution_options().get(WRITE):
        raise RuntimeError("hold needs a write transaction: call begin_write first")


def is_busy(error: DBAPIError) -> bool:
    """Whether the database only asked to try again (a lock was not to be had in time), as opposed to a real fault."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _BUSY_SQLITE  # the low byte is the primary code, above it SQLite says which kind
    return getattr(error.orig, "sqlstate", None) in _BUSY_SQLSTATES


def backup(engine: Engine, destination: Path) -> None:
    """Copies a SQLite database that may be in use to a new file, mode 0600, and checks the copy.

    The copy is what was committed at one moment; it appears under its name only once it is whole and on the disk.
    Raises FileExistsError rather than overwrite, DatabaseRefused on PostgreSQL (use pg_dump there).
    """
    if engine.dialect.name != "sqlite":
        raise DatabaseRefused("this backup is for SQLite; back PostgreSQL up with pg_dump")
    unfinished = destination.with_name(destination.name + ".part")
    unfinished.unlink(missing_ok=True)
    create_private(unfinished)
    try:
        _copy_pages(engine, unfinished)
        os.link(unfinished, destination)  # unlike a rename, it refuses a name that is taken
    finally:
        unfinished.unlink()


def _copy_pages(engine: Engine, destination: Path) -> None:
    source = engine.raw_connection()
    target = sqlite3.connect(destination)
    try:
        source.driver_connection.backup(target)  # type: ignore[union-attr]
        (answer,) = target.execute("PRAGMA integrity_check").fetchone()
    finally:
        target.close()
        source.close()
    if answer != "ok":
        raise DatabaseRefused(
            f"the copy at {destination} is damaged ({answer}); check the disk and the database itself"
        )
    with destination.open("rb") as copy:
        os.fsync(copy.fileno())


def _open_sqlite(url: URL) -> Engine:
    in_memory = url.database in (None, "", ":memory:")
    if in_memory:
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        create_private(Path(str(url.database)))
        engine = create_engine(url, pool_size=10, max_overflow=20, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _prepare_sqlite if not in_memory else _prepare_sqlite_in_memory)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def create_private(path: Path) -> None:
    """Makes sure of a file that only its owner can read (0600), in a folder that is made 0700 if it is missing.

    Raises DatabaseRefused when it cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise DatabaseRefused(f"{path} cannot be opened for writing: {error.strerror}") from error


def _prepare_sqlite_in_memory(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own habit of opening transactions is switched off: _begin_sqlite says which kind is wanted.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")


def _prepare_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    _prepare_sqlite_in_memory(connection, record)
    (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
    if mode != "wal":
        raise DatabaseRefused("SQLite cannot keep a write-ahead log here; put the database on a local disk")
    # NORMAL would lose acknowledged writes when the power fails; FULL waits for the disk at each commit.
    connection.execute("PRAGMA synchronous=FULL")


def _begin_sqlite(connection: Connection) -> None:
    wants_write = connection.get_execution_options().get(WRITE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if wants_write else "BEGIN DEFERRED")


def _open_postgresql(url: URL) -> Engine:
    # jit costs whole seconds on pages that read many columns; the two time limits keep one stuck writer from
    # stopping everyone.
    options = f"-c jit=off -c TimeZone=UTC -c lock_timeout={BUSY_TIMEOUT_S}s -c idle_in_transaction_session_timeout=60s"
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            isolation_level="READ COMMITTED",
            pool_size=10,
            max_overflow=20,
            pool_pre_ping=True,
            connect_args={"options": options, "application_name": "evenbar"},
        )
    except ModuleNotFoundError as error:
        raise DatabaseRefused("PostgreSQL needs its driver: pip install 'evenbar[postgres]'") from error


_OPENERS: dict[str, Callable[[URL], Engine]] = {
    "sqlite": _open_sqlite,
    "postgresql": _open_postgresql,
    "postgres": _open_postgresql,
}
