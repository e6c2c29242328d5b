"""Where a command works: the settings of the environment, or for the demonstration a folder of its own."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from portal.adapters.database import make_engine
from portal.adapters.migrations import upgrade
from portal.settings import PACKAGE, PREFIX, ROOT, Settings, SettingsProblem, read_settings

MIGRATIONS = ROOT / "migrations"
_opened: list[Engine] = []


def settings() -> Settings:
    try:
        return read_settings()
    except SettingsProblem as e:
        raise SettingsProblem(f"{e}\nSee docs/operating.md for the settings and their defaults.") from None


def engine() -> Engine:
    """The configured database; `close` lets its connections go when the command ends."""
    found = make_engine(settings().database_url)
    _opened.append(found)
    return found


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """Another database for a while."""
    found = make_engine(url)
    try:
        yield found
    finally:
        found.dispose()


def close() -> None:
    while _opened:
        _opened.pop().dispose()


def demo_settings(*, host: str, port: int) -> Settings:
    """Settings for the demonstration: everything in one folder, made at first use; EVENBAR_* still override."""
    home = Path(os.environ.get("EVENBAR_HOME") or _default_home()).absolute()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    defaults = {
        "DATABASE_URL": f"sqlite:///{home}/evenbar.db",
        "SECRET_KEY": _secret(home / "secret.key"),
        "STORAGE_URL": f"file://{home}/store",
        "JOBS_URL": f"sqlite:///{home}/jobs.db",
        "BASE_URL": f"http://{host}:{port}",
        "DEMO": "1",
    }
    given = {k: v for k, v in os.environ.items() if k.startswith(PREFIX) and k != f"{PREFIX}HOME"}
    return read_settings({f"{PREFIX}{k}": v for k, v in defaults.items()} | given)


def migrated(url: str) -> Engine:
    """The database at this address, brought to the newest revision."""
    found = make_engine(url)
    upgrade(found, MIGRATIONS)
    return found


def _default_home() -> Path:
    if (PACKAGE.parent / "pyproject.toml").is_file():
        return PACKAGE.parent / "var"
    return Path.home() / ".local" / "share" / "evenbar"


def _secret(file: Path) -> str:
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as f:
            f.write(secrets.token_hex(32))
    return file.read_text().strip()
