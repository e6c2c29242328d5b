"""Whether the reviewers of a grade tie its tracks together, and seats moved until they do: people with reviews on both
tracks, enough cross-track reviews, and no group of cases and reviewers that stands apart."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from portal.domain.assignment.flow import base
from portal.domain.assignment.model import Model
from portal.domain.assignment.problem import Bools, Ints, Problem
from portal.domain.measurement.connectivity import connectivity

COMPARED = (("ic", "manager"), ("ic", "lead"), ("lead", "manager"))
_CUTS = 25
# What a missing tie costs, less than an empty seat and more than any other preference.
APART, NO_BRIDGE, TOO_FEW_CROSS = 60.0, 50.0, 45.0
_CANDIDATES = 14  # people of each side a case may move to
SMALL = 4_000  # possible pairs up to which all grades are solved as one


class Stratum(NamedTuple):
    """The cases of one family at one grade that are on the two tracks compared."""

    family: str
    grade: int
    tracks: tuple[str, str]
    cases: Ints
    second: Bools  # per case of the stratum: on the second track

    @property
    def place(self) -> tuple[str, int]:
        return self.family, self.grade


class Link(NamedTuple):
    """How a stratum is tied: groups that share no reviewer, people with reviews on both tracks, share of reviews that
    cross, reviews in all."""

    components: int
    bridges: int
    cross_share: float
    reviews: int


def strata_of(problem: Problem) -> list[Stratum]:
    """Family by family and grade by grade, each pair of tracks that both have a case."""
    found = []
    for family, grade in sorted({(c.family, c.grade) for c in problem.cases}):
        here = [(at, c.track) for at, c in enumerate(problem.cases) if (c.family, c.grade) == (family, grade)]
        for tracks in COMPARED:
            cases = [(at, track == tracks[1]) for at, track in here if track in tracks]
            second = np.array([side for _, side in cases], dtype=np.bool_)
            if second.any() and not second.all():
                found.append(Stratum(family, grade, tracks, np.array([at for at, _ in cases]), second))
    return found


def link(problem: Problem, stratum: Stratum, chosen: Bools) -> Link:
    """How the seats kept and chosen tie this stratum. A case with no seat at all is a shortage, not a group."""
    made = (problem.held | chosen)[stratum.cases]
    case, person = np.nonzero(made)
    tied = connectivity(case, person, stratum.second.astype(np.int64))
    share = 0.0 if np.isnan(tied.cross_share) else tied.cross_share
    return Link(tied.components, tied.bridging_reviewers, share, case.size)


def holds(problem: Problem, stratum: Stratum, found: Link) -> bool:
    """Enough of a tie, or an anchor packet that everybody scores."""
    return stratum.place in problem.anchored or _tied(problem, stratum, found)


def _tied(problem: Problem, stratum: Stratum, found: Link) -> bool:
    enough = found.bridges >= _bridges(problem, stratum) and found.cross_share >= problem.bounds.cross_share
    return enough and found.components == 1


def _bridges(problem: Problem, stratum: Stratum) -> int:
    """No more people can bridge than the smaller track has reviews to give."""
    wanted = np.array([problem.cases[at].needed for at in stratum.cases])
    return min(problem.bounds.bridges, int(wanted[stratum.second].sum()), int(wanted[~stratum.second].sum()))


def tie(problem: Problem, chosen: Bools, check: Callable[[], None]) -> Bools:
    """The same seats, moved where a stratum does not hold; small problems as a whole, large ones grade by grade. What
    cannot be tied stays as it was."""
    loose = [stratum for stratum in strata_of(problem) if not holds(problem, stratum, link(problem, stratum, chosen))]
    if loose and int(problem.free.sum()) <= SMALL:
        everything = np.arange(len(problem.cases))
        return _resolve(problem, chosen, everything, _to_hold(problem), check, seconds=10)
    for stratum in loose:
        chosen = _resolve(problem, chosen, stratum.cases, [stratum], check, seconds=4)
    return chosen


def _to_hold(problem: Problem) -> list[Stratum]:
    return [stratum for stratum in strata_of(problem) if stratum.place not in problem.anchored]


def _resolve(
    problem: Problem, chosen: Bools, cases: Ints, strata: list[Stratum], check: Callable[[], None], *, seconds: float
) -> Bools:
    """These cases' seats anew, a missing tie being dear, all other seats as they are; unchanged if time runs out."""
    here = np.zeros(len(problem.cases), dtype=np.bool_)
    here[cases] = True
    elsewhere = chosen & ~here[:, None]
    load = problem.load + elsewhere.sum(axis=0)
    room = np.maximum(problem.bounds.most - load, 0)
    pairs = _near(problem, chosen, here, room)
    model, _, column = base(problem, pairs, cases, room, load)
    number = np.full(pairs.shape, -1)
    number[pairs] = column
    for stratum in strata:
        _require_bridges(problem, model, stratum, number)
    known: set[tuple[int, bytes]] = set()
    for _ in range(_CUTS):
        check()
        answer = model.whole(seconds=seconds)
        if answer is None:
            break
        chosen = elsewhere.copy()
        chosen[pairs] = answer.x[column] > 0.5
        apart = [(at, group) for at, stratum in enumerate(strata) for group in _apart(problem, stratum, chosen)]
        fresh = [(at, group) for at, group in apart if (at, group.tobytes()) not in known]
        if not fresh:
            break
        for at, group in fresh:
            known.add((at, group.tobytes()))
            _join(problem, model, strata[at].cases, group, number)
    return chosen


