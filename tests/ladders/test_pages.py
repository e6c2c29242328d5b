"""The ladder pages, as people open them: everyone reads everything but pay; broken files never close a page."""

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from flask import Flask

from portal.domain.rubric_files import read_folder
from portal.models.ladder import RubricVersion
from portal.settings import ROOT
from tests.world import World

PAGES = (
    "/ladders",
    "/ladders/engineering",
    "/ladders/product",
    "/ladders/trident",
    "/ladders/engineering/levels/staff",
    "/ladders/product/levels/advisor",
    "/ladders/engineering/compare",
    "/ladders/engineering/compare?left=staff&right=sem",
    "/ladders/engineering/compare?left=se1&right=se1",
)


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Path:
    """A copy of the rubric files that the app reads instead, free to be broken."""
    copy = tmp_path / "rubrics"
    copytree(ROOT / "rubrics", copy)
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"rubrics": copy})
    return copy


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("who", ["sam", "pia", "opal"])
def test_everyone_signed_in_reads_every_ladder(world: World, client: Any, path: str, who: str) -> None:
    assert client(getattr(world, who)).get(path).status_code == 200


def test_a_visitor_signs_in_first(client: Any) -> None:
    answer = client().get("/ladders/engineering")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=%2Fladders%2Fengineering")


@pytest.mark.parametrize(
    "path",
    [
        "/ladders/law",
        "/ladders/engineering/levels/law",
        "/ladders/law/levels/staff",
        "/ladders/engineering/compare?left=staff&right=law",
        "/ladders/law/compare",
        "/ladders/engineering?version=0000",
    ],
)
def test_what_is_on_no_ladder_is_not_found(world: World, client: Any, path: str) -> None:
    assert client(world.pia).get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/ladders/engineering", "/ladders/engineering/levels/staff", "/ladders/engineering/compare"]
)
def test_pay_is_shown_to_people_partners_and_to_nobody_else(world: World, client: Any, path: str) -> None:
    family = read_folder(ROOT / "rubrics").families["engineering"]
    bands = {str(int(value)) for band in family.bands for value in band.base.model_dump().values() if value}

    def amounts(who: str) -> set[str]:
        text = client(getattr(world, who)).get(path).text.replace(",", "")
        return {band for band in bands if band in text}

    assert len(amounts("pia")) > 2
    for who in ("sam", "ada", "max", "kim", "aud", "opal"):
        assert amounts(who) == set(), who


def test_findings_on_pay_go_with_the_bands(world: World, client: Any) -> None:
    assert ">LL01<" in client(world.pia).get("/ladders/engineering").text
    page = client(world.sam).get("/ladders/engineering").text
    assert (">LL01<" in page, ">LL10<" in page) == (False, True)


def test_ones_own_level_is_marked_on_the_map(world: World, client: Any) -> None:
    assert "your level" in client(world.ada).get("/ladders/engineering").text
    assert "your level" not in client(world.ada).get("/ladders/product").text


def test_the_level_page_has_stable_anchors(world: World, client: Any) -> None:
    page = client(world.sam).get("/ladders/engineering/levels/staff").text
    for anchor in ("bar", "scale", "scope", "pillar-direction", "competency-direction"):
        assert f'id="{anchor}"' in page


def test_a_change_of_the_files_shows_at_the_next_request(world: World, client: Any, folder: Path) -> None:
    file = folder / "engineering.toml"
    browser = client(world.sam)
    assert "Staff Wizard" not in browser.get("/ladders/engineering").text
    file.write_text(file.read_text("utf-8").replace('"Staff Engineer"', '"Staff Wizard"'), "utf-8")
    assert "Staff Wizard" in browser.get("/ladders/engineering").text


def test_an_old_version_stays_readable_and_links_stay_in_it(world: World, client: Any, folder: Path) -> None:
    pinned = world.cycle.pins[0].content_hash
    file = folder / "engineering.toml"
    file.write_text(file.read_text("utf-8").replace('"Staff Engineer"', '"Staff Wizard"'), "utf-8")
    page = client(world.sam).get(f"/ladders/engineering?version={pinned}").text
    assert ("Staff Engineer" in page, "Staff Wizard" in page) == (True, False)
    assert f"/ladders/engineering/levels/staff?version={pinned}" in page
    assert client(world.sam).get(f"/ladders/product?version={pinned}").status_code == 404


def test_broken_files_leave_the_pinned_versions_on_the_shelf(world: World, client: Any, folder: Path) -> None:
    (folder / "engineering.toml").write_text("schema = ", "utf-8")
    browser = client(world.sam)
    page = browser.get("/ladders/engineering")
    assert page.status_code == 200
    assert "The rubric files cannot be read at the moment" in page.text
    assert browser.get("/ladders/product").status_code == 404


def test_every_problem_is_shown_to_those_who_can_put_it_right(world: World, client: Any, folder: Path) -> None:
    (folder / "engineering.toml").write_text("schema = ", "utf-8")
    (folder / "product.toml").write_text('schema = "ladder/1"\nkind = "family"\nid = "product"\ncolour = 3\n', "utf-8")
    for who in ("pia", "opal"):
        page = client(getattr(world, who)).get("/ladders").text
        assert "not valid TOML" in page
        assert "unknown key &#34;colour&#34;" in page
        assert "missing key &#34;org&#34;" in page
    page = client(world.sam).get("/ladders").text
    assert ("not valid TOML" in page, "The rubric files are being put right" in page) == (False, True)


def test_an_empty_shelf_says_what_to_do(world: World, client: Any, folder: Path) -> None:
    for file in folder.glob("*.toml"):
        file.unlink()
    world.cycle.pins.clear()
    world.s.flush()
    world.s.execute(RubricVersion.__table__.delete())
    world.commit()
    assert "There is no ladder to read yet" in client(world.sam).get("/ladders").text
    assert "no organisation file here" in client(world.pia).get("/ladders").text


def test_a_version_that_a_later_cycle_pinned_comes_first(world: World, client: Any, folder: Path) -> None:
    old = world.cycle.pins[0].rubric_version
    text = old.family_text.replace('"Staff Engineer"', '"Staff Wizard"')
    newer = {"family_id": "engineering", "family_version": "2", "org_text": old.org_text, "family_text": text}
    world.s.add(RubricVersion(content_hash="f" * 64, first_pinned_at=world.cycle.opens_at, **newer))
    world.commit()
    (folder / "engineering.toml").unlink()
    (folder / "product.toml").write_text("schema = ", "utf-8")
    assert "Staff Wizard" in client(world.sam).get("/ladders/engineering").text
