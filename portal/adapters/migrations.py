"""Alembic, wrapped once: bring a database to the newest revision, or say how far it is from it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData

from portal.adapters.database import DatabaseRefused, writing


def upgrade(engine: Engine, folder: Path, revision: str = "head") -> None:
    with _rebuilding(engine) as connection:
        command.upgrade(_config(folder, connection), revision)


def downgrade(engine: Engine, folder: Path, revision: str) -> None:
    with _rebuilding(engine) as connection:
        command.downgrade(_config(folder, connection), revision)


@contextmanager
def _rebuilding(engine: Engine) -> Iterator[Connection]:
    """A connection on which a table may be made anew while others refer to it, which is how SQLite changes one.

    There references are not checked meanwhile, and all of them once afterwards. Raises DatabaseRefused, and keeps
    nothing, when one leads nowhere."""
    with writing(engine).connect() as connection:
        driver = connection.connection.driver_connection if engine.dialect.name == "sqlite" else None
        if driver is not None:
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            yield connection
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first() if driver is not None else None
            if broken is not None:
                connection.rollback()
                raise DatabaseRefused(f"a row of {broken[0]} refers to a row of {broken[2]} that is not there")
            connection.commit()
        finally:
            connection.rollback()
            if driver is not None:
                driver.execute("PRAGMA foreign_keys=ON")


def make_revision(engine: Engine, folder: Path, message: str, rev_id: str) -> None:
    """Write a new migration from the difference between the models and the database."""
    with engine.connect() as connection:
        command.revision(_config(folder, connection), message, autogenerate=True, rev_id=rev_id)


def where_it_stands(engine: Engine, folder: Path) -> tuple[str | None, str | None]:
    """The revision the database is at, and the newest there is."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current, ScriptDirectory.from_config(_config(folder, None)).get_current_head()


def differences(engine: Engine, metadata: MetaData) -> list[object]:
    """What differs between the database and the models; empty when the migrations say the same."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def _config(folder: Path, connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
