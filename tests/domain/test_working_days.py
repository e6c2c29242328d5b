"""Counting in working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.working_days import add_working_days, is_working_day

FRIDAY = date(2026, 3, 13)


def test_the_day_after_friday_is_monday() -> None:
    assert add_working_days(FRIDAY, 1) == date(2026, 3, 16)


def test_a_holiday_does_not_count() -> None:
    assert add_working_days(FRIDAY, 1, {date(2026, 3, 16)}) == date(2026, 3, 17)


def test_fifteen_working_days_are_three_weeks() -> None:
    assert add_working_days(FRIDAY, 15) == FRIDAY + timedelta(weeks=3)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_working_days(FRIDAY, -1)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 60))
def test_there_are_exactly_so_many_working_days_between(start: date, days: int) -> None:
    end = add_working_days(start, days)
    between = [start + timedelta(days=n + 1) for n in range((end - start).days)]
    assert sum(is_working_day(d) for d in between) == days
    assert is_working_day(end)
