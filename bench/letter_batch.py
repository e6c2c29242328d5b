"""`python -m bench.letters --batch 500 --kill 5`: the letters of a whole cycle end to end, with the worker killed.

One click has every letter prepared and set by `evenbar worker`, a process of its own; a second one comes in the middle;
then all are released and every candidate and manager gets a mail, taken by a mail server of this script. Meanwhile the
worker is killed with signal 9 at random moments and another is started. What a dead worker held is free again after a
minute; that minute is not waited for but written into the database. At the end everything is counted."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message as Mail
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.database import begin_write, make_engine
from portal.adapters.storage import Storage
from portal.domain.case_flow import State
from portal.letters import commands, queries, releases
from portal.models.audit import AuditEvent
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.decision import Decision
from portal.models.letter import Letter
from portal.models.outbox import LEASE, OutboxRow, OutboxState
from portal.people import commands as people
from portal.settings import ROOT
from tests.conftest import SECRET, migrate_and_populate
from tests.letters.stages import PROMOTED, confirmed
from tests.people.test_mail import free_port
from tests.world import NOW, World

WORKER = (sys.executable, "-c", "from portal.cli import main; raise SystemExit(main())", "worker")
LOOK_S = 2.0  # the page asks every three seconds
PATIENCE_S = 1800


class Postbox(Message):  # type: ignore[misc]
    """Counts what arrives, by recipient and message id: a mail sent twice is one message to whoever receives it."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived: Counter[tuple[str, str]] = Counter()

    def handle_message(self, message: Mail) -> None:
        if "letter" in str(message["Subject"]).lower():
            self.arrived[str(message["To"]), str(message["Message-ID"])] += 1


@dataclass
class Run:
    """One batch: where it lives, what was asked, what was seen on the way."""

    engine: Engine
    folder: Path
    letters: int
    kills: int
    chance: random.Random
    smtp: str
    killed: list[str] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        given = {
            "DATABASE_URL": str(self.engine.url),
            "SECRET_KEY": SECRET,
            "STORAGE_URL": f"file://{self.folder}/store",
            "SMTP_URL": self.smtp,
        }
        return {**os.environ, "PYTHONPATH": str(ROOT), **{f"EVENBAR_{name}": value for name, value in given.items()}}


def seed(engine: Engine, count: int) -> None:
    """Candidates with a confirmed decision each, of three outcomes in turn."""
    with Session(engine, expire_on_commit=False) as s:
        world = World(s)
        for n in range(count):
            person = {"email": f"c{n}@example.org", "name": f"Candidate {n}", "manager": world.max}
            people.add_person(s, actor=None, family_id="engineering", level_id="senior", at=NOW, **person)
            confirmed(world, f"c{n}", PROMOTED[n % 3])
        s.commit()


def click(engine: Engine) -> int:
    """What the button "Prepare letters" does; gives how many it ordered."""
    with Session(engine) as s:
        begin_write(s)
        pia = World(s).pia
        wanted = queries.batch(s, s.scalars(select(Cycle)).one(), pia, now()).to_prepare
        for decision in wanted:
            commands.order(s, decision=decision, actor=pia, at=now())
        s.commit()
        return len(wanted)


def shown(engine: Engine) -> tuple[int, int]:
    """What the progress bar says: (set, of how many)."""
    with Session(engine) as s:
        found = queries.batch(s, s.scalars(select(Cycle)).one(), World(s).pia, now())
        return found.rendered, found.total


def mailed(engine: Engine) -> int:
    with Session(engine) as s:
        done = OutboxRow.kind == "mail", OutboxRow.key.like("%letter:%"), OutboxRow.state == OutboxState.DONE
        return s.scalar(select(func.count()).where(*done)) or 0


@contextmanager
def worker(run: Run) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(WORKER, env=run.environment, cwd=ROOT, start_new_session=True) as process:
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def work(run: Run, so_far: Callable[[], int], whole: int, kills: int, name: str) -> float:
    """Workers, one after the other, until `so_far` is `whole`; `kills` of them die at random moments. Gives seconds."""
    began, moments = time.monotonic(), sorted(run.chance.uniform(0.02, 0.9) * whole for _ in range(kills))
    for moment in [*moments, float("inf")]:
        with worker(run) as process:
            while (done := so_far()) < min(moment, whole):
                assert process.poll() is None, "the worker ended by itself"
                assert time.monotonic() - began < PATIENCE_S, f"{name}: only {done} of {whole}"
                time.sleep(run.chance.uniform(0.1, LOOK_S))
            if done < whole:
                time.sleep(run.chance.uniform(0, 0.5))
        if done >= whole:
            break
        run.killed.append(f"{name} {done} of {whole}")
        let_leases_lapse(run.engine)
    return time.monotonic() - began


