"""What the committee moved in calibration stands in the letter: which way and why, never by how much nor by whom."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.letters.checks import problems_of
from portal.letters.commands import prepare
from portal.letters.queries.sources import changes_before, sources_of
from portal.models.calibration_session import CalibrationSession, ChangeReason, PositionChange
from tests.letters.stages import confirmed, prepared
from tests.world import NOW, World


def moved(world: World, case_id: str, competency: str, old: float | None, new: float, at: datetime = NOW) -> None:
    session = world.s.scalar(select(CalibrationSession)) or CalibrationSession(
        cycle_id=world.cycle.id,
        family_id="engineering",
        grade=4,
        seed="spring-2026/engineering/4/1",
        agenda=[case_id],
        box_minutes=10,
        opened_by_id=world.kim.id,
        opened_at=NOW,
        touched_at=NOW,
    )
    world.s.add(session)
    world.s.flush()
    said: dict[str, Any] = {"reason": ChangeReason.EVIDENCE_OVERLOOKED, "note": "Kim pointed at row 2.", "cites": []}
    people = {"proposer_id": world.nat.id, "by_id": world.kim.id}
    change = PositionChange(
        session_id=session.id, case_id=case_id, competency_id=competency, old=old, new=new, at=at, **said, **people
    )
    world.s.add(change)
    world.s.flush()


@pytest.mark.parametrize(
    ("old", "new", "way"),
    [(2.0, 3.0, "raised"), (3.0, 2.5, "lowered"), (None, 3.0, "assessed, where the reviewers could not")],
)
def test_a_letter_says_which_way_and_why(world: World, old: float | None, new: float, way: str) -> None:
    decision = confirmed(world, "ada")
    moved(world, decision.case_id, "direction", old, new)
    letter = prepare(world.s, decision=decision, actor=world.pia, at=NOW)
    why = "evidence in the packet had been overlooked"
    assert letter.data["changes"] == [{"competency": "Technical direction", "way": way, "why": why}]
    assert problems_of(letter.data, letter.data_sha256, sources_of(world.s, decision), forbidden_names=[]) == ()


def test_what_is_moved_after_the_decision_is_not_in_its_letter(world: World) -> None:
    decision = confirmed(world, "ada")
    moved(world, decision.case_id, "direction", 2.0, 3.0, at=decision.recorded_at + timedelta(minutes=1))
    assert changes_before(world.s, decision) == ()


def test_a_letter_that_leaves_a_change_out_is_not_issued(world: World) -> None:
    letter = prepared(world)
    moved(world, letter.case_id, "direction", 2.0, 3.0)
    found = problems_of(letter.data, letter.data_sha256, sources_of(world.s, letter.decision), forbidden_names=[])
    assert "The changes in the letter are not those the committee made. Prepare the letter again." in found
