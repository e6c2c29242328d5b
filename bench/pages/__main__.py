"""`python -m bench.pages`: CPU milliseconds and SQL statements of the heaviest pages with 1,000 cases of three reviews.

The real server answers over HTTP in a process of its own, whose CPU time is read from the system; with PostgreSQL, the
CPU time of the database's processes is added. The anchor is a bare page with the same rows from the same server.
"""

import argparse
import datetime
import http.cookiejar
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import flask
import sqlalchemy
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session
from waitress import create_server

from bench.pages.anchor import bare
from bench.pages.organisation import PASSWORD, Places, build
from portal.adapters.clock import now
from portal.adapters.database import make_engine
from portal.adapters.migrations import upgrade
from portal.app import create_app
from portal.settings import ROOT, Settings

TICK = os.sysconf("SC_CLK_TCK")
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
SECRET = "bench-only-8f31c07d5a2e9b46-1d2c3b4a"


class Page(NamedTuple):
    """`ratio` is the goal: at most so many times what the anchor costs; `statements` the most there may be. Goals are
    the design's, as multiples of the bare list of 1,000 cases with six scores."""

    name: str
    who: str
    path: str
    ratio: float
    statements: int


def pages(places: Places) -> list[Page]:
    return [
        Page("all cases, first page", "partner", "/cases", 4.0, 10),
        Page("the cockpit of the cycle", "partner", "/cycles/large", 4.0, 10),
        Page("reviewers of every case", "partner", "/cycles/large/assignments", 4.0, 10),
        Page("decisions of the cycle", "partner", "/cycles/large/decisions", 4.0, 10),
        Page("calibration, every grade", "member.0", "/cycles/large/calibration", 2.4, 8),
        Page("calibration of one grade", "member.0", "/cycles/large/calibration/4", 2.4, 8),
        Page("one case", "partner", f"/cases/{places.case_id}", 1.5, 12),
        Page("its three reviews", "partner", f"/cases/{places.case_id}/reviews", 1.5, 12),
        Page("my reviews", "reviewer.0", "/reviews", 1.5, 10),
        Page("writing a review", "reviewer.0", f"/cases/{places.writing_id}/review", 1.5, 12),
    ]


class Visitor:
    """A browser of one person: cookies, and nothing from a cache."""

    def __init__(self, base: str) -> None:
        self.base = base
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def get(self, path: str) -> bytes:
        with self._opener.open(self.base + path) as answer:
            return answer.read()

    def sign_in(self, who: str) -> None:
        token = CSRF.search(self.get("/sign-in").decode()).group(1)
        form = {"csrf_token": token, "email": f"{who}@example.org", "password": PASSWORD, "next": "/account"}
        with self._opener.open(f"{self.base}/sign-in", urllib.parse.urlencode(form).encode()) as answer:
            if not answer.url.endswith("/account"):
                raise SystemExit(f"{who} was not signed in")


def serve(url: str, folder: str) -> None:
    """The server's own process: the portal, and the anchor on the next socket."""
    engine = make_engine(url)
    app = create_app(_settings(url, folder), engine=engine)
    count = _count_statements(app, engine)
    socket_map: dict[int, object] = {}
    beside = bare(engine)
    beside.add_url_rule("/statements", "statements", lambda: str(count[0]))
    ports = [create_server(a, host="127.0.0.1", port=0, threads=2, map=socket_map) for a in (app, beside)]
    print(ports[0].effective_port, ports[1].effective_port, flush=True)
    ports[0].asyncore.loop(map=socket_map, use_poll=True)


def _settings(url: str, folder: str) -> Settings:
    return Settings(database_url=url, secret_key=SECRET, storage_url=f"file://{folder}/store")


def _count_statements(app: flask.Flask, engine: Engine) -> list[int]:
    """How many statements the last page ran, without opening transactions and reading the session."""
    count = [0, 0]

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection, _cursor, statement: str, *_: object) -> None:
        if not statement.lstrip().upper().startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            count[1] += 1

    @app.before_request
    def start() -> None:
        count[1] = 0

    @app.teardown_request
    def stop(_error: BaseException | None) -> None:
        count[0] = count[1]

    return count


