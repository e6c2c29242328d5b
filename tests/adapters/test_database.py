"""Opening the database: what SQLite and PostgreSQL are told, who may read the file, and that no write is lost."""

import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from portal.adapters import database
from portal.adapters.database import DatabaseRefused, backup, begin_write, hold, is_busy, make_engine, writing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "evenbar.db"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{path}")
    with writing(engine).begin() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    yield engine
    engine.dispose()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Engine]:
    engine = make_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    yield engine
    engine.dispose()


def read(engine: Engine, statement: str) -> object:
    with engine.connect() as connection:
        return connection.execute(text(statement)).scalar_one()


def read_modify_write(session: Session) -> None:
    value = session.execute(text("SELECT n FROM counter")).scalar_one()
    session.execute(text("UPDATE counter SET n = :n"), {"n": value + 1})
    session.commit()


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)]
)
def test_every_sqlite_connection_is_told_the_same(engine: Engine, pragma: str, value: object) -> None:
    with engine.connect(), engine.connect() as second:
        assert second.execute(text(f"PRAGMA {pragma}")).scalar_one() == value


def test_file_and_new_folder_are_for_the_owner_alone(engine: Engine, path: Path) -> None:
    modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in [path.parent, *path.parent.iterdir()]}
    assert modes == {"var": 0o700, "evenbar.db": 0o600, "evenbar.db-wal": 0o600, "evenbar.db-shm": 0o600}


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    loose = tmp_path / "loose.db"
    loose.touch(mode=0o644)
    make_engine(f"sqlite:///{loose}")
    assert stat.S_IMODE(loose.stat().st_mode) == 0o600


def test_concurrent_read_modify_writes_all_arrive(engine: Engine) -> None:
    def work(_: int) -> None:
        for _ in range(50):
            with Session(engine) as session:
                begin_write(session)
                read_modify_write(session)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert read(engine, "SELECT n FROM counter") == 400


def test_a_reader_sees_the_moment_it_began_while_another_writes(engine: Engine) -> None:
    with Session(engine) as reader, Session(engine) as writer:
        assert reader.execute(text("SELECT n FROM counter")).scalar_one() == 0
        begin_write(writer)
        read_modify_write(writer)
        assert reader.execute(text("SELECT n FROM counter")).scalar_one() == 0
    assert read(engine, "SELECT n FROM counter") == 1


def test_a_write_that_follows_a_read_is_refused_when_another_wrote_in_between(engine: Engine) -> None:
    with Session(engine) as late, Session(engine) as writer:
        late.execute(text("SELECT n FROM counter"))
        begin_write(writer)
        read_modify_write(writer)
        with pytest.raises(OperationalError) as caught:
            late.execute(text("UPDATE counter SET n = 99"))
    assert is_busy(caught.value)


def test_begin_write_after_a_read_is_a_mistake_that_is_named(engine: Engine) -> None:
    with Session(engine) as session:
        session.execute(text("SELECT n FROM counter"))
        with pytest.raises(RuntimeError, match="begin_write comes too late"):
            begin_write(session)


def test_begin_write_twice_is_one_transaction(engine: Engine) -> None:
    with Session(engine) as session:
        assert begin_write(session) is begin_write(session)


def test_a_rolled_back_write_leaves_nothing_and_frees_the_lock(engine: Engine) -> None:
    with Session(engine) as session:
        begin_write(session)
        session.execute(text("UPDATE counter SET n = 7"))
    with Session(writing(engine)) as session:
        read_modify_write(session)
    assert read(engine, "SELECT n FROM counter") == 1


def test_a_savepoint_can_be_undone_alone(engine: Engine) -> None:
    with Session(engine) as session:
        begin_write(session)
        session.execute(text("UPDATE counter SET n = 5"))
        inner = session.begin_nested()
        session.execute(text("UPDATE counter SET n = 6"))
        inner.rollback()
        session.commit()
    assert read(engine, "SELECT n FROM counter") == 5


