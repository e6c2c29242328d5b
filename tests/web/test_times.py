"""Times are shown by the viewer's clock, with a zone people can name; numbers by the viewer's language."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_login import login_user

from portal.web.filters import number, when
from tests.world import World

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "locale", "shown"),
    [
        ("UTC", "en", "1 Dec 2026, 12:00 UTC"),
        ("Europe/Berlin", "en_GB", "1 Dec 2026, 13:00 CET"),
        ("Asia/Singapore", "en", "1 Dec 2026, 20:00 UTC+08:00"),
        ("America/Sao_Paulo", "en", "1 Dec 2026, 09:00 UTC-03:00"),
        ("Nowhere/At_all", "en", "1 Dec 2026, 12:00 UTC"),
    ],
)
def test_a_moment_is_shown_by_the_viewers_clock(app: Flask, world: World, zone: str, locale: str, shown: str) -> None:
    world.ada.timezone, world.ada.locale = zone, locale
    with app.test_request_context():
        login_user(world.ada)
        assert when(NOON) == f'<time datetime="2026-12-01T12:00+00:00">{shown}</time>'


def test_no_zero_has_a_sign_whatever_was_written_before_it(app: Flask) -> None:
    with app.test_request_context():
        assert [number(value) for value in (-0.004, 0.0, -0.0, 0)] == ["0.00"] * 4
