"""The verdict in plain English with the numbers of the case: what may be said, why not, and what would help."""

import math
from collections.abc import Sequence

from portal.domain.measurement.bar import BarComparison, Span
from portal.domain.measurement.compare import TrackComparison
from portal.domain.measurement.verdict import EQUIVALENT, NOT_EQUIVALENT

CAVEAT = (
    "This compares decisions at equal rubric scores. It cannot show that a 4 on one rubric is worth a 4 on the other."
)
CANNOT_SAY = "The data cannot say."
REVIEWERS_UNKNOWN = "reviewers unknown: no claim of equivalence"

WHY = {
    "inside_margin": "The 90 % interval lies inside the margin in all readings of the score.",
    "outside_margin": "The 95 % interval lies wholly outside the margin in all readings of the score.",
    "interval_too_wide": "The interval reaches over the margin.",
    "too_few_decisions": "A track has fewer than three approvals or fewer than three refusals.",
    "strata_too_small": "No grade has eight cases on both tracks.",
    "readings_disagree": "The answer changes with how the score is read: as shown, adjusted for severity or regressed.",
    "no_link": "No reviewer scored both tracks, so stricter reviewing and a higher bar cannot be told apart.",
    "severity_unknown": "Hardly any case was scored twice, so strictness and merit cannot be told apart.",
    "weak_link": "Too few reviews cross the tracks: stricter reviewing could hide a difference as large as the margin.",
    "no_shared_committee": "No committee decided cases of both tracks, so two bars and two committees look alike.",
    "many_pairs": "Seen beside the other comparisons, the difference may be chance.",
    "peers_undeclared": "The levels are not declared peers, so there is nothing they should be equal to.",
    "not_peers": "The levels are declared not to be peers.",
    "written_bar_unknown": "A written bar could not be checked, so what was meant to be equal is not known.",
    "reviewers_unknown": "Who scored what is not known.",
}

REMEDIES = {
    "inside_margin": "",
    "outside_margin": "Bring cases near the higher bar before one committee and settle what the bar is.",
    "interval_too_wide": "Pool cycles at this grade, or wait for more cases.",
    "too_few_decisions": "Pool cycles at this grade until each track has three approvals and three refusals.",
    "strata_too_small": "Pool cycles grade by grade until eight cases stand on each track.",
    "readings_disagree": "Give each case more reviews, and let more reviewers score both tracks.",
    "no_link": "Ask two reviewers to cross, or have everybody score one anchor packet.",
    "severity_unknown": "Have each case scored by at least two reviewers, and each reviewer score several cases.",
    "weak_link": "Let at least 15 % of reviews cross the tracks, or have everybody score one anchor packet.",
    "no_shared_committee": "Let one committee decide cases of both tracks.",
    "many_pairs": "Wait for another cycle and see whether the difference comes back.",
    "peers_undeclared": "Declare which levels are peers by giving them a grade.",
    "not_peers": "Compare levels that are declared peers.",
    "written_bar_unknown": "Complete the written bars until the rubric check knows both.",
    "reviewers_unknown": "Add the scores with their reviewers.",
}

NOTES = {
    "small_strata_left_out": "Grades with fewer than eight cases on a track are left out.",
    "grades_disagree": "The grades contradict each other; read them one by one.",
    "committee_not_recorded": "Which committee decided was not recorded; one committee is assumed.",
    "shown_not_recorded": "What the committee saw was not recorded everywhere; the mean of the reviews stands in.",
}


def remedy(reason: str) -> str:
    """What would make the question answerable, one sentence; empty where nothing is missing. KeyError for an unknown
    reason.
    """
    return REMEDIES[reason]


def why(reason: str) -> str:
    """What a machine reason means, one sentence. KeyError for an unknown reason."""
    return WHY[reason]


def points(value: float) -> str:
    """A length in rubric points without superfluous zeros: "0.5 rubric point", "2 rubric points"."""
    return f"{value:g} rubric point{'' if value <= 1 else 's'}"


def _decimals(values: Sequence[float], margin: float) -> int:
    """As few decimals as it takes that no rounded number lands on the margin and different numbers look different."""
    known = [v for v in values if math.isfinite(v)]
    for count in (1, 2, 3):
        clear = all(abs(round(abs(v), count) - margin) > 1e-9 for v in known)
        if clear and len({round(v, count) for v in known}) == len(set(known)):
            return count
    return 4


