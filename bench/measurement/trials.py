"""Many simulated cycles turned into rates with their Monte Carlo error."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from bench.measurement.worlds import bars, cycle
from portal.domain.measurement import TrackComparison, bar_difference, compare_tracks

MARGIN = 0.5
PANELS = {
    "random": {"cross": 0.5, "anchor": False},
    "own committee": {"cross": 0.5, "anchor": False, "nested": True},
    "siloed 85-15": {"cross": 0.15, "anchor": False},
    "fully siloed": {"cross": 0.0, "anchor": False},
    "anchored": {"cross": 0.0, "anchor": True},
}


class Row(NamedTuple):
    """One line of a table: what was simulated, how often, and the rates found."""

    name: str
    trials: int
    rates: dict[str, float]


def error(rate: float, trials: int) -> float:
    """Monte Carlo standard error of a rate."""
    return math.sqrt(max(rate * (1 - rate), 0.25 / trials) / trials)


def _rates(name: str, outcomes: list[dict[str, bool]]) -> Row:
    return Row(name, len(outcomes), {key: float(np.mean([o[key] for o in outcomes])) for key in outcomes[0]})


def bar_rows(trials: int, sizes: tuple[int, ...], slopes: tuple[float, ...]) -> Iterator[Row]:
    """The bar alone: coverage of the 90 % interval, and each verdict, at true differences of 0, the margin and twice
    the margin.
    """
    for n in sizes:
        for slope in slopes:
            for delta in (0.0, MARGIN, 2 * MARGIN):
                generator = np.random.default_rng([n, int(slope), int(10 * delta)])
                outcomes = []
                for _ in range(trials):
                    found = bar_difference(*bars(generator, n, delta, slope), margin=MARGIN)
                    outcomes.append(
                        {
                            "covered": found.ci90[0] <= delta <= found.ci90[1],
                            "equivalent": found.verdict == "equivalent",
                            "not equivalent": found.verdict == "not_equivalent",
                        }
                    )
                yield _rates(f"n {n:5d}  slope {slope:4.0f}  delta {delta:.1f}", outcomes)


def _chain_outcome(found: TrackComparison, delta: float) -> dict[str, bool]:
    shown = found.readings["as_shown"]
    return {
        "covered": found.envelope90[0] <= delta <= found.envelope90[1],
        "equivalent": found.verdict == "equivalent",
        "not equivalent": found.verdict == "not_equivalent",
        "shown alone eq": shown.verdict == "equivalent",
        "shown alone not": shown.verdict == "not_equivalent",
        "refused": found.reason in ("no_link", "weak_link", "no_shared_committee"),
    }


def chain_rows(
    trials: int, sizes: Iterable[int], home_effect: float, deltas: Iterable[float] = (0.0, MARGIN, 2 * MARGIN)
) -> Iterator[Row]:
    """The full chain: panels that mix, lean, do not mix, or share an anchor; beside it what the shown score alone
    would have said. Each line has a seed of its own: asked for alone it says the same.
    """
    for n in sizes:
        for name, panel in PANELS.items():
            for delta in deltas:
                generator = np.random.default_rng([n, len(name), int(10 * delta)])
                outcomes = []
                for _ in range(trials):
                    c = cycle(generator, n, delta, home_effect=home_effect, **panel)
                    found = compare_tracks(
                        c.case,
                        c.reviewer,
                        c.y,
                        c.track,
                        c.approved,
                        home=c.home,
                        shown=c.shown,
                        committee=c.committee,
                        margin=MARGIN,
                    )
                    outcomes.append(_chain_outcome(found, delta))
                yield _rates(f"n {n:5d}  {name:13s}  delta {delta:.1f}", outcomes)


def _cpu_ms(work: Callable[[], object], repeats: int) -> np.ndarray:
    spent = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        spent.append(1000 * (time.process_time() - start))
    return np.array(spent)


class Timing(NamedTuple):
    """CPU milliseconds of one comparison and of its anchor, sorting the same reviews by score."""

    reviews: int
    median: float
    spread: float
    anchor: float


def timings(sizes: tuple[int, ...], repeats: int) -> Iterator[Timing]:
    """compare_tracks at each number of cases, three reviews each, about 300 reviewers at most, beside a sort of the
    reviews.
    """
    for n in sizes:
        generator = np.random.default_rng(n)
        track, people = generator.integers(0, 2, n), min(300, max(8, n // 4))
        case, reviewer = np.repeat(np.arange(n), 3), generator.integers(0, people, 3 * n)
        merit = generator.normal(2.9, 0.5, n)
        y = merit[case] + generator.normal(0, 0.3, people)[reviewer] + generator.normal(0, 0.4, 3 * n)
        approved = (generator.random(n) < 1 / (1 + np.exp(-8 * (merit - 2.9)))).astype(float)
        home = (np.arange(people) % 2).astype(float)
        spent = _cpu_ms(lambda a=(case, reviewer, y, track, approved), h=home: compare_tracks(*a, home=h), repeats)
        anchor = float(np.median(_cpu_ms(lambda scores=y: np.sort(scores), repeats)))
        yield Timing(3 * n, float(np.median(spent)), float(np.ptp(spent)), anchor)
