"""Commands that look after the data: migrations and the audit log."""

import argparse
import json
import secrets
import sys
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from portal.adapters import migrations
from portal.adapters.clock import now
from portal.adapters.database import begin_write
from portal.cli import place
from portal.domain.problems import InvalidInput
from portal.models.audit import start_key
from portal.models.base import Base
from portal.records.chain import continues, verify
from portal.records.jobs import retain
from portal.records.seals import FirstKey, read_first_key

_TOO_NEW = (
    "row {} tells what rows were whose reasons were erased since, and is newer than the exported head; check with a "
    "head exported after the upgrade"
)


def add_to(commands: Any) -> None:
    database = commands.add_parser("db", help="the database's tables").add_subparsers(dest="what", required=True)
    database.add_parser("upgrade", help="bring the tables to the newest revision").set_defaults(run=_upgrade)
    database.add_parser("check", help="say whether the tables are the newest").set_defaults(run=_check)
    audit = commands.add_parser("audit", help="the audit log").add_subparsers(dest="what", required=True)
    whole = audit.add_parser("verify", help="walk the chain; name the first row that does not fit")
    whole.add_argument("--head", type=Path, help="a head exported earlier: finds a tail that was cut off or rewritten")
    whole.add_argument(
        "--key", type=Path, action="append", default=[], help="a first key written by new-key: checks the seals, too"
    )
    whole.set_defaults(run=_verify)
    begin = audit.add_parser(
        "new-key", help="seal what follows under a new key; write the first one, to keep elsewhere"
    )
    begin.add_argument("file", type=Path)
    begin.set_defaults(run=_new_key)
    head = audit.add_parser("export-head", help="write where the chain ends, to keep somewhere else")
    head.add_argument("file", type=Path)
    head.set_defaults(run=_export_head)
    keep = commands.add_parser("retention", help="count the cases whose texts were kept long enough")
    keep.add_argument("--apply", action="store_true", help="erase them")
    keep.set_defaults(run=_retention)


def _upgrade(_given: argparse.Namespace) -> int:
    migrations.upgrade(place.engine(), place.MIGRATIONS)
    return _check(_given)


def _retention(given: argparse.Namespace) -> int:
    months = place.settings().retention_months
    if not months:
        print("EVENBAR_RETENTION_MONTHS is 0: every text is kept")
        return 0
    count = retain(place.engine(), months=months, dry_run=not given.apply)
    print(f"{count} cases {'erased' if given.apply else 'would be erased; add --apply'}")
    return 0


def _check(_given: argparse.Namespace) -> int:
    engine = place.engine()
    current, newest = migrations.where_it_stands(engine, place.MIGRATIONS)
    if current != newest:
        print(
            f"the database is at revision {current}, the newest is {newest}; run: evenbar db upgrade", file=sys.stderr
        )
        return 1
    if found := migrations.differences(engine, Base.metadata):
        print(f"the tables differ from the models: {found}", file=sys.stderr)
        return 1
    print(f"the database is at the newest revision, {newest}")
    return 0


def _verify(given: argparse.Namespace) -> int:
    earlier = _read_head(given.head) if given.head else None
    keys = [_read_key(file) for file in given.key]
    with Session(place.engine()) as s:
        chain = verify(s, keys)
        stands = earlier is None or continues(s, **earlier)
    if chain.bad is not None:
        print(f"row {chain.bad} does not fit: {chain.why}", file=sys.stderr)
        return 1
    if not stands:
        print("the exported head is not in the log: its end was cut off or rewritten", file=sys.stderr)
        return 1
    if earlier and chain.relies_on > earlier["sequence"]:
        print(_TOO_NEW.format(chain.relies_on), file=sys.stderr)
        return 1
    sealed = f", {chain.sealed} of them sealed with the key of their time" if keys else ""
    print(f"{chain.length} rows, each linked to the one before{sealed}; head {chain.head}")
    return 0


def _read_key(file: Path) -> FirstKey:
    try:
        return read_first_key(file.read_text("utf-8"))
    except (InvalidInput, ValueError) as problem:
        raise InvalidInput(f"{file}: {problem}") from None


def _new_key(given: argparse.Namespace) -> int:
    """The file is written before the key is in use: a key that only the database had could never check anything."""
    with Session(place.engine()) as s:
        begin_write(s)
        key = secrets.token_hex(32)
        head = start_key(s, actor=None, key=key, at=now())
        first = FirstKey(head.epoch, head.sequence + 1, key)
        with given.file.open("x", encoding="utf-8") as file:
            given.file.chmod(0o600)
            file.write(first.as_text())
        s.commit()
    print(f"every row from number {first.sequence} on is sealed; move {given.file} away from this machine")
    return 0


def _read_head(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text("utf-8"))
        return {"sequence": int(found["sequence"]), "event_hash": str(found["event_hash"])}
    except (ValueError, KeyError, TypeError):
        raise InvalidInput(f"{file}: not a head written by `evenbar audit export-head`") from None


def _export_head(given: argparse.Namespace) -> int:
    with Session(place.engine()) as s:
        chain = verify(s)
    if chain.bad is not None:
        print(f"row {chain.bad} does not fit: {chain.why}; no head was written", file=sys.stderr)
        return 1
    given.file.write_text(json.dumps({"sequence": chain.length, "event_hash": chain.head}) + "\n", "utf-8")
    print(f"head of {chain.length} rows written to {given.file}")
    return 0
