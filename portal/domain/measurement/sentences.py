"""The verdict in plain English with the numbers of the case: what may be said, why not, and what would help.

What is said comes in parts, each a text with places for its values, so that a page can say it in its reader's language.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from portal.domain.measurement.bar import BarComparison, Span
from portal.domain.measurement.compare import TrackComparison
from portal.domain.measurement.verdict import EQUIVALENT, NOT_EQUIVALENT


class Part(NamedTuple):
    """One sentence: its English text with %(name)s places, and what stands in them."""

    text: str
    values: dict[str, str]

    def __str__(self) -> str:
        return self.text % self.values if self.values else self.text


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


def _part(text: str, **values: object) -> Part:
    return Part(text, {name: str(value) for name, value in values.items()})


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


def signed(value: float, decimals: int) -> str:
    """A difference as people read it: with its sign, a true minus (U+2212), and none where it is rounded to zero."""
    text = f"{value:+.{decimals}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def widest(comparison: BarComparison | TrackComparison) -> tuple[Span, Span]:
    """The intervals to speak of: over all readings where there are several."""
    if isinstance(comparison, TrackComparison):
        return comparison.envelope90, comparison.envelope95
    return comparison.ci90, comparison.ci95


def _higher(comparison: BarComparison | TrackComparison, labels: tuple[str, str]) -> str:
    return labels[1] if comparison.delta > 0 else labels[0]


EQUIVALENT_TEXT = (
    "The %(a)s and %(b)s bars %(place)s are equivalent: they differ by less than %(margin)s (estimate %(estimate)s, "
    "90 %% interval %(lo)s to %(hi)s; %(n_a)s and %(n_b)s cases%(cycles)s)."
)
SMALL_TEXT = "A small difference is detectable: the %(higher)s bar is higher by about %(size)s."
NOT_EQUIVALENT_TEXT = (
    "The %(higher)s bar is higher by %(near)s to %(far)s points (95 %% interval), more than the %(margin)s agreed "
    "beforehand."
)
WIDE_TEXT = "They are compatible with differences from %(lo)s to %(hi)s (95 %% interval)."
POINTS_TO_TEXT = "They point to a higher %(higher)s bar."
MORE_TEXT = "Even if the bars are identical, at least about %(more)s more cases per track would be needed."
ONE_MORE_TEXT = "Even if the bars are identical, at least about one more case per track would be needed."
_ONLY = f"(%(b)s less %(a)s, 95 %% interval %(lo)s to %(hi)s); {REVIEWERS_UNKNOWN}."
ABOVE_TEXT = f"At the scores shown the %(b)s bar lies %(size)s above the %(a)s bar {_ONLY}"
BELOW_TEXT = f"At the scores shown the %(b)s bar lies %(size)s below the %(a)s bar {_ONLY}"
LEVEL_TEXT = f"At the scores shown the %(b)s bar and the %(a)s bar lie level {_ONLY}"


def _equivalent(
    comparison: BarComparison | TrackComparison, labels: tuple[str, str], cycles: Sequence[str], place: str
) -> list[Part]:
    (lo, hi), _ = widest(comparison)
    count = _decimals((comparison.delta, lo, hi), comparison.margin)
    estimate, low, high = (signed(v, count) for v in (comparison.delta, lo, hi))
    named = f", {'cycle' if len(cycles) == 1 else 'cycles'} {', '.join(cycles)}" if cycles else ""
    said = [
        _part(
            EQUIVALENT_TEXT,
            a=labels[0],
            b=labels[1],
            place=place,
            margin=points(comparison.margin),
            estimate=estimate,
            lo=low,
            hi=high,
            n_a=comparison.n_a,
            n_b=comparison.n_b,
            cycles=named,
        )
    ]
    if comparison.direction:
        size = f"{abs(comparison.delta):.{count}f}"
        said.append(_part(SMALL_TEXT, higher=_higher(comparison, labels), size=size))
    return said


def _not_equivalent(comparison: BarComparison | TrackComparison, labels: tuple[str, str]) -> list[Part]:
    _, span = widest(comparison)
    near, far = sorted(abs(v) for v in span)
    count = _decimals((near, far), comparison.margin)
    return [
        _part(
            NOT_EQUIVALENT_TEXT,
            higher=_higher(comparison, labels),
            near=f"{near:.{count}f}",
            far=f"{far:.{count}f}",
            margin=f"{comparison.margin:g}",
        )
    ]


def _too_wide(comparison: BarComparison | TrackComparison, labels: tuple[str, str]) -> list[Part]:
    _, (lo, hi) = widest(comparison)
    count = _decimals((lo, hi), comparison.margin)
    said = [_part(WIDE_TEXT, lo=signed(lo, count), hi=signed(hi, count))]
    if comparison.direction:
        said.append(_part(POINTS_TO_TEXT, higher=_higher(comparison, labels)))
    if more := comparison.more_cases_at_least:
        said.append(_part(ONE_MORE_TEXT) if more == 1 else _part(MORE_TEXT, more=more))
    return said


def _bar_only(comparison: BarComparison | TrackComparison, labels: tuple[str, str]) -> Part:
    """The difference as a number and no more."""
    _, (lo, hi) = widest(comparison)
    count = _decimals((lo, hi), comparison.margin)
    low, high = signed(lo, count), signed(hi, count)
    size = f"{abs(comparison.delta):.{count}f}"
    text = LEVEL_TEXT if float(size) == 0 else ABOVE_TEXT if comparison.delta > 0 else BELOW_TEXT
    about = f"about {size} point{'' if float(size) <= 1 else 's'}"
    return _part(text, a=labels[0], b=labels[1], size=about, lo=low, hi=high)


def _not_enough(comparison: BarComparison | TrackComparison, labels: tuple[str, str]) -> list[Part]:
    reason = comparison.reason
    if reason == "reviewers_unknown":
        return [_bar_only(comparison, labels)]
    said = [_part(CANNOT_SAY)]
    if reason in ("interval_too_wide", "many_pairs", "readings_disagree"):
        said += _too_wide(comparison, labels)
    if reason != "interval_too_wide":
        said.append(_part(why(reason)))
    return [*said, _part(remedy(reason))]


def parts(
    comparison: BarComparison | TrackComparison,
    *,
    labels: tuple[str, str] = ("IC", "manager"),
    cycles: Sequence[str] = (),
    place: str = "at this level",
) -> list[Part]:
    """The verdict of a comparison sentence by sentence, notes included; `CAVEAT` belongs under it.

    `labels`: names of track a and b; `cycles`: names of the cycles that went in; `place`: where the bars stand.
    Refusals say the reason and the remedy and no number.
    """
    if comparison.verdict == EQUIVALENT:
        said = _equivalent(comparison, labels, cycles, place)
    elif comparison.verdict == NOT_EQUIVALENT:
        said = _not_equivalent(comparison, labels)
    else:
        said = _not_enough(comparison, labels)
    return [*said, *(_part(NOTES[note]) for note in comparison.notes)]


def sentence(
    comparison: BarComparison | TrackComparison,
    *,
    labels: tuple[str, str] = ("IC", "manager"),
    cycles: Sequence[str] = (),
    place: str = "at this level",
) -> str:
    """The verdict of a comparison as one English text, as `parts` puts it."""
    return " ".join(map(str, parts(comparison, labels=labels, cycles=cycles, place=place)))
