"""When to remind: before, on and after the day; one reminder for several missed ones; none from before the asking."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.chasing import Rules, step_due, steps

DUE = datetime(2026, 4, 20, 12, tzinfo=UTC)
ASKED = DUE - timedelta(days=30)
RULES = Rules((7, 2), 3)


@pytest.mark.parametrize(
    ("days", "code"),
    [
        (-8, None),
        (-7, "before-7"),
        (-3, "before-7"),
        (-2, "before-2"),
        (0, "due"),
        (2, "due"),
        (3, "late"),
        (90, "late"),
    ],
)
def test_the_newest_step_whose_moment_has_come(days: int, code: str | None) -> None:
    step = step_due(RULES, ASKED, DUE, DUE + timedelta(days=days))
    assert (step.code if step else None) == code


def test_only_the_last_step_tells_others() -> None:
    assert [(one.code, one.escalates) for one in steps(RULES, ASKED, DUE)] == [
        ("before-7", False),
        ("before-2", False),
        ("due", False),
        ("late", True),
    ]


def test_nobody_is_reminded_of_what_was_just_asked() -> None:
    asked = DUE - timedelta(days=5)
    assert step_due(RULES, asked, DUE, asked + timedelta(hours=1)) is None


@given(st.lists(st.integers(0, 60), max_size=6), st.integers(1, 30), st.integers(-70, 70))
def test_asking_later_never_goes_back_a_step(days: list[int], late: int, at: int) -> None:
    rules, moment = Rules(days, late), DUE + timedelta(days=at)
    first, second = (step_due(rules, ASKED, DUE, moment + timedelta(days=n)) for n in (0, 1))
    assert first is None or (second is not None and first.at <= second.at <= moment + timedelta(days=1))
