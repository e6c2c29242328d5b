"""What else may be said of two tracks beside their bars: rates, scores and pillars, each behind its own floor. None of
it is a comparison of bars, and none of it is shown without its interval."""

import math
from collections.abc import Sequence
from typing import Any

from portal.calibration.queries.evidence import CaseFacts
from portal.domain.measurement import (
    boschloo,
    cliffs_delta,
    cmh,
    fisher,
    flip_one,
    hedges_g,
    impact_ratio,
    mean_difference,
    pillar_differences,
)
from portal.domain.measurement.cycle_figures import BOSCHLOO_UP_TO

FROM_EACH = 15  # cases per track for a ratio of rates and for effect sizes
PILLARS_FROM = 5  # cases per track for a contrast of pillars
MAIN = ("ic", "manager")


def comparisons(facts: Sequence[CaseFacts], pillars: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """`ratio`, `parity`, `gap` and `pillar_flags` of manager against IC, None or empty under their floors.

    ratio: estimate, lo, hi of the approval rates' ratio, and `fragile` when one decision more or less would carry it
    over four fifths. parity: p of the test of equal rates, over grades where there are several. gap: difference of mean
    overalls in points with its interval, Hedges' g and Cliff's delta. pillar_flags: pillars scored otherwise on the two
    tracks than the same cases' other pillars would lead one to expect."""
    ic, manager = ([f for f in facts if f.track == kind and not (f.earlier or f.anchor)] for kind in MAIN)
    return {
        "parity": _parity(ic, manager),
        "ratio": _ratio(_decided(ic), _decided(manager)),
        "gap": _gap(_overalls(ic), _overalls(manager)),
        "pillar_flags": _pillar_flags(ic, manager, pillars),
    }


def _decided(rows: Sequence[CaseFacts]) -> tuple[int, int]:
    """Approved and decided."""
    known = [f.approved for f in rows if f.outcome is not None]
    return int(sum(known)), len(known)


def _parity(ic: Sequence[CaseFacts], manager: Sequence[CaseFacts]) -> float | None:
    grades = sorted({f.grade for f in (*ic, *manager)})
    tables = []
    for grade in grades:
        sides = [_decided([f for f in rows if f.grade == grade]) for rows in (manager, ic)]
        if all(n for _, n in sides):
            tables.append([[x, n - x] for x, n in sides])
    if not tables:
        return None
    if len(tables) > 1:
        return _finite(cmh(tables).p)
    test = boschloo if sum(map(sum, tables[0])) <= BOSCHLOO_UP_TO else fisher
    return _finite(test(tables[0]))


def _ratio(ic: tuple[int, int], manager: tuple[int, int]) -> dict[str, Any] | None:
    if min(ic[1], manager[1]) < FROM_EACH:
        return None
    estimate, lo, hi = impact_ratio(*manager, *ic)
    if not math.isfinite(estimate):
        return None
    return {
        "estimate": float(estimate),
        "lo": float(lo),
        "hi": _finite(hi),
        "fragile": bool(flip_one(*manager, *ic).fragile),
    }


def _overalls(rows: Sequence[CaseFacts]) -> list[float]:
    return [sum(r.overall for r in f.reviews) / len(f.reviews) for f in rows if f.reviews]


def _gap(ic: Sequence[float], manager: Sequence[float]) -> dict[str, Any] | None:
    if min(len(ic), len(manager)) < FROM_EACH:
        return None
    g, delta = hedges_g(ic, manager), cliffs_delta(ic, manager)  # manager less IC
    points, lo, hi = mean_difference(ic, manager)
    return {
        "points": points,
        "interval": [_finite(lo), _finite(hi)],
        "hedges_g": [_finite(value) for value in g],
        "cliffs_delta": [_finite(value) for value in delta],
    }


def _pillar_flags(
    ic: Sequence[CaseFacts], manager: Sequence[CaseFacts], pillars: Sequence[tuple[str, str]]
) -> list[dict[str, Any]]:
    rows = [f for f in (*ic, *manager) if f.reviews]
    sides = [float(f.track == "manager") for f in rows]
    if min(sides.count(0.0), sides.count(1.0)) < PILLARS_FROM or len(pillars) < 2:
        return []
    table = [[_of_pillar(f, code) for code, _ in pillars] for f in rows]
    found = zip(pillars, pillar_differences(table, sides), strict=True)
    return [
        {
            "name": name,
            "difference": one.diff,
            "interval": [_finite(one.lo), _finite(one.hi)],
            "se": one.se,
            "p": one.p_holm,
        }
        for (_, name), one in found
        if one.flag
    ]


def _of_pillar(facts: CaseFacts, pillar: str) -> float:
    means = [mean for r in facts.reviews for code, mean in r.pillars if code == pillar]
    return sum(means) / len(means) if means else math.nan


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
