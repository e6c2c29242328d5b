"""The answer about one past cycle as data and as text: what `evenbar calibrate` prints."""

import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from portal.domain.measurement.bar import BarComparison, bar_difference
from portal.domain.measurement.compare import TrackComparison, compare_tracks
from portal.domain.measurement.cycle_figures import (
    NO_AGREEMENT,
    Reviews,
    agreement,
    bar,
    parity,
    reading,
    reviews_of,
    severity,
    shown_of,
)
from portal.domain.measurement.cycle_files import Cases, Problem, Scores, read_cases, read_scores
from portal.domain.measurement.grid import DEFAULT_PRIOR, BarPrior
from portal.domain.measurement.sentences import CAVEAT, sentence, signed
from portal.domain.measurement.shapes import Bools
from portal.domain.measurement.verdict import NOT_EQUIVALENT, over_many_pairs, refused

DONE, FOUND, BAD_INPUT = 0, 1, 2


def _plain(value: Any) -> Any:
    """For JSON: nan and infinities become None, tuples lists, numpy numbers Python ones."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value


def _grades(cases: Cases) -> list[str]:
    """Grades with a decision, whole numbers in their order before words in theirs."""
    decided = {grade for grade, outcome in zip(cases.grade, cases.approved, strict=True) if not math.isnan(outcome)}
    return sorted(decided, key=lambda g: (not g.isdecimal(), int(g) if g.isdecimal() else 0, g))


def _cycles(cases: Cases, rows: Bools) -> list[str]:
    return sorted({cases.cycle[at] for at in np.flatnonzero(rows)} - {""})


def _said(cases: Cases, found: BarComparison | TrackComparison, rows: Bools) -> str:
    grades = {cases.grade[at] for at in np.flatnonzero(rows)}
    place = "at this grade" if len(grades) == 1 else "at these grades taken together"
    return sentence(found, cycles=_cycles(cases, rows), place=place)


def _entry(cases: Cases, scores: Scores, reviews: Reviews, found: TrackComparison, rows: Bools) -> dict[str, Any]:
    return {
        "verdict": found.verdict,
        "reason": found.reason,
        "sentence": _said(cases, found, rows),
        **bar(found),
        "readings": {name: reading(one) for name, one in found.readings.items()},
        "connectivity": {**found.connectivity._asdict(), "link_se": found.link_se},
        "severity": severity(found, reviews, scores, rows),
        "agreement": agreement(found, reviews, rows),
        "parity": parity(cases, rows),
    }


def _compared(
    cases: Cases, scores: Scores, reviews: Reviews, rows: Bools, margin: float, prior: BarPrior
) -> TrackComparison:
    found = compare_tracks(
        reviews.case,
        reviews.reviewer,
        reviews.y,
        cases.track,
        cases.approved,
        home=None if np.isnan(scores.home).all() else scores.home,
        shown=shown_of(cases, scores),
        grade=np.array(cases.grade),
        committee=np.array(cases.committee) if any(cases.committee) else None,
        margin=margin,
        prior=prior,
        focus=rows,
    )
    unrecorded = rows & np.isnan(cases.shown) & ~np.isnan(cases.approved)
    return replace(found, notes=(*found.notes, "shown_not_recorded")) if unrecorded.any() else found


def report(cases: Cases, scores: Scores, margin: float = 0.5, prior: BarPrior = DEFAULT_PRIOR) -> dict[str, Any]:
    """Per grade and overall: verdict, reason, sentence, bars, three readings, links, reviewers, agreement and pass
    rates, ready for JSON.

    Reviews of all grades and anchors inform severity; each grade's verdict compares its own decisions and its own
    reviewers' links. "Not equivalent" must survive Holm over the grades. `overall` joins the grades as strata.
    Undefined numbers are None.
    """
    names, reviews, grade = _grades(cases), reviews_of(scores), np.array(cases.grade)
    masks = {name: grade == name for name in names}
    found = over_many_pairs([_compared(cases, scores, reviews, rows, margin, prior) for rows in masks.values()])
    everything = np.ones(grade.size, dtype=np.bool_)
    joined = _compared(cases, scores, reviews, everything, margin, prior)
    entries = {name: _entry(cases, scores, reviews, one, masks[name]) for name, one in zip(names, found, strict=True)}
    overall = _entry(cases, scores, reviews, joined, everything)
    answer: dict[str, Any] = _plain({"margin": margin, "grades": entries, "overall": overall})
    return answer


def _bar_entry(cases: Cases, found: BarComparison, rows: Bools) -> dict[str, Any]:
    return {
        "verdict": found.verdict,
        "reason": found.reason,
        "sentence": _said(cases, found, rows),
        **bar(found),
        "readings": {"as_shown": reading(found), "adjusted": None, "regressed": None},
        "connectivity": {"components": None, "bridging_reviewers": None, "cross_share": None, "link_se": None},
        "severity": [],
        "agreement": dict(NO_AGREEMENT),
        "parity": parity(cases, rows),
    }


def bar_report(cases: Cases, margin: float = 0.5, prior: BarPrior = DEFAULT_PRIOR) -> dict[str, Any]:
    """The same from CASES with the overall shown alone: the bar difference as a number, and never a claim of
    equivalence.
    """
    grade = np.array(cases.grade)

    def entry(rows: Bools) -> dict[str, Any]:
        a, b = (rows & (cases.track == t) for t in (0, 1))
        sides = (cases.shown[a], cases.approved[a], cases.shown[b], cases.approved[b])
        found = bar_difference(*sides, margin=margin, prior=prior, strata_a=grade[a], strata_b=grade[b])
        known = found.reason not in ("too_few_decisions", "strata_too_small")
        return _bar_entry(cases, refused(found, "reviewers_unknown") if known else found, rows)

    entries = {name: entry(grade == name) for name in _grades(cases)}
    overall = entry(np.ones(grade.size, dtype=np.bool_))
    answer: dict[str, Any] = _plain({"margin": margin, "grades": entries, "overall": overall})
    return answer


def _lines(title: str, entry: dict[str, Any]) -> list[str]:
    n, approved = entry["n"], entry["approved"]
    lines = [f"{title}: {entry['verdict'].replace('_', ' ')}", f"  {entry['sentence']}"]
    lines.append(
        f"  IC {approved['ic']} of {n['ic']} approved, manager {approved['manager']} of {n['manager']} approved"
    )
    if entry["delta"] is not None:
        lo, hi = entry["ci90"]
        how = "adjusted for severity" if entry["readings"]["adjusted"] else "at the score shown"
        delta, low, high = (signed(value, 2) for value in (entry["delta"], lo, hi))
        lines.append(f"  manager bar less IC bar, {how}: {delta} points, 90 % interval {low} to {high}")
    links = entry["connectivity"]
    if links["bridging_reviewers"] is not None:
        share = links["cross_share"]
        crossed = "" if share is None else f", {100 * share:.0f} % of reviews cross the tracks"
        lines.append(f"  reviewers on both tracks: {links['bridging_reviewers']}{crossed}")
    alpha = entry["agreement"]["alpha"]
    lines.append("  agreement (alpha): " + ("cannot be computed" if alpha is None else f"{alpha:.2f}"))
    return lines


def as_text(answer: dict[str, Any]) -> str:
    """The report for people: a block per grade, the overall, and what it cannot show."""
    if "problems" in answer:
        places = [(p["file"], p["row"], p["column"], p["message"]) for p in answer["problems"]]
        return "\n".join(
            file + (f", row {row}" if row else "") + (f", column {column}" if column else "") + f": {message}"
            for file, row, column, message in places
        )
    blocks = [_lines(f"Grade {name}", entry) for name, entry in answer["grades"].items()]
    blocks.append(_lines("Overall", answer["overall"]))
    return "\n\n".join(["\n".join(block) for block in blocks] + [CAVEAT])


def _usage(scores_path: Path | None, margin: float, only_bar: bool) -> list[Problem]:
    problems = []
    if scores_path is None and not only_bar:
        problems.append(Problem("SCORES", None, None, "is missing; name the file, or ask for --bar-only"))
    if scores_path is not None and only_bar:
        problems.append(Problem(str(scores_path), None, None, "is not used with --bar-only; leave it out"))
    if not (math.isfinite(margin) and margin > 0):
        problems.append(Problem("--margin", None, None, f"must be a positive number of points, not {margin}"))
    return problems


def calibrate(
    cases_path: Path | str,
    scores_path: Path | str | None = None,
    *,
    margin: float = 0.5,
    prior: BarPrior = DEFAULT_PRIOR,
    bar_only: bool = False,
) -> tuple[int, dict[str, Any]]:
    """Read the files and answer (exit code, report): 0 done, 1 some bars are not equivalent, 2 bad input.

    With bad input the report is {"problems": [{"file", "row", "column", "message"}]}, all of both files at once.
    """
    scores_file = None if scores_path is None else Path(scores_path)
    problems = _usage(scores_file, margin, bar_only)
    cases, wrong = read_cases(Path(cases_path), shown_needed=bar_only)
    problems += wrong
    scores = None
    if scores_file is not None and not bar_only:
        scores, wrong = read_scores(scores_file, cases)
        problems += wrong
    if problems or cases is None:
        return BAD_INPUT, {"problems": [asdict(problem) for problem in problems]}
    answer = report(cases, scores, margin, prior) if scores is not None else bar_report(cases, margin, prior)
    entries = [*answer["grades"].values(), answer["overall"]]
    return (FOUND if any(entry["verdict"] == NOT_EQUIVALENT for entry in entries) else DONE), answer
