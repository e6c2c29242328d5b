"""The simulation bench: its worlds hold the truth they claim, and its trials count what they say."""

import numpy as np
import pytest

from bench.measurement.trials import bar_rows, chain_rows, error, file_timings, timings
from bench.measurement.worlds import BAR, bars, cycle, write_files
from portal.domain.measurement import read_cases, read_scores


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
    chain = list(chain_rows(2, (24,), 0.4, deltas=(0.0,)))

    assert [(row.trials, len(row.rates)) for row in bar] == [(4, 3)] * 3
    assert [(row.trials, len(row.rates)) for row in chain] == [(2, 6)] * 5
    assert all(0 <= rate <= 1 for row in (*bar, *chain) for rate in row.rates.values())


def test_panels_that_cannot_tell_are_refused_in_every_cycle() -> None:
    rows = chain_rows(1, (12,), 0.4, deltas=(0.5,))

    assert [row.rates["refused"] for row in rows] == [0.0, 1.0, 0.0, 1.0, 0.0]


def test_a_line_ends_once_its_rates_are_known_well_enough() -> None:
    lines = chain_rows(9, (12,), 0.4, deltas=(0.0,), target=1.0, block=2)

    assert [row.trials for row in lines] == [4, 2, 4, 2, 4]


def test_files_of_a_large_cycle_can_be_read_without_a_problem(tmp_path) -> None:
    cases_file, scores_file = write_files(20, tmp_path)
    cases, wrong = read_cases(cases_file)
    scores, more_wrong = read_scores(scores_file, cases)

    assert (wrong, more_wrong) == ([], [])
    assert cases is not None and scores is not None
    assert (len(cases.names), scores.score.size) == (20, 20 * 3 * 6)


def test_an_error_shrinks_with_trials_and_is_never_nothing() -> None:
    assert error(0.5, 100) == pytest.approx(0.05)
    assert 0 < error(0.0, 100) < error(0.0, 10)


def test_timings_count_reviews(tmp_path) -> None:
    assert [t.reviews for t in timings((100, 200), 1)] == [300, 600]
    assert [t.reviews for t in file_timings((20,), tmp_path, 1)] == [60]
