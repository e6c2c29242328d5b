"""Keeping the list of people by page: who may, what is refused, and that nobody re-arranges their own line."""

from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from portal.domain.problems import NotPermitted, Refused, StaleVersion
from portal.models.outbox import OutboxRow
from portal.models.person import Person, Role
from portal.people import commands, policy
from tests.statements import statements
from tests.world import NOW, World

KEEPERS_PAGES = ("new", "import", "export.csv")


def described(person: Person, **changes: Any) -> dict[str, Any]:
    keys = ("name", "manager", "family_id", "level_id", "since", "timezone", "version")
    return {key: getattr(person, key) for key in keys} | changes


def typed(person: Person, **changes: str) -> dict[str, str]:
    manager = person.manager.email if person.manager else ""
    place = f"{person.family_id}/{person.level_id}" if person.level_id else ""
    given = {"name": person.name, "manager_email": manager, "place": place, "timezone": person.timezone}
    return given | {"version": str(person.version)} | changes


def test_a_level_and_a_manager_are_changed_on_record(world: World) -> None:
    changes = {"level_id": "staff", "manager": world.dirk}
    commands.change_person(world.s, person=world.ada, actor=world.pia, at=NOW, **described(world.ada, **changes))
    assert (world.ada.level_id, world.ada.manager_id) == ("staff", world.dirk.id)
    assert world.dirk.is_above(world.ada)


def test_a_stale_form_loses_neither_text(world: World) -> None:
    given = described(world.ada, name="Ada X", version=0)
    with pytest.raises(StaleVersion) as stale:
        commands.change_person(world.s, person=world.ada, actor=world.pia, at=NOW, **given)
    assert (stale.value.mine["Name"], stale.value.theirs["Name"]) == ("Ada X", "Ada Marchetti")


@pytest.mark.parametrize("who", ["pia", "cleo"])
def test_nobody_moves_themselves_or_their_own_line(world: World, who: str) -> None:
    person = getattr(world, who)
    with pytest.raises(NotPermitted, match="in your own reporting line"):
        commands.change_person(
            world.s, person=person, actor=world.pia, at=NOW, **described(person, family_id="product", level_id="pm")
        )
    commands.change_person(world.s, person=person, actor=world.pia, at=NOW, **described(person, timezone="Asia/Tokyo"))
    assert person.timezone == "Asia/Tokyo"


def test_nobody_takes_a_reviewer_into_their_own_line(world: World) -> None:
    with pytest.raises(NotPermitted, match="They would come to report to you"):
        commands.change_person(
            world.s, person=world.rex, actor=world.theo, at=NOW, **described(world.rex, manager=world.theo)
        )
    assert world.fresh(world.rex).manager_id == world.rae.id


def test_a_manager_who_is_a_partner_does_not_move_a_report_away(world: World) -> None:
    commands.set_manager(world.s, actor=world.opal, person=world.ada, manager=world.theo, at=NOW)
    with pytest.raises(NotPermitted):
        commands.change_person(
            world.s, person=world.ada, actor=world.theo, at=NOW, **described(world.ada, manager=world.max)
        )


def test_roles_are_set_as_a_whole(world: World) -> None:
    commands.set_roles(world.s, actor=world.opal, person=world.aud, roles=[Role.OPERATOR], at=NOW)
    assert world.aud.roles == {Role.OPERATOR}


def test_a_leaver_comes_back_without_the_old_password(world: World) -> None:
    commands.deactivate(world.s, actor=world.pia, person=world.sam, at=NOW)
    commands.reactivate(world.s, actor=world.pia, person=world.sam, at=NOW)
    assert (world.sam.active, world.sam.password_hash) == (True, None)
    with pytest.raises(Refused, match="is here already"):
        commands.reactivate(world.s, actor=world.pia, person=world.sam, at=NOW)


def test_who_keeps_people_and_who_grants_roles(world: World) -> None:
    everyone = world.everyone
    assert {key for key, p in everyone.items() if policy.can_keep_people(p)} == {"pia", "theo", "opal"}
    assert {key for key, p in everyone.items() if policy.can_grant_roles(p, world.ada)} == {"opal"}
    assert not policy.can_grant_roles(world.opal, world.opal)
    assert all(policy.can_see(p, world.ada) and policy.can_see_directory(p) for p in everyone.values())
    assert policy.can_keep_own_account(world.ada)


