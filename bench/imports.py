"""`python -m bench.imports`: what it costs to take in a file of 100,000 people, beside the cheapest way to do it.

The anchor writes the same rows into the same table with the driver alone: no file read, nothing checked, no line of
managers worked out. The organisation is made up: eight reports a manager, two ladders, a tenth with a role or a time
zone of its own.
"""

import argparse
import csv
import datetime
import io
import os
import platform
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from typing import NamedTuple

import sqlalchemy
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.database import begin_write, make_engine
from portal.adapters.migrations import upgrade
from portal.adapters.rubrics import library_at
from portal.models.person import Person, RoleGrant
from portal.people.commands import import_people
from portal.people.queries import export_people
from portal.people.sheet import COLUMNS, read_people, write_people, write_people_workbook
from portal.settings import ROOT

REPORTS = 8
GOAL_RATIO, GOAL_AGAIN = 5.0, 1.5
LEVELS = ("se1", "se2", "senior", "staff")


class Taken(NamedTuple):
    """CPU seconds of each part of one run."""

    floor: float
    first: float
    again: float
    export: float


def people_file(people: int) -> bytes:
    """A people file of that many rows, managers before their reports."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for n in range(people):
        manager = f"person.{(n - 1) // REPORTS}@example.org" if n else ""
        zone = "Europe/Berlin" if n % 10 == 3 else "UTC"
        level = LEVELS[n % len(LEVELS)] if n > people // 20 else "em"
        name = f"Person Number {n}"
        since = f"20{n % 20 + 5:02}-0{n % 9 + 1}-01"
        row = (f"person.{n}@example.org", name, manager, "engineering", level, since, "yes", "", zone, "en")
        writer.writerow(row)
    return out.getvalue().encode()


def cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def take_in(engine: Engine, content: bytes) -> None:
    """What the command does: read, compare, write, commit."""
    ladders = library_at(ROOT / "rubrics").families
    with Session(engine, expire_on_commit=False) as s:
        begin_write(s)
        import_people(s, actor=None, lines=read_people(content), ladders=ladders, at=now())
        s.commit()


def floor(engine: Engine) -> float:
    """The rows that are there now, taken out and written back by the driver alone."""
    with Session(engine) as s:
        columns = [column.name for column in Person.__table__.columns]
        rows = [tuple(row) for row in s.connection().exec_driver_sql(f"SELECT {', '.join(columns)} FROM person")]
    with Session(engine) as s:
        s.execute(delete(RoleGrant))
        s.execute(delete(Person))
        s.commit()
    marks = ", ".join("?" if engine.dialect.name == "sqlite" else "%s" for _ in columns)
    rows.sort(key=lambda row: row[columns.index("chain")].count("/"))

    def write() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"INSERT INTO person ({', '.join(columns)}) VALUES ({marks})", rows)

    return cpu(write)


def once(people: int, workbook: bool) -> Taken:
    content = people_file(people)
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/bench.db")
        upgrade(engine, ROOT / "migrations")
        if workbook:
            content = _as_workbook(engine, content)
        first = cpu(lambda: take_in(engine, content))
        again = cpu(lambda: take_in(engine, content))
        with Session(engine) as s:
            export = cpu(lambda: (write_people_workbook if workbook else write_people)(export_people(s)))
        found = Taken(floor(engine), first, again, export)
        engine.dispose()
    return found


def _as_workbook(engine: Engine, content: bytes) -> bytes:
    lines = read_people(content)
    return write_people_workbook([line.cells for line in lines])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--xlsx", action="store_true", help="the same as a workbook")
    given = parser.parse_args()
    runs = [once(given.people, given.xlsx) for _ in range(given.repeats)]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(f"{datetime.date.today()}  {commit.stdout.strip()}  Python {platform.python_version()}  {platform.machine()}")
    print(f"SQLAlchemy {sqlalchemy.__version__}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores")
    print(f"n = {given.people} people, {given.repeats} repeats, {'XLSX' if given.xlsx else 'CSV'}, CPU seconds")
    for name, values in zip(Taken._fields, zip(*runs, strict=True), strict=True):
        print(f"{name:8} {statistics.median(values):6.2f}  ({min(values):.2f} to {max(values):.2f})")
    ratio = statistics.median(run.first / run.floor for run in runs)
    again = statistics.median(run.again / run.first for run in runs)
    print(f"first / floor {ratio:.1f} (goal {GOAL_RATIO:g}), again / first {again:.2f} (goal {GOAL_AGAIN:g})")


if __name__ == "__main__":
    main()
