"""A release ordered for a moment: taken back until then, never after; carried out once, whatever dies meanwhile."""

import subprocess
import sys
import threading
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.adapters.storage import Storage
from portal.decisions.commands import record_decision
from portal.decisions.policy import Sight, sight
from portal.domain.case_flow import Action, State
from portal.domain.problems import InvalidInput, Refused
from portal.letters import queries, releases
from portal.letters.commands import DisagreesWithRecord, render
from portal.letters.jobs import release_due
from portal.letters.queries import Stage
from portal.models.audit import AuditEvent
from portal.models.case import Case, CaseEvent
from portal.models.decision import Outcome
from portal.models.letter import Letter
from portal.models.outbox import OutboxRow
from portal.models.person import Person
from portal.models.release import Release, ReleaseItem
from portal.settings import ROOT
from tests.letters.stages import BASE, EFFECTIVE, REASONS, blank_pdf, ready
from tests.world import NOW, World

URL = "/cycles/spring-2026/letters"
TOMORROW = NOW + timedelta(days=1)
SOON = NOW + timedelta(hours=2)


@pytest.fixture
def two_ready(world: World, storage: Storage) -> World:
    ready(world, storage, "ada", Outcome.APPROVED)
    ready(world, storage, "mona", Outcome.NOT_YET)
    world.commit()
    return world


def order(world: World, moment=SOON, **other: Any) -> Release:
    cases = queries.batch(world.s, world.cycle, world.pia, NOW).ready
    made = releases.order(world.s, cycle=world.cycle, cases=cases, actor=world.pia, moment=moment, at=NOW, **other)
    world.commit()
    return made


def again(world: World) -> None:
    """Look at the database as it is now."""
    world.s.rollback()
    world.s.expire_all()


def mails(world: World, template: str = "letter_released") -> int:
    again(world)
    rows = world.s.scalars(select(OutboxRow).where(OutboxRow.kind == "mail")).all()
    return sum(row.payload["template"] == template for row in rows)


def states(world: World) -> set[State]:
    again(world)
    return {case.state for case in world.s.scalars(select(Case))}


def test_nothing_leaves_before_the_moment_and_all_of_it_at_the_moment(two_ready, engine, frozen_clock) -> None:
    order(two_ready)
    frozen_clock.move_to(SOON - timedelta(seconds=1))
    assert (release_due(engine), states(two_ready), mails(two_ready)) == (0, {State.DECIDED}, 0)
    frozen_clock.move_to(SOON)
    assert (release_due(engine), states(two_ready), mails(two_ready)) == (2, {State.RELEASED}, 4)


def test_until_the_moment_it_is_taken_back_and_after_it_never(two_ready: World, engine, frozen_clock) -> None:
    made = order(two_ready)
    cases = [item.decision.case for item in made.items]
    back = {"release": made, "actor": two_ready.pia}
    assert releases.take_back(two_ready.s, cases=cases[:1], at=SOON - timedelta(seconds=1), **back) == 1
    two_ready.commit()
    with pytest.raises(Refused, match="never taken back"):
        releases.take_back(two_ready.s, cases=cases, at=SOON, **back)
    again(two_ready)
    frozen_clock.move_to(SOON)
    assert release_due(engine) == 1
    again(two_ready)
    assert [case.state for case in cases] == [State.DECIDED, State.RELEASED]


def test_the_table_itself_refuses_what_is_taken_back_too_late(two_ready: World) -> None:
    item = order(two_ready).items[0]
    item.live, item.taken_back_at, item.taken_back_by_id = False, SOON, two_ready.pia.id
    with pytest.raises(IntegrityError, match="taken_back_in_time"):
        two_ready.s.flush()


def test_an_order_stays_as_it_was(two_ready: World) -> None:
    made = order(two_ready)
    made.moment = TOMORROW
    with pytest.raises(RuntimeError, match="never changes"):
        two_ready.s.flush()


def test_what_was_taken_back_can_be_ordered_again_and_is_not_on_its_way_twice(two_ready: World) -> None:
    made = order(two_ready)
    cases = [item.decision.case for item in made.items]
    with pytest.raises(Refused, match="on its way already"):
        releases.order(two_ready.s, cycle=two_ready.cycle, cases=cases, actor=two_ready.pia, moment=SOON, at=NOW)
    releases.take_back(two_ready.s, release=made, cases=cases, actor=two_ready.pia, at=NOW)
    assert len(order(two_ready, TOMORROW).items) == 2


