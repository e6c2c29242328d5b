"""The bar estimate on real decisions: two conference years of ratings with accept or reject."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from bench.review_years.__main__ import MARGIN, PRIOR, pairs, write
from portal.domain.measurement import BarPrior, bar_difference, calibrate, krippendorff_alpha

DATA = Path(__file__).parents[2] / "data" / "reviews"
SCALE_1_TO_10 = BarPrior(bar_mean=5.5, bar_sd=2.0, log_slope_mean=math.log(2.5), log_slope_sd=0.8)


def year(name: str) -> tuple[list[list[float]], np.ndarray, np.ndarray, np.ndarray]:
    """Ratings per paper, their mean, decisions, groups."""
    with (DATA / f"{name}.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    ratings = [[float(v) for v in row["ratings"].split(";")] for row in rows]
    mean = np.array([np.mean(r) for r in ratings])
    accepted = np.array([float(row["accepted"]) for row in rows])
    return ratings, mean, accepted, np.array([row["group"] for row in rows])


def logistic_bar(score: np.ndarray, accepted: np.ndarray) -> float:
    """The score at which a logistic regression by maximum likelihood accepts every second paper."""

    def deviance(at: np.ndarray) -> float:
        return float(np.logaddexp(0, np.where(accepted == 1, -1, 1) * at[1] * (score - at[0])).sum())

    return float(minimize(deviance, [5.5, 1.0], method="Nelder-Mead").x[0])


@pytest.mark.parametrize("name", ["iclr2018", "iclr2021"])
def test_both_halves_of_a_year_have_the_bar_of_the_year(name) -> None:
    _, mean, accepted, _ = year(name)
    half = np.random.default_rng(1).permutation(mean.size) % 2 == 0
    found = bar_difference(mean[half], accepted[half], mean[~half], accepted[~half], prior=SCALE_1_TO_10)

    assert found.verdict == "equivalent"
    assert found.bar_a.median == pytest.approx(logistic_bar(mean[half], accepted[half]), abs=0.05)
    assert found.bar_b.median == pytest.approx(logistic_bar(mean[~half], accepted[~half]), abs=0.05)


def test_small_random_splits_of_one_year_never_look_like_two_bars() -> None:
    _, mean, accepted, _ = year("iclr2021")
    generator = np.random.default_rng(2)
    verdicts, covered = [], []
    for _ in range(100):
        drawn = generator.choice(mean.size, 60, replace=False)
        a, b = drawn[:30], drawn[30:]
        found = bar_difference(mean[a], accepted[a], mean[b], accepted[b], prior=SCALE_1_TO_10)
        verdicts.append(found.verdict)
        covered.append(found.ci90[0] <= 0 <= found.ci90[1])

    assert verdicts.count("not_equivalent") <= 3
    assert 0.82 <= np.mean(covered) <= 0.98


def test_a_bar_moved_on_purpose_is_found() -> None:
    # the second half's ratings are read a point higher: the same decisions then stand for a bar a point higher
    _, mean, accepted, _ = year("iclr2018")
    half = np.random.default_rng(3).permutation(mean.size) % 2 == 0
    found = bar_difference(mean[half], accepted[half], mean[~half] + 1, accepted[~half], prior=SCALE_1_TO_10)

    assert (found.verdict, found.direction) == ("not_equivalent", "b_higher")
    assert found.delta == pytest.approx(1.0, abs=0.2)


def test_reviewers_of_papers_agree_little() -> None:
    ratings, *_ = year("iclr2018")
    table = np.full((len(ratings), max(map(len, ratings))), np.nan)
    for row, values in zip(table, ratings, strict=True):
        row[: len(values)] = values

    assert 0.2 < krippendorff_alpha(table, "interval") < 0.5


def test_the_worked_example_says_what_the_command_says(tmp_path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "worked-example.md").read_text()
    prior = BarPrior(*map(float, PRIOR.split(",")))
    for name, (a, b) in pairs().items():
        write(tmp_path / name, a, b)
        code, report = calibrate(tmp_path / name, None, margin=MARGIN, prior=prior, bar_only=True)
        assert code == 0
        assert report["overall"]["sentence"] in page, name
        counts = [f"{report['overall']['approved'][k]} of {report['overall']['n'][k]}" for k in ("ic", "manager")]
        assert ", ".join(counts) in page, name