@pytest.mark.parametrize("path", KEEPERS_PAGES)
@pytest.mark.parametrize(("who", "status"), [("pia", 200), ("opal", 200), ("ada", 403), ("aud", 403), ("kim", 403)])
def test_pages_of_keepers_are_for_keepers(world: World, client: Any, path: str, who: str, status: int) -> None:
    assert client(getattr(world, who)).get(f"/people/{path}").status_code == status


@pytest.mark.parametrize("what", ["edit", "deactivate"])
def test_pages_about_one_person_too(world: World, client: Any, what: str) -> None:
    path = f"/people/{world.ada.id}/{what}"
    assert [client(p).get(path).status_code for p in (world.pia, world.ada, world.max)] == [200, 403, 403]


def test_a_person_is_added_and_invited(world: World, client: Any) -> None:
    data = {
        "email": "New@example.org",
        "name": "New One",
        "place": "engineering/se1",
        "manager_email": "max@example.org",
    }
    answer = client(world.pia).post("/people/new", data=data | {"timezone": "Europe/Berlin", "invite": "y"})
    assert answer.status_code == 303
    world.s.rollback()
    new = world.s.scalars(select(Person).where(Person.email == "new@example.org")).one()
    assert (new.level_id, new.manager_id) == ("se1", world.max.id)
    mail = world.s.scalars(select(OutboxRow).where(OutboxRow.kind == "mail")).one()
    assert (mail.payload["to"], mail.payload["template"]) == (new.id, "invite")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"email": "ada@example.org"}, "Ada@example.org already belongs to someone here"),
        ({"manager_email": "x@y.org"}, "Nobody here has this address."),
        ({"name": ""}, "Say what the person is called."),
        ({"name": "\u202eeda"}, "Holds a line break or a sign that cannot be seen; write it anew."),
        ({"timezone": "Mars"}, "is not one; write it as in Europe/Berlin."),
        ({"place": "law/judge"}, "Not a valid choice."),
    ],
)
def test_a_refused_person_comes_back_with_the_field_named(
    world: World, client: Any, changes: dict[str, str], said: str
) -> None:
    data = {"email": "new@example.org", "name": "New", "place": "", "timezone": "UTC"} | changes
    answer = client(world.pia).post("/people/new", data=data)
    assert (answer.status_code, said in answer.text) == (422, True)


def test_a_person_is_edited_on_their_page(world: World, client: Any) -> None:
    path = f"/people/{world.ada.id}/edit"
    browser, data = client(world.pia), typed(world.ada, name="Ada M.", manager_email="dirk@example.org")
    assert 'value="engineering/senior"' in browser.get(path).text
    assert browser.post(path, data=data | {"name": ""}).status_code == 422
    assert browser.post(path, data=data).status_code == 303
    assert browser.post(path, data=data).status_code == 409
    world.s.rollback()
    world.s.expire_all()
    assert (world.ada.name, world.ada.manager_id) == ("Ada M.", world.dirk.id)


def test_a_circle_comes_back_on_the_form(world: World, client: Any) -> None:
    data = typed(world.dana, manager_email="ada@example.org")
    answer = client(world.pia).post(f"/people/{world.dana.id}/edit", data=data)
    assert (answer.status_code, "that would be a circle" in answer.text) == (422, True)


def test_ones_own_line_comes_back_on_the_form(world: World, client: Any) -> None:
    data = typed(world.pia, place="engineering/vp")
    answer = client(world.pia).post(f"/people/{world.pia.id}/edit", data=data)
    assert (answer.status_code, "in your own reporting line" in answer.text) == (422, True)


def test_operators_set_roles_and_nobody_sets_their_own(world: World, client: Any) -> None:
    path = f"/people/{world.ada.id}/roles"
    assert client(world.pia).get(path).status_code == 403
    browser = client(world.opal)
    assert browser.get(path).status_code == 200
    assert browser.post(path, data={"roles": ["king"]}).status_code == 422
    assert browser.post(path, data={"roles": ["auditor"]}).status_code == 303
    assert browser.get(f"/people/{world.opal.id}/roles").status_code == 403
    world.s.rollback()
    world.s.expire_all()
    assert world.ada.roles == {Role.AUDITOR}


