"""The bar estimate against published values, brute-force integration, and what must hold under any data."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.measurement import BarPrior, bar_difference

DOSE = np.arange(6.0)  # log2 of the dose; Venables and Ripley, Modern Applied Statistics with S, 7.2
DEAD_MALE, DEAD_FEMALE = [1, 4, 9, 13, 18, 20], [0, 2, 6, 10, 12, 16]  # of 20 each
cases = st.lists(st.tuples(st.integers(0, 40).map(lambda v: v / 10), st.booleans()), min_size=1, max_size=8)


def unrolled(dead: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """One score and one outcome per moth."""
    return np.repeat(DOSE, 20), np.concatenate([[1.0] * d + [0.0] * (20 - d) for d in dead])


def columns(drawn: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([score for score, _ in drawn]), np.array([float(approved) for _, approved in drawn])


def numbers(found) -> list[float]:
    return [found.delta, *found.ci90, *found.ci95, found.p_within, found.p_b_higher, found.slope]


def test_the_bars_of_the_budworms_are_their_median_lethal_doses() -> None:
    vague = BarPrior(bar_mean=2.5, bar_sd=4, log_slope_mean=0, log_slope_sd=1)
    found = bar_difference(*unrolled(DEAD_MALE), *unrolled(DEAD_FEMALE), prior=vague, margin=1)

    assert found.bar_b.median == pytest.approx(3.2636, abs=0.03)  # dose.p: 3.263587, s.e. 0.2297539
    assert found.bar_a.median == pytest.approx(2.2293, abs=0.03)  # 2.372411 / 1.064214
    assert (found.bar_b.hi - found.bar_b.lo) / 3.29 == pytest.approx(0.2298, abs=0.015)
    assert found.slope == pytest.approx(1.0642, abs=0.03)
    assert found.delta == pytest.approx(3.2636 - 2.2293, abs=0.03)


def brute_force(a: list[tuple[float, int]], b: list[tuple[float, int]]) -> tuple[float, ...]:
    """Median and 90 % limits of the difference, and the mass above 0, from a plain three-dimensional grid."""
    bar, log_slope = np.linspace(-2.5, 8.5, 551), np.linspace(math.log(6) - 4, math.log(6) + 4, 121)
    prior = -0.5 * (bar - 3) ** 2
    sides = []
    for side in (a, b):
        log_like = np.zeros((log_slope.size, bar.size))
        for score, approved in side:
            z = np.exp(log_slope)[:, None] * (score - bar[None, :]) * (1 if approved else -1)
            log_like -= np.logaddexp(0, -z)
        sides.append(np.exp(log_like + prior))
    weight = np.exp(-0.5 * ((log_slope - math.log(6)) / 0.8) ** 2)
    joint = np.einsum("l,li,lj->ij", weight, sides[0], sides[1])
    delta = np.rint((bar[None, :] - bar[:, None]) / 0.02).astype(int)
    mass = np.bincount((delta - delta.min()).ravel(), weights=joint.ravel())
    mass, points = mass / mass.sum(), 0.02 * (np.arange(mass.size) + delta.min())
    below = np.cumsum(mass)
    limits = [float(np.interp(share, below, points + 0.01)) for share in (0.5, 0.05, 0.95)]
    return (*limits, float(mass[points > 0.001].sum() + mass[np.abs(points) < 0.001].sum() / 2))


SETS = {
    "one case each": ([(3.0, 1)], [(3.0, 0)]),
    "tiny": ([(2.5, 0), (3.1, 1)], [(2.8, 1), (3.4, 0)]),
    "separated": ([(2.0, 0), (2.4, 0), (2.9, 1), (3.3, 1)], [(2.2, 0), (3.0, 0), (3.5, 1), (3.9, 1)]),
    "all approved": ([(2.1, 1), (2.9, 1), (3.6, 1)], [(2.0, 1), (3.0, 0), (3.4, 1)]),
    "far apart": ([(1.0, 1), (1.4, 1), (0.6, 0), (0.9, 0)], [(3.4, 0), (3.9, 1), (3.0, 0), (3.8, 1)]),
}


@pytest.mark.parametrize("name", SETS)
def test_tiny_and_separated_sets_agree_with_brute_force(name) -> None:
    a, b = SETS[name]
    found = bar_difference(*zip(*a, strict=True), *zip(*b, strict=True))

    assert (found.delta, *found.ci90, found.p_b_higher) == pytest.approx(brute_force(a, b), abs=0.015)


@settings(max_examples=40, deadline=None)
@given(cases, cases)
def test_swapping_the_tracks_mirrors_the_answer(a, b) -> None:
    there, back = bar_difference(*columns(a), *columns(b)), bar_difference(*columns(b), *columns(a))

    mirrored = [-back.delta, -back.ci90[1], -back.ci90[0], -back.ci95[1], -back.ci95[0]]
    assert mirrored == pytest.approx([there.delta, *there.ci90, *there.ci95], abs=1e-6)
    assert 1 - back.p_b_higher == pytest.approx(there.p_b_higher, abs=1e-6)
    assert (back.verdict, back.bar_a) == (there.verdict, pytest.approx(there.bar_b, abs=1e-6))


@settings(max_examples=40, deadline=None)
@given(cases, cases, st.randoms())
def test_the_order_of_cases_does_not_matter(a, b, random) -> None:
    before = bar_difference(*columns(a), *columns(b))
    random.shuffle(a)

    assert numbers(bar_difference(*columns(a), *columns(b))) == pytest.approx(numbers(before), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(cases, cases)
def test_every_number_is_finite_and_in_order_whatever_the_data(a, b) -> None:
    found = bar_difference(*columns(a), *columns(b))

    assert all(math.isfinite(v) for v in (*numbers(found), *found.bar_a, *found.bar_b))
    assert found.ci95[0] <= found.ci90[0] <= found.delta <= found.ci90[1] <= found.ci95[1]
    assert 0 <= found.p_within <= 1 and 0 <= found.p_outside <= 1 and 0 <= found.p_direction <= 1


def drawn(n: int, delta: float, seed: int = 3, slope: float = 8) -> tuple[np.ndarray, ...]:
    generator = np.random.default_rng(seed)
    a, b = generator.normal(2.9, 0.5, (2, n))
    chance = [1 / (1 + np.exp(-slope * (x - 2.9 - d))) for x, d in ((a, -delta / 2), (b, delta / 2))]
    return a, (generator.random(n) < chance[0]) * 1.0, b, (generator.random(n) < chance[1]) * 1.0


def test_the_same_cases_again_narrow_the_interval() -> None:
    once = bar_difference(*drawn(20, 0.2))
    often = bar_difference(*(np.tile(column, 9) for column in drawn(20, 0.2)))

    assert (often.ci90[1] - often.ci90[0]) < 0.45 * (once.ci90[1] - once.ci90[0])
    assert often.delta == pytest.approx(once.delta, abs=0.15)


def test_moving_scores_and_prior_together_moves_the_bars_alone() -> None:
    a, approved_a, b, approved_b = drawn(30, 0.3)
    here = bar_difference(a, approved_a, b, approved_b)
    there = bar_difference(a + 2, approved_a, b + 2, approved_b, prior=BarPrior(bar_mean=5))

    assert numbers(there) == pytest.approx(numbers(here), abs=2e-3)
    assert there.bar_a == pytest.approx([v + 2 for v in here.bar_a], abs=2e-3)


def test_another_unit_of_score_scales_the_answer() -> None:
    a, approved_a, b, approved_b = drawn(30, 0.3)
    here = bar_difference(a, approved_a, b, approved_b)
    prior = BarPrior(bar_mean=30, bar_sd=10, log_slope_mean=math.log(0.6))
    there = bar_difference(10 * a, approved_a, 10 * b, approved_b, margin=5, prior=prior)

    assert [v / 10 for v in (there.delta, *there.ci90)] == pytest.approx([here.delta, *here.ci90], abs=1e-6)
    assert (there.slope, there.verdict) == (pytest.approx(here.slope / 10), here.verdict)


@pytest.mark.parametrize("n", [300, 30_000])
def test_many_cases_find_the_truth(n) -> None:
    found = bar_difference(*drawn(n, 0.4))

    assert found.ci95[0] < 0.4 < found.ci95[1]
    assert found.ci90[1] - found.ci90[0] < 3 / math.sqrt(n)
    assert found.slope == pytest.approx(8, rel=0.25 if n == 300 else 0.03)


def test_many_cases_agree_with_maximum_likelihood() -> None:
    from scipy.optimize import minimize

    a, approved_a, b, approved_b = drawn(20_000, 0.4)

    def deviance(at: np.ndarray) -> float:
        z = np.concatenate([(a - at[0]) * at[2], (b - at[1]) * at[2]])
        signed = np.where(np.concatenate([approved_a, approved_b]) == 1, z, -z)
        return float(np.logaddexp(0, -signed).sum())

    best = minimize(deviance, [2.9, 2.9, 5.0], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-6}).x
    found = bar_difference(a, approved_a, b, approved_b)

    assert (found.bar_a.median, found.bar_b.median, found.slope) == pytest.approx(tuple(best), abs=0.02)


@pytest.mark.parametrize("spread", [3, 10])
def test_a_vague_prior_leaves_the_answer_to_the_data(spread) -> None:
    usual, vague = bar_difference(*drawn(200, 0.3)), bar_difference(*drawn(200, 0.3), prior=BarPrior(bar_sd=spread))

    assert numbers(vague) == pytest.approx(numbers(usual), rel=0.02, abs=0.01)


def test_doubt_from_outside_widens_as_variances_add() -> None:
    plain, widened = bar_difference(*drawn(300, 0.0)), bar_difference(*drawn(300, 0.0), extra_sd=0.2)
    sd = [(f.ci95[1] - f.ci95[0]) / (2 * 1.95996) for f in (plain, widened)]

    assert sd[1] == pytest.approx(math.hypot(sd[0], 0.2), rel=0.01)
    assert widened.delta == pytest.approx(plain.delta, abs=0.01)


def test_no_case_on_a_track_leaves_every_number_undefined() -> None:
    found = bar_difference([], [], [3.0, 2.0], [1, 0])

    assert (found.verdict, found.reason, found.n_a, found.n_b) == ("not_enough_evidence", "too_few_decisions", 0, 2)
    assert all(math.isnan(v) for v in (*numbers(found), *found.bar_a, *found.bar_b))
    assert (found.direction, found.more_cases_at_least) == (None, None)


def test_cases_without_a_score_or_a_decision_do_not_count() -> None:
    a, approved_a, b, approved_b = drawn(20, 0.2)
    padded = bar_difference([*a, math.nan, 3.0], [*approved_a, 1, math.nan], b, approved_b)

    assert padded == bar_difference(a, approved_a, b, approved_b)


@pytest.mark.parametrize(
    ("arguments", "changed", "named"),
    [
        (([1, 2], [1], [1], [1]), {}, "approved_a has 1 entries where 2"),
        (([1], [2], [1], [1]), {}, r"approved_a must hold approved \(1\), refused \(0\) or nan"),
        (([[1]], [1], [1], [1]), {}, "score_a must have one dimension"),
        (([1], [1], ["x"], [1]), {}, "score_b must hold numbers"),
        (([1], [1], [1], [1]), {"margin": 0}, "margin must be positive"),
        (([1], [1], [1], [1]), {"alpha": 0.5}, "alpha must lie between"),
        (([1], [1], [1], [1]), {"extra_sd": math.inf}, "extra_sd must be a finite number"),
        (([1], [1], [1], [1]), {"min_each": -1}, "min_each must be at least 0"),
        (([1], [1], [1], [1]), {"strata_a": [1]}, "strata_b is missing"),
        (([1], [1], [1], [1]), {"strata_a": [1], "strata_b": [1, 2]}, "strata_b has shape"),
    ],
)
def test_a_wrong_argument_is_named(arguments, changed, named) -> None:
    with pytest.raises(ValueError, match=named):
        bar_difference(*arguments, **changed)


@pytest.mark.parametrize(("field", "value"), [*product(("bar_sd", "log_slope_sd"), (0.0, -1.0, math.nan))])
def test_a_prior_needs_a_positive_spread(field, value) -> None:
    with pytest.raises(ValueError, match=f"prior: {field} must be"):
        BarPrior(**{field: value})
