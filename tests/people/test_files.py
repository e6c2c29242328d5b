"""The people file on the web: CSV and workbook looked at and taken in alike, and a limit that is said."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from portal.models.outbox import OutboxRow
from portal.models.person import Person
from portal.people.queries import export_people
from portal.people.sheet import COLUMNS, read_people, write_people, write_people_workbook
from tests.conftest import Browser
from tests.world import World

Client = Callable[..., Browser]
ROW = dict.fromkeys(COLUMNS, "") | {"email": "new@example.org", "name": "=New", "manager_email": "max@example.org"}


def look(browser: Browser, content: bytes, name: str) -> Any:
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    body = head + content + b"\r\n--edge--\r\n"
    return browser.post("/people/import", data=body, content_type="multipart/form-data; boundary=edge")


@pytest.mark.parametrize("write", [write_people, write_people_workbook])
def test_a_file_is_looked_at_and_then_taken_in(world: World, client: Client, write: Any) -> None:
    browser = client(world.pia)
    looked = look(browser, write([ROW]), "people.file")
    assert "This file adds 1, changes 0 and leaves 0 as they are" in looked.text
    rows = looked.text.partition('aria-label="The rows of the file">\n')[2].partition("</textarea>")[0]
    text = rows.replace("&#39;", "'")
    assert browser.post("/people/import/apply", data={"text": text}).status_code == 303
    world.s.rollback()
    found = next(row for row in export_people(world.s) if row["email"] == "new@example.org")
    assert (found["name"], found["manager_email"]) == ("=New", "max@example.org")


def test_those_who_are_new_are_invited_where_that_is_ticked(world: World, client: Client) -> None:
    browser, text = client(world.pia), write_people([ROW]).decode()
    assert 'name="invite"' in look(browser, text.encode(), "people.csv").text
    answer = browser.post("/people/import/apply", data={"text": text, "invite": "y"}, follow_redirects=True)
    assert "1 invitation is on its way." in answer.text
    world.s.rollback()
    invited = [row.person_id for row in world.s.query(OutboxRow) if row.payload.get("template") == "invite"]
    assert invited == [world.s.query(Person.id).filter_by(email="new@example.org").scalar()]


def test_a_wrong_row_of_a_workbook_is_named_by_its_number(world: World, client: Client) -> None:
    answer = look(client(world.pia), write_people_workbook([ROW, ROW | {"email": "no address"}]), "people.xlsx")
    assert answer.status_code == 422
    assert "row 3: email: " in answer.text


def test_the_workbook_of_everyone_says_what_the_csv_says(world: World, client: Client) -> None:
    browser = client(world.pia)
    csv, book = browser.get("/people/export.csv"), browser.get("/people/export.xlsx")
    assert (csv.status_code, book.status_code) == (200, 200)
    assert read_people(csv.data) == read_people(book.data)
    assert client(world.ada).get("/people/export.xlsx").status_code == 403


def test_reading_the_export_back_gives_the_same_bytes(world: World) -> None:
    rows = export_people(world.s)
    for write in (write_people, write_people_workbook):
        assert write([line.cells for line in read_people(write(rows))]) == write(rows)


def test_more_than_an_ordinary_form_is_taken_up_to_the_setting(world: World, client: Client, app: Flask) -> None:
    browser = client(world.pia)
    heavy = b"email,name\nada@example.org," + b"x" * (3 * 1024 * 1024)
    assert "field larger than field limit" in look(browser, heavy, "people.csv").text
    most = app.config["SETTINGS"].upload_mb
    refused = look(browser, heavy + b"x" * (most * 1024 * 1024), "people.csv")
    assert refused.status_code == 413
    assert f"larger than the {most} MB this form takes" in refused.text


def test_other_forms_take_what_they_took(world: World, client: Client) -> None:
    refused = client(world.pia).post("/cases/new", data={"x": "x" * (3 * 1024 * 1024)})
    assert refused.status_code == 413
    assert "larger than the 2 MB this form takes" in refused.text
