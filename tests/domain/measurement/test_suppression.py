"""Which cells of a published table are hidden: small ones, and those that would give them away."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from portal.domain.measurement import suppress

tables = arrays(np.int64, st.tuples(st.integers(2, 4), st.integers(2, 4)), elements=st.integers(0, 25))


def test_large_cells_and_zeros_are_shown() -> None:
    assert not suppress([[5, 12], [0, 9]]).any()


def test_a_small_cell_takes_its_cheapest_rectangle_along() -> None:
    hidden = suppress([[3, 20, 30], [40, 9, 8], [50, 60, 7]])

    assert hidden.tolist() == [[True, True, False], [True, True, False], [False, False, False]] or hidden.sum() == 4
    assert hidden[0, 0]


def test_a_list_hides_a_second_cell_behind_the_total() -> None:
    assert suppress([2, 9, 30]).tolist() == [True, True, False]
    assert suppress([[2], [9], [30]]).tolist() == [[True], [True], [False]]


def test_hidden_cells_that_sum_to_a_small_cell_take_another() -> None:
    assert suppress([1, 2, 30, 9]).tolist() == [True, True, False, True]


def test_zeros_are_the_last_to_hide_behind() -> None:
    assert suppress([2, 0, 30]).tolist() == [True, False, True]


def test_where_nothing_is_left_to_hide_behind_all_is_hidden() -> None:
    assert suppress([[1, 2], [3, 1]]).all()
    assert suppress([3]).tolist() == [True]


def test_the_threshold_can_be_set() -> None:
    assert not suppress([[5, 9], [8, 7]], k=5).any()
    assert suppress([[5, 19], [18, 17]], k=10).all()


def cells_given_away(table: np.ndarray, hidden: np.ndarray) -> list[tuple[int, int]]:
    """Hidden cells that row and column totals determine: the coefficient vector lies in the span of the totals'
    equations.
    """
    places = [tuple(place) for place in np.argwhere(hidden)]
    lines = [[float(row == at) for row, _ in places] for at in range(table.shape[0])]
    lines += [[float(column == at) for _, column in places] for at in range(table.shape[1])]
    equations = np.array(lines)
    rank = np.linalg.matrix_rank(equations) if places else 0
    units = np.eye(len(places))
    return [p for p, unit in zip(places, units, strict=True) if np.linalg.matrix_rank([*equations, unit]) == rank]


@settings(max_examples=150, deadline=None)
@given(tables)
def test_no_hidden_cell_follows_from_the_totals(table) -> None:
    hidden = suppress(table)

    assert hidden[(table > 0) & (table < 5)].all()
    assert cells_given_away(table, hidden) == []


@settings(max_examples=100, deadline=None)
@given(tables)
def test_a_hidden_sum_is_no_small_cell_unless_its_whole_line_is_hidden(table) -> None:
    hidden = suppress(table)

    for line, dark in [*zip(table, hidden, strict=True), *zip(table.T, hidden.T, strict=True)]:
        assert not dark.any() or dark.all() or line[dark].sum() >= 5


def test_totals_leave_a_choice_for_every_hidden_cell() -> None:
    table = np.array([[3, 8, 6], [7, 9, 4]])
    hidden = suppress(table)
    ranges = [range(17) if dark else [value] for value, dark in zip(table.ravel(), hidden.ravel(), strict=True)]
    possible = np.array(
        [
            cells
            for cells in product(*ranges)
            if (np.reshape(cells, (2, 3)).sum(axis=1) == table.sum(axis=1)).all()
            and (np.reshape(cells, (2, 3)).sum(axis=0) == table.sum(axis=0)).all()
        ]
    )

    assert (np.ptp(possible, axis=0)[hidden.ravel()] > 0).all()


@pytest.mark.parametrize(
    ("table", "named"),
    [([[[1]]], "table must have one or two dimensions"), ([[1.5, 2]], "table must hold whole numbers")],
)
def test_a_wrong_table_is_named(table, named) -> None:
    with pytest.raises(ValueError, match=named):
        suppress(table)
