"""The clock is aware, UTC, and can be held still."""

from datetime import UTC, datetime, timedelta

import time_machine

from portal.adapters import clock


def test_now_is_aware_and_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_a_held_clock_is_what_everyone_reads() -> None:
    moment = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        assert clock.now() == moment
