"""Looking at a packet before it is read by others: a section's preview, the hints as they are saved, the PDF."""

import html
import io
from typing import Any

import pikepdf
import pytest

from portal.domain.case_flow import State
from portal.models.case import Case
from portal.packets import commands, queries
from portal.packets.routes.reading import PRESS
from portal.packets.typesetting import Press
from tests.letters.pdf_text import text_of
from tests.packets.test_editor import fill, kept, url
from tests.world import NOW, World

HTMX = {"HX-Request": "true"}


@pytest.fixture
def case(world: World) -> Case:
    made = world.case("ada")
    world.commit()
    return made


def test_a_preview_goes_through_the_same_pipeline_and_saves_nothing(world: World, case, client) -> None:
    data = {"text": "I run **the queue**. <script>alert(1)</script>", "version": "0", "idempotency_token": "once"}
    browser = client(world.ada)
    part = browser.post(url(case, "/sections/summary/preview"), data=data, headers=HTMX)
    assert "I run <strong>the queue</strong>. &lt;script&gt;" in part.text
    assert part.text.startswith('<div class="panel reading" id="preview-summary"')
    page = browser.post(url(case, "/sections/summary/preview"), data=data)
    assert "<strong>the queue</strong>" in page.text
    assert "I run **the queue**. &lt;script&gt;alert(1)&lt;/script&gt;</textarea>" in page.text.replace("\r", "")
    assert kept(world, case) == {}
    assert browser.post(url(case, "/sections/summary"), data=data).status_code == 303
    assert kept(world, case)["text"].startswith("I run **the queue**")


def test_hints_follow_what_is_saved(world: World, case, client) -> None:
    browser = client(world.ada)
    before = browser.get(url(case, "/sections/summary/hints"), headers=HTMX).text
    browser.post(url(case, "/sections/summary"), data={"text": "Errors fell by 25 %.", "version": 0})
    after = html.unescape(browser.get(url(case, "/sections/summary/hints"), headers=HTMX).text)
    assert ("in which period?" in before, "“25 %”: from what to what, in which period?" in after) == (False, True)
    assert after.strip() in html.unescape(browser.get(url(case, "/edit")).text)
    assert browser.get(url(case, "/sections/summary/hints")).location == url(case, "/edit") + "#summary"


@pytest.mark.parametrize("person", ["max", "pia", "sam"])
def test_nobody_else_looks_into_the_editor(world: World, case, client, person: str) -> None:
    browser = client(getattr(world, person))
    asked = [
        browser.post(url(case, "/sections/summary/preview"), data={"text": "x"}),
        browser.get(url(case, "/sections/summary/hints")),
        browser.get(url(case, "/coverage")),
    ]
    assert [a.status_code for a in asked] == [404] * 3


def test_beside_each_section_stands_what_the_level_asks_and_how_it_is_read(world: World, case, client) -> None:
    page = html.unescape(client(world.ada).get(url(case, "/edit")).text)
    rubric = world.rubric(case)
    human = next(line for line in rubric.competencies if line.kind == "human")
    section = page[page.index('id="human-skills"') : page.index('id="form-human-skills"')]
    assert human.expectation.text in section
    assert rubric.competencies[0].name not in section
    assert all(point.anchor in section for point in rubric.scale.points)


def test_the_pdf_holds_what_the_page_shows_and_is_accessible(world: World, client) -> None:
    case = world.case("ada")
    fill(world, case)
    text = 'Half of it *works*. <img src="file:///etc/passwd"> {{ 7*7 }} https://example.org'
    commands.save_section(world.s, case=case, actor=world.ada, code="summary", texts={"text": text}, version=1, at=NOW)
    commands.submit(world.s, case=case, actor=world.ada, at=NOW)
    world.commit()
    answers = [client(world.ada).get(f"/cases/{case.id}/packet.pdf") for _ in range(2)]
    pdf = answers[0].data
    assert (answers[0].mimetype, pdf == answers[1].data) == ("application/pdf", True)
    assert answers[0].headers["Content-Disposition"] == f'attachment; filename="evenbar-packet-{case.id}.pdf"'
    words = " ".join(text_of(pdf).split())
    assert "Half of it works" in words
    assert '<img src="file:///etc/passwd"> {{ 7*7 }}' in words
    assert queries.latest_snapshot(world.s, case).content_hash in words.replace(" ", "")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert "pdfuaid" in str(document.Root.Metadata.read_bytes())
        assert str(document.docinfo["/Title"]) == "Packet: Ada Marchetti, Staff Engineer"


@pytest.mark.parametrize(("locale", "size"), [("en_US", [612, 792]), ("en_GB", [595, 842])])
def test_a_packet_is_set_on_the_paper_its_reader_has(world: World, case, client, locale: str, size: list[int]) -> None:
    world.ada.locale = locale
    world.commit()
    with pikepdf.open(io.BytesIO(client(world.ada).get(f"/cases/{case.id}/packet.pdf").data)) as document:
        assert [round(float(edge)) for edge in document.pages[0].MediaBox[2:]] == size


def test_who_gets_the_pdf_is_who_reads_the_page(world: World, app, client, monkeypatch) -> None:
    class Pressed(Press):
        def set(self, page: str, paper: str) -> bytes:
            return page.encode()

    app.extensions[PRESS] = Pressed()
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    people = ("ada", "max", "dana", "rex", "kim", "lou", "pia", "aud", "sam")

    def readers(path: str) -> set[str]:
        return {key for key in people if client(getattr(world, key)).get(path).status_code == 200}

    assert (
        readers(f"/cases/{case.id}/packet.pdf")
        == readers(f"/cases/{case.id}/packet")
        == {"ada", "max", "rex", "kim", "pia"}
    )


def test_a_draft_says_that_it_is_one(world: World, app, case, client) -> None:
    pages: list[str] = []

    class Pressed(Press):
        def set(self, page: str, paper: str) -> bytes:
            pages.append(page)
            return b"%PDF-"

    app.extensions[PRESS] = Pressed()
    assert client(world.ada).get(f"/cases/{case.id}/packet.pdf").data == b"%PDF-"
    assert "A draft that was not submitted" in pages[0]


def test_a_press_that_fails_or_is_busy_says_what_to_do(world: World, app, case, client, monkeypatch: Any) -> None:
    from portal.adapters.pdf import PdfFailed, PdfWorker
    from portal.packets import typesetting

    def fail(*args: Any, **kwargs: Any) -> bytes:
        raise PdfFailed("memory", "too much")

    monkeypatch.setattr(PdfWorker, "render", fail)
    answer = client(world.ada).get(f"/cases/{case.id}/packet.pdf")
    assert (answer.status_code, "Print the page instead" in answer.text) == (409, True)
    monkeypatch.setattr(typesetting, "BUSY_S", 0.01)
    press = app.extensions[PRESS]
    with press._one_at_a_time:
        answer = client(world.ada).get(f"/cases/{case.id}/packet.pdf")
    assert (answer.status_code, "Try again in a minute" in answer.text) == (409, True)
