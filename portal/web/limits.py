"""How often somebody nobody knows may ask for something. Counted in memory and per process: such a page must not write
to the database, and what it guards does not rest on the count."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock

MOST_PLACES = 10_000


class RateLimit:
    """At most so many times in so many seconds for each place (an address); the places heard of last are remembered."""

    def __init__(self, *, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def allows(self, place: str) -> bool:
        """Whether this time is still within the limit; a refused time does not count."""
        at = self._clock()
        with self._lock:
            times = self._times.setdefault(place, deque())
            self._times.move_to_end(place)
            if len(self._times) > MOST_PLACES:
                self._times.popitem(last=False)
            while times and times[0] <= at - self._seconds:
                times.popleft()
            if len(times) >= self._most:
                return False
            times.append(at)
            return True

    def forget(self) -> None:
        self._times.clear()
