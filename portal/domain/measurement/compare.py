"""Two tracks compared from reviews and decisions: severity, links, three readings of the score, and one verdict only
if all agree.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.domain.measurement.bar import NAN, Bar, BarComparison, Span, bar_difference
from portal.domain.measurement.connectivity import Connectivity, PanelOverlap, panel_overlap
from portal.domain.measurement.grid import DEFAULT_PRIOR, BarPrior
from portal.domain.measurement.linking import Cycle, Link, cycle_of, link_of
from portal.domain.measurement.severity import SeverityFit, fit_severity
from portal.domain.measurement.shapes import ArrayLike, Floats, floats
from portal.domain.measurement.verdict import NOT_ENOUGH, Code, Direction

READINGS = ("as_shown", "adjusted", "regressed")


@dataclass(frozen=True)
class TrackComparison:
    """The bars of two tracks compared: a = track 0 (IC), b = track 1 (manager), differences b - a in rubric points.

    `delta`, intervals, bars and p-values are those of the severity-adjusted reading; `readings` holds all three,
    `envelope90` and `envelope95` reach over them. `linked`: a reviewer scored both tracks; `link_se` (points): how
    well the two homes' strictness can be told apart, which matters by `exposure`, the difference in how far each
    track was scored by reviewers at home on track 1.
    """

    verdict: Code
    reason: str
    direction: Direction
    delta: float
    ci90: Span
    ci95: Span
    envelope90: Span
    envelope95: Span
    p_outside: float
    p_direction: float
    bar_a: Bar
    bar_b: Bar
    n_a: int
    n_b: int
    approved_a: int
    approved_b: int
    more_cases_at_least: int | None
    linked: bool
    link_se: float
    exposure: float
    connectivity: Connectivity
    committees: PanelOverlap | None
    readings: Mapping[str, BarComparison]
    severity: SeverityFit
    margin: float
    notes: tuple[str, ...]


def _shown(shown: Any, cycle: Cycle) -> tuple[Floats, bool]:
    """What the committee saw; where that was not recorded, the plain mean of the reviews. And whether anything was
    missing.
    """
    reviews = np.bincount(cycle.case, minlength=cycle.track.size)
    sums = np.bincount(cycle.case, weights=cycle.y, minlength=cycle.track.size)
    plain = np.divide(sums, reviews, out=np.full(cycle.track.size, NAN), where=reviews > 0)
    if shown is None:
        return plain, True
    given = floats("shown", shown, length=cycle.track.size)
    missing = np.isnan(given)
    return np.where(missing, plain, given), bool((missing & cycle.counted).any())


def _readings(
    cycle: Cycle, fit: SeverityFit, shown: Floats, doubt: float, margin: float, prior: BarPrior
) -> dict[str, BarComparison]:
    """The bar difference from the score as shown, adjusted for severity, and regressed to the track's mean."""
    a, b = (cycle.counted & (cycle.track == t) for t in (0, 1))
    most = math.sqrt(2) * prior.bar_sd  # an unlinked pair is known no better than the prior
    scores = (shown, fit.case_fair, fit.case_shrunk)
    return {
        name: bar_difference(
            score[a],
            cycle.approved[a],
            score[b],
            cycle.approved[b],
            margin=margin,
            prior=prior,
            strata_a=cycle.grade[a],
            strata_b=cycle.grade[b],
            extra_sd=0.0 if name == "as_shown" else min(doubt, most),
        )
        for name, score in zip(READINGS, scores, strict=True)
    }


def _refusal(link: Link, committees: PanelOverlap | None, fit: SeverityFit, margin: float) -> str | None:
    """Why nothing may be claimed whatever the numbers say, the first reason that holds; None if none does."""
    if not link.connectivity.bridging_reviewers:
        return "no_link"
    if math.isnan(fit.var_residual):
        return "severity_unknown"
    if link.doubt >= margin:
        return "weak_link"
    if (
        committees is not None
        and committees.committees_a + committees.committees_b
        and not committees.shared_committees
    ):
        return "no_shared_committee"
    return None


