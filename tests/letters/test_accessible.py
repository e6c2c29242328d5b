"""What a screen reader, an archive, a black-and-white printer and a reader of another script get from a letter."""

import io
import json
from collections.abc import Iterator
from itertools import pairwise

import pikepdf
import pytest

from portal.adapters.outbox import NeverAgain
from portal.adapters.pdf import PdfFailed
from portal.adapters.storage import Storage
from portal.letters import jobs
from portal.letters.commands import prepare, render
from portal.letters.contents import Style
from portal.letters.jobs import LetterSetter
from portal.models.audit import AuditEvent, canonical, digest
from portal.models.decision import Outcome
from portal.models.letter import Letter
from portal.settings import ROOT, Settings
from tests.letters.pdf_text import elements, text_of
from tests.letters.stages import BASE, confirmed, prepared
from tests.world import NOW, World


def pdf_of(world: World, letter: Letter, storage: Storage) -> bytes:
    return render(world.s, letter=letter, storage=storage, at=NOW, base_url=BASE)


@pytest.fixture
def letter_pdf(world: World, storage: Storage) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(pdf_of(world, prepared(world, "mona", Outcome.NOT_YET), storage))) as document:
        yield document


def test_it_says_that_it_is_pdf_ua_and_has_what_that_asks(letter_pdf: pikepdf.Pdf) -> None:
    with letter_pdf.open_metadata() as about:
        assert about["pdfuaid:part"] == "1"
        assert str(about["dc:title"]) == "Decision letter: Mona Fischer, Senior Engineering Manager"
    root = letter_pdf.Root
    assert (str(root.Lang), root.MarkInfo.Marked, root.ViewerPreferences.DisplayDocTitle) == ("en", True, True)


def test_headings_stand_in_order_without_a_gap(letter_pdf: pikepdf.Pdf) -> None:
    levels = [int(str(e.S)[2:]) for e in elements(letter_pdf) if str(e.S) in ("/H1", "/H2", "/H3")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_cell_of_the_table_names_its_headers(letter_pdf: pikepdf.Pdf) -> None:
    found = list(elements(letter_pdf))
    kinds = [str(e.S) for e in found]
    headers = {str(e.ID) for e in found if str(e.S) == "/TH"}
    rows = kinds.count("/TR") - 1
    assert (kinds.count("/Table"), kinds.count("/TH"), kinds.count("/TD")) == (1, rows + 2, rows)
    named = [{str(name) for name in e.A.Headers} for e in found if str(e.S) == "/TD"]
    assert all(len(names) == 2 and names <= headers for names in named)


def test_every_figure_says_what_it_shows_and_every_link_where_it_leads(letter_pdf: pikepdf.Pdf) -> None:
    figures = [e for e in elements(letter_pdf) if str(e.S) == "/Figure"]
    assert [str(e.Alt) for e in figures] == ["QR code of the address at which this letter can be checked"]
    links = [a for page in letter_pdf.pages for a in page.obj.get("/Annots", []) if a.Subtype == "/Link"]
    assert len(links) >= 2
    assert all("/Contents" in link and "/StructParent" in link for link in links)


def test_lists_are_lists_and_every_page_is_read_in_the_order_of_its_structure(letter_pdf: pikepdf.Pdf) -> None:
    kinds = [str(e.S) for e in elements(letter_pdf)]
    assert kinds.count("/L") >= 2
    assert kinds.count("/LI") == kinds.count("/LBody") > kinds.count("/L")
    assert {str(page.obj.Tabs) for page in letter_pdf.pages} == {"/S"}
    assert all("/StructParents" in page.obj for page in letter_pdf.pages)


def test_every_font_is_embedded(letter_pdf: pikepdf.Pdf) -> None:
    described = [
        o for o in letter_pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"
    ]
    assert len(described) >= 2
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(d.keys()) for d in described)


def test_nothing_depends_on_colour(letter_pdf: pikepdf.Pdf) -> None:
    """Only greys are painted: red, green and blue are equal wherever a colour is set, and every sign has its words."""
    coloured = [
        operands
        for page in letter_pdf.pages
        for operands, operator in pikepdf.parse_content_stream(page)
        if str(operator) in ("rg", "RG") and len({round(float(c), 3) for c in operands}) > 1
    ]
    assert coloured == []


def test_an_archival_letter_holds_its_own_record(world: World, storage: Storage) -> None:
    letter = prepare(world.s, decision=confirmed(world), actor=world.pia, at=NOW, style=Style("letter", archive=True))
    first = pdf_of(world, letter, storage)
    assert pdf_of(world, letter, storage) == first
    with pikepdf.open(io.BytesIO(first)) as document:
        with document.open_metadata() as about:
            assert (about["pdfaid:part"], about["pdfaid:conformance"]) == ("3", "A")
        (attached,) = {str(spec.UF): spec for spec in document.Root.AF}.values()
        assert (str(attached.UF), str(attached.AFRelationship)) == ("record.json", "/Source")
        kept = bytes(attached.EF.F.read_bytes()).decode()
        assert round(float(document.pages[0].MediaBox[2])) == 612
        assert document.Root.MarkInfo.Marked is True
    assert (json.loads(kept), kept) == (letter.data, canonical(letter.data))
    assert digest(json.loads(kept)) == letter.data_sha256


def test_the_hash_of_the_pdf_stands_in_the_audit_log(world: World, storage: Storage) -> None:
    letter = prepared(world)
    pdf_of(world, letter, storage)
    event = world.s.query(AuditEvent).filter_by(action="letter_rendered").one()
    assert event.payload_hash == digest({"data": letter.data_sha256, "pdf": letter.pdf_sha256})


def test_a_letter_prepared_again_keeps_its_paper(world: World) -> None:
    letter = prepare(world.s, decision=confirmed(world), actor=world.pia, at=NOW, style=Style("letter", archive=True))
    again = prepare(world.s, decision=letter.decision, actor=world.pia, at=NOW)
    assert (again.data["paper"], again.data["archive"]) == ("letter", True)


def test_characters_that_no_font_has_are_named_instead_of_printed_as_boxes(
    world: World, storage: Storage, engine, settings: Settings
) -> None:
    world.ada.name = "Ada \U0001f98a"
    letter = prepared(world)
    with pytest.raises(PdfFailed, match=r"no installed font has 🦊 \(U\+1F98A FOX FACE\); install one"):
        pdf_of(world, letter, storage)
    world.commit()
    with pytest.raises(NeverAgain, match="FOX FACE"):
        LetterSetter(engine, settings)({"letter": letter.id, "data": letter.data_sha256}, "key")
    assert jobs.PRESSES == 2


@pytest.mark.parametrize("name", ["山田 太郎", "김민수", "محمد عبد الله", "דוד לוי"])
def test_names_in_other_scripts_are_written_and_can_be_read_back(world: World, storage: Storage, name: str) -> None:
    world.ada.name = name
    pdf = pdf_of(world, prepared(world), storage)
    assert set(name) - {" "} <= set(text_of(pdf))


def test_the_fonts_that_names_need_are_installed_by_the_set_up_and_the_container() -> None:
    for place in ("script/bootstrap", "Dockerfile"):
        assert "fonts-wqy-microhei" in (ROOT / place).read_text("utf-8")


def test_a_german_letter_counts_its_pages_in_german(world: World, storage: Storage) -> None:
    world.ada.locale = "de"
    pdf = pdf_of(world, prepared(world), storage)
    assert "Seite 1 von 2" in text_of(pdf)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert str(document.Root.Lang) == "de"
        assert str(document.docinfo.Title) == "Entscheidungsbrief: Ada Marchetti, Staff Engineer"
