"""Simulated cycles with a known truth: candidates, decisions, reviewers of known strictness, and panels that mix or
do not.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

BAR = 2.9  # rubric points, track a; candidates' merit is centred here
MERIT_SD, SEVERITY_SD, NOISE_SD = 0.5, 0.3, 0.4
REVIEWS = 3


@dataclass(frozen=True)
class Cycle:
    """Arguments of `compare_tracks` for one simulated cycle."""

    case: np.ndarray
    reviewer: np.ndarray
    y: np.ndarray
    track: np.ndarray
    approved: np.ndarray
    home: np.ndarray
    shown: np.ndarray
    committee: np.ndarray


def decide(generator: np.random.Generator, score: np.ndarray, bar: float | np.ndarray, slope: float) -> np.ndarray:
    """Approve with probability 1/2 at the bar."""
    return (generator.random(np.shape(score)) < 1 / (1 + np.exp(-slope * (score - bar)))).astype(float)


def bars(generator: np.random.Generator, n: int, delta: float, slope: float) -> tuple[np.ndarray, ...]:
    """Scores and decisions of n cases per track, bars `delta` apart, each as far from the candidates' centre."""
    a, b = generator.normal(BAR, MERIT_SD, (2, n))
    return a, decide(generator, a, BAR - delta / 2, slope), b, decide(generator, b, BAR + delta / 2, slope)


def _assigned(generator: np.random.Generator, track: np.ndarray, cross: float, people: int) -> np.ndarray:
    """Three different reviewers per case: each from the other track with probability `cross`; odd numbers are at home
    on track 1.
    """
    side = np.where(generator.random((track.size, REVIEWS)) < cross, 1 - track[:, None], track[:, None])
    order = np.argsort(generator.random((track.size, people // 2)), axis=1)[:, :REVIEWS]
    return 2 * order + side


def cycle(
    generator: np.random.Generator,
    n: int,
    delta: float,
    *,
    cross: float,
    anchor: bool,
    home_effect: float,
    slope: float = 8,
    nested: bool = False,
) -> Cycle:
    """n cases per track, three reviews each; the committee sees the mean and decides on merit as it knows it.

    `cross`: share of reviews from the other track (.5 = random panel); `anchor`: one packet everybody scores;
    `nested`: a committee for each track instead of one for both.
    """
    people = max(8, 2 * round(2 * n * REVIEWS / 24))  # about 12 reviews each
    track = np.repeat([0, 1], n)
    merit = generator.normal(BAR, MERIT_SD, 2 * n)
    approved = decide(generator, merit, BAR + delta * (track - 0.5), slope)
    reviewer = _assigned(generator, track, cross, people)
    home = (np.arange(people) % 2).astype(float)
    strict = generator.normal(0, SEVERITY_SD, people) + home_effect * (home - 0.5)
    y = merit[:, None] + strict[reviewer] + generator.normal(0, NOISE_SD, reviewer.shape)
    case, reviewers, scores, shown = np.repeat(np.arange(2 * n), REVIEWS), reviewer.ravel(), y.ravel(), y.mean(axis=1)
    if anchor:
        packet = BAR + strict + generator.normal(0, NOISE_SD, people)
        case = np.append(case, np.full(people, 2 * n))
        reviewers, scores = np.append(reviewers, np.arange(people)), np.append(scores, packet)
        track, approved, shown = np.append(track, 0), np.append(approved, np.nan), np.append(shown, packet.mean())
    committee = track.astype(str) if nested else np.full(track.size, "one")
    return Cycle(case, reviewers, scores, track, approved, home, shown, committee)


def organisation(n: int) -> tuple[np.ndarray, ...]:
    """A large cycle for timing: n cases, three reviews each, about 300 reviewers at most; case, reviewer, y, track,
    approved and home of `compare_tracks`.
    """
    generator = np.random.default_rng(n)
    track, people = generator.integers(0, 2, n), min(300, max(8, n // 4))
    case, reviewer = np.repeat(np.arange(n), REVIEWS), generator.integers(0, people, REVIEWS * n)
    merit = generator.normal(BAR, MERIT_SD, n)
    y = merit[case] + generator.normal(0, SEVERITY_SD, people)[reviewer] + generator.normal(0, NOISE_SD, case.size)
    return case, reviewer, y, track, decide(generator, merit, BAR, 8.0), (np.arange(people) % 2).astype(float)


def write_files(n: int, folder: Path, competencies: int = 6) -> tuple[Path, Path]:
    """CASES.csv and SCORES.csv of a large cycle, every review with whole points on each competency."""
    case, reviewer, y, track, approved, home = organisation(n)
    reviewer = (np.repeat(reviewer[::REVIEWS], REVIEWS) + np.tile(np.arange(REVIEWS), n)) % home.size  # three people
    names, generator = ("ic", "manager"), np.random.default_rng(n + 1)
    points = np.clip(np.rint(y[:, None] + generator.normal(0, 0.6, (y.size, competencies))), 0, 4).astype(int)
    cases, scores = folder / f"cases-{n}.csv", folder / f"scores-{n}.csv"
    with cases.open("w", newline="", encoding="utf-8") as out:
        sheet = csv.writer(out)
        sheet.writerow(("case", "track", "grade", "approved", "shown", "committee", "cycle"))
        sheet.writerows((f"c{at}", names[track[at]], 4, int(approved[at]), "", "one", "one") for at in range(n))
    with scores.open("w", newline="", encoding="utf-8") as out:
        sheet = csv.writer(out)
        sheet.writerow(("case", "reviewer", "home", "competency", "pillar", "score"))
        for at, (one, person) in enumerate(zip(case, reviewer, strict=True)):
            side = names[int(home[person])]
            sheet.writerows((f"c{one}", f"r{person}", side, f"k{k}", "", points[at, k]) for k in range(competencies))
    return cases, scores
