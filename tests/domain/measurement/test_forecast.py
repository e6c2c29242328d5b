"""The forecast of a design: deterministic, better with more cases, and refused where the design cannot speak."""

import numpy as np
import pytest

from portal.domain.measurement import Forecast, forecast


def design(n: int, *, crossed: bool = True, committees: tuple[str, str] = ("one", "one")) -> dict[str, object]:
    """n cases a track, three reviews each by eight reviewers, four of each home."""
    track = np.repeat([0, 1], n)
    case = np.repeat(np.arange(2 * n), 3)
    turn = (np.arange(case.size) % 4) * 2
    side = (np.arange(case.size) // 4) % 2 if crossed else track[case]
    return {
        "case": case,
        "reviewer": turn + side,
        "track": track,
        "home": np.arange(8) % 2,
        "committee": [committees[t] for t in track],
    }


def foreseen(n: int, **how: object) -> Forecast:
    plan = design(n, **how)  # type: ignore[arg-type]
    return forecast(plan.pop("case"), plan.pop("reviewer"), plan.pop("track"), draws=12, **plan)  # type: ignore[arg-type]


def test_the_same_design_gives_the_same_forecast() -> None:
    assert foreseen(10) == foreseen(10)


def test_more_cases_make_a_conclusion_likelier() -> None:
    few, many = foreseen(6), foreseen(80)
    assert few.chance < 0.3
    assert many.chance > 0.7
    assert (many.reason, many.more) == ("inside_margin", 0)


def test_panels_that_never_cross_cannot_conclude() -> None:
    assert (foreseen(40, crossed=False).chance, foreseen(40, crossed=False).reason) == (0.0, "no_link")


def test_two_committees_cannot_conclude() -> None:
    found = foreseen(40, committees=("one", "other"))
    assert (found.chance, found.reason) == (0.0, "no_shared_committee")


@pytest.mark.parametrize("track", [[0, 0], [1, 1]])
def test_one_track_alone_has_nothing_to_draw(track: list[int]) -> None:
    found = forecast([0, 1], [0, 0], track, home=[0], committee=["a", "a"])
    assert found == (0.0, 0.0, "too_few_decisions", None, 0)