def test_a_moment_that_has_passed_is_refused(two_ready: World) -> None:
    with pytest.raises(InvalidInput, match="lies ahead"):
        order(two_ready, NOW - timedelta(seconds=1))


def test_a_letter_is_dated_with_the_day_it_leaves_and_set_again_before_it(
    two_ready: World, engine, storage: Storage, frozen_clock
) -> None:
    order(two_ready, TOMORROW)
    letters = list(two_ready.s.scalars(select(Letter)))
    assert {(x.data["issued_on"], x.pdf_sha256) for x in letters} == {("2026-03-17", None)}
    frozen_clock.move_to(TOMORROW)
    assert release_due(engine) == 0, "what is not set yet waits"
    for letter in letters:
        render(two_ready.s, letter=letter, storage=storage, at=TOMORROW, base_url=BASE, render_with=blank_pdf)
    two_ready.commit()
    assert release_due(engine) == 2


def test_a_missed_moment_dates_the_letters_anew(two_ready: World, engine, storage: Storage, frozen_clock) -> None:
    """The worker was down over midnight: the appeal counts from the day the candidate is told."""
    order(two_ready)
    frozen_clock.move_to(TOMORROW)
    assert release_due(engine) == 0
    again(two_ready)
    for letter in two_ready.s.scalars(select(Letter)):
        assert letter.data["issued_on"] == "2026-03-17"
        render(two_ready.s, letter=letter, storage=storage, at=TOMORROW, base_url=BASE, render_with=blank_pdf)
    two_ready.commit()
    assert (release_due(engine), states(two_ready)) == (2, {State.RELEASED})


def test_a_letter_that_disagrees_by_then_is_held_back_and_the_others_leave(
    two_ready, engine, frozen_clock, client
) -> None:
    order(two_ready)
    two_ready.ada.name = "Ada Marchetti-Ruiz"
    two_ready.commit()
    frozen_clock.move_to(SOON)
    assert release_due(engine) == 2
    again(two_ready)
    held = two_ready.s.scalar(select(ReleaseItem).where(ReleaseItem.trouble != ""))
    assert held is not None
    assert (held.decision.case.candidate.name, held.live) == ("Ada Marchetti-Ruiz", False)
    assert (mails(two_ready, "release_held_back"), mails(two_ready)) == (1, 2)
    assert "Held back: Ada Marchetti-Ruiz." in client(two_ready.pia).get(URL).text


def test_a_letter_that_disagrees_already_stops_the_order(two_ready: World) -> None:
    two_ready.ada.name = "Ada Marchetti-Ruiz"
    two_ready.commit()
    with pytest.raises(DisagreesWithRecord):
        order(two_ready)


def test_a_decision_on_its_way_is_not_corrected_before_it_is_taken_back(two_ready: World) -> None:
    made = order(two_ready)
    case = next(item.decision.case for item in made.items if item.decision.outcome is Outcome.APPROVED)
    correction = {
        "case": case,
        "actor": two_ready.kim,
        "outcome": Outcome.APPROVED,
        "reasons": REASONS,
        "unmet_codes": [],
        "effective_on": EFFECTIVE,
        "correction": "The day was wrong.",
        "at": NOW,
    }
    with pytest.raises(Refused, match="Its letter leaves on 16 Mar 2026"):
        record_decision(two_ready.s, **correction)
    releases.take_back(two_ready.s, release=made, cases=[case], actor=two_ready.pia, at=NOW)
    assert record_decision(two_ready.s, **correction).number == 2


