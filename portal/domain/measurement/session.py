"""What a calibration session did to the scores of each track: which way it moved them, whether it drew them to the
middle, and whether that differed while the candidate's own manager was in the room.
"""

from typing import NamedTuple

import numpy as np

from portal.domain.measurement.effects import mean_difference
from portal.domain.measurement.proportions import Estimate
from portal.domain.measurement.shapes import ArrayLike, Floats, floats

NAN = float("nan")


class SessionShift(NamedTuple):
    """One track in a session. `direction`: mean of new less old over all its cases, in points, the unchanged ones
    among them. `centrality`: mean of how much nearer to the track's mean before the session a case stands after it, in
    points; below 0 the session drew cases apart.
    """

    cases: int
    changed: int
    direction: float
    centrality: float


def direction_and_centrality(old: ArrayLike, new: ArrayLike, track: ArrayLike) -> list[SessionShift]:
    """The shift of track 0 and of track 1 in a session.

    Per case: the overall before (`old`) and after (`new`) the session in points, nan = never assessed (left out), and
    `track` 0 or 1. direction = mean(new - old); centrality = mean(|old - m| - |new - m|), m the mean of the track's old
    scores. A track without a case gives nan. ValueError names an argument of the wrong shape.
    """
    before = floats("old", old)
    after = floats("new", new, length=before.size)
    side = floats("track", track, length=before.size)
    if not np.isin(side, (0.0, 1.0)).all():
        raise ValueError("track must hold 0 (IC) or 1 (manager)")
    known = np.isfinite(before) & np.isfinite(after)
    return [_shift(before[known & (side == t)], after[known & (side == t)]) for t in (0.0, 1.0)]


def _shift(old: Floats, new: Floats) -> SessionShift:
    if not old.size:
        return SessionShift(0, 0, NAN, NAN)
    middle = old.mean()
    nearer = np.abs(old - middle) - np.abs(new - middle)
    return SessionShift(old.size, int((old != new).sum()), float((new - old).mean()), float(nearer.mean()))


def own_manager_effect(change: ArrayLike, present: ArrayLike, conf: float = 0.95) -> Estimate:
    """Mean change of cases whose own manager was present less that of cases whose manager was not, with its interval.

    Per case: `change` in points (nan left out) and `present` 1 or 0 (nan: not recorded, left out). Welch's interval.
    nan with fewer than two cases on a side; without any spread the interval is nan, for none can be known from it.
    ValueError names an argument of the wrong shape.
    """
    moved = floats("change", change)
    there = floats("present", present, length=moved.size)
    known = np.isfinite(moved) & np.isin(there, (0.0, 1.0))
    absent, beside = (moved[known & (there == value)] for value in (0.0, 1.0))
    return mean_difference(absent, beside, conf)
