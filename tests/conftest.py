"""What every test may ask for: a migrated database (SQLite, or PostgreSQL with --database postgres), the app on it, a
client that reads every page it opens, and one populated world."""

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.adapters.database import make_engine
from portal.adapters.migrations import upgrade
from portal.models.base import new_id
from portal.models.person import Person, SignInSession
from portal.settings import ROOT, Settings
from portal.web.limits import RateLimit
from portal.web.sessions import IDLE_KEY, token_hash
from tests.inspector import inspect_page
from tests.kept import Kept
from tests.postgres import PostgresServer, running_server
from tests.s3 import S3Server, running_s3
from tests.two_worlds import masked
from tests.world import NOW, World, build_world

SECRET = "tests-only-0f4b7c1d9e2a8365-b7c1d9e2a836"
READ: set[int] = set()
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgres"), default="sqlite", help="what the tests run on")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    with running_s3() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    with postgres_server.database() as url:
        yield url


def migrate(url: str) -> None:
    engine = make_engine(url)
    upgrade(engine, ROOT / "migrations")
    engine.dispose()


def migrate_and_populate(url: str) -> None:
    migrate(url)
    engine = make_engine(url)
    with time_machine.travel(NOW, tick=False), Session(engine, expire_on_commit=False) as s:
        build_world(s)
        s.commit()
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Callable[[str], None]], Path]:
    made: dict[Callable[[str], None], Path] = {}

    def template(prepare: Callable[[str], None]) -> Path:
        if prepare not in made:
            made[prepare] = tmp_path_factory.mktemp("template") / "evenbar.db"
            prepare(f"sqlite:///{made[prepare]}")
        return made[prepare]

    return template


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("kept") / "test", Browser)


@pytest.fixture
def own_folder(kept: Kept, tmp_path: Path) -> Path:
    """This test's own folder, under an address that is every test's."""
    kept.lead_to(tmp_path)
    return kept.folder


@pytest.fixture
def database_url(request: pytest.FixtureRequest, own_folder: Path) -> Iterator[str]:
    """A migrated database; with the `world` fixture in use, a populated one."""
    prepare = migrate_and_populate if "world" in request.fixturenames else migrate
    if request.config.getoption("--database") == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        with server.database(prepare) as url:
            yield url
        return
    template = request.getfixturevalue("sqlite_templates")(prepare)
    shutil.copy(template, own_folder / "evenbar.db")
    yield f"sqlite:///{own_folder}/evenbar.db"


@pytest.fixture
def engine(kept: Kept, database_url: str) -> Iterator[Engine]:
    engine = kept.engine(database_url)
    yield engine
    left: Any = engine.pool
    assert left.checkedout() == 0, "a connection was never given back"
    engine.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    """A session of the test's own. Commit what the app should see."""
    with Session(engine, expire_on_commit=False) as s:
        yield s


@pytest.fixture
def settings(own_folder: Path, database_url: str) -> Settings:
    return Settings(
        database_url=database_url,
        secret_key=SECRET,
        storage_url=f"file://{own_folder}/store",
        base_url="http://localhost",
        demo=True,
    )


@pytest.fixture
def app(kept: Kept, settings: Settings, engine: Engine, frozen_clock: Any) -> Flask:
    return kept.portal(settings, engine)


@pytest.fixture(scope="session")
def limits_by_the_minute() -> list[RateLimit]:
    portal = [vars(module).values() for name, module in sys.modules.items() if name.startswith("portal.")]
    return [value for values in portal for value in values if isinstance(value, RateLimit)]


@pytest.fixture(autouse=True)
def nobody_has_asked_yet(limits_by_the_minute: list[RateLimit]) -> None:
    """Limits are counted by the real clock in the process; tests are many in a minute, and their people the same."""
    for limit in limits_by_the_minute:
        limit.forget()


@pytest.fixture
def frozen_clock() -> Iterator[Any]:
    """The clock stands at NOW; a test moves it with frozen_clock.move_to(…)."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world(db: Session) -> World:
    return World(db)


@pytest.fixture
def client(app: Flask) -> Callable[..., "Browser"]:
    """`client(person)` is a browser in which that person is signed in; `client()` is nobody's."""

    def sign_in(person: Person | None = None) -> Browser:
        browser: Any = app.test_client()
        return browser.sign_in(person) if person else browser

    return sign_in


class Browser(FlaskClient):
    """Opens pages as a browser does: sends the CSRF token of a page it was given, and reads every page it gets."""

    csrf = ""
    reads = True  # a crawl over thousands of pages compares bytes and leaves the reading to the pages' own tests

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if kwargs.get("method", "GET") == "POST" and kwargs.pop("csrf", True):
            kwargs["headers"] = {"X-CSRFToken": self._token(), **(kwargs.get("headers") or {})}
        response = super().open(*args, **kwargs)
        if "Set-Cookie" in response.headers:  # another session, another token
            self.csrf = ""
        if self.reads and response.mimetype == "text/html":
            self._inspect(response)
        return response

    def _inspect(self, response: TestResponse) -> None:
        """A page that was read before, but for its tokens, says nothing new."""
        page = hash((response.status_code, masked(response.data)))
        if page not in READ:
            inspect_page(response, self.application)
            READ.add(page)

    def _token(self) -> str:
        if not self.csrf:
            page = super().open("/account", method="GET")
            if page.status_code != 200:
                page = super().open("/sign-in", method="GET")
            found = CSRF.search(page.text)
            assert found, "no page offers a CSRF token"
            self.csrf = found.group(1)
        return self.csrf

    def sign_in(self, person: Person) -> "Browser":
        """As after a sign-in, without the cost of a password hash."""
        token = new_id() * 3
        engine: Engine = self.application.extensions["evenbar.engine"]
        now = datetime.now(UTC)
        data = {"_user_id": person.id, "_fresh": True, IDLE_KEY: 120}
        with Session(engine) as s:
            s.add(
                SignInSession(token_hash=token_hash(token), person_id=person.id, data=data, created_at=now, seen_at=now)
            )
            s.commit()
        self.set_cookie("evenbar", token)
        self.csrf = ""
        return self
