"""PDFs: accessible, the same bytes each time, bounded in time and memory."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from portal.adapters import pdf
from portal.adapters.pdf import Limits, PdfFailed, PdfWorker, pdf_ready, render_pdf

STYLE = "h1 { color: #234 } @page { size: A4; margin: 20mm } p::before { content: '\\2014 ' }"
DOT = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="4" height="4"/></svg>'
LETTER = "<h1>Decision</h1><p>Dear Zoë Łukasz,</p><img src='asset:/dot.svg' alt='a dot'>"
NESTED_FLEX = '<div style="display:flex">' * 12 + "x" + "</div>" * 12  # costs tens of seconds


def page(body: str, head: str = "<title>Decision for Zoë</title>", lang: str = 'lang="en-GB"') -> str:
    return f"<!doctype html><html {lang}><head>{head}</head><body>{body}</body></html>"


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    folder = tmp_path / "assets"
    folder.mkdir()
    (folder / "letter.css").write_text(STYLE)
    (folder / "dot.svg").write_text(DOT)
    return folder


@pytest.fixture
def worker(assets: Path) -> Iterator[PdfWorker]:
    with PdfWorker(assets) as worker:
        yield worker


def opened(data: bytes, folder: Path) -> pikepdf.Pdf:
    file = folder / "out.pdf"
    file.write_bytes(data)
    return pikepdf.open(file)


def failure(html: str, assets: Path, limits: Limits) -> tuple[str, str]:
    with pytest.raises(PdfFailed) as caught:
        render_pdf(html, assets=assets, limits=limits)
    return caught.value.cause, str(caught.value)


def test_a_pdf_is_tagged_and_names_its_language_and_title(assets: Path, tmp_path: Path) -> None:
    with opened(render_pdf(page(LETTER), assets=assets), tmp_path) as document:
        assert document.Root.MarkInfo.Marked is True
        assert document.Root.StructTreeRoot.Type == "/StructTreeRoot"
        assert document.Root.Lang == "en-GB"
        assert document.docinfo.Title == "Decision for Zoë"
        assert document.Root.ViewerPreferences.DisplayDocTitle is True
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"


def test_two_processes_render_the_same_bytes(assets: Path) -> None:
    first, second = (render_pdf(page(LETTER), assets=assets, stylesheets=["letter.css"]) for _ in range(2))
    assert first == second


def test_a_warm_worker_renders_the_same_bytes_as_a_fresh_one(worker: PdfWorker, assets: Path) -> None:
    fresh = render_pdf(page(LETTER), assets=assets, stylesheets=["letter.css"])
    for other in ("<p>ő</p>", LETTER + LETTER, "<table><tr><td>1</td></tr></table>"):
        worker.render(page(other), stylesheets=["letter.css"])
    assert worker.render(page(LETTER), stylesheets=["letter.css"]) == fresh


def test_other_content_has_another_identifier(worker: PdfWorker, tmp_path: Path) -> None:
    identifiers = set()
    for body in ("<p>yes</p>", "<p>no</p>"):
        with opened(worker.render(page(body)), tmp_path) as document:
            identifiers.add(bytes(document.trailer.ID[0]))
    assert len(identifiers) == 2


def test_text_of_every_script_is_taken(worker: PdfWorker, tmp_path: Path) -> None:
    with opened(worker.render(page("<p>Ελληνικά, русский, العربية, 😀, &lt;script&gt;</p>")), tmp_path) as document:
        assert len(document.pages) == 1


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (page("<p>x</p>", head=""), "the document has no <title>, which PDF/UA asks for"),
        (page("<p>x</p>", lang=""), 'Missing required "lang" attribute at the root of the document'),
        (page("<img src='asset:/dot.svg'>"), 'Image "asset:/dot.svg" has no required alt description'),
    ],
)
def test_what_would_not_be_accessible_is_refused(worker: PdfWorker, html: str, reason: str) -> None:
    with pytest.raises(PdfFailed) as caught:
        worker.render(html)
    assert (caught.value.cause, str(caught.value)) == ("document", reason)


def test_a_missing_asset_is_named(worker: PdfWorker) -> None:
    with pytest.raises(PdfFailed) as caught:
        worker.render(page(LETTER), stylesheets=["leter.css"])
    reason = "asset:/leter.css is no packaged asset, and a document may use nothing else"
    assert (caught.value.cause, str(caught.value)) == ("refused", reason)


def test_a_document_that_takes_too_long_is_stopped(assets: Path) -> None:
    began = time.monotonic()
    told = failure(page(NESTED_FLEX), assets, Limits(wall_s=1.5))
    assert told == ("timeout", "the document took longer than 1.5 seconds")
    assert time.monotonic() - began < 10


def test_a_document_that_takes_too_much_processor_time_is_stopped(assets: Path) -> None:
    told = failure(page(NESTED_FLEX), assets, Limits(cpu_s=1))
    assert told == ("timeout", "the document took more than 1 s of processor time")


def test_a_document_that_takes_too_much_memory_is_stopped(assets: Path) -> None:
    told = failure(page("<p>word word word</p>" * 30_000), assets, Limits(memory_bytes=310 * 1024 * 1024))
    assert told == ("memory", "the document needs more memory than it may use")


def test_a_worker_goes_on_after_a_failed_document(worker: PdfWorker) -> None:
    before = worker.render(page(LETTER))
    with pytest.raises(PdfFailed):
        worker.render(page("<img alt='' src='file:///etc/passwd'>"))
    assert worker.render(page(LETTER)) == before


def test_a_worker_whose_child_was_killed_goes_on(worker: PdfWorker) -> None:
    before = worker.render(page(LETTER))
    assert worker._child is not None
    os.kill(worker._child._process.pid, signal.SIGKILL)
    worker._child._process.wait()
    assert worker.render(page(LETTER)) == before


def test_nothing_is_left_behind(assets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    with PdfWorker(assets, Limits(wall_s=1.5)) as worker:
        worker.render(page(LETTER))
        child = worker._child
        assert child is not None
        with pytest.raises(PdfFailed):
            worker.render(page(NESTED_FLEX))
    assert child._process.returncode == -signal.SIGKILL
    assert list(temporary.iterdir()) == []
    assert [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)] == []


def child_that_says(script: str, folder: Path) -> Path:
    file = folder / "child.py"
    file.write_text(f"import json, os, sys\n{script}\n")
    return file


def test_missing_pango_is_named_with_what_to_install(
    assets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = """
