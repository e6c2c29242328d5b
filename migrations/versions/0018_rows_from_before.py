"""rows from before

Of a row written before reasons stood apart the hash is over the reason's text: once that is erased the row cannot be
hashed again. One row more, linked and sealed like any other, says what those rows are now. Later than this nobody, with
the key of the next row either, can say it.

Down: the row stays, as every row of the log does."""

import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_EVENT = sa.table(
    "audit_event",
    *(sa.column(name) for name in ("sequence", "actor_id", "action", "thing", "case_id", "stage", "reason_hash")),
    *(sa.column(name) for name in ("payload_hash", "previous_hash", "event_hash", "epoch", "seal")),
    sa.column("at", sa.DateTime(timezone=True)),
)
_REASON = sa.table("audit_reason", sa.column("sequence"), sa.column("salt"), sa.column("text"))
_HEAD = sa.table("audit_head", *(sa.column(name) for name in ("id", "sequence", "event_hash", "epoch", "key")))


def upgrade() -> None:
    head = op.get_bind().execute(sa.select(_HEAD).where(_HEAD.c.id == 1).with_for_update()).mappings().first()
    if head is not None and head["sequence"]:
        _append(dict(head), _canonical(_listed()))


def downgrade() -> None:
    """Nothing: no table was changed."""


def _listed() -> dict[str, str]:
    """What is left of each such row, its text aside. Only of rows that fit, with their text or by a row that tells of
    its erasure: a row that was changed is not made good here."""
    erased = _erased()
    q = sa.select(_EVENT, _REASON.c.text).outerjoin(_REASON, _REASON.c.sequence == _EVENT.c.sequence)
    found = {}
    for row in op.get_bind().execute(q.order_by(_EVENT.c.sequence)).mappings():
        if row["reason_hash"]:
            break  # from here on reasons stood apart
        rest, text = _digest([*_start(row), "", *_end(row), row["event_hash"]]), row["text"]
        fits = _digest([*_start(row), text, *_end(row)]) == row["event_hash"]
        if (text and fits) or (text is None and erased.get(row["sequence"]) == rest):
            found[str(row["sequence"])] = rest
    return found


def _erased() -> dict[int, str]:
    q = sa.select(_REASON.c.text).join(_EVENT, _EVENT.c.sequence == _REASON.c.sequence)
    found: dict[int, str] = {}
    for text in (
        op.get_bind().execute(q.where(_EVENT.c.action == "reasons_erased").order_by(_EVENT.c.sequence)).scalars()
    ):
        try:
            found |= {int(number): str(left) for number, left in json.loads(text).items()}
        except (ValueError, AttributeError):
            continue
    return found


def _append(head: dict[str, Any], text: str) -> None:
    salt = secrets.token_hex(24)
    row: dict[str, Any] = {
        "sequence": head["sequence"] + 1,
        "at": datetime.now(UTC),
        "actor_id": None,
        "action": "rows_from_before",
        "thing": "audit_log",
        "case_id": None,
        "stage": "",
        "reason_hash": _code(salt.encode(), text),
        "payload_hash": _digest(None),
        "previous_hash": head["event_hash"],
        "epoch": head["epoch"],
    }
    row["event_hash"] = _digest([*_start(row), [row["reason_hash"]], *_end(row)])
    rest = _digest([*_start(row), row["reason_hash"], *_end(row), row["event_hash"]])
    key = bytes.fromhex(head["key"])
    row["seal"] = _code(key, f"row:{head['epoch']}:{rest}") if key else ""
    following = hashlib.sha256(b"evenbar audit key" + key).hexdigest() if key else ""
    bind = op.get_bind()
    bind.execute(sa.insert(_EVENT).values(row))
    bind.execute(sa.insert(_REASON).values(sequence=row["sequence"], salt=salt, text=text))
    moved = {"sequence": row["sequence"], "event_hash": row["event_hash"], "key": following}
    bind.execute(sa.update(_HEAD).where(_HEAD.c.id == 1).values(moved))


def _start(row: Any) -> list[Any]:
    at = row["at"].replace(tzinfo=UTC) if row["at"].tzinfo is None else row["at"].astimezone(UTC)
    return [
        row["sequence"],
        at.isoformat(),
        *(row[name] for name in ("actor_id", "action", "thing", "case_id", "stage")),
    ]


def _end(row: Any) -> list[str]:
    return [row["payload_hash"], row["previous_hash"]]


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _digest(value: Any) -> str:
    return hashlib.sha256(_canonical(value).encode()).hexdigest()


def _code(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), "sha256").hexdigest()
