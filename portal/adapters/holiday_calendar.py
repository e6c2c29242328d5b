"""The public holidays of a country or one of its parts, for counting in working days. Wraps the library once; it is
imported when the first calendar is asked for."""

from datetime import date
from functools import cache

from portal.domain.problems import InvalidInput

NONE = "none"


@cache
def holidays_in(calendar: str, year: int) -> frozenset[date]:
    """The holidays of one year by a code such as `DE`, `DE-BY` or `US-CA`; of `none` there are none.

    Raises InvalidInput for a code that nobody knows, or a year the library does not reach."""
    if calendar == NONE:
        return frozenset()
    import holidays

    country, _, part = calendar.partition("-")
    known = holidays.list_supported_countries()
    if country not in known or (part and part not in known[country]):
        raise InvalidInput(
            f"“{calendar}” is no calendar of holidays. Write policy.calendar as a country, DE, or a part of one, "
            "DE-BY; “none” counts weekends only."
        )
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=[year]))


def holidays_from(calendar: str, start: date) -> frozenset[date]:
    """The holidays from a day's year to the end of the year after it: as far as a deadline reaches."""
    return holidays_in(calendar, start.year) | holidays_in(calendar, start.year + 1)
