"""The list of people by command: a dry run changes nothing, bad rows are named, export and import are a round trip."""

from pathlib import Path

import pytest

from portal.cli import main
from portal.models.outbox import OutboxRow
from portal.models.person import Person, Role
from portal.settings import Settings
from tests.world import World

HEADER = "email,name,manager_email,family,level,since,active,roles,timezone,locale"


@pytest.fixture
def there(world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> World:
    for name in ("database_url", "secret_key", "storage_url"):
        monkeypatch.setenv(f"EVENBAR_{name.upper()}", getattr(settings, name))
    world.commit()
    return world


def test_what_was_exported_changes_nothing_when_it_is_imported(there: World, tmp_path: Path, capsys) -> None:
    file = tmp_path / "people.csv"
    assert main(["people", "export", str(file)]) == 0
    assert main(["people", "import", str(file)]) == 0
    assert "0 added, 0 changed, 22 as before" in capsys.readouterr().out


def test_a_dry_run_says_what_would_change_and_changes_nothing(there: World, tmp_path: Path, capsys) -> None:
    file = tmp_path / "people.csv"
    file.write_text(f"{HEADER}\nnew@example.org,New Person,ada@example.org,engineering,se1,2026-01-01,yes,,UTC,en\n")
    assert main(["people", "import", str(file), "--dry-run"]) == 0
    assert "1 would be added" in capsys.readouterr().out
    assert there.s.query(Person).filter_by(email="new@example.org").count() == 0


def test_one_bad_row_refuses_the_whole_file_and_is_named(there: World, tmp_path: Path, capsys) -> None:
    file = tmp_path / "people.csv"
    rows = ["a@example.org,A,,,,,yes,,UTC,en", "b@example.org,B,nobody@example.org,,,,yes,,UTC,en"]
    file.write_text("\n".join([HEADER, *rows]) + "\n")
    assert main(["people", "import", str(file)]) == 2
    assert "3" in capsys.readouterr().err
    assert there.s.query(Person).filter_by(email="a@example.org").count() == 0


def test_a_letter_of_a_case_that_is_not_there_is_refused(there: World, capsys) -> None:
    assert main(["letters", "render", "000000000000"]) == 2
    assert "there is no case" in capsys.readouterr().err


def test_a_new_installation_lets_its_first_person_in_by_a_printed_link(there: World, client, capsys) -> None:
    given = ["people", "invite", "First@example.org", "--name", "Fay Orne", "--roles", "operator,people_partner"]
    assert main(given) == 0
    out, err = capsys.readouterr()
    link = out.strip()
    assert (link.count("/invite/"), err) == (1, "For Fay Orne, once, within seven days.\n")
    there.s.rollback()
    person = there.s.query(Person).filter_by(email="first@example.org").one()
    assert {grant.role for grant in person.grants} == {Role.OPERATOR, Role.PEOPLE_PARTNER}
    browser, path = client(None), link[link.index("/invite/") :]
    assert browser.get(path).status_code == 200
    assert browser.post(path, data={"password": "a quiet morning by the lake"}).status_code == 303
    assert browser.get(path).status_code == 404


def test_nobody_unknown_is_invited_without_a_name(there: World, capsys) -> None:
    assert main(["people", "invite", "nobody@example.org"]) == 2
    assert "nobody here has that email" in capsys.readouterr().err


def test_an_import_invites_only_those_who_are_new(there: World, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(f"{HEADER}\nnew@example.org,New Person,,,,,yes,,UTC,en\nada@example.org,Ada M,,,,,yes,,UTC,en\n")
    assert main(["people", "import", str(file), "--invite"]) == 0
    there.s.rollback()
    new = there.s.query(Person).filter_by(email="new@example.org").one()
    mails = [row for row in there.s.query(OutboxRow) if row.payload.get("template") == "invite"]
    assert [row.person_id for row in mails] == [new.id]
