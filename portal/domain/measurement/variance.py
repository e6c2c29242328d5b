"""How much of a score's spread comes from the case, from the reviewer and from chance: REML for small panels, moments
for large ones.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from portal.domain.measurement.panel import Panel, panel_of
from portal.domain.measurement.shapes import ArrayLike, Floats

NAN = float("nan")
NOTHING = -11.0  # log of a variance ratio under which REML's answer is taken for zero


class Variances(NamedTuple):
    """Variances in squared rubric points of case, reviewer and residual."""

    var_case: float
    var_reviewer: float
    var_residual: float


UNDEFINED = Variances(NAN, NAN, NAN)


def _separable(panel: Panel) -> bool:
    """Whether the three variances can be told apart: somebody scored twice, some case was scored twice, two
    reviewers, residual left.
    """
    per_case, per_reviewer = panel.reviews_per_case, panel.reviews_per_reviewer
    strata = np.unique(panel.stratum[panel.case]).size
    crossed = per_case.max(initial=0) > 1 and per_reviewer.max(initial=0) > 1 and np.count_nonzero(per_reviewer) > 1
    return bool(crossed and panel.y.size > strata + 2)


class _Sums(NamedTuple):
    """Cross-products of reviewer columns, stratum columns and scores: over reviews, and over cases of each number of
    reviews.
    """

    reviews: Floats
    by_count: list[tuple[float, Floats]]
    log_counts: Floats
    reviewers: int
    strata: int
    n: int


def _sums(panel: Panel) -> _Sums:
    from scipy.sparse import coo_array

    people, person = np.unique(panel.reviewer, return_inverse=True)
    groups, stratum = np.unique(panel.stratum[panel.case], return_inverse=True)
    n, width = panel.y.size, people.size + groups.size + 1
    rows = np.tile(np.arange(n), 3)
    columns = np.concatenate([person, people.size + stratum, np.full(n, width - 1)])
    entries = np.concatenate([np.ones(2 * n), panel.y])
    per_review = coo_array((entries, (rows, columns)), shape=(n, width)).tocsr()
    in_case = coo_array((np.ones(n), (panel.case, np.arange(n))), shape=(panel.cases, n)).tocsr()
    per_case = in_case @ per_review
    counts = panel.reviews_per_case
    by_count = []
    for count in np.unique(counts[counts > 0]):
        block = per_case[np.flatnonzero(counts == count)]
        by_count.append((float(count), np.asarray((block.T @ block).toarray())))
    reviews = np.asarray((per_review.T @ per_review).toarray())
    return _Sums(reviews, by_count, counts[counts > 0], people.size, groups.size, n)


def _profile(sums: _Sums, log_case: float, log_reviewer: float) -> tuple[float, float]:
    """-2 log restricted likelihood with the residual variance profiled out, and that variance.

    Cases are eliminated in closed form; one Cholesky factor of [reviewers, strata, y] gives both determinants and the
    residual.
    """
    case, reviewer = math.exp(log_case), math.exp(log_reviewer)
    products = sums.reviews.copy()
    for count, block in sums.by_count:
        products -= case / (1 + case * count) * block
    root, people = math.sqrt(reviewer), slice(0, sums.reviewers)
    products[people, :] *= root
    products[:, people] *= root
    products[people, people] += np.eye(sums.reviewers)
    products[-1, -1] += 1e-12 * sums.reviews[-1, -1]
    diagonal = np.diag(np.linalg.cholesky(products))
    freedom = sums.n - sums.strata
    residual = float(diagonal[-1] ** 2) / freedom
    determinants = float(np.log1p(case * sums.log_counts).sum() + 2 * np.log(diagonal[:-1]).sum())
    return determinants + freedom * math.log(residual), residual


def reml(panel: Panel) -> Variances:
    """Restricted maximum likelihood of a checked design; see `variance_reml`."""
    from scipy.optimize import minimize

    if not _separable(panel):
        return UNDEFINED
    centred = panel.y - panel.y.mean()
    scale = float(centred.std())
    if scale < 1e-12:
        return Variances(0.0, 0.0, 0.0)
    sums = _sums(panel.with_scores(centred / scale))
    found = minimize(
        lambda at: _profile(sums, at[0], at[1])[0],
        x0=np.array([0.0, -1.0]),
        method="Nelder-Mead",
        bounds=[(NOTHING - 1, 14.0)] * 2,
        options={
            "xatol": 1e-7,
            "fatol": 1e-10,
            "maxiter": 600,
            "initial_simplex": [[0.0, -1.0], [1.5, -1.0], [0.0, -3.0]],
        },
    )
    residual = _profile(sums, *found.x)[1] * scale**2
    case, reviewer = (0.0 if at < NOTHING else math.exp(at) for at in found.x)
    return Variances(case * residual, reviewer * residual, residual)


def _within(codes: np.ndarray, y: Floats, size: int) -> tuple[float, Floats]:
    """Sum of squares of y within groups, and the group sizes."""
    count = np.bincount(codes, minlength=size).astype(np.float64)
    total = np.bincount(codes, weights=y, minlength=size)
    mean = np.divide(total, count, out=np.zeros(size), where=count > 0)
    return float(((y - mean[codes]) ** 2).sum()), count


def moments(panel: Panel) -> Variances:
    """Gao and Owen's moment estimator of a checked design; see `variance_moments`."""
    if not _separable(panel):
        return UNDEFINED
    strata = panel.stratum[panel.case]
    mean, count = np.zeros(int(strata.max()) + 1), np.bincount(strata)
    np.divide(np.bincount(strata, weights=panel.y), count, out=mean, where=count > 0)
    y = panel.y - mean[strata]
    n = float(y.size)
    in_case, per_case = _within(panel.case, y, panel.cases)
    in_reviewer, per_reviewer = _within(panel.reviewer, y, panel.reviewers)
    overall = n * float(((y - y.mean()) ** 2).sum())
    cases, reviewers = np.count_nonzero(per_case), np.count_nonzero(per_reviewer)
    system = np.array(
        [
            [0.0, n - cases, n - cases],
            [n - reviewers, 0.0, n - reviewers],
            [n**2 - (per_case**2).sum(), n**2 - (per_reviewer**2).sum(), n**2 - n],
        ]
    )
    solved = np.linalg.lstsq(system / n, np.array([in_case, in_reviewer, overall]) / n, rcond=None)[0]
    case, reviewer, residual = (max(0.0, float(v)) for v in solved)
    return Variances(case, reviewer, residual)


def variance_reml(case: ArrayLike, reviewer: ArrayLike, y: ArrayLike, strata: Any = None) -> Variances:
    """Variances of the crossed model y = mean of stratum + case + reviewer + residual by restricted maximum
    likelihood.

    Per review: `case`, `reviewer` (labels from 0), `y` (points, nan left out); `strata` per case. Cost: cubic in
    reviewers, linear in reviews. nan where the design cannot tell the three apart (nobody scored twice, no case
    scored twice, under two reviewers).
    """
    return reml(panel_of(case, reviewer, y, strata))


def variance_moments(case: ArrayLike, reviewer: ArrayLike, y: ArrayLike, strata: Any = None) -> Variances:
    """The same variances from three sums of squares in linear time (Gao and Owen 2017), scores centred by stratum,
    negatives set to 0.

    Arguments and undefined cases as in `variance_reml`.
    """
    return moments(panel_of(case, reviewer, y, strata))