def test_a_leaver_by_page(world: World, client: Any) -> None:
    browser, sam = client(world.pia), world.sam
    assert "is signed out everywhere" in browser.get(f"/people/{sam.id}/deactivate").text
    assert browser.post(f"/people/{sam.id}/deactivate").status_code == 303
    assert "has left" in browser.get(f"/people/{sam.id}").text
    assert "Sam Ito" not in browser.get("/people").text
    assert "Sam Ito" in browser.get("/people?left=1").text
    assert "Sam Ito" not in client(world.ada).get("/people?left=1").text
    assert browser.post(f"/people/{sam.id}/invite").status_code == 409
    assert browser.post(f"/people/{sam.id}/reactivate").status_code == 303
    assert browser.post(f"/people/{sam.id}/invite").status_code == 303
    assert browser.post(f"/people/{world.pia.id}/deactivate").status_code == 409


def test_a_file_is_looked_at_and_then_imported(world: World, client: Any) -> None:
    browser, text = client(world.pia), "email,name\nnew@example.org,New\n"
    looked = browser.post("/people/import", data={"file": (BytesIO(text.encode()), "people.csv")})
    assert (looked.status_code, "This file adds 1, changes 0 and leaves 0 as they are" in looked.text) == (200, True)
    assert world.s.scalar(select(Person.id).where(Person.email == "new@example.org")) is None
    world.s.rollback()
    done = browser.post("/people/import/apply", data={"text": text.replace("\n", "\r\n")})
    assert (done.status_code, done.location) == (303, "/people")
    assert world.s.scalar(select(Person.name).where(Person.email == "new@example.org")) == "New"


def test_a_bad_file_comes_back_with_its_rows(world: World, client: Any) -> None:
    browser = client(world.pia)
    for path, data in (("import", {}), ("import/apply", {"text": "email,name\nbad,X\nada@example.org,\n"})):
        answer = browser.post(f"/people/{path}", data=data)
        assert answer.status_code == 422
    assert ("row 2: email: " in answer.text, "row 3: name: say what" in answer.text) == (True, True)


def test_everyone_is_written_to_a_file(world: World, client: Any) -> None:
    answer = client(world.pia).get("/people/export.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="people.csv"'
    assert len(answer.text.splitlines()) == len(world.everyone) + 1


def test_the_directory_names_levels_and_finds_names(world: World, client: Any) -> None:
    page = client(world.ada).get("/people?name=TANAKA").text
    assert ("Rex Tanaka" in page, "Staff Engineer" in page, "Rob Silva" in page) == (True, True, False)
    assert "has “%_”" in client(world.ada).get("/people?name=%25_").text


def test_a_long_directory_comes_in_pages(world: World, client: Any) -> None:
    for n in range(55):
        commands.add_person(world.s, actor=None, email=f"many{n}@example.org", name=f"Many {n:03}", at=NOW)
    world.commit()
    browser = client(world.ada)
    first, last = browser.get("/people?name=many").text, browser.get("/people?name=many&page=2").text
    assert (first.count('href="/people/'), "1 to 50 of 55 people" in first) == (50, True)
    assert ("Many 054" in last, "51 to 55 of 55 people" in last) == (True, True)
    assert browser.get("/people?name=many&page=99").text.count("51 to 55") == 1
    assert browser.get("/people?name=many&page=x").status_code == 200


def test_the_directory_costs_the_same_for_one_name_and_for_fifty(world: World, client: Any, engine: Any) -> None:
    browser, seen = client(world.ada), {}
    browser.get("/people")
    for before, size in ((0, 1), (1, 3), (3, 50)):
        world.s.rollback()
        for n in range(before, size):
            commands.add_person(
                world.s, actor=None, email=f"x{n}@example.org", name=f"Xu {n}", manager=world.max, at=NOW
            )
        world.commit()
        with statements(engine) as found:
            assert browser.get("/people?name=Xu").text.count(">Xu ") == size
        seen[size] = len(found)
    assert seen[1] == seen[3] == seen[50] <= 10, seen
