"""How often strangers may ask."""

from portal.web import limits
from portal.web.limits import RateLimit


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_so_many_times_in_so_many_seconds_for_each_place() -> None:
    clock = Clock()
    limit = RateLimit(most=2, seconds=60, clock=clock)
    assert [limit.allows("here") for _ in range(3)] == [True, True, False]
    assert limit.allows("there")
    clock.now = 60.0
    assert limit.allows("here")


def test_a_refused_time_does_not_make_the_wait_longer() -> None:
    clock = Clock()
    limit = RateLimit(most=1, seconds=10, clock=clock)
    limit.allows("here")
    clock.now = 9.0
    assert not limit.allows("here")
    clock.now = 10.0
    assert limit.allows("here")


def test_many_places_do_not_fill_the_memory(monkeypatch) -> None:
    monkeypatch.setattr(limits, "MOST_PLACES", 3)
    limit = RateLimit(most=1, seconds=60)
    assert all(limit.allows(f"place {n}") for n in range(10))
    assert len(limit._times) == 3
