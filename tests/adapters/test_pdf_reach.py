"""What a document can reach: packaged assets and nothing else, by whatever road HTML, CSS or SVG offers."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pikepdf
import pytest

from portal.adapters.pdf import PdfFailed, PdfWorker

SECRET = "the salary of everyone"
DOT = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="4" height="4"/></svg>'

# FILE and WEB stand for the address of a file beside the assets and of a listening server.
FETCHED = {
    "img, file": "<img alt=a src='FILE'>",
    "img, http": "<img alt=a src='WEB'>",
    "img, ftp": "<img alt=a src='ftp://127.0.0.1/x'>",
    "img, data": "<img alt=a src='data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E'>",
    "base and relative": "<base href='file:///etc/'><img alt=a src='passwd'>",
    "stylesheet link": "<link rel=stylesheet href='WEB'>",
    "@import, file": "<style>@import url(FILE);</style>",
    "@import, http": "<style>@import 'WEB';</style>",
    "@font-face": "<style>@font-face { font-family: x; src: url(FILE) } p { font-family: x }</style>",
    "@color-profile": "<style>@color-profile --x { src: url(FILE) } p { color: color(--x 1 0 0) }</style>",
    "object": "<object data='FILE'>x</object>",
    "embed": "<embed src='FILE'>",
    "background": "<p style='background: url(WEB)'>x</p>",
    "list-style-image": "<ul style='list-style-image: url(FILE)'><li>x</ul>",
    "content": "<style>p::before { content: url(FILE) }</style>",
    "border-image": "<p style='border: 9px solid; border-image: url(FILE) 3'>x</p>",
    "attachment link": "<link rel=attachment href='FILE'>",
    "attachment anchor": "<a rel=attachment href='FILE'>x</a>",
    "attachment anchor, path": "<a rel=attachment href='/etc/passwd'>x</a>",
    "asset, parent folder": "<img alt=a src='asset:/../secret.txt'>",
    "asset, encoded parent folder": "<img alt=a src='asset:/%2e%2e/secret.txt'>",
    "asset, absolute path": "<img alt=a src='asset:////etc/passwd'>",
    "asset, host": "<img alt=a src='asset://host/dot.svg'>",
    "asset, symbolic link": "<img alt=a src='asset:/link.svg'>",
    "asset, unknown": "<img alt=a src='asset:/none.svg'>",
}
BROKEN = {
    "relative address": "<img alt=a src='secret.txt'>",
    "path": "<img alt=a src='/etc/passwd'>",
    "address without scheme": "<img alt=a src='//127.0.0.1/x'>",
    "attachment link, path": "<link rel=attachment href='/etc/passwd'>",
    "image in SVG": "<svg width=9 height=9><image href='FILE' width=9 height=9 /></svg>",
    "style in SVG": "<svg width=9 height=9><style>@import url(FILE);</style><rect width=9 height=9 /></svg>",
}
IGNORED = {
    "iframe": "<iframe src='FILE'></iframe>",
    "use in SVG": "<svg width=9 height=9><use href='FILE#a'/></svg>",
    "fill in SVG": "<svg width=9 height=9><rect width=9 height=9 fill='url(FILE#a)'/></svg>",
    "filter in SVG": "<svg width=9 height=9><filter id=f><feImage href='WEB'/></filter></svg>",
    "script": "<script src='WEB'></script>",
    "refresh": "<meta http-equiv=refresh content='0;url=WEB'>",
    "input": "<input type=image src='FILE'>",
    "video": "<video src='WEB' poster='FILE'></video>",
    "srcset": "<img alt=a srcset='WEB 1x'>",
    "mask": "<p style='mask-image: url(WEB)'>x</p>",
    "cursor": "<p style='cursor: url(WEB)'>x</p>",
    "processing instruction": "<?xml-stylesheet href='WEB'?>",
}


class CountingServer(ThreadingHTTPServer):
    """Answers nothing useful and remembers who asked for what."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), CountingHandler)
        self.asked: list[str] = []


class CountingHandler(BaseHTTPRequestHandler):
    server: CountingServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_error(404)

    def log_message(self, *args: object) -> None:
        """Tests print nothing."""


