"""Commands that look after the data: migrations, backup, people, letters, the audit log."""

import argparse
import sys
from pathlib import Path
from typing import Any

from portal.adapters import migrations
from portal.adapters.database import backup
from portal.cli import place
from portal.models.base import Base


def add_to(commands: Any) -> None:
    database = commands.add_parser("db", help="the database's tables").add_subparsers(dest="what", required=True)
    database.add_parser("upgrade", help="bring the tables to the newest revision").set_defaults(run=_upgrade)
    database.add_parser("check", help="say whether the tables are the newest").set_defaults(run=_check)
    copy = commands.add_parser("backup", help="copy a SQLite database that may be in use")
    copy.add_argument("destination", type=Path)
    copy.set_defaults(run=_backup)


def _upgrade(_given: argparse.Namespace) -> int:
    migrations.upgrade(place.engine(), place.MIGRATIONS)
    return _check(_given)


def _check(_given: argparse.Namespace) -> int:
    engine = place.engine()
    current, newest = migrations.where_it_stands(engine, place.MIGRATIONS)
    if current != newest:
        print(
            f"the database is at revision {current}, the newest is {newest}; run: evenbar db upgrade", file=sys.stderr
        )
        return 1
    if found := migrations.differences(engine, Base.metadata):
        print(f"the tables differ from the models: {found}", file=sys.stderr)
        return 1
    print(f"the database is at the newest revision, {newest}")
    return 0


def _backup(given: argparse.Namespace) -> int:
    backup(place.engine(), given.destination)
    print(f"copied and checked: {given.destination}")
    return 0
