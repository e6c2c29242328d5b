"""What a test process keeps from one test to the next, because making it costs more than most tests: the engine with
the statements it has compiled, the portal with its addresses and templates. What they stand on is new every time."""

from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from portal.adapters.database import make_engine
from portal.app import create_app
from portal.settings import Settings


class Kept:
    """`folder` is a link that leads to the folder of the test that runs, so that addresses stay the same."""

    def __init__(self, folder: Path, client: type[FlaskClient]) -> None:
        self.folder, self._client = folder, client
        self._engine: Engine | None = None
        self._portal: tuple[Settings, Flask, dict[str, Any], dict[str, Any]] | None = None

    def lead_to(self, folder: Path) -> None:
        self.folder.unlink(missing_ok=True)
        self.folder.symlink_to(folder)

    def engine(self, url: str) -> Engine:
        """The engine of this address; nothing of it may be open from an earlier test."""
        if self._engine is None or self._engine.url.render_as_string(hide_password=False) != url:
            self._engine = make_engine(url)
        return self._engine

    def portal(self, settings: Settings, engine: Engine) -> Flask:
        """The portal with these settings on this engine, as it was when it was built."""
        if self._portal is None or self._portal[0] != settings:
            app = create_app(settings, engine=engine)
            app.testing = True
            self._portal = settings, app, dict(app.config), dict(app.extensions)
        _, app, config, extensions = self._portal
        for now, then in ((app.config, config), (app.extensions, extensions)):
            now.clear()
            now.update(then)
        app.test_client_class = self._client
        return app
