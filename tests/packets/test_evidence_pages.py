"""Evidence on the pages: added, changed and removed, by plain forms and in place."""

import html
import re

import pytest

from portal.domain.case_flow import State
from portal.models.case import Case
from portal.models.packet import Evidence
from portal.packets import commands, queries
from tests.world import NOW, World

HTMX = {"HX-Request": "true"}
ROW = {"claim": "Took the queue to four teams.", "contribution": "Wrote the plan.", "period": "2025", "link": ""}


@pytest.fixture
def case(world: World) -> Case:
    made = world.case("ada")
    world.commit()
    return made


@pytest.fixture
def row(world: World, case: Case) -> Evidence:
    made = commands.add_evidence(world.s, case=case, actor=world.ada, competency_id=first(world, case), at=NOW, **ROW)
    world.commit()
    return made


def first(world: World, case: Case) -> str:
    return str(world.rubric(case).competencies[0].id)


def url(case: Case, rest: str = "") -> str:
    return f"/cases/{case.id}/packet/evidence{rest}"


def claims(world: World, case: Case) -> list[tuple[str, str]]:
    world.s.rollback()
    world.s.expire_all()
    return [(r.competency_id, r.claim) for r in queries.draft(world.s, case).evidence]


def test_evidence_is_added_by_a_plain_form_and_lands_at_its_competency(world: World, case, client) -> None:
    browser, competency = client(world.ada), first(world, case)
    page = browser.get(url(case, f"/new?competency={competency}")).text
    assert re.search(rf'<option selected value="{competency}">', page)
    answer = browser.post(url(case), data={**ROW, "competency_id": competency, "id": "mine", "case_id": "other"})
    assert (answer.status_code, answer.location) == (303, f"/cases/{case.id}/packet/edit#competency-{competency}")
    assert claims(world, case) == [(competency, ROW["claim"])]


def test_without_a_competency_the_form_starts_at_the_first(world: World, case, client) -> None:
    page = client(world.ada).get(url(case, "/new?competency=charm")).text
    assert f'<option selected value="{first(world, case)}">' in page


