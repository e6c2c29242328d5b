"""Numbers as people read them."""

import pytest
from flask import Flask

from portal.web.filters import number


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [(0.5, 2, "0.50"), (-0.53, 2, "−0.53"), (-0.001, 2, "0.00"), (-3.0, 0, "−3"), (None, 2, "–")],
)
def test_a_number_below_zero_has_a_true_minus(app: Flask, value: float | None, places: int, shown: str) -> None:
    with app.test_request_context():
        assert number(value, places) == shown