def test_of_two_workers_at_once_each_letter_leaves_by_one(two_ready: World, engine, frozen_clock) -> None:
    order(two_ready)
    frozen_clock.move_to(SOON)
    done: list[int] = []
    workers = [threading.Thread(target=lambda: done.append(release_due(engine, at_a_time=1))) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(30)
    steps = select(func.count()).select_from(CaseEvent).where(CaseEvent.action == Action.RELEASE)
    assert (sum(done), mails(two_ready), two_ready.s.scalar(steps)) == (2, 4, 2)


KILLED = """
import os, signal, sys
import time_machine
from datetime import datetime
from portal.adapters.database import make_engine
from portal.letters import commands, jobs
url, moment, after = sys.argv[1], datetime.fromisoformat(sys.argv[2]), int(sys.argv[3])
told, count = commands.enqueue_mail, 0
def dying(*args, **kwargs):
    global count
    count += 1
    if count > after:
        os.kill(os.getpid(), signal.SIGKILL)
    told(*args, **kwargs)
commands.enqueue_mail = dying
with time_machine.travel(moment, tick=False):
    jobs.release_due(make_engine(url), at_a_time=1)
"""


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_worker_killed_at_any_mail_leaves_nothing_half_done(
    two_ready: World, engine, database_url: str, frozen_clock, after: int
) -> None:
    order(two_ready)
    command = [sys.executable, "-c", KILLED, database_url, SOON.isoformat(), str(after)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -9
    left = [case for case in two_ready.s.scalars(select(Case)) if two_ready.fresh(case).state is State.RELEASED]
    assert (len(left), mails(two_ready)) == (after // 2, after // 2 * 2), "a letter and its mails are one act"
    frozen_clock.move_to(SOON)
    assert (release_due(engine), states(two_ready), mails(two_ready)) == (2 - after // 2, {State.RELEASED}, 4)


def briefing(world: World, monkeypatch: pytest.MonkeyPatch, shows: str = "outcome") -> Release:
    policy = releases.policy_of(world.s.scalars(select(Case)).first()).model_copy(update={"manager_brief": shows})
    monkeypatch.setattr(releases, "policy_of", lambda case: policy)
    return order(world, brief_hours=1)


def test_managers_are_told_ahead_only_as_the_policy_says(two_ready: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput, match="does not tell managers ahead"):
        order(two_ready, brief_hours=1)
    policy = releases.policy_of(two_ready.s.scalars(select(Case)).first()).model_copy(
        update={"manager_brief": "outcome"}
    )
    monkeypatch.setattr(releases, "policy_of", lambda case: policy)
    with pytest.raises(InvalidInput, match="at most 24 hours"):
        order(two_ready, TOMORROW, brief_hours=25)


def test_a_manager_told_ahead_reads_the_outcome_from_then_on_and_it_is_on_record(
    two_ready: World, engine, frozen_clock, client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = briefing(two_ready, monkeypatch)
    decision = next(i.decision for i in made.items if i.decision.case.candidate_id == two_ready.ada.id)
    page = f"/cases/{decision.case_id}/decision"
    max_, dana = client(two_ready.max), client(two_ready.dana)
    assert (max_.get(page).status_code, mails(two_ready, "manager_briefed")) == (404, 0)
    frozen_clock.move_to(SOON - timedelta(hours=1))
    assert (release_due(engine), release_due(engine), mails(two_ready, "manager_briefed")) == (2, 0, 2)
    seen = max_.get(page).text
    assert ("approved" in seen, REASONS in seen) == (True, False)
    assert dana.get(page).status_code == 404
    assert client(two_ready.ada).get(page).status_code == 404
    again(two_ready)
    acts = two_ready.s.scalars(select(AuditEvent.action).where(AuditEvent.case_id == decision.case_id)).all()
    assert ("manager_briefed" in acts, "read" in acts) == (True, True)


def test_taking_back_ends_what_managers_may_read_ahead(
    two_ready: World, engine, frozen_clock, client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = briefing(two_ready, monkeypatch, "reasons")
    decision = next(i.decision for i in made.items if i.decision.case.candidate_id == two_ready.ada.id)
    frozen_clock.move_to(SOON - timedelta(hours=1))
    release_due(engine)
    page = f"/cases/{decision.case_id}/decision"
    assert REASONS in client(two_ready.max).get(page).text
    again(two_ready)
    assert {k for k, p in two_ready.everyone.items() if sight(p, decision) is Sight.BRIEF} == {"max"}
    assert client(two_ready.pia).post(f"{URL}/release/{made.id}/take-back").status_code == 303
    assert client(two_ready.max).get(page).status_code == 404


def test_no_manager_is_told_ahead_of_what_an_appeal_keeps_here(
    two_ready: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = briefing(two_ready, monkeypatch)
    ada, mona = (
        next(i.decision for i in made.items if i.decision.case.candidate.name == p.name)
        for p in (two_ready.ada, two_ready.mona)
    )
    ada.case._state = State.UNDER_APPEAL
    two_ready.s.flush()
    assert releases.brief(two_ready.s, release=made, at=SOON - timedelta(hours=1)) == 1
    assert [d.planned.briefed_id is not None for d in (ada, mona)] == [False, True]
    mona.case._state = State.UNDER_APPEAL
    manager = two_ready.s.get_one(Person, mona.planned.briefed_id)
    assert sight(manager, mona) is Sight.NOTHING


def fingerprint(page: str) -> str:
    return page.partition('name="fingerprint" value="')[2].partition('"')[0]


def test_the_second_step_names_the_moment_and_the_letters_that_were_chosen(two_ready: World, client, db) -> None:
    pia = client(two_ready.pia)
    ada = next(c for c in two_ready.s.scalars(select(Case)) if c.candidate_id == two_ready.ada.id)
    page = pia.get(f"{URL}/release?case={ada.id}&moment=2026-03-20T09:00").text
    assert ("Release 1 letter: 1 approved" in page, "20 Mar 2026, 09:00 UTC" in page) == (True, True)
    sent = {"fingerprint": fingerprint(page), "case": ada.id, "moment": "2026-03-20T09:00"}
    told = pia.post(f"{URL}/release", data=sent, follow_redirects=True).text
    assert "1 letter leaves on 20 Mar 2026, 09:00 UTC. Until then it can be taken back" in told
    again(two_ready)
    (made,) = two_ready.s.scalars(select(Release))
    assert (made.moment.isoformat(), [i.decision.case_id for i in made.items]) == (
        "2026-03-20T09:00:00+00:00",
        [ada.id],
    )
    listed = pia.get(URL).text
    assert ("1 letter leaves on " in listed, ": 1 approved." in listed, "ordered to leave" in listed) == (
        True,
        True,
        True,
    )
    assert "Release 1 letter: 1 not yet" in pia.get(f"{URL}/release").text
    assert pia.get(f"{URL}/release?moment=soon").status_code == 422


def test_who_may_not_run_all_of_it_takes_back_only_what_they_run(world: World, storage: Storage, client) -> None:
    own, other = ready(world, storage, "theo").case, ready(world, storage, "ada").case
    world.commit()
    made = order(world)
    assert ": 1 approved." in client(world.theo).get(URL).text
    assert client(world.theo).post(f"{URL}/release/{made.id}/take-back").status_code == 303
    again(world)
    assert {i.decision.case_id: i.live for i in made.items} == {own.id: True, other.id: False}
    for key in ("ada", "kim", "sam", "aud"):
        assert client(getattr(world, key)).post(f"{URL}/release/{made.id}/take-back").status_code == 404


def test_a_release_of_nothing_one_may_see_is_not_there(world: World, storage: Storage, client) -> None:
    ready(world, storage, "theo")
    world.commit()
    made = order(world)
    theo = client(world.theo)
    assert "Ordered releases" not in theo.get(URL).text
    assert theo.post(f"{URL}/release/{made.id}/take-back").status_code == 404


def test_stages_tell_what_is_on_its_way(two_ready: World) -> None:
    order(two_ready)
    found = queries.batch(two_ready.s, two_ready.cycle, two_ready.pia, NOW)
    assert ({line.stage for line in found.lines}, found.ready, found.to_prepare) == ({Stage.PLANNED}, [], [])
    assert date.fromisoformat(found.lines[0].decision.letter.data["issued_on"]) == NOW.date()


def test_the_released_day_is_the_day_it_left(two_ready: World, engine, frozen_clock) -> None:
    order(two_ready)
    frozen_clock.move_to(SOON + timedelta(minutes=5))
    release_due(engine)
    with Session(engine) as s:
        found = {d for d in s.scalars(select(Letter))}
        assert {x.decision.released_at for x in found} == {SOON + timedelta(minutes=5)}
