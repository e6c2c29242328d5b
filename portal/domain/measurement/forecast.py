"""Before a cycle is decided: could its cases, panels and committees show that two bars are the same, if they are?

The design is known before any decision; only the scores and the decisions are not. They are drawn many times from two
identical bars, and the same comparison is made on each draw as will be made in the end.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from portal.domain.measurement.compare import compare_tracks
from portal.domain.measurement.grid import DEFAULT_PRIOR, BarPrior
from portal.domain.measurement.shapes import ArrayLike, Floats
from portal.domain.measurement.verdict import EQUIVALENT

DRAWS = 30
MERIT_SD, SEVERITY_SD, NOISE_SD = 0.5, 0.3, 0.4  # points; as in the trials that the method was chosen by


class Forecast(NamedTuple):
    """`chance`: share of draws with identical bars in which the comparison would say "equivalent", `error` its standard
    error. `reason`: what stood in the way most often, a code of the verdict; "inside_margin" when nothing did. `more`:
    median of the cases per track that would still be missing, None when no draw could tell.
    """

    chance: float
    error: float
    reason: str
    more: int | None
    draws: int


def forecast(
    case: ArrayLike,
    reviewer: ArrayLike,
    track: ArrayLike,
    *,
    home: ArrayLike,
    committee: Sequence[str],
    margin: float = 0.5,
    prior: BarPrior = DEFAULT_PRIOR,
    draws: int = DRAWS,
    seed: int = 0,
) -> Forecast:
    """How likely a planned design is to show two identical bars to be equivalent.

    Per planned review: `case`, `reviewer` (labels from 0). Per case: `track` 0 or 1, `committee` ("" = none named). Per
    reviewer: `home` 0, 1 or nan. Both bars lie at the prior's mean with the prior's middle slope; merit, strictness and
    noise have the spreads above. nothing to draw (a track without a case): chance 0, "too_few_decisions". The same
    design and seed give the same forecast. ValueError names an argument of the wrong shape.
    """
    generator = np.random.default_rng(seed)
    sides = np.asarray(track, dtype=np.float64)
    if not ((sides == 0).any() and (sides == 1).any()):
        return Forecast(0.0, 0.0, "too_few_decisions", None, 0)
    found = []
    for _ in range(draws):
        y, approved = _drawn(generator, np.asarray(case), np.asarray(reviewer), sides.size, prior)
        names = np.asarray(committee, dtype=np.str_)
        found.append(
            compare_tracks(case, reviewer, y, sides, approved, home=home, committee=names, margin=margin, prior=prior)
        )
    chance = sum(one.verdict == EQUIVALENT for one in found) / draws
    missing = [one.more_cases_at_least for one in found if one.more_cases_at_least is not None]
    return Forecast(
        chance,
        math.sqrt(max(chance * (1 - chance), 0.25 / draws) / draws),
        _hindrance([one.reason for one in found if one.verdict != EQUIVALENT]) if chance < 0.5 else "inside_margin",
        int(np.median(missing)) if missing else None,
        draws,
    )


def _hindrance(reasons: Sequence[str]) -> str:
    """The most frequent reason; of equals the first in the alphabet, so that a forecast never depends on an order."""
    return max(sorted(set(reasons)), key=reasons.count)


def _drawn(
    generator: np.random.Generator, case: np.ndarray, reviewer: np.ndarray, cases: int, prior: BarPrior
) -> tuple[Floats, Floats]:
    """One draw of review scores and decisions under one bar for both tracks."""
    merit = generator.normal(prior.bar_mean, MERIT_SD, cases)
    people = int(reviewer.max(initial=-1)) + 1
    strict = generator.normal(0.0, SEVERITY_SD, people)
    y = merit[case] + strict[reviewer] + generator.normal(0.0, NOISE_SD, case.size)
    slope = math.exp(prior.log_slope_mean)
    approved = (generator.random(cases) < 1 / (1 + np.exp(-slope * (merit - prior.bar_mean)))).astype(np.float64)
    return y, approved
