"""What may not be published: small cells of a table, and the further cells without which they could be worked out
from the totals.
"""

import heapq

import numpy as np

from portal.domain.measurement.shapes import ArrayLike, Bools, Floats, numbers, whole

Cell = tuple[int, int]


def _detour(cost: Floats, start: int, end: int) -> list[Cell]:
    """Cheapest way from row `start` to column `end` over other cells than the one where they meet.

    Rows are nodes 0..r-1, columns r..; with two rows and two columns there always is a way.
    """
    rows, columns = cost.shape
    goal, without = rows + end, (start, end)
    best, came = {start: 0.0}, dict[int, int]()
    queue = [(0.0, start)]
    spent, node = heapq.heappop(queue)
    while node != goal:
        for other in range(columns) if node < rows else range(rows):
            cell = (node, other) if node < rows else (other, node - rows)
            following = rows + other if node < rows else other
            total = spent + cost[cell]
            if cell != without and total < best.get(following, np.inf):
                best[following], came[following] = total, node
                heapq.heappush(queue, (total, following))
        spent, node = heapq.heappop(queue)
    return _walked(came, start, goal, rows)


def _walked(came: dict[int, int], start: int, end: int, rows: int) -> list[Cell]:
    cells, node = [], end
    while node != start:
        before = came[node]
        cells.append((before, node - rows) if before < rows else (node, before - rows))
        node = before
    return cells


def _cost(counts: Floats, hidden: Bools) -> Floats:
    """Hiding a hidden cell costs nothing, a visible one its count; zeros are dear, they are often known to be zero."""
    dear = float(counts.sum()) + 1
    return np.where(hidden, 1e-6, np.where(counts == 0, dear, counts + 1.0))


def _hide_circles(counts: Floats, hidden: Bools) -> None:
    """Hide cells until every hidden one lies on a closed path of hidden cells: only then do row and column totals not
    give it away.
    """
    for row, column in np.argwhere(hidden):
        for cell in _detour(_cost(counts, hidden), int(row), int(column)):
            hidden[cell] = True


def _hide_in_lines(counts: Floats, hidden: Bools, k: int) -> None:
    """In every row and column with hidden cells their sum must reach k, else the sum is itself a small cell."""
    for line, dark in [*zip(counts, hidden, strict=True), *zip(counts.T, hidden.T, strict=True)]:
        while dark.any() and line.size > 1 and not dark.all() and (line[dark].sum() < k or dark.sum() < 2):
            open_cells = np.flatnonzero(~dark)
            dark[min(open_cells, key=lambda at: (line[at] == 0, line[at]))] = True


def suppress(table: ArrayLike, k: int = 5) -> Bools:
    """Which cells of a table of counts must be hidden when it is published with its totals: a mask of the table's
    shape.

    Hidden are cells of 1 to k-1, and as few further cells as it takes that no hidden cell follows from a row or
    column total, nor a hidden sum stays under k. One row or column of counts is taken as a list with one total. A
    table with nothing left to hide behind is hidden whole. ValueError unless counts are whole numbers from 0 in one
    or two dimensions.
    """
    counts = numbers("table", table)
    if counts.ndim not in (1, 2):
        raise ValueError(f"table must have one or two dimensions, not {counts.ndim}")
    counts = whole("table", counts)
    hidden: Bools = (counts > 0) & (counts < k)
    if counts.ndim == 1 or 1 in counts.shape:
        line, dark = counts.reshape(-1), hidden.reshape(-1)
        _hide_in_lines(line[None, :], dark[None, :], k)
        return hidden
    while True:
        before = int(hidden.sum())
        _hide_in_lines(counts, hidden, k)
        _hide_circles(counts, hidden)
        if int(hidden.sum()) == before:
            return hidden
