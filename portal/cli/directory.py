"""Commands about people and single letters: the same verbs the pages use, for files too large for a form."""

import argparse
import csv
import sys
from io import StringIO
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.database import begin_write
from portal.adapters.rubrics import library_for
from portal.adapters.storage import Storage
from portal.cases.queries import case
from portal.cli import place
from portal.domain.problems import InvalidInput
from portal.letters.commands import render_latest
from portal.models.person import Person
from portal.people.commands import import_people, invite, invite_new
from portal.people.queries import by_email, export_people
from portal.people.sheet import read_people, write_people, write_people_workbook
from portal.records.erasure import cases_of, erase_person
from portal.records.subject import subject_file


def add_to(commands: Any) -> None:
    people = commands.add_parser("people", help="people as a CSV or XLSX file").add_subparsers(required=True)
    take = people.add_parser("import", help="add and change people, all rows or none")
    take.add_argument("file", type=Path)
    take.add_argument("--dry-run", action="store_true", help="only say what would change")
    take.add_argument("--invite", action="store_true", help="mail a way in to everybody who is new")
    take.set_defaults(run=_import)
    enter = people.add_parser("invite", help="print a link to choose a password with; the first person needs it")
    enter.add_argument("email")
    enter.add_argument("--name", help="of somebody who is not here yet; adds them")
    enter.add_argument("--roles", default="", help="with --name: operator, people_partner, auditor; commas between")
    enter.set_defaults(run=_invite)
    give = people.add_parser("export", help="write everyone to a file; .xlsx makes it a workbook")
    give.add_argument("file", type=Path)
    give.set_defaults(run=_export)
    erase = people.add_parser("erase", help="erase somebody who left: says what would go; with --apply it goes")
    erase.add_argument("email")
    erase.add_argument("--reason", required=True, help="on what ground; it stays on record")
    erase.add_argument("--apply", action="store_true")
    erase.set_defaults(run=_erase)
    about = people.add_parser("about", help="what the portal holds about somebody, as they may know it, as a ZIP")
    about.add_argument("email")
    about.add_argument("file", type=Path)
    about.set_defaults(run=_about)
    letters = commands.add_parser("letters", help="decision letters").add_subparsers(required=True)
    render = letters.add_parser("render", help="write a case's newest letter as a PDF file here")
    render.add_argument("case", help="the id in the case's address")
    render.set_defaults(run=_render)


def _named(s: Session, email: str) -> Person:
    found = by_email(s, email.strip().lower())
    if found is None:
        raise InvalidInput(f"{email}: nobody here has that email.")
    return found


def _erase(given: argparse.Namespace) -> int:
    with Session(place.engine()) as s:
        begin_write(s)
        person = _named(s, given.email)
        found = cases_of(s, person)
        print(f"{person.name}: {len(found)} cases, {sum(one.rows for one in found)} rows of text")
        erase_person(s, person=person, actor=None, at=now(), why=given.reason)
        if not given.apply:
            print("nothing was changed; add --apply to erase it")
            return 0
        s.commit()
    print("erased; files go with the next sweep")
    return 0


def _about(given: argparse.Namespace) -> int:
    storage = Storage.from_url(place.settings().storage_url)
    with Session(place.engine()) as s:
        given.file.write_bytes(subject_file(s, person=_named(s, given.email), storage=storage))
    print(f"written to {given.file}")
    return 0


def _invite(given: argparse.Namespace) -> int:
    """Whoever has the machine can let somebody in without a mail server: a new installation has nobody yet."""
    settings, email = place.settings(), given.email.strip().lower()
    with Session(place.engine(), expire_on_commit=False) as s:
        begin_write(s)
        if given.name and by_email(s, email) is None:
            lines = read_people(_one_line(email, given.name, given.roles))
            import_people(s, actor=None, lines=lines, ladders={}, at=now())
        person = _named(s, email)
        if not person.active:
            raise InvalidInput(f"{email}: has left; take them back first.")
        token = invite(s, actor=None, person=person, at=now())
        s.commit()
    print(f"{settings.base_url.rstrip('/')}/invite/{token}")
    print(f"For {person.name}, once, within seven days.", file=sys.stderr)
    return 0


def _one_line(email: str, name: str, roles: str) -> bytes:
    text = StringIO()
    csv.writer(text).writerows([["email", "name", "roles"], [email, name, roles]])
    return text.getvalue().encode()


def _import(given: argparse.Namespace) -> int:
    settings = place.settings()
    lines = read_people(given.file.read_bytes())
    with Session(place.engine(), expire_on_commit=False) as s:
        begin_write(s)
        ladders = library_for(s, folder=settings.rubrics, on=now().date()).families
        done = import_people(s, actor=None, lines=lines, ladders=ladders, at=now(), dry_run=given.dry_run)
        if not given.dry_run:
            if given.invite:
                invite_new(s, actor=None, outcome=done, at=now())
            s.commit()
    would = "would be " if given.dry_run else ""
    print(f"{done.added} {would}added, {done.changed} {would}changed, {done.unchanged} as before")
    return 0


def _export(given: argparse.Namespace) -> int:
    write = write_people_workbook if given.file.suffix.lower() == ".xlsx" else write_people
    with Session(place.engine()) as s:
        given.file.write_bytes(write(export_people(s)))
    print(f"written to {given.file}")
    return 0


def _render(given: argparse.Namespace) -> int:
    settings = place.settings()
    with Session(place.engine(), expire_on_commit=False) as s:
        found = case(s, case_id=given.case)
        if found is None:
            raise InvalidInput(f"there is no case {given.case}")
        storage = Storage.from_url(settings.storage_url)
        name, pdf = render_latest(s, case=found, storage=storage, at=now(), base_url=settings.base_url)
    Path(name).write_bytes(pdf)
    print(f"written to {name}")
    return 0
