"""The portal closes a case by itself: once its letter is acknowledged, or when nobody can appeal any more."""

from datetime import timedelta

from sqlalchemy import Engine

from portal.decisions.commands import acknowledge
from portal.decisions.jobs import close_due
from portal.domain.case_flow import State
from tests.world import NOW, World


def test_a_case_is_closed_when_its_letter_is_acknowledged(world: World, engine: Engine, frozen_clock) -> None:
    read, unread = world.case("ada", State.RELEASED), world.case("mona", State.RELEASED)
    acknowledge(world.s, case=read, actor=world.ada, at=NOW)
    world.commit()
    assert close_due(engine) == 1
    assert world.fresh(read).state is State.CLOSED
    assert world.fresh(unread).state is State.RELEASED


def test_a_case_is_closed_when_the_last_day_for_an_appeal_is_over(world: World, engine: Engine, frozen_clock) -> None:
    case = world.case("ada", State.RELEASED)
    world.commit()
    assert close_due(engine) == 0
    frozen_clock.shift(timedelta(days=30))
    assert close_due(engine) == 1
    assert world.fresh(case).events[-1].by_id is None
    assert close_due(engine) == 0
