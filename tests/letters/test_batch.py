"""Many letters as a background job: it survives closed tabs, killed workers and second clicks, and each letter is made
once."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.database import begin_write
from portal.adapters.storage import Storage
from portal.app import create_app, outbox_of
from portal.letters import queries
from portal.letters.commands import order, prepare, render
from portal.letters.jobs import LetterPreparer
from portal.letters.queries import Stage
from portal.models.audit import AuditEvent
from portal.models.case import ConflictSource, Recusal
from portal.models.decision import Decision
from portal.models.letter import Letter
from portal.models.outbox import LEASE, OutboxRow, OutboxState
from portal.settings import ROOT, Settings
from tests.letters.dying_worker import POINTS
from tests.letters.stages import BASE, blank_pdf, confirmed
from tests.world import NOW, World

URL = "/cycles/spring-2026/letters"
EVENBAR = (sys.executable, "-c", "from portal.cli import main; raise SystemExit(main())")
WHO = ("ada", "mona", "ivy")


@pytest.fixture
def all_confirmed(world: World) -> World:
    for who in WHO:
        confirmed(world, who)
    world.commit()
    return world


def environment(settings: Settings) -> dict[str, str]:
    given = {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "STORAGE_URL": settings.storage_url,
        "BASE_URL": settings.base_url,
    }
    return {**os.environ, "PYTHONPATH": str(ROOT), **{f"EVENBAR_{name}": value for name, value in given.items()}}


def order_all(engine: Engine, world: World) -> None:
    """As the click does, at the true time of the day, in which the processes live."""
    with Session(engine) as s:
        for decision in s.scalars(select(Decision)):
            order(s, decision=decision, actor=s.merge(world.pia), at=now())
        s.commit()


def let_leases_lapse(engine: Engine) -> None:
    """What waiting for a minute would do."""
    with Session(engine) as s:
        held = OutboxRow.state == OutboxState.RUNNING
        s.execute(update(OutboxRow).where(held).values(lease_until=now() - LEASE))
        s.commit()


def finish(engine: Engine, settings: Settings) -> None:
    outbox_of(create_app(settings, engine=engine)).run_due()


def made_once(engine: Engine, settings: Settings) -> None:
    """Every letter is set and stored, and the log tells of one preparation and one setting each."""
    storage = Storage.from_url(settings.storage_url)
    with Session(engine) as s:
        letters = list(s.scalars(select(Letter)))
        acts = Counter(tuple(row) for row in s.execute(select(AuditEvent.action, AuditEvent.thing)))
        states = set(s.scalars(select(OutboxRow.state).where(OutboxRow.kind.in_((queries.PREPARE, queries.RENDER)))))
    assert len(letters) == len(WHO)
    assert all(storage.get(letter.pdf_sha256 or "").startswith(b"%PDF") for letter in letters)
    for action in ("letter_prepared", "letter_rendered"):
        assert {acts[action, f"letter:{letter.id}"] for letter in letters} == {1}, action
    assert states == {OutboxState.DONE}


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_point_leaves_nothing_undone_or_done_twice(
    all_confirmed: World, engine: Engine, settings: Settings, point: str
) -> None:
    order_all(engine, all_confirmed)
    nth = 1 if point == "rows are claimed" else 2
    command = [sys.executable, "-m", "tests.letters.dying_worker", point, str(nth)]
    died = subprocess.run(command, env=environment(settings), cwd=ROOT, timeout=120, capture_output=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    let_leases_lapse(engine)
    finish(engine, settings)
    made_once(engine, settings)


def test_the_command_itself_killed_in_mid_work_is_taken_up_by_the_next(
    all_confirmed: World, engine: Engine, settings: Settings
) -> None:
    order_all(engine, all_confirmed)
    command = [*EVENBAR, "worker"]
    with subprocess.Popen(command, env=environment(settings), start_new_session=True) as worker:
        patience = time.monotonic() + 60
        while not set_so_far(engine) and time.monotonic() < patience:
            time.sleep(0.05)
        os.killpg(worker.pid, signal.SIGKILL)
    assert set_so_far(engine) >= 1
    let_leases_lapse(engine)
    finish(engine, settings)
    made_once(engine, settings)


def set_so_far(engine: Engine) -> int:
    with Session(engine) as s:
        return s.scalar(select(func.count()).where(Letter.pdf_sha256.is_not(None))) or 0


def test_a_second_click_changes_nothing(all_confirmed: World, client, app, engine: Engine) -> None:
    pia = client(all_confirmed.pia)
    for _ in range(2):
        assert pia.post(f"{URL}/prepare").status_code == 303
    all_confirmed.s.rollback()
    rows = all_confirmed.s.scalars(select(OutboxRow.kind).where(OutboxRow.kind == queries.PREPARE))
    assert list(rows) == [queries.PREPARE] * 3
    outbox_of(app).run_due()
    assert pia.post(f"{URL}/prepare").status_code == 303
    assert outbox_of(app).run_due() == 0
    all_confirmed.s.rollback()
    acts = all_confirmed.s.scalars(select(AuditEvent.thing).where(AuditEvent.action == "letter_prepared"))
    assert set(Counter(acts).values()) == {1}


def test_the_bar_tells_where_it_stands_to_whoever_comes_back(all_confirmed: World, client, app) -> None:
    client(all_confirmed.pia).post(f"{URL}/prepare")
    another_tab = client(all_confirmed.pia)
    assert "0 of 3 letters are set" in another_tab.get(URL).text
    outbox = outbox_of(app)
    for row_id in outbox.claim(3):
        outbox.deliver(row_id)
    for row_id in outbox.claim(1):
        outbox.deliver(row_id)
    assert "1 of 3 letters are set" in another_tab.get(f"{URL}/progress?since=0").text
    assert another_tab.get(f"{URL}/progress?since=1").status_code == 204
    outbox.run_due()
    assert "3 of 3 letters are set" in another_tab.get(f"{URL}/progress?since=1").text


def main_of(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


def test_one_button_at_a_time_is_the_first_thing_to_do(all_confirmed: World, client, storage: Storage) -> None:
    pia, review = client(all_confirmed.pia), 'href="/cycles/spring-2026/letters/release"'
    page = main_of(pia.get(URL).text)
    assert (page.count("button--primary"), "Prepare 3 letters" in page, review in page) == (1, True, False)
    all_confirmed.s.rollback()
    begin_write(all_confirmed.s)
    letter = prepare(
        all_confirmed.s, decision=all_confirmed.s.scalars(select(Decision)).first(), actor=all_confirmed.pia, at=NOW
    )
    render(all_confirmed.s, letter=letter, storage=storage, at=NOW, base_url=BASE, render_with=blank_pdf)
    all_confirmed.commit()
    page = main_of(pia.get(URL).text)
    assert (page.count("button--primary"), "Prepare 2 letters" in page, review in page) == (1, True, True)
    assert f'<a class="button button--secondary" {review}' in page


def test_when_nobody_takes_the_letters_up_the_page_says_whom_to_ask(
    all_confirmed: World, client, frozen_clock: Any
) -> None:
    pia = client(all_confirmed.pia)
    pia.post(f"{URL}/prepare")
    assert "evenbar worker" not in pia.get(URL).text
    frozen_clock.shift(600)
    assert "evenbar worker" in pia.get(URL).text


def test_a_letter_that_failed_is_tried_again_by_another_click(world: World, client, app) -> None:
    decision = confirmed(world, "ada")
    decision.reasons = "Rex Tanaka thought so."
    world.commit()
    pia = client(world.pia)
    pia.post(f"{URL}/prepare")
    outbox_of(app).run_due()
    assert stage_of(world) is Stage.FAILED
    decision.reasons = "Three teams confirmed it."
    world.commit()
    pia.post(f"{URL}/prepare")
    assert stage_of(world) is Stage.PREPARING
    outbox_of(app).run_due()
    assert stage_of(world) is Stage.READY


def stage_of(world: World) -> Stage:
    world.s.rollback()
    world.s.expire_all()
    return queries.batch(world.s, world.cycle, world.pia, NOW).lines[0].stage


def test_who_lost_the_case_since_the_click_prepares_nothing(all_confirmed: World, client, app, engine: Engine) -> None:
    client(all_confirmed.pia).post(f"{URL}/prepare")
    all_confirmed.s.rollback()
    case = queries.batch(all_confirmed.s, all_confirmed.cycle, all_confirmed.theo, NOW).lines[0].case
    declared = {"source": ConflictSource.DECLARED, "reason": "friends", "declared_by_id": all_confirmed.pia.id}
    case.recusals.append(Recusal(person=all_confirmed.pia, at=NOW, **declared))
    all_confirmed.commit()
    outbox_of(app).run_due()
    rows = queries.jobs_of(all_confirmed.s).values()
    assert [(row.given_up, row.trouble) for row in rows] == [
        (True, f"{all_confirmed.pia.name} may not release this letter any more; another people partner has to.")
    ]


def test_a_row_for_what_is_gone_is_left_alone(world: World, engine: Engine, settings: Settings) -> None:
    LetterPreparer(engine, settings)({"decision": "none", "actor": world.pia.id}, "prepare_letter:none:2026-03-16")
    assert world.s.scalar(select(func.count()).select_from(Letter)) == 0
