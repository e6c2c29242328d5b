"""A row of evidence is saved as one types: one row however often, nothing overwritten, never said before it is true."""

import re
from typing import Any

import pytest

from portal.models.case import Case
from portal.models.packet import Evidence
from portal.packets import commands, queries
from tests.world import NOW, World

AUTOSAVE = {"X-Autosave": "1", "Accept": "application/json"}
HTMX = {"HX-Request": "true"}
ROW = {"claim": "Took the queue to four teams.", "contribution": "Wrote the plan.", "period": "2025", "link": ""}


@pytest.fixture
def case(world: World) -> Case:
    made = world.case("ada")
    world.commit()
    return made


def url(case: Case, rest: str = "") -> str:
    return f"/cases/{case.id}/packet/evidence{rest}"


def first(world: World, case: Case) -> str:
    return str(world.rubric(case).competencies[0].id)


def kept(world: World, case: Case) -> list[tuple[str, str, int]]:
    world.s.rollback()
    world.s.expire_all()
    return [(row.id, row.claim, row.version) for row in queries.draft(world.s, case).evidence]


def opened(browser: Any, case: Case, competency: str) -> dict[str, str]:
    """What the form for a new row sends along before anything is typed."""
    page = browser.get(url(case, f"/new?competency={competency}")).text
    assert f'data-autosave="{url(case)}"' in page
    found = re.search(r'name="idempotency_token" value="([^"]+)"', page.split("data-autosave")[1])
    assert found
    return {"form_token": found[1], "competency_id": competency}


def test_a_new_row_is_saved_once_it_says_enough_and_stays_one(world: World, case, client) -> None:
    browser = client(world.ada)
    form = opened(browser, case, first(world, case))
    early = browser.post(url(case), data={**form, **ROW, "period": "", "version": ""}, headers=AUTOSAVE)
    assert (early.status_code, early.json["message"], kept(world, case)) == (422, "When: Say when it was.", [])
    done = browser.post(url(case), data={**form, **ROW, "version": ""}, headers=AUTOSAVE)
    assert (done.json["label"], done.json["version"]) == ("Saved at 10:00 UTC", 1)
    more = browser.post(url(case), data={**form, **ROW, "claim": "To five.", "version": "1"}, headers=AUTOSAVE)
    ((row, *said),) = kept(world, case)
    assert (more.json["version"], said) == (2, ["To five.", 2])
    press = {"idempotency_token": form["form_token"], "competency_id": form["competency_id"], **ROW}
    pressed = browser.post(url(case), data={**press, "claim": "To six.", "version": "2"}, headers=HTMX)
    assert ("To six." in pressed.text, kept(world, case)) == (True, [(row, "To six.", 3)])


def test_a_save_whose_answer_was_lost_is_not_a_second_row(world: World, case, client) -> None:
    browser = client(world.ada)
    form = opened(browser, case, first(world, case))
    answers = [browser.post(url(case), data={**form, **ROW, "version": ""}, headers=AUTOSAVE) for _again in range(2)]
    assert ([a.json["version"] for a in answers], len(kept(world, case))) == ([1, 1], 1)


def test_a_form_refused_after_it_was_saved_still_means_that_row(world: World, case, client) -> None:
    browser = client(world.ada)
    form = opened(browser, case, first(world, case))
    browser.post(url(case), data={**form, **ROW, "version": ""}, headers=AUTOSAVE)
    row = kept(world, case)[0][0]
    press = {"idempotency_token": form["form_token"], "competency_id": form["competency_id"], **ROW}
    page = browser.post(url(case), data={**press, "claim": "", "version": "1"})
    assert (page.status_code, f'name="row" type="hidden" value="{row}"' in page.text) == (422, True)


def test_two_forms_opened_at_once_are_two_rows(world: World, case, client) -> None:
    browser = client(world.ada)
    for claim in ("One.", "Another."):
        form = opened(browser, case, first(world, case))
        browser.post(url(case), data={**form, **ROW, "claim": claim, "version": ""}, headers=AUTOSAVE)
    assert sorted(claim for _row, claim, _version in kept(world, case)) == ["Another.", "One."]


def test_an_older_tab_overwrites_nothing_and_offers_both_versions(world: World, case, client) -> None:
    browser = client(world.ada)
    form = opened(browser, case, first(world, case))
    browser.post(url(case), data={**form, **ROW, "version": ""}, headers=AUTOSAVE)
    browser.post(url(case), data={**form, **ROW, "claim": "Newer.", "version": "1"}, headers=AUTOSAVE)
    stale = {**form, **ROW, "claim": "Older tab.", "version": "1"}
    quiet = browser.post(url(case), data=stale, headers=AUTOSAVE)
    assert (quiet.status_code, quiet.json["version"]) == (409, 2)
    page = browser.post(url(case), data=stale)
    assert (page.status_code, "Older tab." in page.text, "Newer." in page.text) == (409, True, True)
    assert [claim for _id, claim, _version in kept(world, case)] == ["Newer."]


def test_a_row_is_changed_as_one_types(world: World, case, client) -> None:
    row = commands.add_evidence(world.s, case=case, actor=world.ada, competency_id=first(world, case), at=NOW, **ROW)
    world.commit()
    browser = client(world.ada)
    data = {**ROW, "competency_id": first(world, case), "version": "1"}
    done = browser.post(url(case, f"/{row.id}"), data={**data, "claim": "To five."}, headers=AUTOSAVE)
    assert (done.status_code, done.json["version"]) == (200, 2)
    late = browser.post(url(case, f"/{row.id}"), data={**data, "claim": "To six."}, headers=AUTOSAVE)
    assert (late.status_code, kept(world, case)) == (409, [(row.id, "To five.", 2)])
    bad = browser.post(url(case, f"/{row.id}"), data={**data, "claim": " "}, headers=AUTOSAVE)
    assert (bad.status_code, bad.json["message"]) == (422, "Claim: Say what you do at the target level.")


def test_an_id_of_another_case_is_not_used(world: World, case, client) -> None:
    other = world.case("ivy")
    theirs = commands.add_evidence(
        world.s, case=other, actor=world.ivy, competency_id=first(world, other), at=NOW, **ROW
    )
    world.commit()
    data = {**ROW, "competency_id": first(world, case), "row": theirs.id, "version": "", "claim": "Mine."}
    assert client(world.ada).post(url(case), data=data).status_code == 303
    assert [(i == theirs.id, claim) for i, claim, _v in kept(world, case)] == [(False, "Mine.")]
    assert world.s.get(Evidence, theirs.id).claim == ROW["claim"]
    assert client(world.ada).post(url(case), data={**data, "row": "../../etc"}).status_code == 422
