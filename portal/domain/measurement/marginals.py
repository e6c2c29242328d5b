"""Distributions on an even grid: quantiles, shares under a point, and the doubt that is added from outside."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from portal.domain.measurement.shapes import Floats


class Marginal(NamedTuple):
    """A distribution on an even grid: points and their mass, which sums to 1."""

    points: Floats
    mass: Floats


def _cumulative(marginal: Marginal) -> tuple[Floats, Floats]:
    """Edges between grid steps and the share of the mass under each."""
    step = marginal.points[1] - marginal.points[0] if marginal.points.size > 1 else 0.0
    edges = np.append(marginal.points - step / 2, marginal.points[-1] + step / 2)
    below = np.append(0.0, np.cumsum(marginal.mass))
    return edges, below / below[-1]


def quantiles(marginal: Marginal, shares: Sequence[float]) -> Floats:
    """Points under which the given shares of the mass lie, linear inside a grid step."""
    edges, below = _cumulative(marginal)
    found: Floats = np.interp(shares, below, edges)
    return found


def mass_below(marginal: Marginal, at: Sequence[float]) -> Floats:
    """Share of the mass under each given point, linear inside a grid step."""
    edges, below = _cumulative(marginal)
    found: Floats = np.interp(at, edges, below)
    return found


def blurred(marginal: Marginal, sd: float) -> Marginal:
    """The distribution of the variable plus independent N(0, sd) noise, on a grid of its own."""
    from scipy.special import ndtr

    kept = marginal.mass > 1e-13
    points, mass = marginal.points[kept], marginal.mass[kept]
    edges = np.linspace(points[0] - 6 * sd, points[-1] + 6 * sd, 802)
    below = ndtr((edges[:, None] - points[None, :]) / sd) @ mass
    share = np.diff(below)
    return Marginal((edges[:-1] + edges[1:]) / 2, share / share.sum())
