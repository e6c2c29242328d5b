"""The editor as the candidate uses it: plain forms, autosave, and what is said when a text cannot be kept."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from portal.cases.commands import return_for_evidence
from portal.domain.case_flow import State
from portal.domain.packet import sections_for
from portal.models.case import Case
from portal.models.packet import PacketSection, SelfAssessment
from portal.packets import commands, queries
from tests.world import NOW, World

AUTOSAVE = {"X-Autosave": "1", "Accept": "application/json"}


def url(case: Case, rest: str) -> str:
    return f"/cases/{case.id}/packet{rest}"


def kept(world: World, case: Case, code: str = "summary") -> dict[str, str]:
    world.s.rollback()
    row = world.s.get(PacketSection, (case.id, code), populate_existing=True)
    return dict(row.texts) if row else {}


def fill(world: World, case: Case) -> None:
    for section in sections_for(case.grade):
        texts = {f.code: f"Text of {f.label}." for f in section.fields}
        commands.save_section(
            world.s, case=case, actor=case.candidate, code=section.code, texts=texts, version=0, at=NOW
        )
    for line in world.rubric(case).competencies:
        commands.add_evidence(
            world.s,
            case=case,
            actor=case.candidate,
            competency_id=line.id,
            claim=f"Claim for {line.name}.",
            contribution="All of it.",
            period="2025",
            at=NOW,
        )
    world.commit()


@pytest.fixture
def case(world: World) -> Case:
    made = world.case("ada")
    world.commit()
    return made


def test_the_editor_shows_every_section_and_every_competency_with_its_expectation(world: World, case, client) -> None:
    page = html.unescape(client(world.ada).get(url(case, "/edit")).text)
    titles = [s.title for s in sections_for(case.grade)]
    assert re.findall(r'<form class="form" id="form-([^"]+)"', page) == [s.code for s in sections_for(case.grade)]
    assert [t for t in titles if f'-title">{t}</h2>' not in page] == []
    lines = world.rubric(case).competencies
    assert [c.name for c in lines if c.expectation is None or c.expectation.text not in page] == []


FOLD = re.compile(
    r'<details class="fold"( open)?>\s*<summary>\s*<h[23] id="([\w-]+)-title">.*?data-tally[^>]*>([^<]+)<', re.DOTALL
)


def folds(page: str) -> dict[str, tuple[bool, str]]:
    """Section or competency -> whether it stands open, and what it says of itself."""
    return {name: (bool(is_open), said.strip()) for is_open, name, said in FOLD.findall(page)}


def test_what_is_written_is_folded_and_what_is_missing_stands_open(world: World, case, client) -> None:
    fill(world, case)
    texts = {"changed": "a", "mattered": "b", "contribution": "c", "how": ""}
    browser = client(world.ada)
    browser.post(url(case, "/sections/result-2"), data={**texts, "version": 1})
    browser.post(url(case, "/self-assessment"), data={"competency": "ships", "value": "3"})
    found = folds(browser.get(url(case, "/edit")).text)
    assert (found["summary"], found["result-2"]) == ((False, "written"), (True, "3 of 4 written"))
    assert found["competency-ships"] == (False, "1 row of evidence")
    assert found["competency-depth"] == (True, "1 row of evidence")


def test_an_empty_packet_stands_open(world: World, case, client) -> None:
    found = folds(client(world.ada).get(url(case, "/edit")).text)
    assert (found["summary"], found["result-2"]) == ((True, "empty"), (True, "empty"))
    assert found["competency-ships"] == (True, "no evidence")


@pytest.mark.parametrize("person", ["max", "pia", "kim", "rex", "sam"])
def test_the_editor_does_not_exist_for_anyone_else(world: World, case, client, person: str) -> None:
    browser = client(getattr(world, person))
    asked = [
        browser.get(url(case, "/edit")),
        browser.get(url(case, "/completion")),
        browser.get(url(case, "/submit")),
        browser.post(url(case, "/sections/summary"), data={"text": "Mine now.", "version": 0}),
        browser.post(url(case, "/self-assessment"), data={"competency": "depth", "value": "3"}),
        browser.post(url(case, "/share"), data={"shared": "y"}),
        browser.post(url(case, "/submit")),
        browser.get(url(case, "/evidence/new")),
        browser.post(url(case, "/evidence"), data={}),
    ]
    assert [a.status_code for a in asked] == [404] * len(asked)
    assert kept(world, case) == {}


def test_the_completion_names_the_field_that_is_missing(world: World, client) -> None:
    case = world.case("ada")
    fill(world, case)
    browser = client(world.ada)
    texts = {"changed": "a", "mattered": "b", "contribution": "c", "how": ""}
    browser.post(url(case, "/sections/result-2"), data={**texts, "version": 1})
    page = browser.get(url(case, "/edit")).text
    assert "5 of 6 sections complete; missing: Result 2: How." in page
    assert "Submit the packet <span" in page
    browser.post(url(case, "/sections/result-2"), data={**texts, "how": "d", "version": 2})
    page = browser.get(url(case, "/edit")).text
    assert "All 6 sections complete." in page
    assert f'href="{url(case, "/submit")}"' in page


def test_the_completion_fragment_is_the_part_of_the_page(world: World, case, client) -> None:
    browser = client(world.ada)
    page = browser.get(url(case, "/edit")).text
    part = browser.get(url(case, "/completion"), headers={"HX-Request": "true"})
    assert part.text.strip() in page
    assert browser.get(url(case, "/completion")).location == url(case, "/edit") + "#completion"


def test_a_section_is_saved_by_a_plain_form(world: World, case, client) -> None:
    answer = client(world.ada).post(url(case, "/sections/summary"), data={"text": " I run the queue. ", "version": 0})
    assert (answer.status_code, answer.location) == (303, url(case, "/edit") + "#summary")
    assert kept(world, case) == {"text": "I run the queue."}


def test_what_the_form_does_not_have_is_ignored(world: World, case, client) -> None:
    data = {"text": "Mine.", "version": 0, "state": "released", "grade": "7", "case_id": "x", "code": "scope"}
    assert client(world.ada).post(url(case, "/sections/summary"), data=data).status_code == 303
    world.fresh(case)
    assert (case.state, case.grade, kept(world, case), kept(world, case, "scope")) == (
        State.DRAFT,
        4,
        {"text": "Mine."},
        {},
    )


def test_autosave_answers_when_it_saved_and_with_the_next_version(world: World, case, client) -> None:
    browser = client(world.ada)
    first = browser.post(url(case, "/sections/summary"), data={"text": "A.", "version": 0}, headers=AUTOSAVE)
    second = browser.post(url(case, "/sections/summary"), data={"text": "B.", "version": 1}, headers=AUTOSAVE)
    assert first.json == {"saved_at": NOW.isoformat(), "label": "Saved at 10:00 UTC", "version": 1}
    assert (second.status_code, second.json["version"], kept(world, case)) == (200, 2, {"text": "B."})


def test_autosave_says_what_is_still_empty_and_the_day_if_it_was_another(
    world: World, case, client, frozen_clock
) -> None:
    data = {"changed": "A.", "contribution": "B.", "version": 0}
    answer = client(world.ada).post(url(case, "/sections/result-1"), data=data, headers=AUTOSAVE)
    assert answer.json["label"] == "Saved at 10:00 UTC. Still empty: Why it mattered, How."
    frozen_clock.move_to(NOW + timedelta(days=1))
    assert "Saved at 16 Mar, 10:00 UTC" in client(world.ada).get(url(case, "/edit")).text


def test_a_second_tab_never_overwrites_the_first(world: World, case, client) -> None:
    browser = client(world.ada)
    browser.post(url(case, "/sections/summary"), data={"text": "First tab.", "version": 0})
    stale = {"text": "Second tab.", "version": 0}
    quiet = browser.post(url(case, "/sections/summary"), data=stale, headers=AUTOSAVE)
    assert (quiet.status_code, quiet.json["version"]) == (409, 1)
    page = browser.post(url(case, "/sections/summary"), data=stale)
    assert page.status_code == 409
    assert "Second tab.</textarea>" in page.text.replace("\r", "")
    assert '<pre class="prose">First tab.</pre>' in page.text
    assert 'name="version" type="hidden" value="1"' in page.text
    assert kept(world, case) == {"text": "First tab."}
    again = browser.post(url(case, "/sections/summary"), data={"text": "Second tab.", "version": 1})
    assert (again.status_code, kept(world, case)) == (303, {"text": "Second tab."})


def test_a_form_without_a_version_overwrites_nothing(world: World, case, client) -> None:
    browser = client(world.ada)
    assert browser.post(url(case, "/sections/summary"), data={"text": "A."}).status_code == 409
    assert browser.post(url(case, "/sections/summary"), data={"text": "A.", "version": "x"}).status_code == 422
    assert kept(world, case) == {}


def test_signed_out_the_autosave_says_so_and_keeps_nothing(world: World, case, client) -> None:
    answer = client().post(url(case, "/sections/summary"), data={"text": "A.", "version": 0}, headers=AUTOSAVE)
    assert (answer.status_code, answer.json) == (401, {"problem": "You are signed out. Your text is still here."})
    assert kept(world, case) == {}


@pytest.mark.parametrize(
    ("text", "said", "shown"),
    [
        ("x" * 20_001, "longer than 20,000 characters", "x" * 20_001),
        ("before\x01after", "control character, which cannot be stored", "beforeafter"),
    ],
)
def test_a_text_that_cannot_be_kept_is_shown_again_with_the_reason(
    world: World, case, client, text: str, said: str, shown: str
) -> None:
    browser = client(world.ada)
    page = browser.post(url(case, "/sections/summary"), data={"text": text, "version": 0})
    assert page.status_code == 422
    assert said in page.text
    assert shown in page.text
    quiet = browser.post(url(case, "/sections/summary"), data={"text": text, "version": 0}, headers=AUTOSAVE)
    assert quiet.status_code == 422
    assert quiet.json["message"].startswith("Summary: ")
    assert kept(world, case) == {}


def test_line_and_page_breaks_of_word_processors_become_lines(world: World, case, client) -> None:
    client(world.ada).post(url(case, "/sections/summary"), data={"text": "a\r\nb\x0bc\u2028d", "version": 0})
    assert kept(world, case) == {"text": "a\nb\nc\nd"}


def test_what_was_written_too_late_is_handed_back(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    browser = client(world.ada)
    page = browser.post(url(case, "/sections/summary"), data={"text": "One more thing.", "version": 1})
    assert page.status_code == 409
    assert re.search(r"<textarea[^>]*readonly[^>]*>\s*One more thing\.</textarea>", page.text)
    quiet = browser.post(url(case, "/sections/summary"), data={"text": "More.", "version": 1}, headers=AUTOSAVE)
    assert quiet.json["problem"] == "The packet cannot be changed while the case is submitted."
    assert browser.get(url(case, "/edit")).location == url(case, "")
    assert browser.get(url(case, "/submit")).location == url(case, "")


def test_a_section_the_packet_does_not_have_does_not_exist(world: World, client) -> None:
    case = world.case("sam")
    world.commit()
    assert client(world.sam).post(url(case, "/sections/scope"), data={"text": "A.", "version": 0}).status_code == 404


def test_the_self_assessment_saves_one_competency_at_a_time(world: World, case, client) -> None:
    browser = client(world.ada)
    first, second = (c.id for c in world.rubric(case).competencies[:2])
    quiet = browser.post(url(case, "/self-assessment"), data={"competency": first, "value": "3"}, headers=AUTOSAVE)
    assert quiet.json["label"] == "Saved at 10:00 UTC"
    plain = browser.post(url(case, "/self-assessment"), data={"competency": second, "value": "2"})
    assert plain.location == url(case, "/edit") + f"#competency-{second}"
    browser.post(url(case, "/self-assessment"), data={"competency": first, "value": ""})
    world.s.rollback()
    rows = world.s.execute(select(SelfAssessment.competency_id, SelfAssessment.value))
    assert dict(tuple(row) for row in rows) == {first: None, second: 2}


@pytest.mark.parametrize("data", [{"competency": "charm", "value": "3"}, {"value": "3"}])
def test_a_self_assessment_off_the_rubric_is_refused(world: World, case, client, data: dict) -> None:
    assert client(world.ada).post(url(case, "/self-assessment"), data=data).status_code == 422


def test_a_self_assessment_off_the_scale_is_refused(world: World, case, client) -> None:
    data = {"competency": world.rubric(case).competencies[0].id, "value": "9"}
    assert client(world.ada).post(url(case, "/self-assessment"), data=data).status_code == 422


def test_sharing_opens_the_draft_to_the_manager_and_closes_it_again(world: World, case, client) -> None:
    ada, manager = client(world.ada), client(world.max)
    assert manager.get(url(case, "")).status_code == 404
    ada.post(url(case, "/share"), data={"shared": "y"})
    assert manager.get(url(case, "")).status_code == 200
    assert "may read" in ada.post(url(case, "/share"), data={"shared": "y"}, headers=AUTOSAVE).json["label"]
    ada.post(url(case, "/share"), data={})
    assert manager.get(url(case, "")).status_code == 404


def test_submitting_takes_a_second_step_and_ends_on_the_snapshot(world: World, client) -> None:
    case = world.case("ada")
    fill(world, case)
    browser = client(world.ada)
    assert "6 sections and 6 rows of evidence are frozen." in browser.get(url(case, "/submit")).text
    answer = browser.post(url(case, "/submit"))
    assert (answer.status_code, answer.location) == (303, url(case, ""))
    world.fresh(case)
    assert (case.state, queries.last_number(world.s, case)) == (State.SUBMITTED, 1)
    assert browser.post(url(case, "/submit")).status_code == 409


def test_an_incomplete_packet_shows_why_it_cannot_be_submitted(world: World, case, client) -> None:
    browser = client(world.ada)
    page = browser.get(url(case, "/submit")).text
    assert "Still empty: Summary, Result 1" in page
    assert browser.post(url(case, "/submit")).status_code == 409
    world.fresh(case)
    assert case.state is State.DRAFT


def test_after_a_return_the_editor_says_what_is_asked_for(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    note = {"sections": ["Summary"], "reason": "Name the second team.", "until": None}
    return_for_evidence(world.s, case=case, actor=world.pia, at=NOW, **note)
    world.commit()
    assert "Summary: Name the second team." in client(world.ada).get(url(case, "/edit")).text


def test_a_nominated_candidate_accepts_before_writing(world: World, client) -> None:
    case = world.case("ada")
    case.nominated_by_id = world.max.id
    world.commit()
    assert client(world.ada).get(url(case, "/edit")).status_code == 403


def test_hints_ask_and_never_refuse(world: World, case, client) -> None:
    browser = client(world.ada)
    browser.post(url(case, "/sections/summary"), data={"text": "We cut waits by 25 %.", "version": 0})
    assert "“25 %”: from what to what, in which period?" in browser.get(url(case, "/edit")).text


@pytest.mark.parametrize("page", ["/edit", ""])
def test_the_number_of_statements_does_not_grow_with_the_packet(world: World, client, engine, page: str) -> None:
    case = world.case("ada")
    write_one(world, case)
    browser = client(world.ada)
    browser.get(url(case, page))
    few = statements_of(engine, lambda: browser.get(url(case, page)))
    world.s.rollback()
    fill(world, case)
    assert statements_of(engine, lambda: browser.get(url(case, page))) == few


def write_one(world: World, case: Case) -> None:
    line = world.rubric(case).competencies[0].id
    row = {"competency_id": line, "claim": "Mine.", "contribution": "All.", "period": "2024"}
    commands.add_evidence(world.s, case=case, actor=case.candidate, at=NOW, **row)
    world.commit()


def statements_of(engine, act: Callable[[], Any]) -> int:
    seen: list[str] = []

    def note(_c, _cursor, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert act().status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)
