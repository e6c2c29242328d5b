"""`python -m bench.letters [--letters N] [--together N]`: letters a second a core, beside naive WeasyPrint and a warm
Chromium, where the time goes, and many at once in two processes. `--batch N --kill K`: bench/letter_batch.py.

Each letter is another one (name, code, hash), of three outcomes in turn, two pages long. CPU milliseconds per letter of
the processes that do the work, read from the kernel, so that a busy machine does not count. The naive anchor makes the
same pages without keeping anything between two letters: fonts, stylesheets and images are read anew for each. Chromium
is started once and keeps one page open, into which each letter is written with its stylesheets; all of its processes
count.
"""

import argparse
import base64
import datetime
import os
import platform
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import weasyprint
from playwright.sync_api import sync_playwright

from bench.letter_batch import batch
from portal.adapters.pdf import PdfWorker
from portal.adapters.pdf_child import Renderer
from portal.adapters.pdf_merge import merge
from portal.adapters.storage import Storage
from portal.domain.case_types import CaseType, Outcome
from portal.letters.samples import sample
from portal.letters.typesetting import ASSETS, page, stylesheets
from portal.models.audit import digest
from tests.browser.conftest import FLAGS, chromium_path

GOAL, GOAL_CHROMIUM = 1.2, 2.0  # times as fast as naive WeasyPrint, as a warm Chromium
GOAL_S, GOAL_MB = 45.0, 10.0  # for 1,000 letters in two processes; grown from letter 200 to the last
WARM = 5
Pages = list[tuple[str, tuple[str, ...]]]
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


def filled(numbers: Iterable[int]) -> Pages:
    letters = [letter(n) for n in numbers]
    return [(page(d, data_sha256=digest(d), base_url="https://evenbar.example.org"), stylesheets(d)) for d in letters]


