"""Two people at the same moment: a vote and the closing of its ballot never cross, and two openings make one ballot."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.adapters.database import begin_write
from portal.calibration import commands
from portal.calibration.commands import sitting as steps
from portal.cases.queries import count
from portal.domain.case_flow import State
from portal.domain.problems import Refused, StaleVersion
from portal.models.audit import AuditEvent
from portal.models.calibration import Ballot, Choice
from portal.models.calibration_session import CalibrationSession
from portal.models.case import Case
from portal.models.person import Person
from tests.world import NOW, World

COMMITTEE = ("kim", "lou", "nat", "ola", "joe")


@pytest.fixture
def case(world: World) -> Case:
    found = world.case("ada", State.IN_CALIBRATION)
    world.commit()
    return found


@pytest.fixture
def ballot(world: World, case: Case) -> Ballot:
    found = world.ballot(case, dict.fromkeys(COMMITTEE), closed=False)
    world.commit()
    return found


def act(engine: Engine, what: Callable[[Session], None]) -> list[str]:
    """Do it in a session of its own, committed; the refusal if there was one."""
    with Session(engine, expire_on_commit=False) as s:
        begin_write(s)
        try:
            what(s)
        except Refused as refusal:
            return [refusal.message]
        s.commit()
    return []


def voting(ballot: Ballot, key: str) -> Callable[[Session], None]:
    def vote(s: Session) -> None:
        found = s.get_one(Ballot, ballot.id)
        commands.cast(s, ballot=found, actor=getattr(World(s), key), choice=Choice.FOR, at=NOW)

    return vote


def closing(ballot: Ballot) -> Callable[[Session], None]:
    return lambda s: commands.close_ballot(s, ballot=s.get_one(Ballot, ballot.id), actor=World(s).kim, at=NOW)


def test_a_vote_waits_for_a_closing_that_began_before_it_and_is_refused(world: World, ballot: Ballot, engine) -> None:
    late: list[str] = []
    with Session(engine, expire_on_commit=False) as chair:
        begin_write(chair)
        closing(ballot)(chair)
        voter = threading.Thread(target=lambda: late.extend(act(engine, voting(ballot, "nat"))))
        voter.start()
        voter.join(0.3)
        assert voter.is_alive(), "the vote did not wait for the closing"
        chair.commit()
        voter.join(20)
    assert late == ["This ballot was closed before your vote arrived; your vote was not counted."]
    assert count(world.fresh(ballot)).cast == 0


def test_a_closing_waits_for_a_vote_that_began_before_it_and_counts_it(world: World, ballot: Ballot, engine) -> None:
    with Session(engine, expire_on_commit=False) as member:
        begin_write(member)
        voting(ballot, "nat")(member)
        chair = threading.Thread(target=lambda: act(engine, closing(ballot)))
        chair.start()
        chair.join(0.3)
        assert chair.is_alive(), "the closing did not wait for the vote"
        member.commit()
        chair.join(20)
    world.s.expire_all()
    assert count(world.fresh(ballot)).votes_for == 1


def test_a_session_that_read_the_open_ballot_before_still_finds_it_closed(ballot: Ballot, engine: Engine) -> None:
    """What was loaded to admit the request is old by the time the row is locked; the command looks again."""
    if engine.dialect.name == "sqlite":
        assert act(engine, closing(ballot)) == []
        assert act(engine, voting(ballot, "nat")) != []
        return
    with Session(engine, expire_on_commit=False) as member:
        begin_write(member)
        seen = member.get_one(Ballot, ballot.id)
        assert seen.closed_at is None
        assert act(engine, closing(ballot)) == []
        with pytest.raises(Refused, match="closed before your vote"):
            commands.cast(member, ballot=seen, actor=World(member).nat, choice=Choice.FOR, at=NOW)


def test_two_openings_at_once_make_one_ballot(case: Case, engine: Engine) -> None:
    said: list[str] = []

    def opening(s: Session) -> None:
        commands.open_ballot(s, case=s.get_one(Case, case.id), actor=World(s).kim, at=NOW)

    both = [threading.Thread(target=lambda: said.extend(act(engine, opening))) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert said == ["A ballot is already open; close it first."]
    with Session(engine) as s:
        assert s.scalars(select(Ballot.round)).all() == [1]


def in_session(world: World, case: Case | None = None) -> tuple[CalibrationSession, str]:
    """A session with the case on the table, and where the room stands on every screen that leads."""
    where = {"cycle": world.cycle, "family_id": "engineering", "grade": 4, "box_minutes": 10}
    live = steps.begin_session(world.s, **where, actor=world.kim, at=NOW)
    if case is not None:
        how = {"actor": world.kim, "seen": steps.seen_by(world.kim, live), "at": NOW}
        steps.put_on_table(world.s, live=live, case=case, **how)
    seen = steps.seen_by(world.kim, live)
    world.commit()
    return live, seen


Step = Callable[[Session, CalibrationSession, Person], None]


def pressed_at_once(engine: Engine, live: CalibrationSession, *wanted: Step) -> list[StaleVersion]:
    """Chair and deputy press from the same screen at the same moment; the refusals."""
    refusals: list[StaleVersion] = []

    def press(key: str, step: Step) -> None:
        with Session(engine, expire_on_commit=False) as s:
            begin_write(s)
            try:
                step(s, s.get_one(CalibrationSession, live.id), getattr(World(s), key))
            except StaleVersion as late:
                refusals.append(late)
                return
            s.commit()

    both = [threading.Thread(target=press, args=one) for one in zip(("kim", "lou"), wanted, strict=True)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    return refusals


def test_two_facilitators_at_once_move_the_session_once(world: World, case: Case, engine: Engine) -> None:
    """Both saw the same screen; one puts the case on the table, the other is told, and nothing is half done."""
    live, seen = in_session(world)
    version = live.version

    def put(s: Session, found: CalibrationSession, actor: Person) -> None:
        steps.put_on_table(s, live=found, case=s.get_one(Case, case.id), actor=actor, seen=seen, at=NOW)

    (late,) = pressed_at_once(engine, live, put, put)
    assert late.message.startswith("Somebody moved the session on while you pressed.")
    assert (late.mine, late.theirs) == ({"On the table": "Ada Marchetti"}, {"On the table": "Ada Marchetti"})
    moved = world.fresh(live)
    assert (moved.on_table_id, moved.version) == (case.id, version + 1)


def test_two_who_go_on_to_different_cases_at_once_do_not_part(world: World, case: Case, engine: Engine) -> None:
    others = [world.case("ivy", State.IN_CALIBRATION), world.case("mona", State.IN_CALIBRATION)]
    live, seen = in_session(world, case)
    later = NOW + timedelta(seconds=1)

    def going_to(one: Case) -> Step:
        def put(s: Session, found: CalibrationSession, actor: Person) -> None:
            steps.put_on_table(s, live=found, case=s.get_one(Case, one.id), actor=actor, seen=seen, at=later)

        return put

    (late,) = pressed_at_once(engine, live, *map(going_to, others))
    names = {one.candidate.name for one in others}
    there = late.theirs["On the table"]
    assert {late.mine["On the table"], there} == names
    moved = world.fresh(live)
    assert moved.on_table is not None
    assert moved.on_table.candidate.name == there
    assert [item.case_id for item in moved.items if item.case_id != case.id] == [moved.on_table_id]


def test_shown_twice_at_once_is_shown_once(world: World, case: Case, engine: Engine) -> None:
    live, seen = in_session(world, case)

    def show(s: Session, found: CalibrationSession, actor: Person) -> None:
        steps.reveal(s, live=found, case=s.get_one(Case, case.id), actor=actor, seen=seen, at=NOW)

    (late,) = pressed_at_once(engine, live, show, show)
    assert late.theirs == {"On the table": "Ada Marchetti, what everybody thinks is shown"}
    lines = select(AuditEvent.actor_id).where(AuditEvent.action == "pre_vote_shown")
    assert len(world.s.scalars(lines).all()) == 1


def test_two_who_begin_at_once_share_one_session(world: World, case: Case, engine: Engine) -> None:
    said: list[str] = []

    def beginning(s: Session) -> None:
        w = World(s)
        where = {"cycle": w.cycle, "family_id": "engineering", "grade": 4, "box_minutes": 10}
        steps.begin_session(s, **where, actor=w.kim, at=NOW)

    both = [threading.Thread(target=lambda: said.extend(act(engine, beginning))) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert said == ["A session is going on at this grade already; join it instead."]
    with Session(engine) as s:
        assert len(s.scalars(select(CalibrationSession.id)).all()) == 1


def test_two_closings_at_once_close_once(world: World, ballot: Ballot, engine: Engine) -> None:
    said: list[str] = []
    both = [threading.Thread(target=lambda: said.extend(act(engine, closing(ballot)))) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert said == ["This ballot is already closed."]


def test_a_vote_for_the_round_before_does_not_reach_the_round_that_was_opened_anew(
    world: World, case: Case, ballot: Ballot, engine: Engine
) -> None:
    """Closed without a quorum and opened again at once: a vote on its way to the first round is refused, not moved."""
    assert act(engine, closing(ballot)) == []
    assert (
        act(engine, lambda s: commands.open_ballot(s, case=s.get_one(Case, case.id), actor=World(s).kim, at=NOW)) == []
    )
    late = act(engine, voting(ballot, "nat"))
    assert late == ["This ballot was closed before your vote arrived; your vote was not counted."]
    with Session(engine) as s:
        rounds = s.scalars(select(Ballot).where(Ballot.case_id == case.id).order_by(Ballot.round)).all()
        assert [(b.round, b.closed_at is None, count(b).cast) for b in rounds] == [(1, False, 0), (2, True, 0)]
