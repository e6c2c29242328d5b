"""Alembic, wrapped once: bring a database to the newest revision, or say how far it is from it."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData

from portal.adapters.database import writing


def upgrade(engine: Engine, folder: Path, revision: str = "head") -> None:
    with writing(engine).connect() as connection:
        command.upgrade(_config(folder, connection), revision)
        connection.commit()


def downgrade(engine: Engine, folder: Path, revision: str) -> None:
    with writing(engine).connect() as connection:
        command.downgrade(_config(folder, connection), revision)
        connection.commit()


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
