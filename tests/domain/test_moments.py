"""A moment is told by the clock of whoever reads it, with the zone."""

from datetime import UTC, datetime

import pytest

from portal.domain.moments import told


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Europe/Berlin", "16 Mar 2026, 23:30 (Europe/Berlin)"),
        ("Asia/Tokyo", "17 Mar 2026, 07:30 (Asia/Tokyo)"),
        ("UTC", "16 Mar 2026, 22:30 (UTC)"),
    ],
)
def test_a_moment_is_told_by_the_readers_clock(zone: str, text: str) -> None:
    assert told(datetime(2026, 3, 16, 22, 30, tzinfo=UTC), zone) == text
