"""Pay rules: peers are paid alike, like is compared with like, and pay rises with the grade (P1, P2, P15)."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from fractions import Fraction
from itertools import pairwise

from portal.domain.ladder import Band, Family, Level
from portal.domain.lint.finding import Rule, Said, Status
from portal.domain.lint.subjects import levels_of, listed, pair, peer_pairs, plain, scored_tracks, written

_NO_PEERS = "no peers are declared, so nothing can be compared"


def _over_pairs(family: Family, compare: Callable[[Band, Band, Family], tuple[Status, str]]) -> Iterator[Said]:
    """A comparison of two bands over every peer pair; unknown where a band, or any pair at all, is missing."""
    pairs = peer_pairs(family)
    if not pairs:
        yield "unknown", family.id, _NO_PEERS
    for first, second in pairs:
        one, other = family.band(first.id), family.band(second.id)
        if one is None or other is None:
            missing = listed(level.id for level, band in ((first, one), (second, other)) if band is None)
            yield "unknown", pair(first, second), f"no pay band for {missing}"
        else:
            status, detail = compare(one, other, family)
            yield status, pair(first, second), detail


def _gap(one: float, other: float) -> Fraction | None:
    """How far one amount is from another, as a share of the other; None when only the other is nothing."""
    if other == 0:
        return Fraction(0) if one == 0 else None
    return written(one) / written(other) - 1


def _alike(name: str, one: float | None, other: float | None, family: Family) -> tuple[Status, str]:
    if one is None or other is None:
        return "unknown", f"{name} is not declared on both sides"
    gap, tolerance = _gap(one, other), written(family.org.policy.pay_tolerance)
    shown = "has no counterpart" if gap is None else f"differs by {float(gap):+.1%}".replace("-", "−")
    within = gap is not None and abs(gap) <= tolerance
    return "pass" if within else "fail", f"{name} {one:g} and {other:g}: {shown}, tolerance {float(tolerance):.1%}"


def _base_alike(one: Band, other: Band, family: Family) -> tuple[Status, str]:
    if one.currency and other.currency and one.currency != other.currency:
        return "unknown", f"{one.currency} and {other.currency} cannot be compared"
    return _alike("median base", one.base.p50, other.base.p50, family)


def _ll01(family: Family) -> Iterator[Said]:
    yield from _over_pairs(family, _base_alike)


def _rest_alike(one: Band, other: Band, family: Family) -> tuple[Status, str]:
    return _together(
        [
            _alike("bonus target", one.bonus_target, other.bonus_target, family),
            _alike("median equity", one.equity_p50, other.equity_p50, family),
        ]
    )


def _together(answers: Iterable[tuple[Status, str]]) -> tuple[Status, str]:
    """Several answers on one subject: a breach before what is missing, what is missing before a pass."""
    found = list(answers)
    for status in ("fail", "unknown"):
        if details := [detail for answer, detail in found if answer == status]:
            return ("fail" if status == "fail" else "unknown"), "; ".join(details)
    return "pass", "; ".join(detail for _, detail in found)


def _ll02(family: Family) -> Iterator[Said]:
    yield from _over_pairs(family, _rest_alike)


def _like_with_like(one: Band, other: Band, family: Family) -> tuple[Status, str]:
    return _together(
        [
            _same("currency", one.currency, other.currency),
            _same("source", one.source, other.source),
            _same("region", one.region, other.region),
            _surveyed_together(one.surveyed, other.surveyed),
        ]
    )


def _same(name: str, one: str | None, other: str | None) -> tuple[Status, str]:
    if not one or not other:
        return "unknown", f"{name} is not declared on both sides"
    return ("pass", f"same {name}") if one == other else ("fail", f'{name} "{one}" against "{other}"')


def _surveyed_together(one: date | None, other: date | None) -> tuple[Status, str]:
    if one is None or other is None:
        return "unknown", "the day of the survey is not declared on both sides"
    early, late = sorted((one, other))
    apart = (late.year, late.month, late.day) > (early.year + 1, early.month, early.day)
    return (
        ("fail", f"surveyed {early} and {late}, over 12 months apart") if apart else ("pass", "surveys within a year")
    )


def _ll03(family: Family) -> Iterator[Said]:
    yield from _over_pairs(family, _like_with_like)


def _ll04(family: Family) -> Iterator[Said]:
    for track in scored_tracks(family):
        levels = family.levels_of(track.id)
        paid = [(level, median) for level in levels if (median := _median(family, level)) is not None]
        steps = [(low, high) for low, high in pairwise(paid) if _climbs(low[0], high[0])]
        falls = [f"{high.title} ({b:g}) is not above {low.title} ({a:g})" for (low, a), (high, b) in steps if b <= a]
        if falls:
            yield "fail", track.id, listed(falls)
        elif len(paid) < len(levels) or not levels:
            missing = [level.title for level in levels if _median(family, level) is None]
            yield "unknown", track.id, f"no median base with a grade for {listed(missing) or 'any level'}"
        else:
            yield "pass", track.id, "the median base rises with every grade"


def _climbs(low: Level, high: Level) -> bool:
    return low.grade is not None and high.grade is not None and low.grade < high.grade


def _median(family: Family, level: Level) -> float | None:
    band = family.band(level.id)
    return band.base.p50 if band is not None and level.grade is not None else None


_DIRECTOR = re.compile(r"\b(director|vp|vice president)\b", re.IGNORECASE)


def _ll05(family: Family) -> Iterator[Said]:
    ladder = [level for level in levels_of(family, "ic") if level.grade is not None]
    top = max(ladder, key=lambda level: level.grade or 0, default=None)
    managers = [level for level in levels_of(family, "manager") if _DIRECTOR.search(level.title)]
    if top is None or not managers:
        yield "unknown", family.id, "no top IC level with a grade, or no level titled Director or VP"
        return
    best = family.band(top.id)
    for manager in managers:
        median = family.band(manager.id)
        if best is None or best.base.p90 is None or median is None or median.base.p50 is None:
            yield "unknown", pair(top, manager), "the 90th percentile of the one or the median of the other is missing"
        else:
            high, middle = best.base.p90, median.base.p50
            beats = "beats" if high > middle else "does not beat"
            detail = f"p90 of {top.title} ({plain(high)}) {beats} p50 of {manager.title} ({plain(middle)})"
            yield "info", pair(top, manager), detail


RULES = (
    Rule("LL01", "P2", "base pay is comparable for each pair of peers", _ll01),
    Rule("LL02", "P2", "bonus and equity are comparable too", _ll02),
    Rule("LL03", "P2", "like is compared with like", _ll03),
    Rule("LL04", "P1", "pay rises with the grade on each track", _ll04),
    Rule("LL05", "P15", "the top IC's 90th percentile stands beside the median of Director and VP", _ll05),
)