def _near(problem: Problem, chosen: Bools, here: Bools, room: Ints) -> Bools:
    """Pairs a case may move to: its cheapest of each side, what it has, and whoever already sits on a peer."""
    able = problem.free & here[:, None] & (room > 0)[None, :]
    found = chosen & here[:, None]
    seated: Bools = np.any((chosen | problem.held) & here[:, None], axis=0)
    for side in (problem.other, ~problem.other):
        price = np.where(able & side, problem.cost - 2.0 * seated[None, :], np.inf)
        few = min(_CANDIDATES, price.shape[1] - 1)
        limit = np.partition(price, few, axis=1)[:, few][:, None]
        found = found | (able & side & np.isfinite(price) & (price <= limit))
    return found


def _require_bridges(problem: Problem, model: Model, stratum: Stratum, number: Ints) -> None:
    """For each person the smaller of their two counts; of these enough people and enough reviews."""
    smaller = _on_both(problem, model, stratum.cases, stratum.second, number, float(problem.bounds.most))
    counted = model.add(np.zeros(smaller.size), whole=False)
    for one, count in zip(counted, smaller, strict=True):
        model.hold([one, count], [1.0, -1.0], high=0.0)
    reviews = sum(problem.cases[at].needed for at in stratum.cases)
    missing = model.add([NO_BRIDGE, TOO_FEW_CROSS], float(reviews), whole=False)
    model.hold(np.append(counted, missing[0]), 1.0, low=float(_bridges(problem, stratum)))
    model.hold(np.append(smaller, missing[1]), 1.0, low=problem.bounds.cross_share * reviews)


def _join(problem: Problem, model: Model, cases: Ints, group: Bools, number: Ints) -> None:
    """Somebody has a review in the group and one outside it, or it is paid for."""
    joint = _on_both(problem, model, cases, group, number, 1.0)
    model.hold(np.append(joint, model.add(APART, whole=False)), 1.0, low=1.0)


def _on_both(problem: Problem, model: Model, cases: Ints, group: Bools, number: Ints, most: float) -> Ints:
    """Columns, one for each person who may have reviews in the group and outside it: at most what they have in
    either."""
    found = []
    for person in range(len(problem.reviewers)):
        sides = [_reviews(problem, cases[side], number, person) for side in (~group, group)]
        if not all(columns.size or kept for columns, kept in sides):
            continue
        column = model.add(0.0, most, whole=False)
        found.append(column)
        for columns, kept in sides:
            factors = np.concatenate([[1.0], -np.ones(columns.size)])
            model.hold(np.concatenate([column, columns]), factors, high=float(kept))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def _reviews(problem: Problem, cases: Ints, number: Ints, person: int) -> tuple[Ints, int]:
    """The columns of a person's possible reviews of these cases, and how many they have."""
    columns = number[cases, person]
    return columns[columns >= 0], int(problem.held[cases, person].sum())


def _apart(problem: Problem, stratum: Stratum, made: Bools) -> Iterator[Bools]:
    """For each group of cases that shares no reviewer with the rest, which cases of the stratum are in it."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows, people = (made | problem.held)[stratum.cases], len(problem.reviewers)
    case, person = np.nonzero(rows)
    size = stratum.cases.size + people
    graph = coo_array((np.ones(case.size, dtype=np.int8), (case, stratum.cases.size + person)), shape=(size, size))
    _, group = connected_components(graph, directed=False)
    of_case = group[: stratum.cases.size]
    groups = np.unique(of_case[rows.any(axis=1)])
    if groups.size > 1:
        yield from (of_case == one for one in groups)
