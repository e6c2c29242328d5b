"""`python -m bench.live_room [--members N]`: what a hundred members looking at a live session cost one worker.

CPU milliseconds of a poll without news (204) and of the same screen after something happened, in one process on SQLite;
from them the share of a core that so many screens take, asking every three seconds with something new twice a minute.
"""

import argparse
import datetime
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.database import begin_write, make_engine
from portal.adapters.migrations import upgrade
from portal.app import create_app
from portal.calibration.commands import sitting as steps
from portal.domain.case_flow import State
from portal.models.base import new_id
from portal.models.cycle import CommitteeSeat
from portal.models.person import Person, SignInSession
from portal.settings import ROOT, Settings
from portal.web.sessions import token_hash
from tests.calibration.places import GRADE, newcomer
from tests.world import World, build_world

EVERY, NEWS = 3.0, 30.0  # seconds between polls, and between things that happen
SECRET = "bench-only-8f31c07d5a2e9b46-1d2c3b4a"
CASES = 12


def _world(url: str, members: int) -> list[Person]:
    """Twelve cases of both tracks on the table, and so many members who look."""
    engine = make_engine(url)
    upgrade(engine, ROOT / "migrations")
    with Session(engine, expire_on_commit=False) as s:
        begin_write(s)
        build_world(s, now())
        world = World(s, now())
        for n in range(CASES):
            key = newcomer(world, f"c{n}", "em" if n % 2 else "senior")
            case = world.case(key, State.IN_CALIBRATION, scores=(3, 3, n % 4))
        people = [world.kim]
        for n in range(members - 1):
            person = getattr(world, newcomer(world, f"member{n}", "staff"))
            person.manager, person.chain = world.dirk, world.nat.chain
            world.committee.seats.append(CommitteeSeat(person=person))
            people.append(person)
        live = steps.begin_session(
            s, cycle=world.cycle, family_id="engineering", grade=4, actor=world.kim, box_minutes=60, at=now()
        )
        steps.put_on_table(s, live=live, case=case, actor=world.kim, seen=steps.seen_by(world.kim, live), at=now())
        for n, person in enumerate(people):
            s.add(_signed_in(person, n))
        s.commit()
    engine.dispose()
    return people


def _signed_in(person: Person, n: int) -> SignInSession:
    data = {"_user_id": person.id, "_fresh": True}
    times = {"created_at": now(), "seen_at": now()}
    return SignInSession(
        token_hash=token_hash(f"bench-{n}"), handle=new_id(), person_id=person.id, data=data, browser="", **times
    )


def _asking(app: Flask, members: int) -> Callable[[str], list[float]]:
    """A round of all members, one after the other; CPU milliseconds of each."""
    clients = [app.test_client() for _ in range(members)]
    for n, client in enumerate(clients):
        client.set_cookie("evenbar", f"bench-{n}")

    def once(token: str) -> list[float]:
        spent = []
        for client in clients:
            start = time.process_time()
            answer = client.get(f"{GRADE}/live?family=engineering&since={token}", headers={"HX-Request": "true"})
            spent.append(1000 * (time.process_time() - start))
            if answer.status_code not in (200, 204):
                raise RuntimeError(f"the room answered {answer.status_code}")
        return spent

    return once


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.live_room")
    parser.add_argument("--members", type=int, default=100)
    members = parser.parse_args().members
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'room.db'}"
        _world(url, members)
        settings: dict[str, Any] = {"storage_url": f"file://{folder}/store", "base_url": "http://localhost"}
        app = create_app(Settings(database_url=url, secret_key=SECRET, demo=True, **settings))
        ask = _asking(app, members)
        client = app.test_client()
        client.set_cookie("evenbar", "bench-0")
        ask("none")
        page = client.get(f"{GRADE}/live?family=engineering&since=", headers={"HX-Request": "true"}).text
        token = page.split("since=")[1].split('"')[0]
        still, news = [x for _ in range(3) for x in ask(token)], ask("")
    quiet, busy = statistics.median(still), statistics.median(news)
    share = members * (quiet / EVERY + busy / NEWS) / 1000
    print(f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, ", end="")
    print(f"{platform.machine()}, {os.cpu_count()} cores, SQLite, {members} members, {CASES} cases")
    print(f"  nothing new (204)   {quiet:6.2f} ms CPU, median of {len(still)} ({max(still) - min(still):.1f} apart)")
    print(f"  something new       {busy:6.2f} ms CPU, median of {len(news)} ({max(news) - min(news):.1f} apart)")
    alone = members * quiet / EVERY / 1000
    print(f"  share of a core     {100 * alone:6.1f} % polling, {100 * share:.1f} % with news twice a minute")


if __name__ == "__main__":
    main()
