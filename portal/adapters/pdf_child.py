"""The process in which WeasyPrint runs, started apart from the portal: `python -I pdf_child.py ASSETS MEMORY CPU`.
It reads one job a line, answers each with a line of JSON and as many bytes as that line says, and ends with its input.

What a document may reach is bounded three times: the fetcher serves packaged assets and stops at anything else, an
audit hook refuses sockets, programs and other files, and the kernel bounds memory, processor time and file sizes.
"""

import ctypes
import gc
import hashlib
import json
import logging
import os
import resource
import sys
import tempfile
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

ASSET_SCHEME = "asset"
_MAX_FILE_BYTES = 64 * 1024 * 1024  # fonts are unpacked to the temporary folder
_DENIED_EVENTS = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.spawn")
_LIBRARIES = {
    "libpango-1.0-0": ("libpango-1.0.so.0", "libpango-1.0.dylib"),
    "libpangoft2-1.0-0": ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"),
    "libharfbuzz-subset0": ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
}


class JobFailed(Exception):
    """One document could not be made; `cause` is a word the parent understands."""

    def __init__(self, cause: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause


class Complaints(logging.Handler):
    """Keeps what WeasyPrint calls an error (a missing image, language, alternative text), and the characters it found
    in no font; drops its other warnings."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []
        self.without_glyph: set[str] = set()

    def forget(self) -> None:
        self.messages.clear()
        self.without_glyph.clear()

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            self.messages.append(record.getMessage())
        elif record.msg.startswith(".notdef") and isinstance(record.args, tuple):
            self.without_glyph.add(str(record.args[0]))


class Renderer:
    """Renders one document after another, keeping fonts, parsed stylesheets and images between them."""

    def __init__(self, assets: Path) -> None:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration

        self._weasyprint = weasyprint
        self._fetch = _asset_fetcher(assets)
        self._fonts = FontConfiguration()
        self._styles: dict[str, Any] = {}
        self._images: dict[str, Any] = {}
        self._complaints = Complaints()
        weasyprint.LOGGER.handlers = [self._complaints]

    def render(self, html: str, stylesheets: list[str], *, complete: bool, record: str) -> bytes:
        from weasyprint.urls import FatalURLFetchingError

        self._complaints.forget()
        try:
            pdf = self._write(html, stylesheets, record)
        except FatalURLFetchingError as error:
            raise JobFailed("refused", str(error)) from error
        if self._complaints.messages:
            raise JobFailed("document", "; ".join(self._complaints.messages))
        if complete and self._complaints.without_glyph:
            raise JobFailed("document", _no_font_for(self._complaints.without_glyph))
        return pdf

    def _write(self, html: str, stylesheets: list[str], record: str) -> bytes:
        document = self._weasyprint.HTML(string=html, url_fetcher=self._fetch)
        if not (document.etree_element.findtext("head/title") or "").strip():
            raise JobFailed("document", "the document has no <title>, which PDF/UA asks for")
        identifier = hashlib.sha256(json.dumps([html, stylesheets, record]).encode()).digest()[:16]
        pdf: bytes = document.write_pdf(
            stylesheets=[self._style(name) for name in stylesheets],
            font_config=self._fonts,
            pdf_variant="pdf/a-3a" if record else "pdf/ua-1",
            attachments=[self._attachment(record)] if record else [],
            pdf_identifier=identifier,
            cache=self._images,
        )
        return pdf

    def _attachment(self, record: str) -> Any:
        """The record as a file in the PDF, with a fixed time, so that the same record gives the same bytes."""
        made = datetime(2000, 1, 1, tzinfo=UTC)
        about = {"name": "record.json", "description": "The record this document was set from"}
        times = {"created": made, "modified": made}
        return self._weasyprint.Attachment(string=record, relationship="Source", **about, **times)

    def _style(self, name: str) -> Any:
        if name not in self._styles:
            address = f"{ASSET_SCHEME}:/{name}"
            self._styles[name] = self._weasyprint.CSS(url=address, url_fetcher=self._fetch, font_config=self._fonts)
        return self._styles[name]


def _no_font_for(characters: set[str]) -> str:
    named = [f"{c} (U+{ord(c):04X} {unicodedata.name(c, 'unnamed')})" for c in sorted(characters)[:10]]
    return f"no installed font has {', '.join(named)}; install one that does, or write it in other characters"


def _asset_fetcher(assets: Path) -> Any:
    """A fetcher that serves `asset:/folder/name` from the folder, and stops the rendering at any other address."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class AssetFetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            path = _asset_path(assets, url)
            if path is None:
                raise FatalURLFetchingError(f"{url[:200]} is no packaged asset, and a document may use nothing else")
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _content_type(path)})

    return AssetFetcher(fail_on_errors=True)


