"""Holidays by country and part of a country, as deadlines count them."""

from datetime import date

import pytest

from portal.adapters.holiday_calendar import holidays_from, holidays_in
from portal.domain.problems import InvalidInput
from portal.domain.working_days import add_working_days


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    epiphany = date(2026, 1, 6)
    assert (epiphany in holidays_in("DE", 2026), epiphany in holidays_in("DE-BY", 2026)) == (False, True)


def test_none_counts_weekends_only() -> None:
    assert holidays_from("none", date(2026, 1, 1)) == frozenset()


def test_a_deadline_over_the_turn_of_the_year_counts_the_holidays_of_both() -> None:
    start = date(2026, 12, 23)
    end = add_working_days(start, 6, holidays_from("DE", start))
    assert end == date(2027, 1, 4)


@pytest.mark.parametrize("code", ["XX", "DE-ZZ", ""])
def test_a_calendar_that_nobody_knows_is_refused_with_the_remedy(code: str) -> None:
    with pytest.raises(InvalidInput, match="is no calendar of holidays"):
        holidays_in(code, 2026)
