"""`python -m bench.assignment`: how long it takes to find reviewers for 2,000 cases among 300 people, and how near the
answer is to the best there is.

The organisation is made up: three families, five target grades, three cases of managers to seven of contributors, three
people of either track at each case's heels (their line and the people under them are barred), one pair in fifty barred
by a recusal. A second run starts from the first with a twentieth of the seats declined. The anchor is the same seats
filled in turn, each from the people who have fewest, which respects conflicts and bounds and knows nothing of the rest.
"""

import argparse
import datetime
import os
import platform
import statistics
import subprocess
import time
from typing import NamedTuple

import numpy as np
import scipy

from portal.domain.assignment import Bounds, Plan, Problem, Reviewer, WantedCase, assign

FAMILIES = ("engineering", "product", "design")
GOAL_SECONDS = 60.0


class Run(NamedTuple):
    first: float
    again: float
    anchor: float
    gap: float
    empty: int
    loose: int
    spread: int


def organisation(cases: int, people: int, seed: int, needed: int = 3) -> Problem:
    """Made-up cases and people in proportion; the same for the same seed."""
    chance = np.random.default_rng(seed)
    wanted = tuple(
        WantedCase(
            id=f"c{n}",
            label=f"Case {n}",
            family=FAMILIES[int(chance.integers(3))],
            grade=int(chance.integers(3, 8)),
            track="manager" if chance.random() < 0.3 else "ic",
            needed=needed,
        )
        for n in range(cases)
    )
    asked = tuple(
        Reviewer(
            id=f"r{n}",
            name=f"Reviewer {n}",
            family=FAMILIES[int(chance.integers(3))],
            grade=int(chance.integers(4, 9)),
            track="manager" if chance.random() < 0.4 else "ic",
        )
        for n in range(people)
    )
    grade = np.array([c.grade for c in wanted])[:, None] - np.array([r.grade for r in asked])[None, :]
    bar = np.where(grade > 1, 1, 0).astype(np.int64)
    bar[chance.random(bar.shape) < 0.02] = 2
    close = chance.integers(0, people, (cases, min(6, people)))
    np.put_along_axis(bar, close, 3, axis=1)
    most = -(-cases * needed // people) + 5
    reasons = ("They stand too low.", "They are recused from this case.", "They are in the reporting line.")
    return Problem(wanted, asked, Bounds(most), bar, reasons)


def declined(problem: Problem, plan: Plan, seed: int) -> Problem:
    """The same with the plan's seats taken, but for one in twenty, which were declined."""
    chance = np.random.default_rng(seed)
    said_no = chance.random(len(plan.added)) < 0.05
    bar = problem.bar.copy()
    for (case, person), no in zip(plan.added, said_no, strict=True):
        if no:
            bar[case, person] = 2
    kept = tuple(pair for pair, no in zip(plan.added, said_no, strict=True) if not no)
    return Problem(problem.cases, problem.reviewers, problem.bounds, bar, problem.reasons, kept)


def in_turn(problem: Problem) -> float:
    """Seconds to fill the seats one by one from the least asked."""
    started = time.monotonic()
    load = np.zeros(len(problem.reviewers))
    for case in range(len(problem.cases)):
        for person in np.argsort(np.where(problem.free[case], load, np.inf), kind="stable")[: problem.need[case]]:
            load[person] += 1
    return time.monotonic() - started


def once(cases: int, people: int, seed: int) -> Run:
    problem = organisation(cases, people, seed)
    plan = assign(problem)
    again = assign(declined(problem, plan, seed))
    loose = sum(not tie.holds for tie in plan.ties)
    empty = sum(problem.need) - len(plan.added)
    spread = max(plan.loads) - min(plan.loads)
    return Run(plan.seconds, again.seconds, in_turn(problem), plan.gap, int(empty), loose, spread)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2_000)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    runs = [once(given.cases, given.people, seed) for seed in range(given.repeats)]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(f"{datetime.date.today()}  {commit.stdout.strip()}  Python {platform.python_version()}  {platform.machine()}")
    print(f"numpy {np.__version__}, scipy {scipy.__version__}, {os.cpu_count()} cores")
    print(f"n = {given.cases} cases x {given.people} people, {given.repeats} organisations")
    for name, values in zip(Run._fields, zip(*runs, strict=True), strict=True):
        print(f"{name:7} {statistics.median(values):9.4g}  ({min(values):.4g} to {max(values):.4g})")
    print(
        "first, again, anchor: seconds; gap: share of the cost; empty: seats; loose: pairs of tracks; spread: reviews"
    )
    print(f"goal: first within {GOAL_SECONDS:g} s")


if __name__ == "__main__":
    main()
