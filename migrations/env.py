"""Runs the migrations on the database the portal uses, in one transaction where the database can."""

from typing import Any

from alembic import context
from sqlalchemy import Connection

import portal.models  # noqa: F401 - fills the metadata
from portal.models.base import Base, UtcDateTime


def render_item(kind: str, item: Any, autogen_context: Any) -> Any:
    """Write our own column type as the plain one it is, so that a migration does not depend on today's code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
