"""How strict each reviewer is, and what a case would have scored with an average panel: a crossed mixed model on
review means.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from portal.domain.measurement.panel import Panel, panel_of
from portal.domain.measurement.shapes import ArrayLike, Floats
from portal.domain.measurement.shapes import sides as sides_of
from portal.domain.measurement.variance import Variances, moments, reml

NAN = float("nan")
REML_UP_TO = 150  # reviewers
EXACT_ERRORS_UP_TO = 600  # reviewers: the inverse behind severity_se is dense
METHODS = ("auto", "reml", "moments")


@dataclass(frozen=True)
class SeverityFit:
    """What the model says, in rubric points.

    Per case: `case_fair` (mean of its reviews with the reviewers' effects taken off) and `case_shrunk` (regressed to
    its stratum's mean); nan without a review. Per reviewer: `severity`, the shrunk effect on a score (negative =
    stricter than average) and `severity_se`. `home_effect`: scores of reviewers at home on track 1 minus those at
    home on track 0, nan when the design cannot tell; `link_se`: its standard error, infinite when it cannot, nan when
    no home was given.
    """

    case_fair: Floats
    case_shrunk: Floats
    severity: Floats
    severity_se: Floats
    var_case: float
    var_reviewer: float
    var_residual: float
    home_effect: float
    link_se: float


class _Solution(NamedTuple):
    severity: Floats
    home_effect: float
    link_se: float
    mean: Floats  # per stratum
    system: "_System"
    ridge: float
    moved: Floats  # how the severities answer to the home effect
    information: float  # about the home effect, in units of the residual variance; 0 where the design cannot tell it


class _System:
    """The reviewers' equations with cases and stratum means eliminated: Q w = Z'P Z w, applied without ever being
    formed.
    """

    def __init__(self, panel: Panel, case_ratio: float) -> None:
        from scipy.sparse import coo_array

        shape = (panel.cases, panel.reviewers)
        ones = np.ones(panel.y.size)
        self.by_case = coo_array((ones, (panel.case, panel.reviewer)), shape=shape).tocsr()
        self.by_reviewer = self.by_case.T.tocsr()
        self.panel, self.counts = panel, panel.reviews_per_case
        self.kept = 1 / (1 + case_ratio * self.counts)  # what of a case's mean its own effect leaves
        self.pull = case_ratio * self.kept
        self.strata = int(panel.stratum.max(initial=0)) + 1
        weight = np.bincount(panel.stratum, weights=self.counts * self.kept, minlength=self.strata)
        self.weight = np.where(weight > 0, weight, 1.0)

    def stratum_means(self, case_sums: Floats) -> Floats:
        """Generalised least squares mean of each stratum from the cases' sums."""
        sums = np.bincount(self.panel.stratum, weights=case_sums * self.kept, minlength=self.strata)
        means: Floats = sums / self.weight
        return means

    def case_effects(self, case_sums: Floats) -> Floats:
        """Stratum mean plus shrunk deviation of each case, from its sum of scores."""
        mean = self.stratum_means(case_sums)[self.panel.stratum]
        effects: Floats = mean + self.pull * (case_sums - self.counts * mean)
        return effects

    def apply(self, w: Floats) -> Floats:
        """Q w."""
        answer: Floats = self.panel.reviews_per_reviewer * w - self.by_reviewer @ self.case_effects(self.by_case @ w)
        return answer

    def right_side(self) -> Floats:
        """Z'P y."""
        panel = self.panel
        sums: Floats = np.bincount(panel.case, weights=panel.y, minlength=panel.cases).astype(np.float64)
        own = np.bincount(panel.reviewer, weights=panel.y, minlength=panel.reviewers)
        answer: Floats = own - self.by_reviewer @ self.case_effects(sums)
        return answer

    def diagonal(self) -> Floats:
        """Diagonal of Q without the stratum means' small part: what Jacobi preconditions with."""
        answer: Floats = self.panel.reviews_per_reviewer - self.by_reviewer @ self.pull
        return answer

    def dense(self) -> Floats:
        """Q itself, for panels small enough to invert."""
        from scipy.sparse import coo_array, dia_array

        cases = self.panel.cases
        scaled = dia_array((self.pull[None, :], [0]), shape=(cases, cases)) @ self.by_case
        inside = coo_array((self.kept, (np.arange(cases), self.panel.stratum)), shape=(cases, self.strata))
        means = (self.by_reviewer @ inside.tocsr()).toarray()
        shared = (self.by_reviewer @ scaled).toarray() + (means / self.weight) @ means.T
        answer: Floats = np.diag(self.panel.reviews_per_reviewer) - shared
        return answer


def _conjugate_gradient(system: _System, ridge: float, right: Floats) -> Floats:
    """Solve (Q + ridge I) x = right, preconditioned by the diagonal; stops at a relative residual of 1e-10."""
    scale = 1 / (system.diagonal() + ridge)
    x = np.zeros_like(right)
    residual = right.copy()
    direction = towards = scale * residual
    product = float(residual @ towards)
    stop = 1e-20 * product
    steps = 10 * right.size + 10
    while product > stop and steps:
        steps -= 1
        image = system.apply(direction) + ridge * direction
        length = product / float(direction @ image)
        x = x + length * direction
        residual = residual - length * image
        towards = scale * residual
        before, product = product, float(residual @ towards)
        direction = towards + product / before * direction
    return x