def _signed(value: float, decimals: int) -> str:
    text = f"{value:+.{decimals}f}"
    return text[1:] if float(text) == 0 else text


def widest(comparison: BarComparison | TrackComparison) -> tuple[Span, Span]:
    """The intervals to speak of: over all readings where there are several."""
    if isinstance(comparison, TrackComparison):
        return comparison.envelope90, comparison.envelope95
    return comparison.ci90, comparison.ci95


def _higher(comparison: BarComparison | TrackComparison, labels: tuple[str, str]) -> str:
    return labels[1] if comparison.delta > 0 else labels[0]


def _equivalent(
    comparison: BarComparison | TrackComparison, labels: tuple[str, str], cycles: Sequence[str], place: str
) -> str:
    (lo, hi), _ = widest(comparison)
    count = _decimals((comparison.delta, lo, hi), comparison.margin)
    estimate, low, high = (_signed(v, count) for v in (comparison.delta, lo, hi))
    named = f", {'cycle' if len(cycles) == 1 else 'cycles'} {', '.join(cycles)}" if cycles else ""
    said = (
        f"The {labels[0]} and {labels[1]} bars {place} are equivalent: they differ by less than "
        f"{points(comparison.margin)} (estimate {estimate}, 90 % interval {low} to {high}; "
        f"{comparison.n_a} and {comparison.n_b} cases{named})."
    )
    if comparison.direction:
        size = f"{abs(comparison.delta):.{count}f}"
        said += f" A small difference is detectable: the {_higher(comparison, labels)} bar is higher by about {size}."
    return said


def _not_equivalent(comparison: BarComparison | TrackComparison, labels: tuple[str, str]) -> str:
    _, span = widest(comparison)
    near, far = sorted(abs(v) for v in span)
    count = _decimals((near, far), comparison.margin)
    return (
        f"The {_higher(comparison, labels)} bar is higher by {near:.{count}f} to {far:.{count}f} points "
        f"(95 % interval), more than the {comparison.margin:g} agreed beforehand."
    )


def _too_wide(comparison: BarComparison | TrackComparison, labels: tuple[str, str]) -> str:
    _, (lo, hi) = widest(comparison)
    count = _decimals((lo, hi), comparison.margin)
    said = f"They are compatible with differences from {_signed(lo, count)} to {_signed(hi, count)}."
    if comparison.direction:
        said += f" They point to a higher {_higher(comparison, labels)} bar."
    if comparison.more_cases_at_least:
        said += (
            f" Even if the bars are identical, at least about {comparison.more_cases_at_least} more cases per track "
            "would be needed."
        )
    return said


def _bar_only(comparison: BarComparison | TrackComparison, labels: tuple[str, str]) -> str:
    """The difference as a number and no more."""
    _, (lo, hi) = widest(comparison)
    count = _decimals((lo, hi), comparison.margin)
    estimate, low, high = (_signed(v, count) for v in (comparison.delta, lo, hi))
    return (
        f"The {labels[1]} bar lies {estimate} points from the {labels[0]} bar (95 % interval {low} to {high}); "
        f"{REVIEWERS_UNKNOWN}."
    )


def _not_enough(comparison: BarComparison | TrackComparison, labels: tuple[str, str]) -> str:
    reason = comparison.reason
    if reason == "reviewers_unknown":
        return _bar_only(comparison, labels)
    parts = [CANNOT_SAY]
    if reason in ("interval_too_wide", "many_pairs", "readings_disagree"):
        parts.append(_too_wide(comparison, labels))
    if reason != "interval_too_wide":
        parts.append(why(reason))
    return " ".join([*parts, remedy(reason)])


def sentence(
    comparison: BarComparison | TrackComparison,
    *,
    labels: tuple[str, str] = ("IC", "manager"),
    cycles: Sequence[str] = (),
    place: str = "at this level",
) -> str:
    """The verdict of a comparison as a page prints it, notes included; `CAVEAT` belongs under it.

    `labels`: names of track a and b; `cycles`: names of the cycles that went in; `place`: where the bars stand.
    Refusals say the reason and the remedy and no number.
    """
    if comparison.verdict == EQUIVALENT:
        said = _equivalent(comparison, labels, cycles, place)
    elif comparison.verdict == NOT_EQUIVALENT:
        said = _not_equivalent(comparison, labels)
    else:
        said = _not_enough(comparison, labels)
    return " ".join([said, *(NOTES[note] for note in comparison.notes)])