def _judge(readings: Mapping[str, BarComparison], refusal: str | None) -> tuple[Code, str, Direction]:
    """One verdict only when all three readings give it, and the same side of the margin."""
    adjusted = readings["adjusted"]
    if refusal:
        return NOT_ENOUGH, refusal, None
    found = list(readings.values())
    directions = {r.direction for r in found}
    direction = adjusted.direction if len(directions) == 1 else None
    same_side = adjusted.verdict != "not_equivalent" or len({r.delta > 0 for r in found}) == 1
    if len({r.verdict for r in found}) == 1 and same_side:
        return adjusted.verdict, adjusted.reason, direction
    return NOT_ENOUGH, "readings_disagree", direction


def _envelope(spans: list[Span]) -> Span:
    return min(lo for lo, _ in spans), max(hi for _, hi in spans)


def _overlap(committee: Any, cycle: Cycle) -> PanelOverlap | None:
    if committee is None:
        return None
    names = np.asarray(committee)
    if names.shape != cycle.track.shape:
        raise ValueError(f"committee has shape {names.shape} where {cycle.track.shape} is expected")
    return panel_overlap(names[cycle.counted], cycle.track[cycle.counted])


def _notes(adjusted: BarComparison, committees: PanelOverlap | None, not_shown: bool) -> tuple[str, ...]:
    unrecorded = committees is None or not committees.committees_a + committees.committees_b
    told = (("committee_not_recorded",) if unrecorded else ()) + (("shown_not_recorded",) if not_shown else ())
    return adjusted.notes + told


def _comparison(
    readings: Mapping[str, BarComparison],
    link: Link,
    committees: PanelOverlap | None,
    fit: SeverityFit,
    notes: tuple[str, ...],
) -> TrackComparison:
    base = readings["adjusted"]
    verdict, reason, direction = _judge(readings, _refusal(link, committees, fit, base.margin))
    return TrackComparison(
        verdict=verdict,
        reason=reason,
        direction=direction,
        delta=base.delta,
        ci90=base.ci90,
        ci95=base.ci95,
        envelope90=_envelope([r.ci90 for r in readings.values()]),
        envelope95=_envelope([r.ci95 for r in readings.values()]),
        p_outside=max(r.p_outside for r in readings.values()),
        p_direction=max(r.p_direction for r in readings.values()),
        bar_a=base.bar_a,
        bar_b=base.bar_b,
        n_a=base.n_a,
        n_b=base.n_b,
        approved_a=base.approved_a,
        approved_b=base.approved_b,
        more_cases_at_least=base.more_cases_at_least,
        linked=link.connectivity.bridging_reviewers > 0,
        link_se=fit.link_se,
        exposure=link.exposure,
        connectivity=link.connectivity,
        committees=committees,
        readings=readings,
        severity=fit,
        margin=base.margin,
        notes=notes,
    )


def compare_tracks(
    case: ArrayLike,
    reviewer: ArrayLike,
    y: ArrayLike,
    track: ArrayLike,
    approved: ArrayLike,
    *,
    home: Any = None,
    shown: Any = None,
    grade: Any = None,
    committee: Any = None,
    margin: float = 0.5,
    prior: BarPrior = DEFAULT_PRIOR,
    focus: Any = None,
) -> TrackComparison:
    """Whether two tracks are held to one bar, as far as the reviews and decisions of a cycle can say.

    Per review: `case`, `reviewer` (labels from 0), `y` (its overall in points, nan = not assessed). Per case: `track`
    0 or 1, `approved` 1, 0 or nan (anchors, withdrawn: they inform severity only), `shown` (overall the committee
    saw), `grade`, `committee` (nan or "" = not recorded). Per reviewer: `home` 0 or 1, nan = none; not given, it is
    the track each mostly reviews. `focus`: cases whose decisions are compared, e.g. one grade, while all reviews
    inform severity. Refuses before it computes a verdict: no reviewer on both tracks, a link too weak for the margin,
    no shared committee, too few decisions. Linear in reviews. ValueError names an argument of the wrong shape.
    """
    cycle = cycle_of(case, reviewer, y, track, approved, home, grade, focus)
    committees = _overlap(committee, cycle)
    shown_scores, not_shown = _shown(shown, cycle)
    fit = fit_severity(cycle.case, cycle.reviewer, cycle.y, 2 * cycle.grade + cycle.track, cycle.home)
    link = link_of(cycle, fit.link_se)
    readings = _readings(cycle, fit, shown_scores, link.doubt, margin, prior)
    notes = _notes(readings["adjusted"], committees, not_shown)
    return _comparison(readings, link, committees, fit, notes)
