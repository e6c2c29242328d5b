"""A cycle's reviews and decisions, checked, and how well its reviewers tie the two tracks together."""

import math
from typing import Any, NamedTuple

import numpy as np

from portal.domain.measurement.connectivity import Connectivity, connectivity, per_case, reviews_by_track
from portal.domain.measurement.shapes import ArrayLike, Bools, Floats, Ints, codes, decisions, floats, labels
from portal.domain.measurement.shapes import sides as sides_of

NAN = float("nan")


class Cycle(NamedTuple):
    """Reviews with a score and facts per case, checked."""

    case: Ints
    reviewer: Ints
    y: Floats
    track: Ints
    approved: Floats
    grade: Ints
    home: Floats
    counted: Bools  # cases whose decision is compared


class Link(NamedTuple):
    connectivity: Connectivity
    exposure: float
    doubt: float  # sd that the homes' strictness adds to the difference, in points


def _main_track(reviewer: Ints, track_of_review: Ints, reviewers: int) -> Floats:
    """The track each reviewer mostly reviews, for a home nobody recorded; nan where the two are level."""
    table = reviews_by_track(reviewer, track_of_review, reviewers)
    return np.where(table[:, 0] == table[:, 1], NAN, (table[:, 1] > table[:, 0]).astype(np.float64))


def cycle_of(
    case: ArrayLike,
    reviewer: ArrayLike,
    y: ArrayLike,
    track: ArrayLike,
    approved: ArrayLike,
    home: Any,
    grade: Any,
    focus: Any,
) -> Cycle:
    cases = labels("case", case)
    people, scores = labels("reviewer", reviewer, length=cases.size), floats("y", y, length=cases.size)
    tracks = per_case("track", track, cases)
    outcome = decisions("approved", approved, length=tracks.size)
    grades = np.zeros(tracks.size, dtype=np.int64) if grade is None else codes("grade", grade, length=tracks.size)
    kept = np.isfinite(scores)
    cases, people, scores = cases[kept], people[kept], scores[kept]
    size = int(people.max(initial=-1)) + 1
    sides = _main_track(people, tracks[cases], size) if home is None else sides_of("home", home, unknown=True)
    if sides.size < size:
        raise ValueError(f"home has {sides.size} entries, but reviewer mentions number {size - 1}")
    counted = ~np.isnan(outcome) & (np.bincount(cases, minlength=tracks.size) > 0)
    if focus is not None:
        counted &= floats("focus", focus, length=tracks.size) > 0
    return Cycle(cases, people, scores, tracks, outcome, grades, sides, counted)


def _exposure(cycle: Cycle) -> float:
    """Mean share of reviewers at home on track 1 among the counted cases of track b, less that among those of track
    a.
    """
    side = np.nan_to_num(cycle.home - 0.5)[cycle.reviewer]
    reviews = np.bincount(cycle.case, minlength=cycle.track.size)
    share = np.bincount(cycle.case, weights=side, minlength=cycle.track.size) / np.maximum(reviews, 1)
    means = [share[cycle.counted & (cycle.track == t)] for t in (0, 1)]
    return float(means[1].mean() - means[0].mean()) if means[0].size and means[1].size else NAN


def link_of(cycle: Cycle, link_se: float) -> Link:
    """How the reviewers of the counted cases tie the tracks together, over all they reviewed, anchors and other
    grades included.
    """
    seen = np.zeros(cycle.home.size, dtype=np.bool_)
    seen[cycle.reviewer[cycle.counted[cycle.case]]] = True
    rows = seen[cycle.reviewer]
    tied = connectivity(cycle.case[rows], cycle.reviewer[rows], cycle.track)
    exposure = _exposure(cycle)
    matters = math.isfinite(exposure) and abs(exposure) > 1e-12
    doubt = link_se * abs(exposure) if matters else 0.0
    return Link(tied, exposure, math.inf if math.isnan(doubt) else doubt)
