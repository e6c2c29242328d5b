"""Importing people: what a file changes, what it must not, and that a refused file changes nothing."""

from typing import Any

import pytest
from sqlalchemy import func, select

from portal.domain.problems import InvalidInput
from portal.domain.rubric_files import read_folder
from portal.models.audit import AuditEvent
from portal.models.base import new_id
from portal.models.person import Person, Role, SignInSession
from portal.people import commands, queries
from portal.people.commands import Imported
from portal.people.importing import why_not_a_name
from portal.people.sheet import read_people, write_people
from portal.settings import ROOT
from tests.statements import statements
from tests.world import NOW, World

LADDERS = read_folder(ROOT / "rubrics").families


def take_in(world: World, text: str, *, actor: str | None = "opal", dry_run: bool = False) -> Imported:
    who = getattr(world, actor) if actor else None
    lines = read_people(text.encode())
    return commands.import_people(world.s, actor=who, lines=lines, ladders=LADDERS, at=NOW, dry_run=dry_run)


def problems(world: World, text: str, actor: str | None = "opal") -> tuple[str, ...]:
    count = select(func.count(Person.id))
    before = world.s.scalar(count)
    with pytest.raises(InvalidInput) as refusal:
        take_in(world, text, actor=actor)
    assert world.s.scalar(count) == before
    return refusal.value.problems


def test_new_people_come_with_their_line_whatever_the_order_of_rows(world: World) -> None:
    text = (
        "email,name,manager_email,family,level,since,timezone\n"
        "low@example.org,Low,mid@example.org,engineering,se1,2025-04-01,Europe/Berlin\n"
        "mid@example.org,Mid,max@example.org,engineering,em,,\n"
    )
    outcome = take_in(world, text)
    assert (outcome.added, outcome.changed, outcome.unchanged) == (2, 0, 0)
    assert world.low.managers_above == (*world.max.managers_above, world.max.id, world.mid.id)
    low = world.low
    assert (low.level_id, f"{low.since}", low.timezone, low.active) == ("se1", "2025-04-01", "Europe/Berlin", True)


def test_a_column_that_is_not_there_stays_as_it_is(world: World) -> None:
    outcome = take_in(world, "email,name\nada@example.org,Ada M.\n")
    assert [(c.row, c.fields) for c in outcome.changes] == [(2, ("name",))]
    ada = world.ada
    world.s.refresh(ada)
    assert (ada.name, ada.level_id, ada.manager_id, ada.version) == ("Ada M.", "senior", world.max.id, 2)


def test_whoever_moves_takes_everyone_below_along(world: World) -> None:
    take_in(world, "email,manager_email\nmax@example.org,dirk@example.org\n")
    world.s.expire_all()
    assert world.ada.managers_above == (world.cleo.id, world.vera.id, world.dirk.id, world.max.id)
    assert world.dana.managers_above == (world.cleo.id, world.vera.id)


def test_a_dry_run_says_the_same_and_changes_nothing(world: World) -> None:
    text = "email,name\nada@example.org,Ada M.\nnew@example.org,New\nivy@example.org,Ivy Novak\n"
    looked = take_in(world, text, dry_run=True)
    assert (world.ada.name, world.s.scalar(select(func.count(AuditEvent.sequence)))) == (
        "Ada Marchetti",
        _events(world),
    )
    assert take_in(world, text) == looked
    assert (looked.added, looked.changed, looked.unchanged) == (1, 1, 1)


def _events(world: World) -> int:
    return len(world.s.scalars(select(AuditEvent.sequence)).all())


def test_an_import_is_one_event_and_each_role_one_more(world: World) -> None:
    before = _events(world)
    take_in(world, "email,name,roles\nada@example.org,Ada,auditor\naud@example.org,Aud,\n")
    lines = world.s.scalars(select(AuditEvent).order_by(AuditEvent.sequence).offset(before))
    assert [(line.action, line.reason) for line in lines] == [
        ("people_imported", "0 added, 2 changed"),
        ("role_granted", "auditor"),
        ("role_revoked", "auditor"),
    ]
    world.s.expire_all()
    assert (world.ada.roles, world.aud.roles) == ({Role.AUDITOR}, frozenset())


def test_the_file_of_everyone_changes_nothing(world: World) -> None:
    world.ada.since = NOW.date()
    world.s.flush()
    content = write_people(queries.export_people(world.s))
    outcome = take_in(world, content.decode("utf-8-sig"), actor="pia")
    assert (outcome.changes, outcome.unchanged) == ((), len(world.everyone))


