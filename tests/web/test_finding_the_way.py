"""Where one is and where one may go: the main navigation, the parts of a cycle; and fields that take what is pasted."""

import re

import pytest

from portal.domain.case_flow import State
from tests.world import World

TABS = re.compile(r'<nav class="tabs" aria-label="Parts of the cycle">(.*?)</nav>', re.DOTALL)
PART = re.compile(r'<li><a href="([^"]*)"[^>]*>([^<]+)</a></li>')
TAB = re.compile(r"<a[^>]*?( aria-current=[^>]*)?>([^<]+)</a>")
CURRENT = re.compile(r'<nav class="site-nav".*?aria-current="page">([^<]+)</a>.*?</nav>', re.DOTALL)


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        (
            "pia",
            {
                "Cycle": ["Overview", "Settings", "Committees"],
                "Review": ["Assignments", "Chasing", "Anchors"],
                "Calibration": ["Calibration", "Forecast"],
                "Decision": ["Decisions", "Letters", "Export"],
            },
        ),
        ("kim", {"": ["Overview", "Calibration", "Decisions", "Export"]}),
    ],
)
def test_a_cycle_leads_to_its_parts_from_each_of_them(
    world: World, client, key: str, parts: dict[str, list[str]]
) -> None:
    browser = client(getattr(world, key))
    rows = rows_of(browser.get("/cycles/spring-2026").text)
    if len(parts) > 1:
        assert [label for _, label in rows[0]] == list(parts)
    starts = [address for address, _ in rows[0]] if len(parts) > 1 else ["/cycles/spring-2026"]
    for address, labels in zip(starts, parts.values(), strict=True):
        found = rows_of(browser.get(address).text)[-1]
        assert [label for _, label in found] == labels
        for place, label in found:
            assert rows_of(browser.get(place).text)[-1] == found, label


def rows_of(page: str) -> list[list[tuple[str, str]]]:
    """The rows of a cycle's tabs as addresses and labels."""
    nav = TABS.search(page)
    rows = re.findall(r"<ul[^>]*>(.*?)</ul>", nav.group(1), re.DOTALL) if nav else []
    return [PART.findall(row) for row in rows]


def test_who_has_no_part_in_a_cycle_sees_no_parts_of_it(world: World, client) -> None:
    assert TABS.search(client(world.sam).get("/cycles/spring-2026").text) is None


def test_the_navigation_marks_the_place_whichever_room_answers(world: World, client) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    world.commit()
    browser = client(world.pia)
    marked = {
        path: CURRENT.search(browser.get(path).text) for path in ("/", f"/cases/{case.id}/reviews", "/cycles/new")
    }
    assert {path: found and found.group(1) for path, found in marked.items()} == {
        "/": "My work",
        f"/cases/{case.id}/reviews": "Cases",
        "/cycles/new": "Cycles",
    }
    assert CURRENT.search(browser.get("/account").text) is None


def parts_of(page: str) -> list[list[str]]:
    """The rows of tabs on a case's page; a star marks where the reader is."""
    nav = re.search(r'<nav class="tabs" aria-label="Parts of the case">(.*?)</nav>', page, re.DOTALL)
    rows = re.findall(r"<ul[^>]*>(.*?)</ul>", nav.group(1), re.DOTALL) if nav else []
    return [[f"{'*' if here else ''}{label}" for here, label in TAB.findall(row)] for row in rows]


def test_few_parts_of_a_case_stand_in_one_row(world: World, client) -> None:
    case = world.case("ada")
    world.commit()
    page = client(world.ada).get(f"/cases/{case.id}").text
    assert parts_of(page) == [["*Overview", "Packet", "Referees"]]


@pytest.mark.parametrize(
    ("place", "below"),
    [
        ("", ["*Overview", "History"]),
        ("/votes", ["Position", "*Votes", "Minutes"]),
        ("/packet/snapshots/1", ["*Packet", "Statement", "Referees", "Need for the role"]),
    ],
)
def test_many_parts_stand_by_the_stretch_of_life_they_belong_to(
    world: World, client, place: str, below: list[str]
) -> None:
    case = world.case("ada", State.RELEASED)
    world.commit()
    stretches, shown = parts_of(client(world.pia).get(f"/cases/{case.id}{place}").text)
    assert shown == below
    assert [name.strip("*") for name in stretches] == ["Case", "Packet", "Review", "Calibration", "Decision"]


def test_no_long_field_lets_the_browser_cut_what_is_pasted(world: World, client) -> None:
    case = world.case("ivy")
    world.commit()
    page = client(world.ivy).get(f"/cases/{case.id}/packet/edit").text
    assert re.findall(r"<textarea[^>]*maxlength", page) == []