def test_a_lock_not_had_in_time_is_busy(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0)
    impatient = make_engine(str(engine.url))
    with Session(engine) as holder, Session(impatient) as other:
        begin_write(holder)
        with pytest.raises(OperationalError) as caught:
            begin_write(other)
    impatient.dispose()
    assert is_busy(caught.value)


def test_a_broken_rule_is_not_busy(engine: Engine) -> None:
    with writing(engine).connect() as connection, pytest.raises(IntegrityError) as caught:
        connection.execute(text("INSERT INTO counter VALUES (NULL)"))
    assert not is_busy(caught.value)


def test_hold_on_sqlite_asks_for_a_write_transaction(engine: Engine) -> None:
    with Session(engine) as session, pytest.raises(RuntimeError, match="call begin_write first"):
        hold(session, 1)


def test_in_memory_keeps_its_data_between_sessions() -> None:
    engine = make_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO counter VALUES (3)"))
    assert read(engine, "SELECT n FROM counter") == 3
    assert read(engine, "PRAGMA foreign_keys") == 1
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("not an address", "'not an address' is no database address; use sqlite:////path/to/file.db or postgresql://…"),
        ("mysql://root@localhost/x", "Evenbar works on SQLite and PostgreSQL, not on 'mysql'"),
        ("sqlite:////dev/null/x/y.db", "/dev/null/x/y.db cannot be opened for writing: Not a directory"),
    ],
)
def test_an_unusable_address_is_refused_with_a_remedy(url: str, message: str) -> None:
    with pytest.raises(DatabaseRefused) as caught:
        make_engine(url)
    assert str(caught.value) == message


def test_a_backup_taken_during_writes_is_whole_and_private(engine: Engine, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with Session(engine) as writer:
        begin_write(writer)
        read_modify_write(writer)
        begin_write(writer)
        writer.execute(text("UPDATE counter SET n = 1000"))
        backup(engine, copy)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["copy.db", "var"]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT n FROM counter").fetchall() == [(1,)]


def test_a_backup_never_overwrites(engine: Engine, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("precious")
    with pytest.raises(FileExistsError):
        backup(engine, copy)
    assert copy.read_text() == "precious"


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("setting", "value"),
    [("jit", "off"), ("transaction_isolation", "read committed"), ("lock_timeout", "10s"), ("TimeZone", "UTC")],
)
def test_every_postgres_connection_is_told_the_same(postgres: Engine, setting: str, value: str) -> None:
    assert read(postgres, f"SHOW {setting}") == value


@pytest.mark.postgres
def test_writers_that_hold_the_same_key_queue_up_on_postgres(postgres: Engine) -> None:
    def work(_: int) -> None:
        for _ in range(25):
            with Session(postgres) as session:
                begin_write(session)
                hold(session, 42)
                read_modify_write(session)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert read(postgres, "SELECT n FROM counter") == 200


@pytest.mark.postgres
def test_a_row_lock_not_had_in_time_is_busy_on_postgres(postgres: Engine) -> None:
    with Session(postgres) as holder, Session(postgres) as other:
        holder.execute(text("UPDATE counter SET n = 1"))
        other.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(OperationalError) as caught:
            other.execute(text("UPDATE counter SET n = 2"))
    assert is_busy(caught.value)


@pytest.mark.postgres
def test_a_short_postgres_address_is_understood(postgres_url: str) -> None:
    engine = make_engine(postgres_url.replace("postgresql+psycopg", "postgresql"))
    assert read(engine, "SELECT current_setting('application_name')") == "evenbar"
    engine.dispose()


@pytest.mark.postgres
def test_backup_names_the_tool_for_postgres(postgres: Engine, tmp_path: Path) -> None:
    with pytest.raises(DatabaseRefused, match="back PostgreSQL up with pg_dump"):
        backup(postgres, tmp_path / "copy.db")
