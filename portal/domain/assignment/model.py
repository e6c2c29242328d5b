"""A linear model built piece by piece: columns with prices and bounds, rows as sparse sums, solved by HiGHS."""

from typing import Any, NamedTuple

import numpy as np

from portal.domain.assignment.problem import Floats, Ints


class Answer(NamedTuple):
    """`x` per column; `duals` per row (what one unit more on its right side costs), only from `relaxed`."""

    x: Floats
    objective: float
    duals: Floats


class Model:
    def __init__(self) -> None:
        self.columns = self.rows = 0
        self._price: list[Floats] = []
        self._most: list[Floats] = []
        self._whole: list[Floats] = []
        self._entries: list[tuple[Any, Any, Any]] = []
        self._low: list[float] = []
        self._high: list[float] = []

    def add(self, price: Any, most: Any = 1.0, *, whole: bool = True) -> Ints:
        """Columns from 0 to `most` at this price each; gives their numbers."""
        prices = np.atleast_1d(np.asarray(price, dtype=np.float64))
        self._price.append(prices)
        self._most.append(np.broadcast_to(np.asarray(most, dtype=np.float64), prices.shape))
        self._whole.append(np.full(prices.shape, float(whole)))
        self.columns += prices.size
        return np.arange(self.columns - prices.size, self.columns)

    def hold(self, columns: Any, factors: Any, *, low: float = -np.inf, high: float = np.inf) -> int:
        """One row: low <= sum of factor x column <= high; gives its number."""
        numbers = np.atleast_1d(np.asarray(columns, dtype=np.int64))
        self._entries.append((np.full(numbers.shape, self.rows), numbers, np.broadcast_to(factors, numbers.shape)))
        self._low.append(low)
        self._high.append(high)
        self.rows += 1
        return self.rows - 1

    def hold_each(self, row: Any, columns: Any, factors: Any, *, low: Floats, high: Floats) -> int:
        """Several rows at once: entry k puts `factors[k]` on `columns[k]` in the `row[k]`-th of them; gives the number
        of the first."""
        rows = np.asarray(row, dtype=np.int64) + self.rows
        self._entries.append((rows, np.asarray(columns, dtype=np.int64), np.broadcast_to(factors, rows.shape)))
        self._low += low.tolist()
        self._high += high.tolist()
        self.rows += low.size
        return self.rows - low.size

    def _matrix(self) -> Any:
        from scipy.sparse import coo_array

        rows, columns, factors = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        shape = (self.rows, self.columns)
        return coo_array((factors.astype(np.float64), (rows, columns)), shape=shape).tocsr()

    def relaxed(self) -> Answer | None:
        """The optimum when columns may be fractions, with its duals; None where there is none."""
        from scipy.optimize import linprog

        matrix, low, high = self._matrix(), np.array(self._low), np.array(self._high)
        equal, below = low == high, (low != high) & np.isfinite(high)
        above = (low != high) & np.isfinite(low)
        from scipy.sparse import vstack

        upper = vstack([matrix[below], -matrix[above]]) if below.any() or above.any() else None
        found = linprog(
            np.concatenate(self._price),
            A_ub=upper,
            b_ub=None if upper is None else np.concatenate([high[below], -low[above]]),
            A_eq=matrix[equal] if equal.any() else None,
            b_eq=low[equal] if equal.any() else None,
            bounds=np.column_stack([np.zeros(self.columns), np.concatenate(self._most)]),
            method="highs",
        )
        if found.status != 0:
            return None
        duals = np.zeros(self.rows)
        if equal.any():
            duals[equal] = found.eqlin.marginals
        if upper is not None:
            duals[below] = found.ineqlin.marginals[: below.sum()]
            duals[above] -= found.ineqlin.marginals[below.sum() :]
        return Answer(found.x, float(found.fun), duals)

    def whole(self, *, seconds: float, gap: float = 1e-4) -> Answer | None:
        """The best found in whole numbers within the time; None where none was found."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        found = milp(
            np.concatenate(self._price),
            integrality=np.concatenate(self._whole),
            bounds=Bounds(0, np.concatenate(self._most)),
            constraints=LinearConstraint(self._matrix(), np.array(self._low), np.array(self._high)),
            options={"time_limit": seconds, "mip_rel_gap": gap},
        )
        return None if found.x is None else Answer(found.x, float(found.fun), np.zeros(self.rows))
