"""Sentences beside the figures: one is not many, a difference has a direction and an interval."""

import pytest
from flask import Flask

from portal.calibration.fragments.forecast import sentence_of
from portal.calibration.fragments.words import say
from portal.calibration.queries.evidence import CaseFacts
from portal.calibration.queries.figures import Figures, Question, measure
from portal.domain.measurement import Forecast
from tests.calibration.test_comparisons import PILLARS, case, cases

QUESTION = Question("at grade 4", 0.5, (3.0, 1.0, 1.79, 0.8), PILLARS)


def figures(*rows: CaseFacts) -> Figures:
    return measure(rows, QUESTION)


@pytest.mark.parametrize(
    ("waiting", "said"),
    [(1, "IC: no case is decided yet; 1 waits."), (2, "IC: no case is decided yet; 2 wait.")],
)
def test_one_waits_and_two_wait(app: Flask, waiting: int, said: str) -> None:
    with app.test_request_context():
        assert say(figures(*(case(n, "ic", None) for n in range(waiting))), [])["rates"][0] == said


def test_a_single_reviewer_is_the_only_one(app: Flask) -> None:
    one = "The only reviewer scored "
    with app.test_request_context():
        apart = say(figures(*cases("ic", 3, 1)), [])["links"]
        both = say(figures(*cases("ic", 3, 1), *cases("manager", 3, 1)), [])["links"]
    assert apart == (
        f"{one}one track: stricter reviewing and a higher bar cannot be told apart. Ask two reviewers to cross."
    )
    assert both == f"{one}both tracks; 50 % of 6 reviews cross over (15 % makes a grade measurable)."


@pytest.mark.parametrize(
    ("manager", "said"),
    [
        (2.5, "Manager cases score 0.50 points higher than IC cases (manager less IC: 95 % interval "),
        (1.5, "Manager cases score 0.50 points lower than IC cases (manager less IC: 95 % interval "),
        (2.0, "Manager cases score as IC cases do (manager less IC: 95 % interval "),
    ],
)
def test_a_gap_has_a_direction_and_an_interval(app: Flask, manager: float, said: str) -> None:
    rows = [case(n, "ic", True, score=2 + n % 3) for n in range(15)]
    rows += [case(n, "manager", True, score=manager + n % 3) for n in range(15)]
    with app.test_request_context():
        line = next(line for line in say(figures(*rows), [])["beside"] if line.startswith("Manager cases score"))
    assert line.startswith(said)


@pytest.mark.parametrize(("craft", "way"), [(3, "higher"), (1, "lower")])
def test_an_odd_pillar_has_them_too(app: Flask, craft: int, way: str) -> None:
    rows = [case(n, "ic", True, score=2 + n % 2, craft=2 + n % 2 + 0.1 * (n % 3)) for n in range(8)]
    rows += [case(n, "manager", True, score=2 + n % 2, craft=craft + n % 2 + 0.1 * (n % 3)) for n in range(8)]
    with app.test_request_context():
        line = say(figures(*rows), [])["beside"][-1]
    assert line.startswith(
        f"Manager cases score 1.00 points {way} on Craft than their other pillars suggest, beside IC cases (manager "
        "less IC: 95 % interval "
    )


@pytest.mark.parametrize(("more", "said"), [(1, "about one more case per"), (2, "about 2 more cases per")])
def test_one_more_case_or_several_would_be_needed(app: Flask, more: int, said: str) -> None:
    with app.test_request_context():
        line = sentence_of(Forecast(0.5, 0.02, "interval_too_wide", more, 400))
    assert line.endswith(f"At least {said} track would be needed.")
