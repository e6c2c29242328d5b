"""`python -m bench.letters [--letters N]`: letters a second a core, beside naive WeasyPrint, and where the time goes.

Each letter is another one (name, code, hash), of three outcomes in turn, two pages long. CPU milliseconds per letter of
the process that does the work, read from the kernel, so that a busy machine does not count. The anchor makes the same
pages without keeping anything between two letters: fonts, stylesheets and images are read anew for each.
"""

import argparse
import datetime
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import weasyprint

from portal.adapters.pdf import PdfWorker
from portal.adapters.pdf_child import Renderer
from portal.adapters.pdf_merge import merge
from portal.adapters.storage import Storage
from portal.domain.case_types import CaseType, Outcome
from portal.letters.samples import sample
from portal.letters.typesetting import ASSETS, page, stylesheets
from portal.models.audit import digest

GOAL = 1.2  # times naive WeasyPrint
WARM = 5
OUTCOMES = (Outcome.APPROVED, Outcome.NOT_YET, Outcome.DEFERRED)
TICKS = os.sysconf("SC_CLK_TCK")


def letter(number: int) -> dict[str, Any]:
    made = sample(OUTCOMES[number % 3], CaseType.PROMOTION, "en")
    rows = [("Outcomes", "above"), ("Direction", "at"), ("Craft", "at"), ("Growing others", "below"), ("Conduct", "at")]
    results = [{"pillar": pillar, "words": f"{sign} the bar", "sign": sign} for pillar, sign in rows]
    return made | {
        "candidate": f"Candidate number {number}",
        "code": f"{number:04d}-0000-0000-0000",
        "results": results,
    }


def filled(numbers: Iterable[int]) -> list[tuple[str, tuple[str, ...]]]:
    letters = [letter(n) for n in numbers]
    return [(page(d, data_sha256=digest(d), base_url="https://evenbar.example.org"), stylesheets(d)) for d in letters]


def cpu_of(pid: int) -> float:
    """Seconds of processor time a running process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_of(pid: int) -> float:
    """Megabytes of memory a running process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def own(work: Any, count: int) -> float:
    """CPU milliseconds of this process for one of `count`."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000 / count


def naive(pages: list[tuple[str, tuple[str, ...]]]) -> float:
    spent = []
    for html, sheets in pages:
        start = time.process_time()
        Renderer(ASSETS).render(html, list(sheets), complete=True, record="")
        spent.append((time.process_time() - start) * 1000)
    return statistics.median(spent)


def kept(pages: list[tuple[str, tuple[str, ...]]]) -> tuple[float, float, list[bytes]]:
    """(CPU ms a letter, MB grown after the first fifth, the PDFs) of one PDF process."""
    with PdfWorker(ASSETS) as press:
        for html, sheets in pages[:WARM]:
            press.render(html, stylesheets=sheets, complete=True)
        pid = press._child._process.pid  # type: ignore[union-attr]
        before, early, made = cpu_of(pid), 0.0, []
        for n, (html, sheets) in enumerate(pages):
            made.append(press.render(html, stylesheets=sheets, complete=True))
            if n == len(pages) // 5:
                early = rss_of(pid)
        return (cpu_of(pid) - before) * 1000 / len(pages), rss_of(pid) - early, made


def _heading() -> None:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout
    now = datetime.datetime.now(datetime.UTC)
    print(f"{now:%Y-%m-%d %H:%M} UTC, commit {commit.strip() or 'unknown'}, Python {platform.python_version()}")
    print(f"WeasyPrint {weasyprint.__version__}, {platform.machine()}, {os.cpu_count()} cores\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.letters")
    parser.add_argument("--letters", type=int, default=150)
    count = parser.parse_args().letters
    _heading()
    pages = filled(range(count))
    naive(pages[:2])
    anchor = naive(pages[: max(20, count // 5)])
    fill = own(lambda: filled(range(count)), count)
    setting, grown, made = kept(pages)
    with tempfile.TemporaryDirectory() as folder:
        store = Storage.from_url(f"file://{folder}")
        storing = own(lambda: [store.put(pdf) for pdf in made], count)
    parts = [(f"Letter {n}", pdf) for n, pdf in enumerate(made)]
    merging = own(lambda: merge(parts, title="All", language="en").close(), count)
    print(f"{count} letters of two pages, {sum(map(len, made)) / count / 1000:.0f} kB each; CPU ms a letter")
    whole = fill + setting + storing
    for name, spent in (
        ("anchor: naive WeasyPrint", anchor),
        ("template filled, QR code", fill),
        ("set in the PDF process", setting),
        ("stored, synced to disk", storing),
        ("whole letter", whole),
        ("merged into one PDF, afterwards", merging),
    ):
        print(f"  {name:34s} {spent:8.1f}  {spent / whole:6.0%}")
    print(f"\n{1000 / whole:.1f} letters a second a core; the PDF process grew by {grown:.1f} MB over the last 4/5")
    print(f"Goal: {GOAL} times naive WeasyPrint: {anchor / whole:.2f}, {'met' if anchor / whole >= GOAL else 'missed'}")


if __name__ == "__main__":
    main()
