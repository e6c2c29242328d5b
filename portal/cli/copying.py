"""Commands that copy an instance away and back, files and all, and that say whether its data is sound."""

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from portal.adapters import migrations
from portal.adapters.clock import now
from portal.adapters.database import DatabaseRefused, backup
from portal.adapters.postgres_tools import dump, load
from portal.adapters.storage import Storage
from portal.cli import place
from portal.domain.problems import InvalidInput
from portal.records.doctor import examine
from portal.records.jobs import referred_to

DATABASE, DUMP, FILES = "evenbar.db", "evenbar.pgdump", "files"


def add_to(commands: Any) -> None:
    copy = commands.add_parser("backup", help="copy a database that may be in use, and the files it refers to")
    copy.add_argument("destination", type=Path, help="a folder that does not exist yet")
    copy.set_defaults(run=_backup)
    back = commands.add_parser("restore", help="fill an empty instance from a backup")
    back.add_argument("source", type=Path, help="a folder written by `evenbar backup`")
    back.set_defaults(run=_restore)
    doctor = commands.add_parser("doctor", help="what must be true of the data, one line each")
    doctor.set_defaults(run=_doctor)


def _backup(given: argparse.Namespace) -> int:
    """The database first: its files are only ever added, so those it refers to are still there afterwards."""
    destination: Path = given.destination
    if destination.exists():
        raise InvalidInput(f"{destination} exists already; name a folder that does not")
    unfinished = destination.with_name(destination.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)  # of a backup that was killed
    unfinished.mkdir(mode=0o700, parents=True)
    store = Storage.from_url(place.settings().storage_url)
    try:
        names = _copy_database(unfinished)
        missing = _copy(names, store, _files_below(unfinished))
        unfinished.rename(destination)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    for name in missing:
        print(f"the file {name} is not in the store and so not in the copy", file=sys.stderr)
    print(f"copied and checked: the database and {len(names) - len(missing)} files, in {destination}")
    return 1 if missing else 0


def _copy_database(folder: Path) -> list[str]:
    """Into the folder; gives the files the copy refers to, or a few more that came to a PostgreSQL meanwhile."""
    engine = place.engine()
    if engine.dialect.name == "postgresql":
        dump(place.settings().database_url, folder / DUMP)
        return _referred_to(engine)
    backup(engine, folder / DATABASE)
    with place.opened(f"sqlite:///{(folder / DATABASE).absolute()}") as copied:
        return _referred_to(copied)


def _restore(given: argparse.Namespace) -> int:
    source, url = given.source, place.settings().database_url
    kind = DUMP if make_url(url).get_backend_name() == "postgresql" else DATABASE
    if not (source / kind).is_file():
        other = DATABASE if kind == DUMP else DUMP
        why = f"; it was made of another kind of database ({other})" if (source / other).is_file() else ""
        raise InvalidInput(f"{source} is no backup for this database: it holds no {kind}{why}")
    names, missing = (_fill_postgres if kind == DUMP else _fill_sqlite)(source, url)
    for name in missing:
        print(f"the file {name} is not in the backup", file=sys.stderr)
    print(f"restored: the database and {len(names) - len(missing)} files")
    return 1 if missing else 0


def _fill_sqlite(source: Path, url: str) -> tuple[list[str], list[str]]:
    """The database gets its name last, when it is up to date and all it refers to is there."""
    target = _empty_place(url)
    unfinished = target.with_name(target.name + ".restoring")
    unfinished.unlink(missing_ok=True)
    with place.opened(f"sqlite:///{(source / DATABASE).absolute()}") as kept:
        backup(kept, unfinished)
    with place.opened(f"sqlite:///{unfinished}") as restored:
        migrations.upgrade(restored, place.MIGRATIONS)
        names = _referred_to(restored)
        missing = _copy(names, _files_below(source), Storage.from_url(place.settings().storage_url))
    unfinished.rename(target)
    return names, missing


def _fill_postgres(source: Path, url: str) -> tuple[list[str], list[str]]:
    with place.opened(url) as target:
        if inspect(target).get_table_names():
            raise InvalidInput(f"the database {target.url.database} holds tables already; a restore overwrites nothing")
        load(source / DUMP, url)
        migrations.upgrade(target, place.MIGRATIONS)
        names = _referred_to(target)
    return names, _copy(names, _files_below(source), Storage.from_url(place.settings().storage_url))


def _files_below(folder: Path) -> Storage:
    return Storage.from_url((folder.absolute() / FILES).as_uri())


def _empty_place(url: str) -> Path:
    """The file a SQLite address names, which must not exist: a restore overwrites nothing."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise DatabaseRefused(
            "this fills a SQLite file or a PostgreSQL database, and EVENBAR_DATABASE_URL names neither"
        )
    target = Path(parsed.database).absolute()
    if target.exists() and target.stat().st_size:
        raise InvalidInput(f"{target} holds a database already; move it away first, a restore overwrites nothing")
    target.unlink(missing_ok=True)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return target


def _referred_to(engine: Engine) -> list[str]:
    with Session(engine) as s:
        return sorted(referred_to(s))


def _copy(names: list[str], source: Storage, target: Storage) -> list[str]:
    """Each file is read whole once and checked against its name. Gives the names the source does not have."""
    missing = []
    for name in names:
        try:
            target.put(source.get(name))
        except FileNotFoundError:
            missing.append(name)
    return missing


def _doctor(_given: argparse.Namespace) -> int:
    engine = place.engine()
    current, newest = migrations.where_it_stands(engine, place.MIGRATIONS)
    if current != newest:
        print(f"bad  the database is at revision {current}, not {newest}; run: evenbar db upgrade")
        return 1
    bad = 0
    with Session(engine) as s:
        for finding in examine(s, Storage.from_url(place.settings().storage_url), now()):
            print(f"{'bad ' if finding.against else 'ok  '} {finding.invariant}")
            for line in finding.against:
                print(f"       {line}")
            bad += bool(finding.against)
    return 1 if bad else 0
