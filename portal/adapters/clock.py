"""The one place that asks what time it is, so that a test can hold the clock still."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment as an aware UTC datetime; every stored time comes from here."""
    return datetime.now(UTC)
