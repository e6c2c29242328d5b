"""Who reviews what: seats filled at the least cost, tracks tied together, and what could not be had, said."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from portal.domain.assignment.flow import cost_of, fill
from portal.domain.assignment.links import Link, Stratum, holds, link, strata_of, tie
from portal.domain.assignment.problem import Bools, Problem
from portal.domain.assignment.shortage import Shortage, empty_seats, loose
from portal.domain.measurement.design import Precision, expected_precision

Report = Callable[[str], None]
"""Called with the name of each stage as it begins; raises to stop the work."""

Titles = Callable[[str, int], str]
"""Names a family and grade, in words."""


def _silent(_stage: str) -> None:
    """Nobody waits to hear."""


def _plain_title(family: str, grade: int) -> str:
    return f"{family}, grade {grade}"


@dataclass(frozen=True)
class Tied:
    """One pair of tracks at one grade: how it is tied, whether that suffices, how well they could be compared."""

    family: str
    grade: int
    tracks: tuple[str, str]
    cases: tuple[int, int]
    link: Link
    holds: bool
    anchored: bool
    precision: Precision


@dataclass(frozen=True)
class Plan:
    """`added`: pairs (case, reviewer) by index. `gap`: by how much at most this costs more than the cheapest seats,
    as a share; 0 means there is nothing better."""

    added: tuple[tuple[int, int], ...]
    loads: tuple[int, ...]
    shortages: tuple[Shortage, ...]
    ties: tuple[Tied, ...]
    cost: float
    gap: float
    seconds: float


def assign(problem: Problem, report: Report = _silent, titles: Titles = _plain_title) -> Plan:
    """The best assignment found. Never a pair that `bar` forbids, never more than `most` reviews a person, kept pairs
    stay; what else cannot be had stands in `shortages`. `titles` names a family and grade."""
    started = time.monotonic()
    report("seats")
    chosen, bound = _seated(problem, report)
    report("precision")
    ties = [_tied(problem, stratum, chosen) for stratum in strata_of(problem)]
    cost = cost_of(problem, chosen)
    return Plan(
        added=tuple((int(i), int(r)) for i, r in zip(*np.nonzero(chosen), strict=True)),
        loads=tuple((problem.load + chosen.sum(axis=0)).tolist()),
        shortages=(*empty_seats(problem, chosen), *_loose(problem, chosen, titles)),
        ties=tuple(ties),
        cost=cost,
        gap=_gap(cost, bound),
        seconds=time.monotonic() - started,
    )


def _seated(problem: Problem, report: Report) -> tuple[Bools, float]:
    """Who sits where, and what no seating can cost less than."""
    if not problem.free.any():
        nobody = np.zeros(problem.bar.shape, dtype=np.bool_)
        return nobody, cost_of(problem, nobody)
    filled = fill(problem, lambda: report("seats"))
    report("links")
    return tie(problem, filled.chosen, lambda: report("links")), filled.bound


def _gap(cost: float, bound: float) -> float:
    above = cost - bound
    return max(0.0, above / max(abs(cost), 1.0)) if above > 1e-6 else 0.0


def _loose(problem: Problem, chosen: Bools, titles: Titles) -> list[Shortage]:
    found = [(stratum, link(problem, stratum, chosen)) for stratum in strata_of(problem)]
    return [
        loose(problem, stratum, one, titles(stratum.family, stratum.grade))
        for stratum, one in found
        if not holds(problem, stratum, one)
    ]


def _tied(problem: Problem, stratum: Stratum, chosen: Bools) -> Tied:
    case, person = np.nonzero((problem.held | chosen)[stratum.cases])
    side = {stratum.tracks[0]: 0.0, stratum.tracks[1]: 1.0}
    home = np.array([side.get(r.track, np.nan) for r in problem.reviewers])
    found = link(problem, stratum, chosen)
    return Tied(
        family=stratum.family,
        grade=stratum.grade,
        tracks=stratum.tracks,
        cases=(int((~stratum.second).sum()), int(stratum.second.sum())),
        link=found,
        holds=holds(problem, stratum, found),
        anchored=stratum.place in problem.anchored,
        precision=expected_precision(case, person, stratum.second.astype(np.int64), home),
    )
