"""What callers send that nobody meant: empty arrays, words, infinities, other number types. Undefined is nan; wrong
input is refused by the name of its argument."""

import math

import numpy as np
import pytest

from portal.domain import measurement as m

NAN, INF = math.nan, math.inf
EMPTY = np.zeros(0)


@pytest.mark.parametrize(
    "found",
    [
        m.krippendorff_alpha([], "ordinal"),
        m.krippendorff_alpha([[NAN, NAN]], "interval"),
        m.fleiss_kappa([]),
        m.weighted_kappa([], []),
        *m.alpha_bootstrap([], "ordinal"),
        *m.icc([]).values(),
        *m.cmh([]),
        *m.cliffs_delta([], []),
        *m.hedges_g([1.0], [2.0, 3.0]),
        *m.variance_reml([], [], []),
        *m.variance_moments(EMPTY, EMPTY, EMPTY),
        m.connectivity([], [], []).cross_share,
        *m.impact_ratio(1, 5, 0, 5),
        *m.newcombe_diff(0, 0, 1, 2),
    ],
)
def test_what_is_undefined_is_nan(found: float) -> None:
    assert math.isnan(found)


def test_nothing_at_all_is_answered_in_the_usual_shape() -> None:
    found = m.bar_difference([], [], [], [])
    assert (found.verdict, found.reason, found.n_a, found.n_b) == ("not_enough_evidence", "too_few_decisions", 0, 0)
    assert m.pillar_differences([], []) == []
    assert (m.holm([]).size, m.benjamini_hochberg([]).size, m.suppress([]).size) == (0, 0, 0)
    assert m.panel_overlap([], []) == (0, 0, 0)
    assert m.fit_severity([], [], []).case_fair.size == 0


SCORES, OUTCOMES = [3, 2, 4, 3, 2, 3, 4, 1], [1, 0, 1, 1, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("scores", "outcomes"),
    [
        (np.array(SCORES, dtype=np.float32), np.array(OUTCOMES, dtype=bool)),
        (tuple(SCORES), [bool(one) for one in OUTCOMES]),
        (np.array(SCORES, dtype=np.int8), np.array(OUTCOMES, dtype=object)),
    ],
)
def test_the_type_of_the_numbers_does_not_matter(scores, outcomes) -> None:
    plain = m.bar_difference(SCORES, OUTCOMES, SCORES, OUTCOMES)

    assert m.bar_difference(scores, outcomes, scores, outcomes) == plain


def test_grades_may_be_words_numbers_or_none() -> None:
    named = [
        m.bar_difference(SCORES, OUTCOMES, SCORES, OUTCOMES, strata_a=[label] * 8, strata_b=[label] * 8)
        for label in ("four", 4, 4.0, None)
    ]

    assert named == [m.bar_difference(SCORES, OUTCOMES, SCORES, OUTCOMES)] * 4


def test_a_hundred_thousand_cases_a_track_are_one_grid() -> None:
    score, approved = np.tile([2.0, 3.0, 3.0, 4.0], 25_000), np.tile([0, 1, 0, 1], 25_000)
    found = m.bar_difference(score, approved, score, approved)

    assert (found.n_a, found.verdict) == (100_000, "equivalent")
    assert 0 < found.ci90[1] < 0.01


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: m.bar_difference([INF], [1], [1], [1]), "score_a must be finite or nan; entry 0"),
        (lambda: m.bar_difference([1], [1], [1], [1], margin="wide"), "margin must be a number, not 'wide'"),
        (lambda: m.compare_tracks([0], [0], [INF], [0], [1]), "y must be finite or nan"),
        (
            lambda: m.compare_tracks([0], [0], [3], [0], [1], home=[2]),
            r"home must hold 0 \(IC\) or 1 \(manager\), or nan",
        ),
        (lambda: m.fit_severity([0], [0], [3], strata=4), r"strata has shape \(\)"),
        (lambda: m.panel_overlap(["x"], [7]), "track must hold 0"),
        (lambda: m.krippendorff_alpha([[1, -1]], "ratio"), "ratings must be numbers from 0"),
        (lambda: m.weighted_kappa(["x"], [1]), "a must hold whole-number labels"),
        (lambda: m.fleiss_kappa([[0.5, 2]]), "counts must hold whole numbers"),
        (lambda: m.clopper_pearson("x", 5), "x must be a number, not 'x'"),
        (lambda: m.wilson(None, 5), "x must be a number, not None"),
        (lambda: m.newcombe_diff(1, 2, 1, 2, conf="high"), "conf must be a number"),
        (lambda: m.fisher([["x", 1], [1, 1]]), "table must hold numbers"),
        (lambda: m.cmh([[[-1, 2], [3, 4]]]), "tables must hold whole numbers from 0"),
        (lambda: m.cmh([[[NAN, 2], [3, 4]]]), "tables must hold whole numbers from 0"),
        (lambda: m.hedges_g([INF, 1], [1, 2]), "a must be finite or nan"),
        (lambda: m.cliffs_delta([1], [INF]), "b must be finite or nan"),
        (lambda: m.pillar_differences([[INF, 1]], [0]), "scores must be finite or nan"),
        (lambda: m.suppress([["x"]]), "table must hold numbers"),
        (lambda: m.BarPrior(bar_mean="three"), "prior: bar_mean must be a number"),
    ],
)
def test_a_wrong_argument_is_named(call, named) -> None:
    with pytest.raises(ValueError, match=named):
        call()
