"""From evidence to what may be said: pass rates with honest denominators, agreement, links between the tracks, and one
verdict on the two bars. Nothing here reads the database; the same evidence always gives the same figures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from portal.calibration.queries.comparisons import comparisons
from portal.calibration.queries.evidence import CaseFacts
from portal.domain.measurement import (
    BarPrior,
    alpha_bootstrap,
    clopper_pearson,
    fit_severity,
    krippendorff_alpha,
    newcombe_diff,
    over_many_pairs,
    refused,
)
from portal.domain.measurement.compare import TrackComparison, compare_tracks
from portal.domain.measurement.cycle_figures import CASES_FOR_ALPHA, DECISIONS_EACH, bar, gate_closed, reading
from portal.domain.measurement.sentences import CAVEAT, parts, remedy, why

KINDS = ("ic", "manager", "lead")
LABELS = {"ic": "IC", "manager": "manager", "lead": "lead"}
MAIN = ("ic", "manager")
PAIRS = (MAIN, ("ic", "lead"), ("manager", "lead"))
Figures = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """What is asked of the evidence. `place` says where the bars stand; `obstacles` names, per pair of track kinds as
    "ic|manager", what stands against any claim before a number is looked at (a reason of the measurement's)."""

    place: str
    margin: float
    prior: tuple[float, float, float, float]
    pillars: tuple[tuple[str, str], ...]
    obstacles: tuple[tuple[str, str], ...] = ()

    def obstacle(self, pair: tuple[str, str]) -> str | None:
        return dict(self.obstacles).get("|".join(pair))


@lru_cache(maxsize=256)
def measure(facts: tuple[CaseFacts, ...], question: Question) -> Figures:
    """Everything the room shows about both bars, as plain data; a number under its gate is None. Not to be changed."""
    cases = tuple(f for f in facts if not f.anchor)
    kinds = {f.track for f in cases}
    pairs = [pair for pair in PAIRS if pair == MAIN or set(pair) <= kinds]
    found = over_many_pairs([_compared(facts, pair, question) for pair in pairs])
    main = _pair(facts, MAIN, found[0], question)
    return {
        **main,
        "caveat": CAVEAT,
        "margin": question.margin,
        "tracks": {kind: _track(cases, kind) for kind in KINDS if kind in MAIN or kind in kinds},
        "difference": _difference(cases),
        **comparisons(cases, question.pillars),
        "agreement": _agreement(cases, question.pillars),
        "pairs": [_pair(facts, pair, one, question) for pair, one in zip(pairs[1:], found[1:], strict=True)],
        "cycles": _cycles(facts),
    }


class Adjusted(NamedTuple):
    """A case's overall with its reviewers' strictness taken off, and its 90 % interval, in points."""

    score: float
    lo: float
    hi: float


@lru_cache(maxsize=64)
def adjusted(facts: tuple[CaseFacts, ...]) -> dict[str, Adjusted]:
    """The severity-adjusted overall of each case of this cycle by id; empty where strictness cannot be told apart from
    merit. Not to be changed."""
    reviews = [(at, r) for at, f in enumerate(facts) for r in f.reviews]
    homes = {r.reviewer: r.home for _, r in reviews}
    number = {reviewer: at for at, reviewer in enumerate(homes)}
    people = [number[r.reviewer] for _, r in reviews]
    side = {"ic": 0.0, "manager": 1.0}
    if not reviews:
        return {}
    fit = fit_severity(
        [at for at, _ in reviews],
        people,
        [r.overall for _, r in reviews],
        strata=[f"{f.track}/{f.grade}" for f in facts],
        home=[side.get(home, math.nan) for home in homes.values()],
    )
    if math.isnan(fit.var_residual):
        return {}
    found = {}
    for at, one in enumerate(facts):
        doubt = [fit.var_residual + fit.severity_se[number[r.reviewer]] ** 2 for r in one.reviews]
        if one.earlier or not doubt or not math.isfinite(sum(doubt)):
            continue
        reach = 1.645 * math.sqrt(sum(doubt)) / len(doubt)
        score = float(fit.case_fair[at])
        found[one.case] = Adjusted(score, score - reach, score + reach)
    return found


def _compared(facts: Sequence[CaseFacts], pair: tuple[str, str], question: Question) -> TrackComparison:
    rows = [f for f in facts if f.track in pair]
    reviews = [(at, r) for at, f in enumerate(rows) for r in f.reviews]
    homes = {r.reviewer: r.home for _, r in reviews}
    number = {reviewer: at for at, reviewer in enumerate(homes)}
    side = {pair[0]: 0.0, pair[1]: 1.0}
    found = compare_tracks(
        [at for at, _ in reviews],
        [number[r.reviewer] for _, r in reviews],
        [r.overall for _, r in reviews],
        [int(f.track == pair[1]) for f in rows],
        [f.approved for f in rows],
        home=[side.get(home, math.nan) for home in homes.values()],
        shown=[math.nan if f.shown is None else f.shown for f in rows],
        grade=[f.grade for f in rows],
        committee=np.array([f.committee for f in rows], dtype=np.str_),
        margin=question.margin,
        prior=BarPrior(*question.prior),
    )
    if obstacle := question.obstacle(pair):
        return refused(found, obstacle)
    if found.n_a and found.n_b:
        return found
    small = found.readings["adjusted"].reason == "strata_too_small"
    return refused(found, "strata_too_small" if small else "too_few_decisions")


def _pair(facts: Sequence[CaseFacts], pair: tuple[str, str], found: TrackComparison, question: Question) -> Figures:
    labels = (LABELS[pair[0]], LABELS[pair[1]])
    named = dict(zip(("ic", "manager"), pair, strict=True))  # the measurement calls its sides so, whatever they are
    said = parts(found, labels=labels, cycles=_cycles(facts), place=question.place)
    numbers = {
        key: {named[k]: v for k, v in value.items()} if isinstance(value, dict) else value
        for key, value in bar(found).items()
    }
    return _plain_figures(
        {
            "pair": list(pair),
            "verdict": found.verdict,
            "reason": found.reason,
            "why": why(found.reason),
            "remedy": remedy(found.reason),
            "sentence": " ".join(map(str, said)),
            "parts": [[part.text, part.values] for part in said],
            "notes": list(found.notes),
            **numbers,
            "bars_shown": not gate_closed(found),
            "needed_each": DECISIONS_EACH,
            "more_cases_at_least": None if gate_closed(found) else found.more_cases_at_least,
            "readings": {name: reading(one) for name, one in found.readings.items()},
            "links": {
                **found.connectivity._asdict(),
                "reviewers": len({r.reviewer for f in facts if f.track in pair for r in f.reviews}),
                "reviews": sum(len(f.reviews) for f in facts if f.track in pair),
            },
        }
    )


def _track(facts: Sequence[CaseFacts], kind: str) -> Figures:
    """A track in this cycle: the denominator is every decided case; the undecided stand beside it, not in it."""
    mine = [f for f in facts if f.track == kind and not f.earlier]
    decided = [f for f in mine if f.outcome is not None]
    approved = sum(f.approved == 1.0 for f in decided)
    lo, hi = clopper_pearson(approved, len(decided))
    return _plain_figures(
        {
            "cases": len(mine),
            "decided": len(decided),
            "approved": approved,
            "deferred": sum(f.outcome == "deferred" for f in decided),
            "waiting": len(mine) - len(decided),
            "rate": approved / len(decided) if decided else None,
            "interval": (lo, hi) if decided else None,
        }
    )


def _difference(facts: Sequence[CaseFacts]) -> list[float] | None:
    """Manager rate less IC rate with its interval; None until both tracks have a decision."""
    ic, manager = (_track(facts, kind) for kind in MAIN)
    if not ic["decided"] or not manager["decided"]:
        return None
    found = newcombe_diff(manager["approved"], manager["decided"], ic["approved"], ic["decided"])
    return [float(value) for value in found]


def _agreement(facts: Sequence[CaseFacts], pillars: Sequence[tuple[str, str]]) -> Figures:
    """How far reviewers of one case agree, on the whole and by pillar, once five cases have two reviews."""
    whole = [[r.overall for r in f.reviews] for f in facts]
    rated = sum(len(row) > 1 for row in whole)
    shown = rated >= CASES_FOR_ALPHA
    by_pillar = [(name, [_of_pillar(f, code) for f in facts]) for code, name in pillars]
    return {
        "cases": rated,
        "needed": CASES_FOR_ALPHA,
        "shown": shown,
        "overall": _alpha(whole),
        "pillars": [{"name": name, **_alpha(rows)} for name, rows in by_pillar],
    }


def _of_pillar(facts: CaseFacts, pillar: str) -> list[float]:
    return [mean for r in facts.reviews for code, mean in r.pillars if code == pillar]


def _alpha(rows: Sequence[Sequence[float]]) -> Figures:
    """Ordinal alpha with its bootstrap interval; None under the gate or where it is undefined (nothing varies)."""
    pairs = [row for row in rows if len(row) > 1]
    if len(pairs) < CASES_FOR_ALPHA:
        return {"alpha": None, "lo": None, "hi": None}
    ratings = np.full((len(pairs), max(map(len, pairs))), np.nan)
    for at, row in enumerate(pairs):
        ratings[at, : len(row)] = np.round(row, 9)
    lo, hi = alpha_bootstrap(ratings, "ordinal")
    return _plain_figures({"alpha": krippendorff_alpha(ratings, "ordinal"), "lo": lo, "hi": hi})


def _cycles(facts: Sequence[CaseFacts]) -> list[str]:
    """Names of the cycles whose decisions went in, in the order of the evidence."""
    return list(dict.fromkeys(f.cycle for f in facts if f.outcome is not None))


def _plain_figures(values: Figures) -> Figures:
    return {key: _plain(value) for key, value in values.items()}


def _plain(value: Any) -> Any:
    """For JSON: tuples become lists, nan and infinities None, numpy's numbers Python's."""
    if isinstance(value, dict):
        return _plain_figures(value)
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value