def test_a_leaver_is_signed_out(world: World) -> None:
    ada = world.ada
    row = {"person_id": ada.id, "data": {}, "created_at": NOW, "seen_at": NOW}
    world.s.add(SignInSession(token_hash=new_id(), **row))
    world.s.flush()
    take_in(world, "email,active\nada@example.org,no\n")
    world.s.refresh(ada)
    assert (ada.active, world.s.scalars(select(SignInSession)).all()) == (False, [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("email,name\nno address,X\n", "row 2: email: "),
        ("email,name\n,X\n", "row 2: email: "),
        ("email,name\nx@example.org,\n", "row 2: name: say what the person is called"),
        ("email,name\nada@example.org,A\nADA@example.org,B\n", "row 3: email: ada@example.org is in row 2 already"),
        (
            "email,manager_email\nada@example.org,x@y.org\n",
            "row 2: manager_email: nobody here or in this file has “x@y.org”",
        ),
        (
            "email,manager_email\nada@example.org,ada@example.org\n",
            "row 2: manager_email: nobody reports to themselves",
        ),
        ("email,family,level\nada@example.org,law,x\n", "row 2: family: there is no ladder “law”; there are "),
        (
            "email,level\nada@example.org,wizard\n",
            "row 2: level: “wizard” is not on the ladder engineering; there are se1, ",
        ),
        ("email,since\nada@example.org,soon\n", "row 2: since: “soon” is not a day; write it as in 2026-04-01"),
        ("email,active\nada@example.org,perhaps\n", "row 2: active: “perhaps” is neither yes nor no"),
        ("email,roles\nada@example.org,king\n", "row 2: roles: there is no role “king”; there are "),
        ("email,timezone\nada@example.org,Mars\n", "row 2: timezone: 'Mars' is not one; write it as in Europe/Berlin."),
        ("email,name\nx@example.org,\u202eeda\n", "row 2: name: holds a line break or a sign that cannot be seen"),
        ('email,name\nx@example.org,"Kim\nLarsen"\n', "row 2: name: holds a line break or a sign that cannot be seen"),
        ("email,name\nx@example.org,\u200bKim\n", "row 2: name: holds a line break or a sign that cannot be seen"),
        ("email,name\nx@example.org,123\n", "row 2: name: holds no letter"),
        (f"email,name\nada@example.org,{'x' * 201}\n", "row 2: name: longer than 200 characters"),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column(world: World, text: str, said: str) -> None:
    (problem,) = problems(world, text)
    assert problem.startswith(said), problem


@pytest.mark.parametrize("name", ["李 娜", "O’Brien-Søgaard", "می\u200cنا", "Anne\u00a0Marie", "J. R."])
def test_names_of_every_spelling_come_in(name: str) -> None:
    assert why_not_a_name(name) is None


def test_one_bad_row_keeps_every_other_out(world: World) -> None:
    assert len(problems(world, "email,name\nnew@example.org,New\nbad,Bad\nworse,Worse\n")) == 2


def test_a_circle_is_named(world: World) -> None:
    text = "email,manager_email\ndana@example.org,ada@example.org\n"
    (problem,) = problems(world, text)
    assert problem == "row 2: manager_email: a circle: " + " → ".join(
        f"{key}@example.org" for key in ("ada", "max", "dana", "ada")
    ) or problem.startswith("row 2: manager_email: a circle: ")


@pytest.mark.parametrize(
    ("actor", "text", "said"),
    [
        ("pia", "email,roles\nada@example.org,auditor\n", "row 2: roles: only operators grant roles"),
        ("pia", "email,name,roles\nnew@example.org,New,operator\n", "row 2: roles: only operators grant roles"),
        ("opal", "email,roles\nopal@example.org,operator auditor\n", "row 2: roles: nobody changes their own"),
        ("pia", "email,active\npia@example.org,no\n", "row 2: active: nobody deactivates themselves"),
        (
            "pia",
            "email,level,family\npia@example.org,vp,engineering\n",
            "row 2: family, level: in your own reporting line; another people partner changes it",
        ),
        (
            "pia",
            "email,manager_email\ncleo@example.org,vera@example.org\nvera@example.org,\n",
            "row 2: manager_email: in your own reporting line; another people partner changes it",
        ),
        (
            "theo",
            "email,manager_email\nrex@example.org,theo@example.org\n",
            "row 2: manager_email: they would come to report to you; another people partner changes it",
        ),
    ],
)
def test_a_file_gives_nobody_more_than_the_pages_do(world: World, actor: str, text: str, said: str) -> None:
    assert problems(world, text, actor) == (said,)


def test_the_machines_own_command_line_may_grant_roles(world: World) -> None:
    take_in(world, "email,roles\nada@example.org,operator\n", actor=None)
    world.s.expire_all()
    assert world.ada.roles == {Role.OPERATOR}


def test_the_number_of_statements_does_not_grow_with_the_rows(world: World, engine: Any) -> None:
    seen = {}
    for size in (1, 3, 50):
        rows = "".join(f"p{size}-{n}@example.org,P {n},max@example.org\n" for n in range(size))
        with statements(engine) as found:
            take_in(world, "email,name,manager_email\n" + rows)
        seen[size] = len(found)
    assert seen[1] == seen[3] == seen[50], seen
