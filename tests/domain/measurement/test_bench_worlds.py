"""The simulation bench: its worlds hold the truth they claim, and its trials count what they say."""

import numpy as np
import pytest

from bench.measurement.trials import bar_rows, chain_rows, error, timings
from bench.measurement.worlds import BAR, bars, cycle


def test_simulated_bars_lie_where_they_were_put() -> None:
    a, approved_a, b, approved_b = bars(np.random.default_rng(1), 40_000, 0.6, 8.0)
    near = [np.abs(x - at) < 0.02 for x, at in ((a, BAR - 0.3), (b, BAR + 0.3))]

    assert [approved_a[near[0]].mean(), approved_b[near[1]].mean()] == pytest.approx([0.5, 0.5], abs=0.05)


@pytest.mark.parametrize("cross", [0.0, 0.15, 0.5])
def test_simulated_panels_cross_as_often_as_told(cross) -> None:
    c = cycle(np.random.default_rng(1), 2000, 0.0, cross=cross, anchor=False, home_effect=0.4)

    assert (c.home[c.reviewer] != c.track[c.case]).mean() == pytest.approx(cross, abs=0.015)
    assert len(set(zip(c.case.tolist(), c.reviewer.tolist(), strict=True))) == c.case.size


def test_an_anchor_is_scored_by_everybody_and_decided_by_nobody() -> None:
    c = cycle(np.random.default_rng(1), 20, 0.0, cross=0.0, anchor=True, home_effect=0.4)

    assert sorted(c.reviewer[c.case == 40]) == list(range(c.home.size))
    assert np.isnan(c.approved).tolist() == [False] * 40 + [True]


def test_rows_are_rates_of_trials() -> None:
    bar = list(bar_rows(4, (24,), (8.0,)))
    chain = list(chain_rows(2, (24,), 0.4))

    assert [(row.trials, len(row.rates)) for row in bar] == [(4, 3)] * 3
    assert [row.rates["refused"] for row in chain if "fully siloed" in row.name] == [1.0] * 3
    assert all(0 <= rate <= 1 for row in (*bar, *chain) for rate in row.rates.values())


def test_an_error_shrinks_with_trials_and_is_never_nothing() -> None:
    assert error(0.5, 100) == pytest.approx(0.05)
    assert 0 < error(0.0, 100) < error(0.0, 10)


def test_timings_count_reviews() -> None:
    assert [t.reviews for t in timings((100, 200), 1)] == [300, 600]
