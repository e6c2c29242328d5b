"""A served portal and a real Chromium for whole journeys: the waitress server on a loopback port, the worker beside it,
the clock as it is."""

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session
from waitress import wasyncore
from waitress.server import create_server

from portal.adapters.clock import now
from portal.adapters.database import begin_write, make_engine
from portal.adapters.jobs import Ticker
from portal.adapters.passwords import hash_password
from portal.app import create_app, outbox_of
from portal.models.base import new_id
from portal.models.person import Person, SignInSession
from portal.settings import Settings
from portal.web.sessions import IDLE_KEY, token_hash
from tests.browser.journey import PASSWORD, Leg, Visitor
from tests.conftest import SECRET, migrate
from tests.world import World, build_people, build_world

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 15_000
# The browser notes every refusal and every cut line; the tests look at what the page makes of it.
EXPECTED_NOISE = re.compile(
    "status of 4[0-9][0-9] |ERR_CONNECTION_|ERR_EMPTY_RESPONSE|ERR_INTERNET_|ERR_FAILED|TypeError: Failed to fetch"
)
FAILED = pytest.StashKey[bool]()
LEGS = pytest.StashKey[list[tuple[str, Leg]]]()
Someone = TypeVar("Someone", bound=Visitor)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEGS] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report: Any = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """What each journey cost a person: clicks, and seconds at the pace of a machine."""
    costs: dict[tuple[str, str], list[Leg]] = {}
    for test, leg in config.stash[LEGS]:
        costs.setdefault((leg.name, test), []).append(leg)
    if costs:
        terminalreporter.section("journeys: clicks and seconds of each, slowest of n")
    for (name, test), legs in sorted(costs.items()):
        clicks, seconds = max(leg.clicks for leg in legs), max(leg.seconds for leg in legs)
        terminalreporter.write_line(f"{clicks:4d} clicks {seconds:6.1f} s  {name} (n={len(legs)}, {test})")


def chromium_path() -> str:
    found = os.environ.get("EVENBAR_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "no Chromium; script/bootstrap --dev installs one, or name one in EVENBAR_CHROMIUM"
    return found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Served:
    """A portal that answers at `url`, and its database."""

    app: Flask
    engine: Engine
    server: Any
    thread: "Loop"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.effective_port}"

    def stop(self) -> None:
        """As when the process is killed: nobody listens, and every connection is cut. The threads that answer end
        before anything is closed: one that is still writing would otherwise wake whoever has its descriptor by then."""
        self.thread.stop()
        self.server.task_dispatcher.shutdown()
        wasyncore.close_all(self.server._map, ignore_all=True)

    def start_again(self) -> None:
        self.server, self.thread = serving(self.app, self.server.effective_port)

    def session(self) -> Session:
        return Session(self.engine, expire_on_commit=False)


@pytest.fixture
def served(tmp_path: Path, sqlite_templates: Callable[[Callable[[str], None]], Path]) -> Iterator[Served]:
    shutil.copy(sqlite_templates(migrate), tmp_path / "evenbar.db")
    engine = make_engine(f"sqlite:///{tmp_path}/evenbar.db")
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/evenbar.db",
        secret_key=SECRET,
        storage_url=f"file://{tmp_path}/store",
        undo_minutes=0,
    )
    app = create_app(settings, engine=engine)
    with Ticker(0.3, outbox_of(app).run_due, name="outbox"):
        served = Served(app, engine, *serving(app))
        yield served
        served.stop()
    engine.dispose()


class Loop(threading.Thread):
    """Runs a server until told to stop; only this thread touches its connections."""

    def __init__(self, server: Any) -> None:
        super().__init__(daemon=True)
        self._server, self._stopping = server, threading.Event()

    def run(self) -> None:
        while not self._stopping.is_set():
            self._server.asyncore.loop(timeout=0.05, map=self._server._map, use_poll=True, count=1)

    def stop(self) -> None:
        self._stopping.set()
        self.join()


def serving(app: Flask, port: int = 0) -> tuple[Any, Loop]:
    """The server and the thread it runs in."""
    server = create_server(app, host="127.0.0.1", port=port, threads=4, ident=None)
    thread = Loop(server)
    thread.start()
    return server, thread


@pytest.fixture
def open_browser(
    chromium: Browser, served: Served, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[..., Page]]:
    """`open_browser(script=False)` gives a page of a browser of its own; a problem on its console fails the test. After
    a failure each browser's page lies as a picture in the test's temporary folder."""
    contexts: list[BrowserContext] = []
    noise: list[str] = []

    def start(*, script: bool = True, width: int = 1280, dark: bool = False) -> Page:
        context = chromium.new_context(
            base_url=served.url,
            java_script_enabled=script,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: noise.append(f"{page.url}: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda e: noise.append(f"{page.url}: {e}"))
        return page

    yield start
    for number, context in enumerate(contexts, start=1):
        if request.node.stash.get(FAILED, False):
            context.pages[0].screenshot(path=tmp_path / f"browser-{number}.png", full_page=True)
        context.close()
    assert [line for line in noise if not EXPECTED_NOISE.search(line)] == []


@pytest.fixture
def company(served: Served) -> None:
    """The people of tests/world.py, with a password each, and nothing else: no cycle, no case."""
    with served.session() as s:
        build_people(s, now())
        _give_passwords(s)
        s.commit()


@pytest.fixture
def populated(served: Served) -> Iterator[World]:
    """The world of tests/world.py as of now: its people and one open cycle; a test adds the cases it needs."""
    moment = now()
    with served.session() as s:
        build_world(s, moment)
        _give_passwords(s)
        s.commit()
        yield World(s, moment)


def _give_passwords(s: Session) -> None:
    s.execute(update(Person).values(password_hash=hash_password(PASSWORD)))


@pytest.fixture
def visit(open_browser: Callable[..., Page], request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """`visit(Candidate, "ada", script=False)` is Ada, signed in, in a browser of her own."""
    seen: list[Visitor] = []

    def start(role: type[Someone], key: str, *, script: bool = True) -> Someone:
        visitor = role(open_browser(script=script), f"{key}@example.org")
        visitor.sign_in()
        seen.append(visitor)
        return visitor

    yield start
    request.config.stash[LEGS] += [(request.node.name, leg) for visitor in seen for leg in visitor.legs]


@pytest.fixture
def signed_in(open_browser: Callable[..., Page], served: Served) -> Callable[..., Page]:
    """`signed_in("kim")` is a page of Kim's browser as after signing in, without the cost of a password hash; "" is
    nobody's."""

    def start(key: str, **how: Any) -> Page:
        page = open_browser(**how)
        if key:
            cookie = {"name": "evenbar", "value": begin_session(served, key), "url": served.url}
            page.context.add_cookies([cookie])
        return page

    return start


def begin_session(served: Served, key: str) -> str:
    """A new sign-in of this person; gives the cookie."""
    cookie, moment = new_id() * 3, now()
    with served.session() as s:
        begin_write(s)  # the worker writes as well
        person = s.scalars(select(Person.id).where(Person.email == f"{key}@example.org")).one()
        data = {"_user_id": person, "_fresh": True, IDLE_KEY: 120}
        s.add(
            SignInSession(token_hash=token_hash(cookie), person_id=person, data=data, created_at=moment, seen_at=moment)
        )
        s.commit()
    return cookie
