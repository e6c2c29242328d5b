"""What a design could tell before anybody has scored: how well the strictness of the two tracks' reviewers can be told
apart, and how much of that would stand in the comparison of the bars.
"""

import math
from typing import NamedTuple

import numpy as np

from portal.domain.measurement.connectivity import per_case
from portal.domain.measurement.panel import panel_of
from portal.domain.measurement.severity import design_link_se
from portal.domain.measurement.shapes import ArrayLike, labels
from portal.domain.measurement.shapes import sides as sides_of
from portal.domain.measurement.variance import Variances

USUAL = Variances(
    0.25, 0.09, 0.16
)  # of case, reviewer and chance, in squared points: what past cycles are simulated on


class Precision(NamedTuple):
    """`link_se`: standard error, in points, of the difference between the two homes' strictness (inf: cannot be told).
    `exposure`: difference in how far the tracks are scored by reviewers at home on track 1. `doubt`: the product, which
    is what the homes' strictness adds to the comparison of the bars; a margin it reaches cannot be claimed.
    """

    link_se: float
    exposure: float
    doubt: float


def expected_precision(
    case: ArrayLike, reviewer: ArrayLike, track: ArrayLike, home: ArrayLike, variances: Variances = USUAL
) -> Precision:
    """Precision of the link between tracks if every planned review comes in.

    Per review: `case`, `reviewer` (labels from 0); per case: `track` 0 or 1, which is also its stratum; per reviewer:
    `home` 0 or 1, nan = neither. `variances` in squared points. No reviews of one track: everything unknown.
    """
    cases = labels("case", case)
    people = labels("reviewer", reviewer, length=cases.size)
    tracks, sides = per_case("track", track, cases), np.nan_to_num(sides_of("home", home, unknown=True) - 0.5)
    if np.unique(tracks[cases]).size < 2:
        return Precision(math.inf, math.nan, math.inf)
    panel = panel_of(cases, people, np.zeros(cases.size), tracks, sides.size)
    link_se = design_link_se(panel, variances, sides)
    reviews = np.bincount(cases, minlength=tracks.size)
    share = np.bincount(cases, weights=sides[people], minlength=tracks.size) / np.maximum(reviews, 1)
    means = [share[(tracks == side) & (reviews > 0)].mean() for side in (0, 1)]
    exposure = float(means[1] - means[0])
    doubt = link_se * abs(exposure) if abs(exposure) > 1e-12 else 0.0
    return Precision(link_se, exposure, doubt)