def cpu_of(pid: int | None) -> float:
    """Seconds of processor time a running process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_of(pid: int | None) -> float:
    """Megabytes of memory a running process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def own(work: Any, count: int) -> float:
    """CPU milliseconds of this process for one of `count`."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000 / count


def side_by_side(pages: Pages) -> tuple[float, float, list[bytes]]:
    """(CPU ms a letter of naive WeasyPrint, of one PDF process, its PDFs); in turn, to meet the same machine."""
    with PdfWorker(ASSETS) as press:
        for html, sheets in pages[:WARM]:
            press.render(html, stylesheets=sheets, complete=True)
            naive(html, sheets)
        before, anchor, made = cpu_of(press.pid), 0.0, []
        for html, sheets in pages:
            anchor += naive(html, sheets)
            made.append(press.render(html, stylesheets=sheets, complete=True))
        return anchor * 1000 / len(pages), (cpu_of(press.pid) - before) * 1000 / len(pages), made


def naive(html: str, sheets: tuple[str, ...]) -> float:
    start = time.process_time()
    Renderer(ASSETS).render(html, list(sheets), complete=True, record="")
    return time.process_time() - start


def family(pid: int) -> dict[int, float]:
    """The CPU seconds of a process and all that it started, that they started, and so on; what is gone is left out."""
    try:
        found = {pid: cpu_of(pid)}
        below = [task.read_text().split() for task in Path(f"/proc/{pid}/task").glob("*/children")]
    except (FileNotFoundError, ProcessLookupError):
        return {}
    for child in (child for children in below for child in children):
        found |= family(int(child))
    return found


def chromium(pages: Pages, *, own_page: bool) -> float:
    """CPU ms a letter of a warm Chromium, tagged PDF like ours; each letter in a page of its own, or all in one."""
    with sync_playwright() as playwright:
        others = family(os.getpid())
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        page = browser.new_page()  # stays open, so that the browser stays warm
        used: dict[int, float] = {}  # by process: some come with the first print, some go
        warm = 0.0
        for n, (html, sheets) in enumerate(pages):
            if n == WARM:
                warm = sum(used.values())
            sheet = browser.new_page() if own_page else page
            sheet.set_content(styled(html, sheets))
            sheet.pdf(prefer_css_page_size=True, print_background=True, tagged=True)
            used |= {pid: cpu for pid, cpu in family(os.getpid()).items() if pid not in others}
            if own_page:
                sheet.close()
        browser.close()
    return (sum(used.values()) - warm) * 1000 / (len(pages) - WARM)


def styled(html: str, sheets: tuple[str, ...]) -> str:
    """A page that needs nothing else: stylesheets inside, pictures inside the stylesheets."""
    css = "".join((ASSETS / name).read_text("utf-8") for name in sheets)
    return html.replace("</head>", f"<style>{re.sub('asset:/([a-z]+[.]svg)', _inside, css)}</style></head>")


def _inside(found: re.Match[str]) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode((ASSETS / found[1]).read_bytes()).decode()}"


def together(pages: Pages) -> tuple[float, float, float]:
    """(seconds on the clock, CPU seconds, most MB that one grew after a fifth) of two PDF processes that share them."""
    halves = [pages[0::2], pages[1::2]]
    with PdfWorker(ASSETS) as one, PdfWorker(ASSETS) as other, ThreadPoolExecutor(2) as threads:
        presses = (one, other)
        for press in presses:
            press.render(pages[0][0], stylesheets=pages[0][1], complete=True)
        before, began = [cpu_of(press.pid) for press in presses], time.monotonic()
        grown = list(threads.map(_share, presses, halves))
        wall = time.monotonic() - began
        cpu = sum(cpu_of(press.pid) for press in presses) - sum(before)
    return wall, cpu, max(grown)


def _share(press: PdfWorker, pages: Pages) -> float:
    early = 0.0
    for n, (html, sheets) in enumerate(pages):
        press.render(html, stylesheets=sheets, complete=True)
        if n == len(pages) // 5:
            early = rss_of(press.pid)
    return rss_of(press.pid) - early


def _heading() -> None:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout
    now = datetime.datetime.now(datetime.UTC)
    print(f"{now:%Y-%m-%d %H:%M} UTC, commit {commit.strip() or 'unknown'}, Python {platform.python_version()}")
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    print(f"WeasyPrint {weasyprint.__version__}, {platform.machine()}, {os.cpu_count()} cores, load {load}\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.letters")
    parser.add_argument("--letters", type=int, default=100, help="measured one by one")
    parser.add_argument("--together", type=int, default=1000, help="set by two processes; 0 for none")
    parser.add_argument("--batch", type=int, default=0, help="end to end instead: so many letters of a cycle")
    parser.add_argument("--kill", type=int, default=5, help="so often the worker is killed in it")
    parser.add_argument("--seed", type=int, default=1, help="of the moments at which it is killed")
    asked = parser.parse_args()
    _heading()
    if asked.batch:
        raise SystemExit(not batch(asked.batch, asked.kill, asked.seed))
    one_by_one(asked.letters)
    if asked.together:
        many(asked.together)


def one_by_one(count: int) -> None:
    pages = filled(range(count))
    fill = own(lambda: filled(range(count)), count)
    anchor, setting, made = side_by_side(pages)
    some = pages[: max(20, count // 3)]
    warm, anew = chromium(some, own_page=False), chromium(some, own_page=True)
    with tempfile.TemporaryDirectory() as folder:
        store = Storage.from_url(f"file://{folder}")
        storing = own(lambda: [store.put(pdf) for pdf in made], count)
    parts = [(f"Letter {n}", pdf) for n, pdf in enumerate(made)]
    merging = own(lambda: merge(parts, title="All", language="en").close(), count)
    print(f"{count} letters of two pages, {sum(map(len, made)) / count / 1000:.0f} kB each; CPU ms a letter")
    whole = fill + setting + storing
    for name, spent in (
        ("anchor: naive WeasyPrint", anchor),
        ("anchor: warm Chromium, one page", warm),
        ("the same, a page for each letter", anew),
        ("template filled, QR code", fill),
        ("set in the PDF process", setting),
        ("stored, synced to disk", storing),
        ("whole letter", whole),
        ("merged into one PDF, afterwards", merging),
    ):
        print(f"  {name:34s} {spent:8.1f}  {spent / whole:6.0%}")
    print(f"\n{1000 / whole:.1f} letters a second a core")
    said("times as fast as naive WeasyPrint", anchor / whole, GOAL, least=True)
    said("times as fast as warm Chromium", warm / whole, GOAL_CHROMIUM, least=True)
    said("the same, a page for each letter", anew / whole, GOAL_CHROMIUM, least=True)


def many(count: int) -> None:
    wall, cpu, grown = together(filled(range(count)))
    print(f"\n{count} letters in two processes: {wall:.0f} s on the clock, {cpu:.0f} s of CPU")
    said("seconds for 1,000 letters, two free cores", cpu / 2 * 1000 / count, GOAL_S, least=False)
    said("seconds for 1,000 letters, this machine today", wall * 1000 / count, GOAL_S, least=False)
    said("MB that a process grew after the first fifth", grown, GOAL_MB, least=False)


def said(what: str, got: float, goal: float, *, least: bool) -> None:
    met = got >= goal if least else got <= goal
    print(f"  {what:46s} {got:7.2f}  goal {'>=' if least else '<='} {goal:g}: {'met' if met else 'missed'}")


if __name__ == "__main__":
    main()
