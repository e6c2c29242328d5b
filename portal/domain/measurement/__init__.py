"""What may be claimed about two tracks' bars, and how it is computed: pure functions, arrays in, frozen answers out.

Importing this package costs numpy only; scipy is imported by the functions that need it.
"""

from portal.domain.measurement.agreement import (
    AlphaInterval,
    alpha_bootstrap,
    fleiss_kappa,
    icc,
    krippendorff_alpha,
    weighted_kappa,
)
from portal.domain.measurement.bar import Bar, BarComparison, bar_difference
from portal.domain.measurement.connectivity import Connectivity, PanelOverlap, connectivity, panel_overlap
from portal.domain.measurement.grid import BarPrior
from portal.domain.measurement.multiplicity import benjamini_hochberg, holm
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
from portal.domain.measurement.tables import CochranMantelHaenszel, boschloo, cmh, fisher
from portal.domain.measurement.verdict import REASONS, over_many_pairs, refused

__all__ = [
    "REASONS",
    "AlphaInterval",
    "Bar",
    "BarComparison",
    "BarPrior",
    "CochranMantelHaenszel",
    "Connectivity",
    "Estimate",
    "Flip",
    "Interval",
    "PanelOverlap",
    "agresti_caffo",
    "alpha_bootstrap",
    "bar_difference",
    "benjamini_hochberg",
    "boschloo",
    "clopper_pearson",
    "cmh",
    "connectivity",
    "fisher",
    "fleiss_kappa",
    "flip_one",
    "holm",
    "icc",
    "impact_ratio",
    "krippendorff_alpha",
    "newcombe_diff",
    "over_many_pairs",
    "panel_overlap",
    "refused",
    "stratified_newcombe",
    "weighted_kappa",
    "wilson",
]
