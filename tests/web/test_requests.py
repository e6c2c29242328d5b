"""What no text column and no number holds is no error of the portal's, on whichever database: NUL is dropped from a
query or a form, and an address that holds it, or a number too large, does not exist."""

import pytest

from portal.domain.case_flow import State
from tests.conftest import Browser
from tests.world import World

NUL = [
    "/people?name=%00",
    "/cases?name=%00&cycle=%00&state=%00",
    "/records?who=%00&kind=%00&action=%00&since=%00",
    "/cases/new?person=%00",
    "/outbox?fate=%00&page=%00",
    "/cases/CASE/reviewers?named=%00",
    "/cases/CASE/referees?q=%00",
    "/cases?name=%ff%fe",
]
FAR = [
    "/records?page=99999999999999999999999",
    "/cases?page=99999999999999999999999",
    "/people?page=999999",
    "/cycles/spring-2026/decisions?page=99999999999999999999999",
    "/cycles/spring-2026/assignments?page=-99999999999999999999999",
]
NOWHERE = [
    "/cases/%00",
    "/people/%00",
    "/cycles/%00",
    "/verify/%00",
    "/invite/%00",
    "/ladders/engineering?version=%00",
    "/cases/CASE/packet/snapshots/99999999999999999999999",
    "/cycles/spring-2026/calibration/99999999999999999999999",
]


@pytest.fixture
def partner(world: World, client) -> tuple[Browser, str]:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    return client(world.pia), case.id


@pytest.mark.parametrize(("addresses", "status"), [(NUL, 200), (FAR, 200), (NOWHERE, 404)])
def test_it_is_an_ordinary_answer(partner: tuple[Browser, str], addresses: list[str], status: int) -> None:
    browser, case_id = partner
    answers = {url: browser.get(url.replace("CASE", case_id)).status_code for url in addresses}
    assert answers == dict.fromkeys(addresses, status)


def test_a_form_loses_it_and_is_read(partner: tuple[Browser, str], world: World) -> None:
    browser, _ = partner
    new = {"email": "new\x00@example.org", "name": "New\x00 One", "timezone": "UTC", "manager_email": "", "place": ""}
    assert browser.post("/people/new", data=new).status_code == 303
    world.s.rollback()
    assert world.new.name == "New One"
    assert browser.post("/sign-out", data={"x\x00": "\x00"}).status_code == 303


@pytest.mark.parametrize(
    "address", ["/people/import", "/ladders/import", "/cycles/spring-2026/assignments/import", "/reviews/sheets"]
)
def test_text_where_a_file_belongs_is_no_file(partner: tuple[Browser, str], address: str) -> None:
    browser, _ = partner
    assert browser.post(address, data={"file": "text", "files": "text"}).status_code == 422
