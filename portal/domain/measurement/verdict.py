"""The rules under which anything may be said about two bars: gates, the three answers, refusals, and what many
comparisons cost.
"""

import math
from dataclasses import replace
from typing import Any, Literal, TypeVar

from portal.domain.measurement.multiplicity import holm

Code = Literal["equivalent", "not_equivalent", "not_enough_evidence"]
Direction = Literal["b_higher", "a_higher"] | None

EQUIVALENT: Code = "equivalent"
NOT_EQUIVALENT: Code = "not_equivalent"
NOT_ENOUGH: Code = "not_enough_evidence"

REASONS = (
    "inside_margin",
    "outside_margin",
    "interval_too_wide",
    "too_few_decisions",
    "strata_too_small",
    "readings_disagree",
    "no_link",
    "severity_unknown",
    "weak_link",
    "no_shared_committee",
    "many_pairs",
    "peers_undeclared",
    "not_peers",
    "written_bar_unknown",
    "reviewers_unknown",
)
# The reasons with which a difference is spoken of in numbers; with every other the question itself cannot be asked.
SPEAKS = frozenset({"inside_margin", "outside_margin", "interval_too_wide", "readings_disagree", "many_pairs"})
NORMAL_90, NORMAL_NEEDED = 3.29, 2.93

Comparison = TypeVar("Comparison", bound=Any)


def decide(ci90: tuple[float, float], ci95: tuple[float, float], margin: float, gate_met: bool) -> tuple[Code, str]:
    """Verdict and machine reason from the intervals of the difference: 90 % inside the margin, 95 % wholly outside,
    else no answer.
    """
    if not gate_met:
        return NOT_ENOUGH, "too_few_decisions"
    if -margin < ci90[0] and ci90[1] < margin:
        return EQUIVALENT, "inside_margin"
    if ci95[0] > margin or ci95[1] < -margin:
        return NOT_EQUIVALENT, "outside_margin"
    return NOT_ENOUGH, "interval_too_wide"


def direction_of(ci95: tuple[float, float], gate_met: bool) -> Direction:
    """Which bar is higher, where the gate is met and the 95 % interval leaves 0 out."""
    if not gate_met:
        return None
    if ci95[0] > 0:
        return "b_higher"
    return "a_higher" if ci95[1] < 0 else None


def more_cases(ci90: tuple[float, float], n_a: int, n_b: int, margin: float) -> int | None:
    """How many more cases per track at least, even if the bars are identical: n ((se / se_need)^2 - 1), rounded up.

    se = width of the 90 % interval / 3.29, se_need = margin / 2.93, n the harmonic mean of both tracks. None when a
    track is empty.
    """
    width = ci90[1] - ci90[0]
    if not n_a or not n_b or not math.isfinite(width):
        return None
    n = 2 * n_a * n_b / (n_a + n_b)
    return max(0, math.ceil(n * (((width / NORMAL_90) / (margin / NORMAL_NEEDED)) ** 2 - 1) - 1e-9))


def refused(comparison: Comparison, reason: str) -> Comparison:
    """The same comparison with the claim taken back: for what only the caller knows (peers undeclared, a written bar
    unknown).

    ValueError for a reason that is not in REASONS.
    """
    if reason not in REASONS:
        raise ValueError(f"reason must be one of {', '.join(REASONS)}, not {reason!r}")
    taken_back: Comparison = replace(comparison, verdict=NOT_ENOUGH, reason=reason, direction=None)
    return taken_back


def over_many_pairs(comparisons: list[Comparison], alpha: float = 0.05) -> list[Comparison]:
    """Comparisons of several peer pairs seen together: "not equivalent" and direction signals must survive Holm;
    "equivalent" needs nothing.

    Uses `p_outside` and `p_direction` of each comparison; what does not survive becomes "not enough evidence", reason
    "many_pairs".
    """
    outside = holm([c.p_outside if c.verdict == NOT_EQUIVALENT else 1.0 for c in comparisons])
    signal = holm([c.p_direction if c.direction else 1.0 for c in comparisons])
    kept = []
    for comparison, p_outside, p_direction in zip(comparisons, outside, signal, strict=True):
        if comparison.verdict == NOT_EQUIVALENT and p_outside > alpha:
            comparison = replace(comparison, verdict=NOT_ENOUGH, reason="many_pairs")
        if comparison.direction and p_direction > alpha:
            comparison = replace(comparison, direction=None)
        kept.append(comparison)
    return kept
