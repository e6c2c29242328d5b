"""The figures of one entry of a cycle's report: reviews put together, pass rates, agreement, reviewers, bars."""

from typing import Any, NamedTuple

import numpy as np

from portal.domain.measurement.agreement import alpha_bootstrap, case_reliability, krippendorff_alpha
from portal.domain.measurement.bar import UNKNOWN_BAR, BarComparison
from portal.domain.measurement.compare import TrackComparison
from portal.domain.measurement.cycle_files import Cases, Scores
from portal.domain.measurement.proportions import newcombe_diff, stratified_newcombe
from portal.domain.measurement.sentences import widest
from portal.domain.measurement.shapes import Bools, Floats, Ints
from portal.domain.measurement.tables import boschloo, cmh, fisher

TRACK_NAMES = ("ic", "manager")
REVIEWS_FOR_SEVERITY = 5
CASES_FOR_ALPHA = 5
DECISIONS_EACH = 3  # approvals, and refusals, that each track needs before its bar may be shown
BOSCHLOO_UP_TO = 150  # cases in all
NO_AGREEMENT: dict[str, Any] = {"alpha": None, "lo": None, "hi": None, "reliability": None}


class Reviews(NamedTuple):
    """One row per review with at least one score: case, reviewer and its overall (competencies weigh equally)."""

    case: Ints
    reviewer: Ints
    y: Floats


def reviews_of(scores: Scores) -> Reviews:
    known = ~np.isnan(scores.score)
    key = scores.case[known] * len(scores.reviewers) + scores.reviewer[known]
    pairs, place = np.unique(key, return_inverse=True)
    mean = np.bincount(place, weights=scores.score[known]) / np.bincount(place) if pairs.size else np.zeros(0)
    return Reviews(pairs // len(scores.reviewers), pairs % len(scores.reviewers), mean)


def shown_of(cases: Cases, scores: Scores) -> Floats:
    """The overall recorded in CASES; where empty, the mean over competencies of the mean over reviewers."""
    known, width = ~np.isnan(scores.score), int(scores.competency.max(initial=0)) + 1
    key = scores.case[known] * width + scores.competency[known]
    cells, place = np.unique(key, return_inverse=True)
    means = np.bincount(place, weights=scores.score[known]) / np.bincount(place) if cells.size else np.zeros(0)
    count = np.bincount(cells // width, minlength=len(cases.names))
    total = np.bincount(cells // width, weights=means, minlength=len(cases.names))
    computed = np.divide(total, count, out=np.full(count.size, np.nan), where=count > 0)
    return np.where(np.isnan(cases.shown), computed, cases.shown)


def parity(cases: Cases, rows: Bools) -> dict[str, Any]:
    """Pass-rate difference manager - IC: Newcombe and an exact test for one grade, joined over grades with
    Cochran-Mantel-Haenszel.
    """
    decided = rows & ~np.isnan(cases.approved)
    grade = np.array(cases.grade)[decided]
    tables = []
    for name in np.unique(grade):
        cells = [decided & (cases.track == t) & (np.array(cases.grade) == name) for t in (1, 0)]
        tables.append([[cases.approved[c].sum(), (1 - cases.approved[c]).sum()] for c in cells])
    counts = np.array(tables).reshape(-1, 2, 2)
    if len(counts) == 1:
        (x1, y1), (x2, y2) = counts[0]
        test = boschloo if counts.sum() <= BOSCHLOO_UP_TO else fisher
        return {"difference": newcombe_diff(x1, x1 + y1, x2, x2 + y2), "p": test(counts[0])}
    n = counts.sum(axis=2)
    joined = stratified_newcombe(counts[:, 0, 0], n[:, 0], counts[:, 1, 0], n[:, 1])
    return {"difference": joined, "p": cmh(counts).p}


def agreement(found: TrackComparison, reviews: Reviews, rows: Bools) -> dict[str, Any]:
    """Ordinal alpha of the reviews' overalls, once five cases have two reviews, and the reliability of a mean of
    reviews.
    """
    inside = rows[reviews.case]
    case, y = reviews.case[inside], reviews.y[inside]
    order = np.argsort(case, kind="stable")
    units, start, count = np.unique(case[order], return_index=True, return_counts=True)
    if np.count_nonzero(count > 1) < CASES_FOR_ALPHA:
        return dict(NO_AGREEMENT)
    ratings = np.full((units.size, int(count.max())), np.nan)
    slot = np.arange(case.size) - np.repeat(start, count)
    ratings[np.repeat(np.arange(units.size), count), slot] = np.round(y[order], 9)
    lo, hi = alpha_bootstrap(ratings, "ordinal")
    reliability = case_reliability(found.severity, float(count.mean()))
    return {"alpha": krippendorff_alpha(ratings, "ordinal"), "lo": lo, "hi": hi, "reliability": reliability}


def severity(found: TrackComparison, reviews: Reviews, scores: Scores, rows: Bools) -> list[dict[str, Any]]:
    """The reviewers of these cases by name, never ranked; a number only from five reviews up."""
    written = np.bincount(reviews.reviewer, minlength=len(scores.reviewers))
    here = np.unique(reviews.reviewer[rows[reviews.case]])
    listed = []
    for at in here:
        enough = written[at] >= REVIEWS_FOR_SEVERITY
        value, se = (found.severity.severity[at], found.severity.severity_se[at]) if enough else (None, None)
        listed.append({"reviewer": scores.reviewers[at], "severity": value, "se": se, "n": int(written[at])})
    return listed


def bar(found: BarComparison | TrackComparison) -> dict[str, Any]:
    """The part of an entry that speaks of the bar; under the gate no number is given."""
    closed = gate_closed(found)
    envelope90, envelope95 = widest(found)
    spans = {"ci90": found.ci90, "ci95": found.ci95, "envelope90": envelope90, "envelope95": envelope95}
    bars = (UNKNOWN_BAR, UNKNOWN_BAR) if closed else (found.bar_a, found.bar_b)
    return {
        "direction": found.direction,
        "delta": None if closed else found.delta,
        **{name: (None, None) if closed else span for name, span in spans.items()},
        "n": dict(zip(TRACK_NAMES, (found.n_a, found.n_b), strict=True)),
        "approved": dict(zip(TRACK_NAMES, (found.approved_a, found.approved_b), strict=True)),
        "bars": dict(zip(TRACK_NAMES, bars, strict=True)),
    }


def reading(found: BarComparison) -> dict[str, Any]:
    """One reading of the score; under the gate no number is given."""
    delta, ci90, ci95 = (
        (None, (None, None), (None, None)) if gate_closed(found) else (found.delta, found.ci90, found.ci95)
    )
    return {"verdict": found.verdict, "delta": delta, "ci90": ci90, "ci95": ci95}


def gate_closed(found: BarComparison | TrackComparison) -> bool:
    """Whether a track has fewer than three approvals or three refusals, so that no figure of its bar may be shown."""
    sides = ((found.n_a, found.approved_a), (found.n_b, found.approved_b))
    return any(min(approved, n - approved) < DECISIONS_EACH for n, approved in sides)
