"""The PostgreSQL of the tests: fresh for each test, prepared once."""

import pytest
from sqlalchemy import text

from portal.adapters.database import make_engine
from tests.postgres import PostgresServer

pytestmark = pytest.mark.postgres
prepared: list[str] = []


def with_a_table(url: str) -> None:
    prepared.append(url)
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE note (body text)"))
        connection.execute(text("INSERT INTO note VALUES ('from the template')"))
    engine.dispose()


def bodies_after_adding(url: str, body: str) -> list[str]:
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO note VALUES (:body)"), {"body": body})
        found = list(connection.execute(text("SELECT body FROM note ORDER BY body")).scalars())
    engine.dispose()
    return found


def test_each_database_is_a_copy_of_what_was_prepared_once(postgres_server: PostgresServer) -> None:
    with postgres_server.database(with_a_table) as first, postgres_server.database(with_a_table) as second:
        assert bodies_after_adding(first, "mine") == ["from the template", "mine"]
        assert bodies_after_adding(second, "yours") == ["from the template", "yours"]
    assert len(prepared) == 1