def _asset_path(assets: Path, url: str) -> Path | None:
    parts = urlsplit(url)
    if parts.scheme != ASSET_SCHEME or parts.netloc:
        return None
    path = (assets / unquote(parts.path).lstrip("/")).resolve()
    return path if path.is_relative_to(assets) and path.is_file() else None


def _content_type(path: Path) -> str:
    return {".css": "text/css", ".svg": "image/svg+xml"}.get(path.suffix, "application/octet-stream")


def close_doors(assets: Path) -> None:
    """From here on this process opens no socket, starts no program, and opens only files of Python and the assets."""
    roots = [Path(root).resolve() for root in (sys.prefix, sys.base_prefix, *sys.path, tempfile.gettempdir()) if root]
    allowed = (assets, *roots)

    def guard(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(_DENIED_EVENTS):
            raise PermissionError(f"{event} is not for documents")
        if event == "open" and not _may_open(arguments[0], allowed):
            raise PermissionError(f"{arguments[0]} is not for documents")

    sys.addaudithook(guard)


def _may_open(target: Any, allowed: tuple[Path, ...]) -> bool:
    if isinstance(target, int) or target is None:
        return True
    path = Path(os.path.realpath(os.fsdecode(target)))
    return any(path.is_relative_to(root) for root in allowed)


def limit_resources(memory_bytes: int) -> None:
    """Bounds the address space, the size of files, and leaves no core dump (it would hold letters)."""
    for what, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, _MAX_FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (value, value))


def allow_cpu(seconds: int) -> None:
    """Lets the next job use so many more seconds of processor time; the kernel ends the process at the limit."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + 1 + seconds, hard))


def missing_libraries() -> list[str]:
    """The Debian packages whose libraries the loader does not find."""
    return [package for package, names in _LIBRARIES.items() if not any(_loads(name) for name in names)]


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def answer(out: BinaryIO, work: Callable[[], bytes]) -> bool:
    """Does the work and writes its frame; False when it failed and this process should end."""
    body = b""
    try:
        body = work()
        header: dict[str, Any] = {"bytes": len(body)}
    except JobFailed as error:
        header = {"cause": error.cause, "message": str(error)}
    except MemoryError:
        header = {"cause": "memory", "message": "the document needs more memory than it may use"}
    except Exception as error:
        header = {"cause": "document", "message": f"{type(error).__name__}: {error}"}
    out.write(json.dumps(header).encode() + b"\n" + body)
    out.flush()
    return "bytes" in header


def _do(renderer: Renderer, job: dict[str, Any]) -> bytes:
    return renderer.render(job["html"], job["stylesheets"], complete=job["complete"], record=job["record"])


def serve(assets: Path, memory_bytes: int, cpu_s: int) -> None:
    """Answers the jobs on standard input until it ends."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand among the frames
    limit_resources(memory_bytes)
    allow_cpu(cpu_s)
    renderer = Renderer(assets)
    close_doors(assets)
    for n, line in enumerate(sys.stdin.buffer):
        job = json.loads(line)
        allow_cpu(cpu_s)
        if not answer(out, lambda job=job: _do(renderer, job)):  # type: ignore[misc]
            break
        if n == 0:
            settle_memory()


def settle_memory() -> None:
    """Takes what is kept between documents (modules, fonts, stylesheets) out of the collector's rounds: looking through
    it again and again was an eighth of the time of a letter."""
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.stdout.write(json.dumps(missing_libraries()))
    else:
        serve(Path(sys.argv[1]).resolve(), int(sys.argv[2]), int(sys.argv[3]))
