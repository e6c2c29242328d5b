"""PostgreSQL's own tools, `pg_dump` and `pg_restore`: a copy of a database that may be in use, and back into an empty
one. The password goes by the environment, where no list of processes shows it."""

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from portal.adapters.database import DatabaseRefused

PLACES = {"host": "--host", "port": "--port", "username": "--username"}


def dump(url: str, file: Path) -> None:
    """Everything in the database as of one moment, in pg_dump's own format, mode 0600."""
    file.touch(mode=0o600)
    _run("pg_dump", ["--format=custom", "--no-owner", f"--file={file}"], url, file)


def load(file: Path, url: str) -> None:
    """Fill an empty database from such a file, all or nothing. Raises DatabaseRefused where it is not empty."""
    options = ["--no-owner", "--exit-on-error", "--single-transaction"]
    _run("pg_restore", options, url, file)


def by_hand(tool: str, url: str, file: Path) -> str:
    """The line to type where the tool is: on the database's own machine, for instance."""
    parsed = make_url(url)
    place = " ".join(_places(parsed))
    if tool == "pg_dump":
        return f"pg_dump {place} --format=custom --no-owner --file={file} {parsed.database}"
    return f"pg_restore {place} --no-owner --exit-on-error --single-transaction --dbname={parsed.database} {file}"


def _places(parsed: URL) -> list[str]:
    query = {key: str(value) for key, value in parsed.query.items() if key in PLACES}
    found = {key: getattr(parsed, key) or query.get(key) for key in PLACES}
    return [f"{option}={found[key]}" for key, option in PLACES.items() if found[key]]


def _run(tool: str, options: list[str], url: str, file: Path) -> None:
    parsed, found = make_url(url), shutil.which(tool)
    if found is None:
        raise DatabaseRefused(
            f"{tool} is not on this machine. Install PostgreSQL's client, of the server's version or newer, or run "
            f"where it is: {by_hand(tool, url, file)}"
        )
    last = [str(parsed.database)] if tool == "pg_dump" else [f"--dbname={parsed.database}", str(file)]
    command = [found, *_places(parsed), "--no-password", *options, *last]
    environment = os.environ | ({"PGPASSWORD": parsed.password} if parsed.password else {})
    # the operator's own settings name the database and its place
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise DatabaseRefused(f"{tool} could not do it: {done.stderr.strip()}")
