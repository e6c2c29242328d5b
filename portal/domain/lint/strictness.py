"""How strict a written bar is: the exact share of score vectors that clear it, before any candidate exists.

Competencies are taken as independent. Two readings of one competency's score: every scale point equally likely (all
score vectors count the same), and a candidate of strength p, whose score is binomial over the points (with n + 1
points the j-th from below has C(n, j) p^j (1 - p)^(n - j); the mean rises with p from the lowest point to the highest).
The share comes from a dynamic programme over the weighted sum, in whole numbers, so it is exact.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import comb, gcd, lcm

from portal.domain.ladder import Family, Rubric
from portal.domain.lint.subjects import written

STRENGTHS: tuple[Fraction, ...] = tuple(Fraction(tenths, 10) for tenths in range(4, 10))
"""The candidate strengths a bar is read at: 0.4, 0.5 … 0.9."""


@dataclass(frozen=True)
class Stringency:
    """How much of what could be scored clears a bar. `share`: of all score vectors; `curve`: (strength, share)."""

    share: Fraction
    curve: tuple[tuple[Fraction, Fraction], ...]


@dataclass(frozen=True)
class _Written:
    """A bar in numbers: weight and least score per competency, the scale's points, and the weighted mean asked for."""

    weights: tuple[Fraction, ...]
    floors: tuple[Fraction | None, ...]
    points: tuple[Fraction, ...]
    mean: Fraction | None


def stringency(family: Family, level_id: str) -> Stringency | None:
    """How strict the bar of a level is; None where bar, scale or weights are missing. Raises `NotOnLadder`."""
    asked = _asked(family.rubric(level_id))
    if asked is None:
        return None
    return Stringency(_share(asked, None), tuple((strength, _share(asked, strength)) for strength in STRENGTHS))


def strictness_ratio(one: Stringency, other: Stringency) -> tuple[Fraction | None, Fraction | None]:
    """The widest ratio of two bars' shares (1 = alike) over all readings, with the strength it is found at.

    The strength is None for the reading of all score vectors alike. The ratio is None where only one of two bars can be
    cleared at all: no finite number says how much stricter the other is.
    """
    readings: list[tuple[Fraction | None, Fraction, Fraction]] = [(None, one.share, other.share)]
    readings += [(strength, a, b) for (strength, a), (_, b) in zip(one.curve, other.curve, strict=True)]
    widest: tuple[Fraction | None, Fraction | None] = (Fraction(1), None)
    for strength, a, b in readings:
        if (a == 0) != (b == 0):
            return None, strength
        ratio = max(a, b) / min(a, b) if a else Fraction(1)
        if widest[0] is not None and ratio > widest[0]:
            widest = (ratio, strength)
    return widest


def _asked(rubric: Rubric) -> _Written | None:
    lines, bar, scale = rubric.competencies, rubric.bar, rubric.scale
    if bar is None or scale is None or not scale.points or not any(line.weight for line in lines):
        return None
    floors = [[least for least in (bar.minimum_each, line.must_have) if least is not None] for line in lines]
    return _Written(
        weights=tuple(written(line.weight) for line in lines),
        floors=tuple(written(max(least)) if least else None for least in floors),
        points=tuple(written(value) for value in scale.values),
        mean=None if bar.weighted_mean is None else written(bar.weighted_mean),
    )


@lru_cache(maxsize=1024)
def _share(asked: _Written, strength: Fraction | None) -> Fraction:
    """The share that clears the bar: weight of the clearing sums over the weight of all."""
    chances = _chances(len(asked.points), strength)
    points, weights, needed = _in_whole_numbers(asked)
    sums: Mapping[int, int] = {0: 1}
    for weight, floor in zip(weights, asked.floors, strict=True):
        allowed = [
            (weight * whole, chance)
            for whole, point, chance in zip(points, asked.points, chances, strict=True)
            if floor is None or point >= floor
        ]
        sums = _add(sums, allowed)
    clearing = sum(ways for total, ways in sums.items() if needed is None or total >= needed)
    return Fraction(clearing, sum(chances) ** len(weights))


def _add(sums: Mapping[int, int], allowed: Sequence[tuple[int, int]]) -> Mapping[int, int]:
    """One more competency: every sum so far with every score it may have."""
    grown: defaultdict[int, int] = defaultdict(int)
    for total, ways in sums.items():
        for points, chance in allowed:
            grown[total + points] += ways * chance
    return grown


def _chances(points: int, strength: Fraction | None) -> list[int]:
    """How likely each scale point is, as whole numbers to be divided by their sum."""
    if strength is None:
        return [1] * points
    hit, miss, top = strength.numerator, strength.denominator - strength.numerator, points - 1
    return [comb(top, point) * hit**point * miss ** (top - point) for point in range(points)]


def _in_whole_numbers(asked: _Written) -> tuple[list[int], list[int], Fraction | None]:
    """Points, weights and the sum that is needed, on grids of whole numbers, so that equal sums meet."""
    points, per_point = _on_grid(asked.points)
    weights, per_weight = _on_grid(asked.weights)
    needed = None if asked.mean is None else asked.mean * sum(asked.weights) * per_point * per_weight
    return points, weights, needed


def _on_grid(numbers: Sequence[Fraction]) -> tuple[list[int], Fraction]:
    """The numbers as multiples of their greatest common part, and the factor that made them so."""
    factor = lcm(*(number.denominator for number in numbers))
    whole = [int(number * factor) for number in numbers]
    part = gcd(*whole) or 1
    return [number // part for number in whole], Fraction(factor, part)
