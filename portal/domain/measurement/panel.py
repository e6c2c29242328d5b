"""The reviews of a cycle as one crossed design: who scored what, how much, in which stratum; shared by variances and
severity.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.domain.measurement.shapes import ArrayLike, Floats, Ints, codes, floats, labels


@dataclass(frozen=True)
class Panel:
    """Reviews with a score: `case`, `reviewer`, `y` per review; `stratum` per case; sizes as the caller counts them."""

    case: Ints
    reviewer: Ints
    y: Floats
    stratum: Ints
    reviewers: int

    @property
    def cases(self) -> int:
        """Number of cases, those without a review included."""
        return self.stratum.size

    @property
    def reviews_per_case(self) -> Floats:
        """Number of reviews of each case, as floats."""
        return np.bincount(self.case, minlength=self.cases).astype(np.float64)

    @property
    def reviews_per_reviewer(self) -> Floats:
        """Number of reviews by each reviewer, as floats."""
        return np.bincount(self.reviewer, minlength=self.reviewers).astype(np.float64)

    def with_scores(self, y: Floats) -> "Panel":
        """The same design with other scores."""
        return Panel(self.case, self.reviewer, y, self.stratum, self.reviewers)


def panel_of(case: ArrayLike, reviewer: ArrayLike, y: ArrayLike, strata: Any = None, reviewers: int = 0) -> Panel:
    """A checked design. Per review: `case`, `reviewer` (labels from 0), `y` (points; nan = not assessed, left out).

    `strata`: track x grade of each case, any labels; without it all cases share one mean. `reviewers`: how many there
    are at least. ValueError names an argument of the wrong shape.
    """
    cases = labels("case", case)
    people = labels("reviewer", reviewer, length=cases.size)
    scores = floats("y", y, length=cases.size)
    highest = int(cases.max(initial=-1)) + 1
    count = highest if strata is None else np.size(strata)
    if count < highest:
        raise ValueError(f"strata has {count} entries, but case mentions number {highest - 1}")
    stratum = np.zeros(count, dtype=np.int64) if strata is None else codes("strata", strata, length=count)
    kept = ~np.isnan(scores)
    size = max(reviewers, int(people.max(initial=-1)) + 1)
    return Panel(cases[kept], people[kept], scores[kept], stratum, size)
