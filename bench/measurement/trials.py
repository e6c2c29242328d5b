"""Many simulated cycles turned into rates with their Monte Carlo error."""

import csv
import math
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench.measurement.worlds import bars, cycle, organisation, write_files
from portal.domain.measurement import TrackComparison, bar_difference, calibrate, compare_tracks

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
        "refused": found.reason in ("no_link", "weak_link", "no_shared_committee"),
        "shown alone eq": shown.verdict == "equivalent",
        "shown alone not": shown.verdict == "not_equivalent",
    }


RULE = ("covered", "equivalent", "not equivalent", "refused")
BLOCK = 200  # cycles simulated between two looks at the error


def _one_cycle(generator: np.random.Generator, n: int, delta: float, **panel: Any) -> dict[str, bool]:
    c = cycle(generator, n, delta, **panel)
    given = {"home": c.home, "shown": c.shown, "committee": c.committee, "margin": MARGIN}
    return _chain_outcome(compare_tracks(c.case, c.reviewer, c.y, c.track, c.approved, **given), delta)


def chain_rows(
    most: int,
    sizes: Iterable[int],
    home_effect: float,
    deltas: Iterable[float] = (0.0, MARGIN, 2 * MARGIN),
    target: float = 0.0,
    block: int = BLOCK,
) -> Iterator[Row]:
    """The full chain: panels that mix, lean, do not mix, or share an anchor, and a committee for each track; beside it
    what the shown score alone would have said. A line stops at `most` cycles, or earlier once no rate of the rule has
    an error over `target`. Each line has a seed of its own: asked for alone it says the same.
    """
    for n in sizes:
        for name, panel in PANELS.items():
            for delta in deltas:
                generator, row = np.random.default_rng([n, len(name), int(10 * delta)]), f"n {n:5d}  {name:13s}"
                outcomes: list[dict[str, bool]] = []
                while len(outcomes) < most and not _settled(outcomes, target, 2 * block):
                    more = range(min(block, most - len(outcomes)))
                    outcomes += [_one_cycle(generator, n, delta, home_effect=home_effect, **panel) for _ in more]
                yield _rates(f"{row}  delta {delta:.1f}", outcomes)


def _settled(outcomes: list[dict[str, bool]], target: float, least: int) -> bool:
    """Two blocks at least, but for lines in which every cycle is refused: there is nothing left to learn from them."""
    if not outcomes:
        return False
    rates = _rates("", outcomes).rates
    enough = len(outcomes) >= least or rates["refused"] == 1.0
    return enough and all(error(rates[key], len(outcomes)) <= target for key in RULE)


def _cpu_ms(work: Callable[[], object], repeats: int) -> np.ndarray:
    spent = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        spent.append(1000 * (time.process_time() - start))
    return np.array(spent)


class Timing(NamedTuple):
    """CPU milliseconds of one piece of work and of its anchor."""

    reviews: int
    median: float
    spread: float
    anchor: float


def _timed(reviews: int, work: Callable[[], object], anchor: Callable[[], object], repeats: int) -> Timing:
    spent, beside = _cpu_ms(work, repeats), _cpu_ms(anchor, repeats)
    return Timing(reviews, float(np.median(spent)), float(np.ptp(spent)), float(np.median(beside)))


def timings(sizes: tuple[int, ...], repeats: int) -> Iterator[Timing]:
    """compare_tracks at each number of cases, three reviews each, about 300 reviewers at most; the anchor is sorting
    the same reviews by score.
    """
    for n in sizes:
        case, reviewer, y, track, approved, home = organisation(n)
        work = partial(compare_tracks, case, reviewer, y, track, approved, home=home)
        yield _timed(3 * n, work, partial(np.sort, y), repeats)


def file_timings(sizes: tuple[int, ...], folder: Path, repeats: int) -> Iterator[Timing]:
    """`evenbar calibrate` from two CSV files to its report, three reviews of six competencies a case; the anchor is
    reading both files with the standard library's reader and doing nothing.
    """
    for n in sizes:
        files = write_files(n, folder)
        yield _timed(3 * n, partial(calibrate, *files), partial(_read, files), repeats)


def _read(files: tuple[Path, Path]) -> None:
    for path in files:
        with path.open(newline="", encoding="utf-8") as lines:
            for _ in csv.reader(lines):
                pass
