"""Who links the tracks: without a reviewer on both sides and a committee that decides both, severity and bar cannot
be told apart.
"""

from typing import Any, NamedTuple

import numpy as np

from portal.domain.measurement.shapes import ArrayLike, Ints, labels, sides


class Connectivity(NamedTuple):
    """Components of the reviewer-case graph, number of reviewers with reviews on both tracks, share of cross-track
    reviews.
    """

    components: int
    bridging_reviewers: int
    cross_share: float


class PanelOverlap(NamedTuple):
    """Number of committees that decided cases of both tracks, of track 0 (a) and of track 1 (b)."""

    shared_committees: int
    committees_a: int
    committees_b: int


def per_case(name: str, values: ArrayLike, case: Ints) -> Ints:
    """A track (0 or 1) for every case that `case` mentions; ValueError names the argument."""
    track = labels(name, values)
    if (track > 1).any():
        raise ValueError(f"{name} must hold 0 (IC) or 1 (manager)")
    if case.size and case.max() >= track.size:
        raise ValueError(f"{name} has {track.size} entries, but case mentions number {int(case.max())}")
    return track


def reviews_by_track(reviewer: Ints, track_of_review: Ints, reviewers: int) -> Ints:
    """reviewers x 2: how many reviews each wrote on track 0 and on track 1."""
    table = np.bincount(2 * reviewer + track_of_review, minlength=2 * reviewers)
    return table.reshape(reviewers, 2).astype(np.int64)


def connectivity(case: ArrayLike, reviewer: ArrayLike, track: ArrayLike) -> Connectivity:
    """How well reviewers tie the tracks together. Per review: `case`, `reviewer` (labels from 0); per case: `track` 0
    or 1.

    A review counts as cross-track when it lies on the track its reviewer reviews less; a panel that splits 85 to 15
    has a share of .15. Only cases and reviewers with reviews are counted. No reviews: 0, 0, nan.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    cases = labels("case", case)
    reviewers = labels("reviewer", reviewer, length=cases.size)
    tracks = per_case("track", track, cases)
    if not cases.size:
        return Connectivity(0, 0, float("nan"))
    _, case_node = np.unique(cases, return_inverse=True)
    people, person_node = np.unique(reviewers, return_inverse=True)
    first = int(case_node.max()) + 1
    size = first + people.size
    graph = coo_array((np.ones(cases.size, dtype=np.int8), (case_node, first + person_node)), shape=(size, size))
    parts = int(connected_components(graph, directed=False, return_labels=False))
    table = reviews_by_track(person_node.astype(np.int64), tracks[cases], people.size)
    return Connectivity(parts, int((table.min(axis=1) > 0).sum()), float(table.min(axis=1).sum() / cases.size))


def panel_overlap(committee: Any, track: ArrayLike) -> PanelOverlap:
    """Which committees decided what. Per case: `committee` (numbers or words; nan or "" = not recorded) and `track` 0
    or 1.
    """
    tracks = sides("track", track)
    names = np.asarray(committee)
    if names.shape != tracks.shape:
        raise ValueError(f"committee has shape {names.shape} where {tracks.shape} is expected")
    if names.dtype.kind == "f":
        known = ~np.isnan(names)
    else:
        names = names.astype(str)
        known = ~np.isin(names, ("", "nan", "None"))
    a, b = (set(names[known & (tracks == side)].tolist()) for side in (0, 1))
    return PanelOverlap(len(a & b), len(a), len(b))