if sys.argv[1] == "--check":
    print(json.dumps(["libpango-1.0-0", "libharfbuzz-subset0"]))
else:
    raise OSError("cannot load library 'libpango-1.0-0'")
"""
    monkeypatch.setattr(pdf, "_CHILD", child_that_says(script, tmp_path))
    expected = (
        "letters cannot be made without Pango; install what is missing: "
        "apt-get install libpango-1.0-0 libharfbuzz-subset0 (on a Mac: brew install pango)"
    )
    assert pdf_ready() == expected
    assert failure(page(LETTER), assets, Limits()) == ("library", expected)


def test_a_missing_subset_library_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_CHILD", child_that_says("print('[\"libharfbuzz-subset0\"]')", tmp_path))
    assert pdf_ready() == (
        "letters take several times as long as they should; install what is missing: "
        "apt-get install libharfbuzz-subset0 (on a Mac: brew install pango)"
    )


def test_this_machine_is_ready() -> None:
    assert pdf_ready() is None


def test_a_crash_tells_its_last_words(assets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_CHILD", child_that_says("sys.exit('Pango is unwell')", tmp_path))
    assert failure(page(LETTER), assets, Limits()) == ("crash", "the PDF process ended with code 1: Pango is unwell")


def test_weasyprint_is_not_loaded_by_the_portal() -> None:
    asked = "import sys, portal.app; sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
