"""When a ladder changes in the middle of a cycle: its cases keep every byte, and the people partner is told."""

import re
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from flask import Flask

from portal.adapters.storage import Storage
from portal.domain.case_flow import State
from portal.domain.case_types import CaseType, Outcome
from portal.domain.rubric_files import read_folder
from portal.ladders import queries
from portal.models.ladder import RubricVersion
from portal.settings import ROOT
from tests.letters.stages import released
from tests.world import NOW, World

TOKEN = re.compile(r'(name="(csrf|idempotency)_token" value|name="csrf-token" content)="[^"]*"')
TODAY = NOW.date()


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Path:
    copy = tmp_path / "rubrics"
    copytree(ROOT / "rubrics", copy)
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"rubrics": copy})
    return copy


def retitle(folder: Path) -> None:
    file = folder / "engineering.toml"
    file.write_text(file.read_text("utf-8").replace('"Staff Engineer"', '"Staff Wizard"'), "utf-8")


def page(browser: Any, path: str) -> str:
    """The page but for the tokens of its forms, which are new each time."""
    return TOKEN.sub("", browser.get(path).text)


def test_the_page_of_a_case_keeps_every_byte(world: World, client: Any, folder: Path) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    browser = client(world.pia)
    paths = [f"/cases/{case.id}/history", f"/cases/{case.id}/packet"]
    before = [page(browser, path) for path in paths]
    retitle(folder)
    assert [page(browser, path) for path in paths] == before
    assert "Staff Engineer" in before[1]


def test_the_people_partner_is_told_on_the_page_of_the_cycle(world: World, client: Any, folder: Path) -> None:
    path = f"/cycles/{world.cycle.slug}"
    told = "has changed since this cycle pinned it"
    assert told not in client(world.pia).get(path).text
    retitle(folder)
    assert told in client(world.pia).get(path).text
    assert told not in client(world.ada).get(path).text


def test_the_list_of_ladders_names_the_cycles_that_pinned_another(world: World, client: Any, folder: Path) -> None:
    told = f"{world.cycle.name} pinned version"
    assert told not in client(world.pia).get("/ladders").text
    retitle(folder)
    assert [told in client(getattr(world, who)).get("/ladders").text for who in ("pia", "sam")] == [True, False]


def test_a_closed_cycle_says_nothing(world: World, client: Any, folder: Path) -> None:
    retitle(folder)
    world.cycle.closed_at = NOW
    world.commit()
    assert "has changed since" not in client(world.pia).get(f"/cycles/{world.cycle.slug}").text


def test_broken_files_say_nothing_on_the_page_of_the_cycle(world: World, client: Any, folder: Path) -> None:
    (folder / "engineering.toml").write_text("schema = ", "utf-8")
    answer = client(world.pia).get(f"/cycles/{world.cycle.slug}")
    assert (answer.status_code, "has changed since" in answer.text) == (200, False)


def test_what_differs_is_a_page_for_people_partners(world: World, client: Any, folder: Path) -> None:
    retitle(folder)
    path = f"/ladders/engineering/changes?version={world.cycle.pins[0].content_hash}"
    assert "<del>Staff Engineer</del> → <ins>Staff Wizard</ins>" in client(world.pia).get(path).text
    assert client(world.sam).get(path).status_code == 403


def test_a_ladder_that_did_not_change_has_not_moved_on(world: World) -> None:
    library = queries.library_for(world.s, folder=ROOT / "rubrics", on=TODAY)
    pins: dict[str, RubricVersion] = {pin.family_id: pin.rubric_version for pin in world.cycle.pins}
    assert queries.moved_on(library, pins) == []
    assert read_folder(ROOT / "rubrics").texts == library.texts


def test_every_page_of_a_case_that_was_decided_keeps_every_byte(
    world: World, client: Any, folder: Path, tmp_path: Path
) -> None:
    """Also of a switch, whose rubric is narrowed by a path that the file no longer has."""
    storage = Storage.from_url(f"file://{tmp_path}/letters")
    case = released(world, storage, "ada", Outcome.APPROVED_ON_TRIAL, case_type=CaseType.SWITCH)
    world.commit()
    browser = client(world.pia)
    parts = ("", "/packet", "/position", "/votes", "/reviews", "/decision", "/letter", "/trial", "/history")
    paths = [f"/cases/{case.id}{part}" for part in parts]
    before = {path: page(browser, path) for path in paths}
    file = folder / "engineering.toml"
    text = file.read_text("utf-8").replace('"Engineering Manager"', '"Team Wizard"')
    changed = text.replace('assesses = ["craft", "growth"]', 'assesses = ["growth"]')
    changed = changed.replace("trial_months = 6", "trial_months = 9")
    assert changed.count("trial_months = 9") > 0
    file.write_text(changed, "utf-8")
    assert {path: page(browser, path) for path in paths} == before
    assert "Engineering Manager" in before[f"/cases/{case.id}"]
    assert "Team Wizard" in browser.get("/ladders/engineering").text
