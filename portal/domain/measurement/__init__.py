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
from portal.domain.measurement.effects import cliffs_delta, hedges_g, mean_difference
from portal.domain.measurement.forecast import Forecast, forecast
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
from portal.domain.measurement.publication import Counts, Published, publishable, rate_in_words
from portal.domain.measurement.sentences import CAVEAT, Part, parts, points, remedy, sentence, why
from portal.domain.measurement.session import SessionShift, direction_and_centrality, own_manager_effect
from portal.domain.measurement.severity import SeverityFit, fit_severity
from portal.domain.measurement.suppression import suppress
from portal.domain.measurement.tables import CochranMantelHaenszel, boschloo, cmh, fisher
from portal.domain.measurement.variance import Variances, variance_moments, variance_reml
from portal.domain.measurement.verdict import REASONS, SPEAKS, over_many_pairs, refused

__all__ = [
    "CAVEAT",
    "READINGS",
    "REASONS",
    "SPEAKS",
    "AlphaInterval",
    "Bar",
    "BarComparison",
    "BarPrior",
    "Cases",
    "CochranMantelHaenszel",
    "Connectivity",
    "Counts",
    "Estimate",
    "Flip",
    "Forecast",
    "Interval",
    "PanelOverlap",
    "Part",
    "PillarDifference",
    "Problem",
    "Published",
    "Scores",
    "SessionShift",
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
    "direction_and_centrality",
    "fisher",
    "fit_severity",
    "fleiss_kappa",
    "flip_one",
    "forecast",
    "hedges_g",
    "holm",
    "icc",
    "impact_ratio",
    "krippendorff_alpha",
    "mean_difference",
    "newcombe_diff",
    "over_many_pairs",
    "own_manager_effect",
    "panel_overlap",
    "parts",
    "pillar_differences",
    "points",
    "publishable",
    "rate_in_words",
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
