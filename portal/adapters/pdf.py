"""Makes accessible PDFs (PDF/UA-1) from HTML, in a child process that a hostile or broken document cannot leave.

The same HTML and assets give the same bytes, so the hash of a PDF can stand in the record.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Literal

Cause = Literal["timeout", "memory", "library", "refused", "document", "crash"]

_CHILD = Path(__file__).with_name("pdf_child.py")
_PASSED_ON = ("HOME", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "DYLD_FALLBACK_LIBRARY_PATH")


@dataclass(frozen=True)
class Limits:
    """What one document may use; the first one of a process also pays for the start, about a second."""

    wall_s: float = 30
    cpu_s: int = 15
    memory_bytes: int = 1024 * 1024 * 1024


DEFAULT_LIMITS = Limits()


class PdfFailed(Exception):
    """No PDF was made. `cause` tells kinds apart: timeout, memory, library (something to install), refused (an address
    outside the assets), document (the HTML is at fault), crash."""

    def __init__(self, cause: Cause, reason: str) -> None:
        super().__init__(reason)
        self.cause = cause


class PdfWorker:
    """Renders many documents in one child, about twenty times faster than one child each; for one thread.

    `assets` is the only folder that documents can use, addressed as `asset:/style.css`. `data:` and relative addresses
    are refused like any other. A failed document ends its child; the next one gets a new one.
    """

    def __init__(self, assets: Path, limits: Limits = DEFAULT_LIMITS) -> None:
        self._assets = assets
        self._limits = limits
        self._child: _Child | None = None

    def __enter__(self) -> "PdfWorker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._discard()

    def render(self, html: str, *, stylesheets: Sequence[str] = (), complete: bool = False, record: str = "") -> bytes:
        """The PDF of a whole HTML document that names its language and title.

        `stylesheets` are names of assets; given here rather than linked in the HTML they are read once per worker.
        `complete` refuses a document with characters that no installed font has, rather than print boxes. With a
        `record` (JSON) the document is PDF/A-3 with the record attached as its source, else PDF/UA-1; both are tagged.
        Raises PdfFailed.
        """
        job = {"html": html, "stylesheets": list(stylesheets), "complete": complete, "record": record}
        if self._child is None or not self._child.is_alive():
            self._discard()
            self._child = _Child(self._assets, self._limits)
        try:
            return self._child.render(job)
        except PdfFailed:
            self._discard()
            raise

    @property
    def pid(self) -> int | None:
        """The process that renders, while there is one: for whoever measures it."""
        return self._child.pid if self._child is not None else None

    def _discard(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


def render_pdf(
    html: str,
    *,
    assets: Path,
    stylesheets: Sequence[str] = (),
    limits: Limits = DEFAULT_LIMITS,
    complete: bool = False,
    record: str = "",
) -> bytes:
    """One PDF in a child of its own; see PdfWorker for many."""
    with PdfWorker(assets, limits) as worker:
        return worker.render(html, stylesheets=stylesheets, complete=complete, record=record)


def pdf_ready() -> str | None:
    """None when letters can be made at full speed, else what to install."""
    command = [sys.executable, "-I", str(_CHILD), "--check"]
    answer = subprocess.run(command, capture_output=True, check=True, env=_environment(None), timeout=30)  # noqa: S603
    missing: list[str] = json.loads(answer.stdout)
    if not missing:
        return None
    remedy = f"install what is missing: apt-get install {' '.join(missing)} (on a Mac: brew install pango)"
    if missing == ["libharfbuzz-subset0"]:
        return f"letters take several times as long as they should; {remedy}"
    return f"letters cannot be made without Pango; {remedy}"


def _environment(temporary: Path | None) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return kept | {"LANG": "C.UTF-8"} | ({"TMPDIR": str(temporary)} if temporary else {})


class _Child:
    """A running pdf_child.py with a temporary folder of its own."""

    def __init__(self, assets: Path, limits: Limits) -> None:
        self._limits = limits
        self._folder = tempfile.TemporaryDirectory(prefix="evenbar-pdf-")
        folder = Path(self._folder.name)
        self._log = (folder / "log").open("w+b")
        command = [
            sys.executable,
            "-I",
            str(_CHILD),
            str(assets.resolve()),
            str(limits.memory_bytes),
            str(limits.cpu_s),
        ]
        self._process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=folder,
            env=_environment(folder),
            start_new_session=True,  # a Ctrl-C at the portal's terminal is the portal's to handle
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def render(self, job: dict[str, object]) -> bytes:
        expired = threading.Event()
        timer = threading.Timer(self._limits.wall_s, self._expire, [expired])
        timer.start()
        try:
            return self._exchange(job)
        except (BrokenPipeError, EOFError) as error:
            raise self._explain(expired.is_set()) from error
        finally:
            timer.cancel()

    def close(self) -> None:
        self._process.kill()
        for pipe in (self._pipe_in, self._pipe_out):
            try:
                pipe.close()
            except BrokenPipeError:
                continue  # what was still to be written has no reader any more
        self._process.wait()
        self._log.close()
        self._folder.cleanup()

    @property
    def _pipe_in(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _pipe_out(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _exchange(self, job: dict[str, object]) -> bytes:
        self._pipe_in.write(json.dumps(job).encode() + b"\n")
        self._pipe_in.flush()
        line = self._pipe_out.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        header = json.loads(line)
        if "cause" in header:
            raise PdfFailed(header["cause"], header["message"])
        body = self._pipe_out.read(header["bytes"])
        if len(body) != header["bytes"]:
            raise EOFError
        return body

    def _expire(self, expired: threading.Event) -> None:
        expired.set()
        self._process.kill()

    def _explain(self, expired: bool) -> PdfFailed:
        """Why the child is gone, told from its exit and the last line it wrote."""
        code = self._process.wait()
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        last = lines[-1] if lines else "it said nothing"
        if expired:
            return PdfFailed("timeout", f"the document took longer than {self._limits.wall_s:g} seconds")
        if code == -signal.SIGXCPU:
            return PdfFailed("timeout", f"the document took more than {self._limits.cpu_s} s of processor time")
        if "cannot load library" in " ".join(lines):
            return PdfFailed("library", pdf_ready() or last)
        if "MemoryError" in last or "allocate" in last or code == -signal.SIGKILL:
            return PdfFailed("memory", "the document needs more memory than it may use")
        return PdfFailed("crash", f"the PDF process ended with code {code}: {last}")
