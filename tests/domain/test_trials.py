"""The days of a trial, and where it stands on each of them."""

from datetime import date, timedelta

import pytest

from portal.domain.ladder import Switch
from portal.domain.trials import Days, Standing, after_months, days_of, standing

START, LAST = date(2026, 5, 1), date(2026, 10, 31)


def crossing(trial: int | None, home: int | None) -> Switch:
    return Switch.model_validate({"from": "senior", "to": "em", "trial_months": trial, "return_months": home})


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 8, 31), 18, date(2028, 2, 29)),
        (date(2026, 5, 1), 0, date(2026, 5, 1)),
    ],
)
def test_months_end_on_a_day_there_is(day: date, months: int, then: date) -> None:
    assert after_months(day, months) == then


def test_a_trial_of_six_months_ends_the_day_before() -> None:
    assert days_of(crossing(6, 12), START) == Days(START, LAST, date(2027, 4, 30))


def test_the_way_home_is_open_at_least_as_long_as_the_trial() -> None:
    assert days_of(crossing(6, 3), START) == Days(START, LAST, LAST)
    assert days_of(crossing(6, None), START) == Days(START, LAST, LAST)


def test_without_months_or_path_there_is_no_trial() -> None:
    assert days_of(crossing(None, 12), START) is None
    assert days_of(None, START) is None


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (START - timedelta(days=1), Standing.COMING),
        (START, Standing.RUNNING),
        (LAST - timedelta(days=31), Standing.RUNNING),
        (LAST - timedelta(days=30), Standing.DUE),
        (LAST, Standing.DUE),
        (LAST + timedelta(days=1), Standing.OVERDUE),
    ],
)
def test_where_a_trial_stands(today: date, expected: Standing) -> None:
    assert standing(START, LAST, today, None) is expected


@pytest.mark.parametrize("end", ["confirmed", "returned"])
def test_once_decided_it_stands_there(end: str) -> None:
    assert standing(START, LAST, LAST + timedelta(days=90), end) is Standing(end)