@pytest.fixture(scope="module")
def web() -> Iterator[CountingServer]:
    with CountingServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reach")
    (folder / "secret.txt").write_text(SECRET)
    (folder / "assets").mkdir()
    (folder / "assets" / "dot.svg").write_text(DOT)
    (folder / "assets" / "link.svg").symlink_to(folder / "secret.txt")
    return folder


@pytest.fixture(scope="module")
def worker(folder: Path) -> Iterator[PdfWorker]:
    with PdfWorker(folder / "assets") as worker:
        yield worker


def render(worker: PdfWorker, body: str, folder: Path, web: CountingServer) -> bytes:
    file, address = (folder / "secret.txt").as_uri(), f"http://127.0.0.1:{web.server_port}/x"
    body = body.replace("FILE", file).replace("WEB", address)
    return worker.render(
        f"<!doctype html><html lang=en><head><title>T</title></head><body><p>b</p>{body}</body></html>"
    )


@pytest.mark.parametrize("body", FETCHED.values(), ids=FETCHED.keys())
def test_a_foreign_address_stops_the_document(worker: PdfWorker, body: str, folder: Path, web: CountingServer) -> None:
    with pytest.raises(PdfFailed) as caught:
        render(worker, body, folder, web)
    assert caught.value.cause == "refused"
    assert str(caught.value).endswith(" is no packaged asset, and a document may use nothing else")
    assert web.asked == []


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_an_address_that_leads_nowhere_is_a_fault_of_the_document(
    worker: PdfWorker, body: str, folder: Path, web: CountingServer
) -> None:
    with pytest.raises(PdfFailed) as caught:
        render(worker, body, folder, web)
    assert caught.value.cause == "document"
    assert web.asked == []


@pytest.mark.parametrize("body", IGNORED.values(), ids=IGNORED.keys())
def test_what_is_not_followed_leaves_nothing_in_the_pdf(
    worker: PdfWorker, body: str, folder: Path, web: CountingServer, tmp_path: Path
) -> None:
    file = tmp_path / "out.pdf"
    file.write_bytes(render(worker, body, folder, web))
    with pikepdf.open(file) as document:
        streams = [item.read_bytes() for item in document.objects if isinstance(item, pikepdf.Stream)]
        assert "/Names" not in document.Root
        assert [dict(page.get_images()) for page in document.pages] == [{}]
    assert [stream for stream in streams if SECRET.encode() in stream] == []
    assert web.asked == []


TRY_DOORS = """
import socket, subprocess, sys
from pathlib import Path
from portal.adapters.pdf_child import close_doors

inside, outside = Path(sys.argv[1]) / "assets", Path(sys.argv[1]) / "secret.txt"
doors = {
    "asset": (inside / "dot.svg").read_bytes,
    "secret": outside.read_bytes,
    "link": (inside / "link.svg").read_bytes,
    "socket": socket.socket,
    "name": lambda: socket.getaddrinfo("localhost", 80),
    "program": lambda: subprocess.run(["true"]),
}
close_doors(inside)
for name, door in doors.items():
    try:
        door()
        print(name, "open")
    except PermissionError:
        print(name, "closed")
"""


def test_even_code_in_the_process_finds_the_doors_closed(folder: Path) -> None:
    (folder / "own").mkdir()
    environment = {"TMPDIR": str(folder / "own"), "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", TRY_DOORS, str(folder)]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == [
        "asset open",
        "secret closed",
        "link closed",
        "socket closed",
        "name closed",
        "program closed",
    ]


def test_the_server_of_these_tests_can_be_reached(web: CountingServer) -> None:
    """Without this, a server that never listened would make every other test pass."""
    import urllib.error
    import urllib.request

    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{web.server_port}/probe")
    caught.value.close()
    assert web.asked == ["/probe"]
    web.asked.clear()


def test_an_asset_is_used_and_a_link_may_lead_anywhere(worker: PdfWorker, folder: Path, web: CountingServer) -> None:
    body = "<img alt='a dot' src='asset:/dot.svg'><a href='WEB'>x</a>"
    assert render(worker, body, folder, web).startswith(b"%PDF-1.7")
    assert web.asked == []
