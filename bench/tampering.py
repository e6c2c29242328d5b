"""`python -m bench.tampering [--tries 1000] [--rows 300]`: is every tampering with the audit log found, at its row?

Writes a log of sealed rows, some of their reasons erased by the book, then tries at random what somebody with the
whole database could do: change any column of any row, word a reason anew or take it away, take a row out, put one in,
exchange two, cut the end off and mend the head row, write everything from a row on anew so that the chain fits, change
a row and have further ones, sealed with the key that waits, say that it was erased as it is now. Each is undone before
the next. Prints, by kind, how many were tried, how many were found, and how many of those at the very first row that
was touched. Ends with status 1 if any was missed."""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, make_transient

from portal.adapters.database import begin_write, make_engine
from portal.models.audit import BEFORE, AuditEvent, AuditHead, AuditReason, canonical, record, start_key
from portal.models.base import Base
from portal.records.chain import verify
from portal.records.reasons import ACT, erase
from portal.records.seals import FirstKey

NOW = datetime(2026, 3, 16, 10, 0, tzinfo=UTC)
TEXTS = ("action", "thing", "case_id", "stage")
HASHES = ("payload_hash", "previous_hash", "event_hash", "seal", "reason_hash")


def write_log(s: Session, rows: int) -> FirstKey:
    key = random.Random(1).randbytes(32).hex()
    head = start_key(s, actor=None, key=key, at=NOW)
    first = FirstKey(head.epoch, head.sequence + 1, key)
    for n in range(rows):
        at = NOW + timedelta(minutes=n)
        if n == rows // 2:
            erase_some(s, rows // 10, at)
        why = f"Because of {n}." if n % 3 else ""
        thing, case_id = f"case:{n % 11}", f"c{n % 11}"
        record(s, actor=None, action=f"act_{n % 7}", thing=thing, at=at, case_id=case_id, reason=why, payload=n)
    return first


def with_reason(s: Session, chance: random.Random) -> int:
    return chance.choice(list(s.scalars(select(AuditReason.sequence).order_by(AuditReason.sequence))))


def reword(s: Session, chance: random.Random, first: int, last: int) -> int:
    at = with_reason(s, chance)
    column = chance.choice(["text", "salt"])
    s.execute(update(AuditReason).where(AuditReason.sequence == at).values({column: chance.randbytes(12).hex()}))
    return at


def silence(s: Session, chance: random.Random, first: int, last: int) -> int:
    """A reason taken away with no erasure on record; now and then with its code."""
    at = with_reason(s, chance)
    s.execute(delete(AuditReason).where(AuditReason.sequence == at))
    if chance.random() < 0.5:
        put(s, at, reason_hash="")
    return at


def erase_some(s: Session, count: int, at: datetime) -> None:
    lines = list(s.scalars(select(AuditEvent).where(AuditEvent.reason_hash != "").order_by(AuditEvent.sequence)))
    erase(s, random.Random(count).sample(lines, count), "person:x", actor=None, at=at)


def put(s: Session, where: int, **values: object) -> None:
    s.execute(update(AuditEvent).where(AuditEvent.sequence == where).values(values))


def change(s: Session, chance: random.Random, first: int, last: int) -> int:
    at = chance.randint(first, last)
    row = s.get_one(AuditEvent, at)
    column = chance.choice([*TEXTS, *HASHES, "at", "epoch"])
    if column in HASHES:
        put(s, at, **{column: chance.randbytes(32).hex()})
    elif column in TEXTS:
        put(s, at, **{column: f"{getattr(row, column)}x"[-12:]})
    else:
        put(s, at, **{column: row.at + timedelta(seconds=1) if column == "at" else row.epoch + 1})
    return at


def take_out(s: Session, chance: random.Random, first: int, last: int) -> int:
    at = chance.randint(first, last)
    s.execute(delete(AuditEvent).where(AuditEvent.sequence == at))
    return at


def exchange(s: Session, chance: random.Random, first: int, last: int) -> int:
    a, b = sorted(chance.sample(range(first, last + 1), 2))
    for source, target in ((a, 0), (b, a), (0, b)):
        put(s, source, sequence=target)
    return a


def put_in(s: Session, chance: random.Random, first: int, last: int) -> int:
    """A made-up row at the end, linked and hashed as it should be, with the head row mended."""
    copied, end = s.get_one(AuditEvent, chance.randint(first, last)), s.get_one(AuditEvent, last)
    s.expunge(copied)
    make_transient(copied)
    copied.sequence, copied.previous_hash = last + 1, end.event_hash
    copied.event_hash = copied.expected_hash()
    s.add(copied)
    s.flush()
    s.execute(update(AuditHead).values(sequence=copied.sequence, event_hash=copied.event_hash))
    return last + 1


def cut(s: Session, chance: random.Random, first: int, last: int) -> int:
    at = chance.randint(first + 1, last)
    before = s.get_one(AuditEvent, at - 1)
    s.execute(delete(AuditEvent).where(AuditEvent.sequence >= at))
    s.execute(update(AuditHead).values(sequence=before.sequence, event_hash=before.event_hash))
    return at


def write_anew(s: Session, chance: random.Random, first: int, last: int) -> int:
    at = chance.randint(first, last)
    put(s, at, action="another")
    s.expire_all()
    rows = list(s.scalars(select(AuditEvent).where(AuditEvent.sequence >= at - 1).order_by(AuditEvent.sequence)))
    previous = rows[0].event_hash
    for row in rows[1:]:
        s.expunge(row)
        row.previous_hash = previous
        previous = row.expected_hash()
        put(s, row.sequence, previous_hash=row.previous_hash, event_hash=previous)
    s.execute(update(AuditHead).values(event_hash=previous))
    return at


def excuse(s: Session, chance: random.Random, first: int, last: int) -> int:
    """A changed row, its reason and the code of it gone, that later rows name as erased, or as one from before."""
    at = chance.randint(first, last)
    s.execute(delete(AuditReason).where(AuditReason.sequence == at))
    put(s, at, action="another", case_id="other", reason_hash="")
    s.expire_all()
    left = canonical({str(at): s.get_one(AuditEvent, at).rest()})
    for action in chance.choice([[ACT], [ACT, BEFORE], [BEFORE, ACT]]):
        record(s, actor=None, action=action, thing="case:1", at=NOW, reason=left)
    return at


KINDS: dict[str, Callable[[Session, random.Random, int, int], int]] = {
    "a column changed": change,
    "a reason worded anew": reword,
    "a reason taken away": silence,
    "a row taken out": take_out,
    "two rows exchanged": exchange,
    "a row put in at the end": put_in,
    "the end cut off": cut,
    "written anew from a row on": write_anew,
    "changed and called erased": excuse,
}


Counts = Counter[str]


def attack(s: Session, first: FirstKey, rows: int, tries: int, seed: int) -> tuple[Counts, Counts, Counts]:
    tried, found, exact = Counter[str](), Counter[str](), Counter[str]()
    chance = random.Random(seed)
    for _ in range(tries):
        kind = chance.choice(list(KINDS))
        with s.begin_nested() as point:
            at = KINDS[kind](s, chance, first.sequence, first.sequence + rows - 1)
            s.expire_all()
            bad = verify(s, [first]).bad
            point.rollback()
        s.expire_all()
        tried[kind] += 1
        found[kind] += bad is not None
        exact[kind] += bad == at
    return tried, found, exact


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--tries", type=int, default=1000)
    given.add_argument("--rows", type=int, default=300)
    given.add_argument("--seed", type=int, default=1)
    asked = given.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder)}/log.db")
        Base.metadata.create_all(engine)
        with Session(engine) as s:
            begin_write(s)
            first = write_log(s, asked.rows)
            assert verify(s, [first]).bad is None
            tried, found, exact = attack(s, first, asked.rows + 1, asked.tries, asked.seed)
        engine.dispose()
    for kind in KINDS:
        print(f"{kind:28} tried {tried[kind]:5}  found {found[kind]:5}  at its row {exact[kind]:5}")
    missed = tried.total() - found.total()
    print(f"{tried.total()} tried, {found.total()} found, {missed} missed; {time.perf_counter() - began:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
