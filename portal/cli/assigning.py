"""Commands about who reviews what: the same file the pages take, in the name of the people partner who gives it."""

import argparse
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.database import begin_write
from portal.cli import place
from portal.domain.problems import InvalidInput, NotPermitted
from portal.models.cycle import Cycle
from portal.models.person import Person
from portal.people.queries import by_email
from portal.reviews import policy, queries
from portal.reviews.commands import take_in_assignments
from portal.reviews.sheet import read_assignments, write_assignments, write_assignments_workbook


def add_to(commands: Any) -> None:
    group = commands.add_parser("assignments", help="who reviews what, as a CSV or XLSX file")
    verbs = group.add_subparsers(required=True)
    take = verbs.add_parser("import", help="ask the reviewers a file names, all rows or none")
    take.add_argument("--dry-run", action="store_true", help="only say who would be asked")
    give = verbs.add_parser("export", help="write who is asked to a file; .xlsx makes it a workbook")
    for verb, run in ((take, _import), (give, _export)):
        verb.add_argument("cycle", help="the cycle's name in its address")
        verb.add_argument("file", type=Path)
        verb.add_argument("--by", required=True, metavar="EMAIL", help="the people partner whose act this is")
        verb.set_defaults(run=run)


def _import(given: argparse.Namespace) -> int:
    lines = read_assignments(given.file.read_bytes())
    with Session(place.engine(), expire_on_commit=False) as s:
        begin_write(s)
        cycle, actor = _who(s, given)
        done = take_in_assignments(s, cycle=cycle, actor=actor, lines=lines, at=now(), dry_run=given.dry_run)
        if not given.dry_run:
            s.commit()
    print(f"{len(done.rows)} {'would be ' if given.dry_run else ''}asked, {done.unchanged} as before")
    return 0


def _export(given: argparse.Namespace) -> int:
    write = write_assignments_workbook if given.file.suffix.lower() == ".xlsx" else write_assignments
    with Session(place.engine()) as s:
        cycle, actor = _who(s, given)
        given.file.write_bytes(write(queries.pairs_of(s, cycle, actor)))
    print(f"written to {given.file}")
    return 0


def _who(s: Session, given: argparse.Namespace) -> tuple[Cycle, Person]:
    """The cycle, and the person in whose name it is done, as far as they may."""
    cycle, actor = queries.cycle(s, slug=given.cycle), by_email(s, given.by)
    if cycle is None:
        raise InvalidInput(f"there is no cycle {given.cycle}")
    if actor is None or not actor.active:
        raise InvalidInput(f"nobody here has {given.by}")
    if not (verdict := policy.can_see_board(actor, cycle)):
        raise NotPermitted(verdict.why)
    return cycle, actor
