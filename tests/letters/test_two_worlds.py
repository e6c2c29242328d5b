"""Before release nobody outside the panel can tell one decision from another, with letters prepared and set."""

import io
import json
import re
import zipfile

import pytest
from sqlalchemy import update

from portal.adapters.storage import Storage
from portal.models.audit import digest
from portal.models.case import Case
from portal.models.decision import Decision, Outcome
from portal.models.letter import Letter
from tests.house.access import known_ids
from tests.letters.stages import prepared, ready
from tests.two_worlds import addresses, crawl
from tests.world import World


def decide_otherwise(world: World, case: Case) -> None:
    """The same case, refused; with the letter that belongs to it."""
    world.s.rollback()
    changed = {"outcome": Outcome.NOT_YET, "effective_on": None, "reasons": "Two clauses were missed."}
    world.s.execute(update(Decision).where(Decision.case_id == case.id).values(**changed))
    data = {**case.decisions[-1].letter.data, "outcome": "not_yet", "part": {"clauses": []}}
    world.s.execute(
        update(Letter).where(Letter.case_id == case.id).values(data=data, data_sha256=digest(data), pdf_sha256="0" * 64)
    )
    world.commit()


OWN_ACTS = {"/records", "/records/mine.zip"}  # grow by what the first crawl read
OUTSIDE = ("ada", "max", "ivy", "dana", "rex", "rob", "rae", "aud", "opal", "sam")


@pytest.mark.parametrize("who", OUTSIDE)
def test_a_decision_before_release_shows_nowhere(world: World, app, client, storage: Storage, who: str) -> None:
    case = ready(world, storage).case
    world.commit()
    also = addresses(app, known_ids(world, case))
    browser = client(getattr(world, who))
    before = crawl(browser, also)
    decide_otherwise(world, case)
    after = crawl(browser, also)
    assert len(before) > 10
    changed = {url for url in before | after if before.get(url) != after.get(url)}
    assert changed - OWN_ACTS == set()


@pytest.mark.parametrize("who", OUTSIDE)
def test_the_file_about_oneself_tells_no_decision_either(world: World, client, storage: Storage, who: str) -> None:
    case = ready(world, storage).case
    world.commit()
    browser = client(getattr(world, who))

    def about() -> dict[str, object]:
        archive = zipfile.ZipFile(io.BytesIO(browser.get("/records/mine.zip").data))
        told = json.loads(archive.read("about-you.json"))
        return {"files": archive.namelist(), **{key: value for key, value in told.items() if key != "acts"}}

    before = about()
    decide_otherwise(world, case)
    assert about() == before


def test_the_panel_does_see_the_difference(world: World, app, client, storage: Storage) -> None:
    case = ready(world, storage).case
    world.commit()
    url = f"/cases/{case.id}/decision"
    before = client(world.nat).get(url).text
    decide_otherwise(world, case)
    after = client(world.nat).get(url).text
    assert (re.findall('data-state="(approved|not_yet)"', before), "Two clauses were missed." in after) == (
        ["approved"],
        True,
    )


def test_a_person_with_a_prepared_letter_and_one_without_look_alike_to_the_candidate(world: World, client) -> None:
    case = prepared(world).case
    world.commit()
    page = client(world.ada).get(f"/cases/{case.id}").text
    assert "Letter" not in re.sub(r"<title>.*?</title>", "", page)
    assert "Decision<" not in page