def test_in_place_the_answer_is_the_part_of_the_page(world: World, case, client) -> None:
    browser, competency = client(world.ada), first(world, case)
    form = browser.get(url(case, f"/new?competency={competency}"), headers=HTMX).text
    assert form.lstrip().startswith(f'<div class="panel" id="add-{competency}">')
    answer = browser.post(url(case), data={**ROW, "competency_id": competency}, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (200, "packet-changed")
    assert answer.text.strip() in browser.get(f"/cases/{case.id}/packet/edit").text


def test_in_place_a_refused_form_comes_back_where_it_stood(world: World, case, client) -> None:
    competency = first(world, case)
    data = {**ROW, "claim": "", "link": "javascript:alert(1)", "competency_id": competency}
    answer = client(world.ada).post(url(case), data=data, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, f"#add-{competency}")
    assert "Say what you do at the target level." in answer.text
    assert "Write the whole address" in answer.text
    assert "Wrote the plan.</textarea>" in answer.text.replace("\r", "")
    assert claims(world, case) == []


@pytest.mark.parametrize(
    "changed", [{"competency_id": "charm"}, {"period": ""}, {"claim": "x" * 4_001}, {"link": "a\x00"}]
)
def test_evidence_that_cannot_be_kept_is_refused_with_the_input(world: World, case, client, changed: dict) -> None:
    data = {**ROW, "competency_id": first(world, case), **changed}
    page = client(world.ada).post(url(case), data=data)
    assert page.status_code == 422
    assert "Wrote the plan.</textarea>" in page.text.replace("\r", "")
    assert claims(world, case) == []


def test_a_row_is_changed_in_place(world: World, case, row, client) -> None:
    browser = client(world.ada)
    form = browser.get(url(case, f"/{row.id}"), headers=HTMX).text
    assert ROW["claim"] in form
    data = {**ROW, "claim": "Five teams.", "competency_id": row.competency_id, "version": 1}
    answer = browser.post(url(case, f"/{row.id}"), data=data, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (200, "packet-changed")
    assert answer.text.strip() in browser.get(f"/cases/{case.id}/packet/edit").text
    assert claims(world, case) == [(row.competency_id, "Five teams.")]


def test_a_row_that_moves_to_another_competency_takes_the_reader_there(world: World, case, row, client) -> None:
    browser, other = client(world.ada), world.rubric(case).competencies[1].id
    data = {**ROW, "competency_id": other, "version": 1}
    answer = browser.post(url(case, f"/{row.id}"), data=data, headers=HTMX)
    assert answer.headers["HX-Redirect"] == f"/cases/{case.id}/packet/edit#competency-{other}"
    back = browser.post(url(case, f"/{row.id}"), data={**ROW, "competency_id": row.competency_id, "version": 2})
    assert back.location == f"/cases/{case.id}/packet/edit#competency-{row.competency_id}"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_second_tab_gets_both_versions_of_a_row(world: World, case, row, client, headers: dict) -> None:
    browser = client(world.ada)
    data = {**ROW, "competency_id": row.competency_id, "version": 1}
    browser.post(url(case, f"/{row.id}"), data={**data, "claim": "First tab."})
    answer = browser.post(url(case, f"/{row.id}"), data={**data, "claim": "Second tab."}, headers=headers)
    assert answer.status_code == 409
    assert "Second tab.</textarea>" in answer.text.replace("\r", "")
    assert '<pre class="prose">First tab.</pre>' in answer.text
    assert 'name="version" type="hidden" value="2"' in answer.text
    assert claims(world, case) == [(row.competency_id, "First tab.")]


def test_a_row_whose_change_is_refused_comes_back_with_the_input(world: World, case, row, client) -> None:
    data = {**ROW, "claim": "", "competency_id": row.competency_id, "version": 1}
    page = client(world.ada).post(url(case, f"/{row.id}"), data=data)
    assert page.status_code == 422
    assert "Say what you do at the target level." in page.text


def test_a_row_is_removed_after_a_second_step(world: World, case, row, client) -> None:
    browser, row_id, competency = client(world.ada), row.id, row.competency_id
    page = browser.get(url(case, f"/{row_id}/remove")).text
    assert ROW["claim"] in page
    assert claims(world, case) == [(competency, ROW["claim"])]
    answer = browser.post(url(case, f"/{row_id}/remove"))
    assert answer.location == f"/cases/{case.id}/packet/edit#competency-{competency}"
    assert claims(world, case) == []
    assert browser.get(url(case, f"/{row_id}")).status_code == 404


def test_a_row_of_another_case_does_not_exist_here(world: World, case, row, client) -> None:
    other = world.case("sam")
    world.commit()
    browser = client(world.sam)
    asked = [browser.get(url(other, f"/{row.id}")), browser.post(url(other, f"/{row.id}/remove"))]
    assert [a.status_code for a in asked] == [404, 404]
    assert claims(world, case) == [(row.competency_id, ROW["claim"])]


def test_after_submission_a_row_is_handed_back_not_changed(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    row = queries.draft(world.s, case).evidence[0]
    world.commit()
    data = {**ROW, "claim": "Too late.", "competency_id": row.competency_id, "version": 1}
    page = client(world.ada).post(url(case, f"/{row.id}"), data=data)
    assert page.status_code == 409
    assert "Too late.</textarea>" in page.text.replace("\r", "")
    assert "cannot be changed while the case is submitted" in page.text


ATTACKS = (
    '<button data-hx-post="/cases/x/packet/submit" data-hx-trigger="load">go</button>',
    '<img src=x onerror="alert(1)">',
    "[click](javascript:alert(1))",
    '<a href="/x" hx-get="/sign-out" style="position:fixed">x</a>',
    "<script>alert(1)</script>",
    '![x](https://example.org/pixel.png "t")',
)


def test_nothing_in_a_packet_can_act_in_a_readers_browser(world: World, case, client) -> None:
    text = "\n\n".join((*ATTACKS, "{{ 7 * 7 }}"))
    browser = client(world.ada)
    browser.post(f"/cases/{case.id}/packet/sections/summary", data={"text": text, "version": 0})
    browser.post(url(case), data={**ROW, "claim": text, "competency_id": first(world, case)})
    for page in (browser.get(f"/cases/{case.id}/packet").text, browser.get(f"/cases/{case.id}/packet/edit").text):
        clean = re.sub(r"<textarea.*?</textarea>", "", page, flags=re.DOTALL)
        tags = re.findall(r"<[a-z][^>]*>", clean)
        bad = [t for t in tags if re.search(r"javascript:|onerror|hx-get=./sign-out|<img|fixed|hx-post=./cases/x/", t)]
        assert bad == []
        assert "<script>alert" not in clean
        assert "{{ 7 * 7 }}" in html.unescape(clean)


def test_on_a_page_of_its_own_the_form_goes_back_to_the_packet(world: World, case: Case, client, row: Evidence) -> None:
    browser = client(world.ada)
    for rest in (f"/new?competency={first(world, case)}", f"/{row.id}"):
        assert "data-hx-post" not in browser.get(url(case, rest)).text
        assert "data-hx-post" in browser.get(url(case, rest), headers=HTMX).text
