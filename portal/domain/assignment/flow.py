"""Seats filled at the least cost, tracks not yet tied together: a flow from people through cases, whose linear optimum
is whole by itself. Pairs are priced in as they pay, so that two thousand cases need no model of all their pairs."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from portal.domain.assignment.model import Answer, Model
from portal.domain.assignment.problem import Bools, Floats, Ints, Problem

EMPTY_SEAT = 1000.0
UNDER_LEAST = 10.0
_FIRST, _MORE = 10, 8  # pairs of each side a case starts with, and how many are priced in at a time
_ROUNDS = 40
_TINY = 1e-6
Check = Callable[[], None]


class Filled(NamedTuple):
    """`chosen` cases x reviewers; `bound`: no assignment at all costs less."""

    chosen: Bools
    cost: float
    bound: float


class Rows(NamedTuple):
    """Where the rows of a model stand: seats and the limit on one's own track by case, loads by reviewer."""

    seats: int
    own_track: int
    loads: int


def fill(problem: Problem, check: Check) -> Filled:
    """The cheapest seats. `check` is called between rounds and may raise to stop."""
    pairs = _first_pairs(problem)
    answer, bound, model, at = _relaxed(problem, pairs)
    for _ in range(_ROUNDS):
        check()
        more = _worth_it(problem, pairs, answer, at)
        if not more.any():
            break
        pairs = pairs | more
        answer, bound, model, at = _relaxed(problem, pairs)
    else:
        bound = -np.inf
    chosen = _taken(pairs, answer.x)
    if _fractional(answer.x[: int(pairs.sum())]):
        whole = model.whole(seconds=20)
        chosen = chosen if whole is None else _taken(pairs, whole.x)
    return Filled(chosen, cost_of(problem, chosen), bound)


def _first_pairs(problem: Problem) -> Bools:
    """For each case its cheapest people of either side, by cost and by how rarely they are anybody's first choice."""
    found = np.zeros(problem.free.shape, dtype=np.bool_)
    for side in (problem.other, ~problem.other):
        cost = np.where(problem.free & side & (problem.room > 0)[None, :], problem.cost, np.inf)
        few = min(_FIRST, cost.shape[1])
        if not few:
            continue
        order = np.argpartition(cost, few - 1, axis=1)[:, :few]
        np.put_along_axis(found, order, np.isfinite(np.take_along_axis(cost, order, axis=1)), axis=1)
        found &= problem.free
    return found


def base(problem: Problem, pairs: Bools, cases: Ints, room: Ints, load: Ints) -> tuple[Model, Rows, Ints]:
    """The model of some cases' seats on these pairs: seats full or paid for, somebody from another track, loads priced
    by the piece. Gives the numbers of the pairs' columns, in the order of `np.nonzero(pairs)`."""
    model = Model()
    case, person = np.nonzero(pairs)
    column = model.add(problem.cost[case, person])
    place = np.full(len(problem.cases), -1)
    place[cases] = np.arange(cases.size)
    need = problem.need[cases].astype(np.float64)
    empty = model.add(np.full(cases.size, EMPTY_SEAT), need)
    row = np.concatenate([place[case], np.arange(cases.size)])
    seats = model.hold_each(row, np.concatenate([column, empty]), 1.0, low=need, high=need)
    own = ~problem.other[case, person]
    most = np.where(problem.crosses[cases], need, need - 1)
    own_track = model.hold_each(place[case[own]], column[own], 1.0, low=np.full(cases.size, -np.inf), high=most)
    loads = _loads(problem, model, person, column, room, load)
    return model, Rows(seats, own_track, loads), column


def _loads(problem: Problem, model: Model, person: Ints, column: Ints, room: Ints, load: Ints) -> int:
    """One row a reviewer: their reviews are pieces, each dearer than the one before; too few are paid for."""
    people = len(problem.reviewers)
    owner = np.repeat(np.arange(people), room)
    piece = np.concatenate([np.arange(load[r] + 1, load[r] + room[r] + 1) for r in range(people)] or [np.zeros(0)])
    price = [problem.load_price(int(n)) for n in piece]
    pieces = model.add(np.array(price)) if price else np.zeros(0, dtype=np.int64)
    rows, columns = np.concatenate([person, owner]), np.concatenate([column, pieces])
    factors = np.concatenate([np.ones(column.size), -np.ones(pieces.size)])
    nothing = np.zeros(people)
    first = model.hold_each(rows, columns, factors, low=nothing, high=nothing)
    wanted = np.minimum(np.maximum(problem.bounds.least - load, 0), room).astype(np.float64)
    if wanted.any():
        under = model.add(np.full(people, UNDER_LEAST), wanted)
        own = np.concatenate([person, np.arange(people)])
        model.hold_each(own, np.concatenate([column, under]), 1.0, low=wanted, high=np.full(people, np.inf))
    return first


def _relaxed(problem: Problem, pairs: Bools) -> tuple[Answer, float, Model, Rows]:
    everything = np.arange(len(problem.cases))
    model, at, _ = base(problem, pairs, everything, problem.room, problem.load)
    answer = model.relaxed()
    if answer is None:
        raise RuntimeError("the seats have no solution although empty ones are allowed")
    return answer, answer.objective, model, at


def _worth_it(problem: Problem, pairs: Bools, answer: Answer, at: Rows) -> Bools:
    """Pairs not in the model that would make it cheaper, the best few of each case."""
    cases, people = problem.free.shape
    seats = answer.duals[at.seats : at.seats + cases]
    own = answer.duals[at.own_track : at.own_track + cases]
    loads = answer.duals[at.loads : at.loads + people]
    price = problem.cost - seats[:, None] - np.where(problem.other, 0.0, own[:, None]) - loads[None, :]
    if problem.bounds.least:
        price = price - _least_duals(problem, answer, at)[None, :]
    price = np.where(problem.free & ~pairs & (problem.room > 0)[None, :], price, np.inf)
    found = price < -_TINY
    few = min(_MORE, people - 1)
    if few > 0:
        best = np.partition(price, few, axis=1)[:, few][:, None]
        found &= price <= best
    return found


def _least_duals(problem: Problem, answer: Answer, at: Rows) -> Floats:
    people = len(problem.reviewers)
    after = answer.duals[at.loads + people :]
    return after[:people] if after.size >= people else np.zeros(people)


def _taken(pairs: Bools, x: Floats) -> Bools:
    case, person = np.nonzero(pairs)
    chosen = np.zeros(pairs.shape, dtype=np.bool_)
    taken = x[: case.size] > 0.5
    chosen[case[taken], person[taken]] = True
    return chosen


def _fractional(x: Floats) -> bool:
    return bool((np.abs(x - np.round(x)) > 1e-5).any())


def cost_of(problem: Problem, chosen: Bools) -> float:
    """What an assignment costs: its pairs, every load piece by piece, empty seats, people under the least."""
    pairs = float(problem.cost[chosen].sum())
    loads = problem.load + chosen.sum(axis=0)
    spans = zip(problem.load.tolist(), loads.tolist(), strict=True)
    work = sum(problem.load_price(n) for before, after in spans for n in range(before + 1, after + 1))
    empty = float((problem.need - chosen.sum(axis=1)).sum())
    reach = np.minimum(problem.bounds.least, problem.load + problem.room)
    under = float(np.maximum(reach - loads, 0).sum())
    return pairs + work + EMPTY_SEAT * empty + UNDER_LEAST * under