def _errors(solution: _Solution, var_residual: float) -> Floats:
    """Standard errors of the severities: exact up to 600 reviewers.

    Above, from the diagonal, plus what no design can tell: the reviewers' common level against the strata's means.
    """
    system, ridge = solution.system, solution.ridge
    if math.isinf(ridge):
        return np.zeros(system.panel.reviewers)
    if system.panel.reviewers <= EXACT_ERRORS_UP_TO:
        variance = np.diag(np.linalg.inv(system.dense() + ridge * np.eye(system.panel.reviewers)))
    else:
        variance = 1 / (system.diagonal() + ridge) + 1 / (ridge * system.panel.reviewers)
    if solution.information > 0:
        variance = variance + solution.moved**2 / solution.information
    errors: Floats = np.sqrt(var_residual * variance)
    return errors


def _solve(panel: Panel, variances: Variances, home: Floats | None) -> _Solution:
    """Severities, home effect and stratum means for known variances."""
    var_case, var_reviewer, var_residual = variances
    var_residual = max(var_residual, 1e-9 * (var_case + var_reviewer), 1e-12)
    system = _System(panel, var_case / var_residual)
    ridge = var_residual / var_reviewer if var_reviewer > 0 else math.inf
    right, sides = system.right_side(), np.zeros(panel.reviewers) if home is None else home
    image = system.apply(sides)

    def solved(side: Floats) -> Floats:
        return np.zeros(panel.reviewers) if math.isinf(ridge) else _conjugate_gradient(system, ridge, side)

    own, moved = solved(right), solved(image)
    information = float(sides @ image - image @ moved)
    known = information > 1e-9 * max(1.0, float(panel.y.size) * float((sides**2).mean() if sides.size else 0))
    effect = float(sides @ right - image @ own) / information if known else NAN
    severity = own - effect * moved if known else own
    link_se = math.sqrt(var_residual / information) if known else math.inf
    taken = severity + (effect * sides if known else 0.0)
    sums: Floats = np.bincount(panel.case, weights=panel.y - taken[panel.reviewer], minlength=panel.cases).astype(
        np.float64
    )
    mean = system.stratum_means(sums)
    return _Solution(severity, effect, link_se, mean, system, ridge, moved, information if known else 0.0)


def _variances(panel: Panel, method: str) -> Variances:
    small = np.count_nonzero(panel.reviews_per_reviewer) <= REML_UP_TO
    return reml(panel) if method == "reml" or (method == "auto" and small) else moments(panel)


def _unadjusted(panel: Panel, variances: Variances, home: Floats | None) -> SeverityFit:
    """Where the design cannot tell reviewers from cases: the plain means, and nothing claimed about anybody."""
    count = panel.reviews_per_case
    sums = np.bincount(panel.case, weights=panel.y, minlength=panel.cases)
    mean = np.divide(sums, count, out=np.full(panel.cases, NAN), where=count > 0)
    nobody = np.full(panel.reviewers, NAN)
    link_se = NAN if home is None else math.inf
    return SeverityFit(mean, np.full(panel.cases, NAN), nobody, nobody, *variances, NAN, link_se)


def _finished(panel: Panel, variances: Variances, solution: _Solution, home: Floats | None) -> SeverityFit:
    sides = np.zeros(panel.reviewers) if home is None else home
    effect = 0.0 if math.isnan(solution.home_effect) else solution.home_effect
    clean = panel.y - (solution.severity + effect * sides)[panel.reviewer]
    count = panel.reviews_per_case
    sums = np.bincount(panel.case, weights=clean, minlength=panel.cases)
    fair = np.divide(sums, count, out=np.full(panel.cases, NAN), where=count > 0)
    ratio = variances.var_case / max(variances.var_residual, 1e-12)
    mean = solution.mean[panel.stratum]
    shrunk = np.where(count > 0, mean + ratio / (1 + ratio * count) * (sums - count * mean), NAN)
    effect, link_se = (0.0, NAN) if home is None else (solution.home_effect, solution.link_se)
    errors = _errors(solution, variances.var_residual)
    return SeverityFit(fair, shrunk, solution.severity, errors, *variances, effect, link_se)


def fit_severity(
    case: ArrayLike, reviewer: ArrayLike, y: ArrayLike, strata: Any = None, home: Any = None, method: str = "auto"
) -> SeverityFit:
    """Fit y = mean of stratum + case + h (home - 1/2) + reviewer + residual; cases and reviewers random, h and means
    fixed.

    Per review: `case`, `reviewer` (labels from 0), `y` (points, nan = not assessed). `strata`: track x grade per
    case. `home`: 0 or 1 per reviewer, nan = none. `method`: "reml", "moments" or "auto" (REML up to 150 reviewers).
    Only first sealed reviews without conflict belong here. Where nobody or no case was scored twice, severities are
    nan and `case_fair` is the plain mean. ValueError names an argument of the wrong shape.
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    sides = None if home is None else np.nan_to_num(sides_of("home", home, unknown=True) - 0.5)
    panel = panel_of(case, reviewer, y, strata, 0 if sides is None else sides.size)
    if sides is not None and sides.size < panel.reviewers:
        raise ValueError(f"home has {sides.size} entries, but reviewer mentions number {panel.reviewers - 1}")
    variances = _variances(panel, method)
    if math.isnan(variances.var_residual):
        return _unadjusted(panel, variances, sides)
    solution = _solve(panel, variances, sides)
    if sides is not None and not math.isnan(solution.home_effect):
        # a difference between the two homes would pass for spread between reviewers: take it off and look again
        without = panel.with_scores(panel.y - solution.home_effect * sides[panel.reviewer])
        variances = _variances(without, method)
        solution = _solve(panel, variances, sides)
    return _finished(panel, variances, solution, sides)


def design_link_se(panel: Panel, variances: Variances, home: Floats) -> float:
    """The `link_se` a panel would have with these variances, whatever its scores; `home` is -1/2, 0 or 1/2 a reviewer.
    Infinite where the design cannot tell.
    """
    return _solve(panel, variances, home).link_se
