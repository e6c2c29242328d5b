"""The days of a trial: when it begins and ends, until when one may go home, and where it stands on a day."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.domain.ladder import Switch

DECIDE_WITHIN = timedelta(days=30)
"""How long before its last day the end of a trial can be decided: long enough to talk, too short to cut it short."""


class Standing(StrEnum):
    COMING = "coming"
    RUNNING = "running"
    DUE = "due"
    OVERDUE = "overdue"
    CONFIRMED = "confirmed"
    RETURNED = "returned"


@dataclass(frozen=True)
class Days:
    """All three days belong to what they name: the trial's first and last day, and the last day to go home."""

    starts_on: date
    ends_on: date
    return_until: date


def days_of(path: Switch | None, starts_on: date) -> Days | None:
    """The days that a ladder's path gives a trial that starts on this day; None where it declares no trial. The way
    home is open at least as long as the trial."""
    if path is None or not path.trial_months:
        return None
    ends_on = after_months(starts_on, path.trial_months) - timedelta(days=1)
    home = after_months(starts_on, path.return_months or 0) - timedelta(days=1)
    return Days(starts_on, ends_on, max(ends_on, home))


def after_months(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def standing(starts_on: date, ends_on: date, today: date, end: str | None) -> Standing:
    """Where a trial stands; `end` is how it ended, None while that is not decided."""
    if end is not None:
        return Standing(end)
    if today < starts_on:
        return Standing.COMING
    if today > ends_on:
        return Standing.OVERDUE
    return Standing.DUE if today >= ends_on - DECIDE_WITHIN else Standing.RUNNING
