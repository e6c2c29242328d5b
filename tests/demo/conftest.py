"""A small demonstration, made once for all tests of this folder."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine

from portal.adapters.database import make_engine
from portal.adapters.migrations import upgrade
from portal.adapters.storage import Storage
from portal.app import create_app
from portal.demo.seed import seed_if_empty
from portal.settings import ROOT, Settings
from tests.conftest import SECRET, Browser
from tests.world import NOW

SCALE = 0.2


@dataclass(frozen=True)
class Demonstration:
    """A database with the demonstration in it, and where its letters lie."""

    engine: Engine
    storage: Storage
    settings: Settings


def make_demonstration(folder: Path) -> Demonstration:
    settings = Settings(
        database_url=f"sqlite:///{folder}/evenbar.db",
        secret_key=SECRET,
        storage_url=f"file://{folder}/store",
        base_url="http://localhost",
        demo=True,
    )
    engine = make_engine(settings.database_url)
    upgrade(engine, ROOT / "migrations")
    storage = Storage.from_url(settings.storage_url)
    assert seed_if_empty(engine, storage=storage, base_url="http://localhost", now=NOW, scale=SCALE)
    return Demonstration(engine, storage, settings)


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    made = make_demonstration(tmp_path_factory.mktemp("demonstration"))
    yield made
    made.engine.dispose()


@pytest.fixture(scope="session")
def built(demonstration: Demonstration) -> Flask:
    app = create_app(demonstration.settings, engine=demonstration.engine)
    app.testing = True
    app.test_client_class = Browser
    return app


@pytest.fixture
def portal(built: Flask) -> Iterator[Flask]:
    with time_machine.travel(NOW, tick=False):
        yield built


@pytest.fixture
def signed_in_as(portal: Flask) -> Callable[[str], Any]:
    """`signed_in_as("chair")` is a browser in which somebody clicked on that persona."""

    def click(code: str) -> Any:
        browser: Any = portal.test_client()
        answer = browser.post("/sign-in/demo", data={"persona": code})
        assert (answer.status_code, answer.location) == (303, "/")
        browser.csrf = ""
        return browser

    return click