def cpu_of(pids: list[int]) -> float:
    """CPU milliseconds these processes have had."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in pids]
    return sum(int(f[11]) + int(f[12]) for f in fields) * 1000 / TICK


def database_processes(url: str) -> list[int]:
    if url.startswith("sqlite"):
        return []
    found = subprocess.run(["pgrep", "-x", "postgres"], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


def measure(visitor: Visitor, path: str, pids: list[int], seconds: float) -> tuple[float, float, int, int]:
    """CPU milliseconds and milliseconds a request, the requests made, and bytes."""
    size = len(visitor.get(path))
    cpu, started, n = cpu_of(pids), time.perf_counter(), 0
    while n < 5 or time.perf_counter() - started < seconds:
        visitor.get(path)
        n += 1
    return (cpu_of(pids) - cpu) / n, (time.perf_counter() - started) * 1000 / n, n, size


@contextmanager
def database(kind: str, folder: str) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/bench.db"
        return
    from tests.postgres import running_server

    with running_server() as server, server.database() as url:
        yield url


def run(kind: str, cases: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder, database(kind, folder) as url:
        engine = make_engine(url)
        upgrade(engine, ROOT / "migrations")
        started = time.perf_counter()
        with Session(engine, expire_on_commit=False) as s:
            places = build(s, cases, now())
        engine.dispose()
        print(f"{cases} cases written in {time.perf_counter() - started:.0f} s\n")
        with subprocess.Popen(
            [sys.executable, "-m", "bench.pages", "--serve", url, folder], stdout=subprocess.PIPE, text=True
        ) as server:
            try:
                ports = [int(port) for port in server.stdout.readline().split()]
                _table(cases, places, ports, server.pid, url, seconds)
            finally:
                server.terminate()


def _table(cases: int, places: Places, ports: list[int], pid: int, url: str, seconds: float) -> None:
    visitors: dict[str, Visitor] = {}
    plain = Visitor(f"http://127.0.0.1:{ports[1]}")
    anchor = measure(plain, "/list", [pid, *database_processes(url)], seconds)[0]
    print(f"the anchor, {cases} cases with six mean scores on a bare page: {anchor:.1f} ms")
    print(f"{'page':28} {'CPU ms':>8} {'wall ms':>8} {'SQL':>5} {'kB':>6} {'ratio':>6} {'goal':>5}")
    for page in pages(places):
        if page.who not in visitors:
            visitors[page.who] = Visitor(f"http://127.0.0.1:{ports[0]}")
            visitors[page.who].sign_in(page.who)
        who = visitors[page.who]
        pids = [pid, *database_processes(url)]
        try:
            cpu, wall, _n, size = measure(who, page.path, pids, seconds)
        except urllib.error.HTTPError as e:
            raise SystemExit(f"{page.path}: {e.code}") from None
        statements = int(plain.get("/statements"))
        print(
            f"{page.name:28} {cpu:8.1f} {wall:8.1f} {statements:5} {size // 1024:6} {cpu / anchor:6.1f}"
            f" {page.ratio:5.1f}{'' if cpu / anchor <= page.ratio and statements <= page.statements else '  missed'}"
        )


def main() -> None:
    if len(sys.argv) == 4 and sys.argv[1] == "--serve":
        serve(sys.argv[2], sys.argv[3])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each page is asked for")
    given = parser.parse_args()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(f"{datetime.date.today()}  {commit.stdout.strip()}  Python {platform.python_version()}  {platform.machine()}")
    print(f"Flask {version('flask')}, SQLAlchemy {sqlalchemy.__version__}, {given.database}, {os.cpu_count()} cores")
    run(given.database, given.cases, given.seconds)


if __name__ == "__main__":
    main()
