"""Simulated cycles for the tests of severity and of the comparison: merit, strictness and panels are known."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Simulated:
    """Arguments of `compare_tracks` and the truth behind them."""

    case: np.ndarray
    reviewer: np.ndarray
    y: np.ndarray
    track: np.ndarray
    approved: np.ndarray
    home: np.ndarray
    shown: np.ndarray
    merit: np.ndarray
    strictness: np.ndarray

    @property
    def positional(self) -> tuple[np.ndarray, ...]:
        return self.case, self.reviewer, self.y, self.track, self.approved


def simulated(
    n: int,
    *,
    people: int = 12,
    delta: float = 0.0,
    cross: float = 0.5,
    home_effect: float = 0.0,
    strictness_sd: float = 0.3,
    noise_sd: float = 0.3,
    slope: float = 12.0,
    anchor: bool = False,
    seed: int = 1,
) -> Simulated:
    """n cases per track with three reviews; the committee knows the merit and decides on it; track b's bar is `delta`
    higher.
    """
    generator = np.random.default_rng(seed)
    track = np.tile([0, 1], n)
    merit = generator.normal(2.9, 0.5, 2 * n)
    approved = (generator.random(2 * n) < 1 / (1 + np.exp(-slope * (merit - 2.9 - delta * (track - 0.5))))).astype(
        float
    )
    side = np.where(generator.random((2 * n, 3)) < cross, 1 - track[:, None], track[:, None])
    reviewer = 2 * np.argsort(generator.random((2 * n, people // 2)), axis=1)[:, :3] + side
    home = (np.arange(people) % 2).astype(float)
    strictness = generator.normal(0, strictness_sd, people)
    effect = strictness + home_effect * (home - 0.5)
    y = merit[:, None] + effect[reviewer] + generator.normal(0, noise_sd, reviewer.shape)
    case, people_of, scores, shown = np.repeat(np.arange(2 * n), 3), reviewer.ravel(), y.ravel(), y.mean(axis=1)
    if anchor:
        packet = 3.0 + effect + generator.normal(0, noise_sd, people)
        case, people_of = np.append(case, np.full(people, 2 * n)), np.append(people_of, np.arange(people))
        scores, shown = np.append(scores, packet), np.append(shown, packet.mean())
        track, approved, merit = np.append(track, 0), np.append(approved, np.nan), np.append(merit, 3.0)
    return Simulated(case, people_of, scores, track, approved, home, shown, merit, strictness)
