"""Where the search has to stop early: what it says then, and that the seats stay fair."""

import numpy as np
import pytest

from portal.domain.assignment import Problem, assign, flow, links, shortage
from portal.domain.assignment.flow import fill
from portal.domain.assignment.model import Model
from tests.domain.assignment.test_plans import case, person, problem, seated, siloed


def nothing() -> None:
    """Nobody asks the search to stop."""


def crowd() -> Problem:
    """Six cases, and six people of both tracks."""
    return problem([case(n) for n in range(6)], [person(n, ("ic", "manager")[n % 2]) for n in range(6)])


def test_without_a_round_to_prove_it_no_bound_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert np.isfinite(fill(crowd(), nothing).bound)
    monkeypatch.setattr(flow, "_ROUNDS", 0)
    cut_short = fill(crowd(), nothing)
    assert cut_short.bound == -np.inf
    assert cut_short.chosen.any()


def test_seats_in_part_are_solved_as_whole_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = fill(crowd(), nothing)
    monkeypatch.setattr(flow, "_fractional", lambda _x: True)
    assert fill(crowd(), nothing).cost == pytest.approx(plain.cost)


def test_with_nobody_to_ask_every_seat_stays_empty() -> None:
    alone = problem([case(0)], [])
    plan = assign(alone)
    assert (plan.added, len(plan.shortages) > 0) == ((), True)
    assert fill(alone, nothing).chosen.shape == (1, 0)


def test_what_cannot_be_has_no_solution() -> None:
    model = Model()
    column = model.add(np.ones(1))
    model.hold(column, 1.0, low=2.0)
    assert model.relaxed() is None


def test_a_search_without_a_solution_is_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Model, "relaxed", lambda _self: None)
    with pytest.raises(RuntimeError, match="no solution although empty ones are allowed"):
        fill(crowd(), nothing)


def test_a_large_problem_is_tied_grade_by_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "SMALL", 0)
    assert all(len(people) == 2 for people in seated(siloed()).values())


def test_out_of_time_the_seats_stay_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Model, "whole", lambda _self, **_: None)
    plan = assign(siloed())
    assert len(plan.added) == len(fill(siloed(), nothing).chosen.nonzero()[0])


def test_reasons_beyond_the_most_frequent_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortage, "_MOST_REASONS", 0)
    given = problem([case(0)], [person(0), person(1, "manager")], barred=[(0, 1, 1)])
    assert "1 cannot for other reasons" in " ".join(s.sentence for s in assign(given).shortages)
