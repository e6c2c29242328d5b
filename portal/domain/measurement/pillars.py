"""Which pillar is scored differently on the two tracks once the case itself is taken into account: a hint at rubric
wording, not at people.
"""

import math
from typing import NamedTuple

import numpy as np

from portal.domain.measurement.effects import mean_difference
from portal.domain.measurement.multiplicity import holm
from portal.domain.measurement.shapes import ArrayLike, Bools, Floats, floats, two_dimensional

NAN = float("nan")


class PillarDifference(NamedTuple):
    """Contrast of one pillar against the anchor pillars, track b - track a, in points; Welch's se and p, Holm's p,
    the flag, and Welch's 95 % interval of the one contrast.
    """

    diff: float
    se: float
    p: float
    p_holm: float
    flag: bool
    lo: float
    hi: float


def _welch(contrast: Floats, track: Floats) -> tuple[float, float, float]:
    """Difference of means b - a, its standard error, two-sided p of Welch's t test; nan with fewer than two cases in
    a track.
    """
    from scipy.special import stdtr

    a, b = (contrast[(track == side) & ~np.isnan(contrast)] for side in (0, 1))
    if a.size < 2 or b.size < 2:
        return NAN, NAN, NAN
    parts = np.array([a.var(ddof=1) / a.size, b.var(ddof=1) / b.size])
    diff, square = float(b.mean() - a.mean()), float(parts.sum())
    if square <= 1e-24:
        return diff, 0.0, 1.0 if abs(diff) < 1e-12 else 0.0
    freedom = square**2 / float((parts**2 / np.array([a.size - 1, b.size - 1])).sum())
    return diff, math.sqrt(square), float(2 * stdtr(freedom, -abs(diff) / math.sqrt(square)))


def _contrast(scores: Floats, pillar: int, anchors: Bools) -> Floats:
    """The pillar's score less the mean of the case's scored anchor pillars, itself left out; nan where either is
    missing.
    """
    others = anchors.copy()
    others[pillar] = False
    rows = scores[:, others]
    known = ~np.isnan(rows)
    count = known.sum(axis=1)
    mean = np.divide(np.where(known, rows, 0.0).sum(axis=1), count, out=np.full(len(rows), NAN), where=count > 0)
    contrast: Floats = scores[:, pillar] - mean
    return contrast


def _differences(scores: Floats, track: Floats, anchors: Bools, margin: float, alpha: float) -> list[PillarDifference]:
    contrasts = [_contrast(scores, pillar, anchors) for pillar in range(scores.shape[1])]
    spans = [mean_difference(*(one[track == side] for side in (0, 1)))[1:] for one in contrasts]
    tests = [_welch(one, track) for one in contrasts]
    adjusted = holm([p for _, _, p in tests])
    return [
        PillarDifference(diff, se, p, float(p_holm), bool(p_holm < alpha and abs(diff) > margin), *span)
        for (diff, se, p), p_holm, span in zip(tests, adjusted, spans, strict=True)
    ]


def pillar_differences(
    scores: ArrayLike, track: ArrayLike, *, margin: float = 0.25, alpha: float = 0.05
) -> list[PillarDifference]:
    """Per pillar: is it scored higher on one track than the same cases' other pillars would lead one to expect?

    `scores`: cases x pillars in points, nan = missing; `track` 0 or 1 per case. A flag needs Holm's p under `alpha`
    and a difference over `margin` points. Flagged pillars leave the anchors, the clearest first, and everything is
    measured again, so that one odd pillar does not make the others look odd; at least two anchors stay. One pillar
    alone gives nan. ValueError names an argument of the wrong shape.
    """
    table = two_dimensional("scores", scores)
    side = floats("track", track, length=len(table))
    if not np.isin(side, (0.0, 1.0)).all():
        raise ValueError("track must hold 0 (IC) or 1 (manager)")
    anchors = np.ones(table.shape[1], dtype=np.bool_)
    found = _differences(table, side, anchors, margin, alpha)
    while anchors.sum() > 2:
        odd = [k for k, row in enumerate(found) if row.flag and anchors[k]]
        if not odd:
            break
        anchors[max(odd, key=lambda k: abs(found[k].diff))] = False
        found = _differences(table, side, anchors, margin, alpha)
    return found
