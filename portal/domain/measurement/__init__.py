"""What may be claimed about two tracks' bars, and how it is computed: pure functions, arrays in, frozen answers out.

Importing this package costs numpy only; scipy is imported by the functions that need it.
"""

from portal.domain.measurement.agreement import (
    AlphaInterval,
    alpha_bootstrap,
    case_reliability,
    fleiss_kappa,
    icc,
    krippendorff_alpha,
    weighted_kappa,
)
from portal.domain.measurement.bar import Bar, BarComparison, bar_difference
from portal.domain.measurement.compare import READINGS, TrackComparison, compare_tracks
from portal.domain.measurement.connectivity import Connectivity, PanelOverlap, connectivity, panel_overlap
from portal.domain.measurement.cycle_files import Cases, Problem, Scores, read_cases, read_scores
from portal.domain.measurement.cycle_report import as_text, bar_report, calibrate, report
from portal.domain.measurement.effects import cliffs_delta, hedges_g
from portal.domain.measurement.grid import BarPrior
from portal.domain.measurement.multiplicity import benjamini_hochberg, holm
from portal.domain.measurement.pillars import PillarDifference, pillar_differences
from portal.domain.measurement.proportions import (
    Estimate,
    Flip,
    Interval,
    agresti_caffo,
    clopper_pearson,
    flip_one,
    impact_ratio,
    newcombe_diff,
    stratified_newcombe,
    wilson,
)
from portal.domain.measurement.sentences import CAVEAT, points, remedy, sentence, why
from portal.domain.measurement.severity import SeverityFit, fit_severity
from portal.domain.measurement.suppression import suppress
from portal.domain.measurement.tables import CochranMantelHaenszel, boschloo, cmh, fisher
from portal.domain.measurement.variance import Variances, variance_moments, variance_reml
from portal.domain.measurement.verdict import REASONS, over_many_pairs, refused

__all__ = [
    "CAVEAT",
    "READINGS",
    "REASONS",
    "AlphaInterval",
    "Bar",
    "BarComparison",
    "BarPrior",
    "Cases",
    "CochranMantelHaenszel",
    "Connectivity",
    "Estimate",
    "Flip",
    "Interval",
    "PanelOverlap",
    "PillarDifference",
    "Problem",
    "Scores",
    "SeverityFit",
    "TrackComparison",
    "Variances",
    "agresti_caffo",
    "alpha_bootstrap",
    "as_text",
    "bar_difference",
    "bar_report",
    "benjamini_hochberg",
    "boschloo",
    "calibrate",
    "case_reliability",
    "cliffs_delta",
    "clopper_pearson",
    "cmh",
    "compare_tracks",
    "connectivity",
    "fisher",
    "fit_severity",
    "fleiss_kappa",
    "flip_one",
    "hedges_g",
    "holm",
    "icc",
    "impact_ratio",
    "krippendorff_alpha",
    "newcombe_diff",
    "over_many_pairs",
    "panel_overlap",
    "pillar_differences",
    "points",
    "read_cases",
    "read_scores",
    "refused",
    "remedy",
    "report",
    "sentence",
    "stratified_newcombe",
    "suppress",
    "variance_moments",
    "variance_reml",
    "weighted_kappa",
    "why",
    "wilson",
]