def let_leases_lapse(engine: Engine) -> None:
    """What waiting for a minute would do."""
    with Session(engine) as s:
        held = OutboxRow.state == OutboxState.RUNNING
        s.execute(update(OutboxRow).where(held).values(lease_until=now() - LEASE))
        s.commit()


def release_all(engine: Engine, count: int) -> None:
    """What the second step does, for this very moment."""
    with Session(engine, expire_on_commit=False) as s:
        begin_write(s)
        pia, cycle, at = World(s).pia, s.scalars(select(Cycle)).one(), now()
        ready = queries.batch(s, cycle, pia, at).ready
        assert len(ready) == count
        releases.order(s, cycle=cycle, cases=ready, actor=pia, moment=at, at=at)
        s.commit()


def verdicts(run: Run, postbox: Postbox) -> dict[str, bool]:
    """Everything that must be true at the end, each with whether it is."""
    storage = Storage.from_url(run.environment["EVENBAR_STORAGE_URL"])
    with Session(run.engine) as s:
        letters = list(s.scalars(select(Letter)))
        acts = Counter(tuple(row) for row in s.execute(select(AuditEvent.action, AuditEvent.thing)))
        out = s.scalar(select(func.count()).where(Decision.released_at.is_not(None)))
        states = Counter(case.state for case in s.scalars(select(Case)))
        rows = Counter(s.scalars(select(OutboxRow.state).where(OutboxRow.kind != "mail")))
    once = {act: {acts[act, f"letter:{one.id}"] for one in letters} for act in _ACTS}
    candidates = [to for to, _id in postbox.arrived if to.startswith("c") or "<c" in to]
    return {
        "every letter exists once": len({one.decision_id for one in letters}) == len(letters) == run.letters,
        "each is a PDF in the store": all(storage.get(one.pdf_sha256 or "")[:5] == b"%PDF-" for one in letters),
        "each was prepared, set and released once": set(once) == set(_ACTS) and all(n == {1} for n in once.values()),
        "all were released": out == states[State.RELEASED] == run.letters,
        "no job is left or failed": set(rows) == {OutboxState.DONE},
        "every candidate got one message": Counter(candidates).most_common(1)[0][1] == 1
        and len(set(candidates)) == run.letters,
        "every manager got one for each": len(postbox.arrived) == 2 * run.letters,
        "progress never went backwards": run.seen == sorted(run.seen),
    }


_ACTS = ("letter_prepared", "letter_rendered", "letter_released")


def batch(count: int, kills: int, seed_of_chance: int) -> bool:
    """Run it, print what came of it; True when nothing is amiss."""
    postbox = Postbox()
    server = Controller(postbox, hostname="127.0.0.1", port=free_port())
    server.start()
    with tempfile.TemporaryDirectory(prefix="evenbar-batch-") as name:
        url = f"sqlite:///{name}/evenbar.db"
        migrate_and_populate(url)
        engine, chance = make_engine(url), random.Random(seed_of_chance)
        run = Run(engine, Path(name), count, kills, chance, f"smtp://127.0.0.1:{server.port}")
        seed(engine, count)
        passed = _through(run)
        passed |= verdicts(run, postbox)
        engine.dispose()
    server.stop()
    again = sum(n - 1 for n in postbox.arrived.values())
    print(f"\nkilled at: {', '.join(run.killed) or 'never'}")
    print(f"mails sent again under the same message id, after a death between sending and noting it: {again}")
    for what, true in passed.items():
        print(f"  {'yes' if true else 'NO ':4} {what}")
    return all(passed.values())


def _through(run: Run) -> dict[str, bool]:
    """The three stages: made, released, mailed."""
    ordered, again = click(run.engine), -1

    def made() -> int:
        nonlocal again
        done, total = shown(run.engine)
        run.seen.append(done)
        if again < 0 and done > run.letters // 3:
            again = click(run.engine)
        return done if total == run.letters else 0

    making = work(run, made, run.letters, -(-run.kills * 3 // 5), "set")
    release_all(run.engine, run.letters)
    telling = work(run, lambda: mailed(run.engine), 2 * run.letters, run.kills * 2 // 5, "mailed")
    print(f"{run.letters} letters prepared and set in {making:.0f} s, {run.letters / making:.1f} a second")
    print(f"released and {2 * run.letters} mails sent in {telling:.0f} s")
    return {"the first click ordered all": ordered == run.letters, "the second click ordered nothing": again == 0}
