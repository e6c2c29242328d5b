"""Types of case in the room: all are on the agenda, only steps up enter what is said of the bars."""

from portal.calibration.commands import run_bar_check
from portal.calibration.queries.rooms import cases_at
from portal.domain.case_flow import State
from portal.domain.case_types import CaseType
from tests.world import NOW, World


def test_a_switch_is_decided_here_and_left_out_of_the_comparison(world: World, client) -> None:
    promoted = world.case("sam", State.IN_CALIBRATION)
    switched = world.case("ada", State.IN_CALIBRATION, case_type=CaseType.SWITCH)
    assert {case.id for case in cases_at(world.s, world.cycle, "engineering", 3)} == {promoted.id, switched.id}
    check = run_bar_check(world.s, cycle=world.cycle, family_id="engineering", grade=3, actor=world.kim, at=NOW)
    assert [row["case"] for row in check.figures["evidence"]] == [promoted.id]
    world.commit()
    page = client(world.pia).get(f"/cycles/{world.cycle.slug}/calibration/3").text
    assert "Ada Marchetti" in page
    assert "1 case here is left out of every comparison of the bars below: Switch of track." in page


def test_a_smaller_role_says_that_nothing_is_scored(world: World, client) -> None:
    world.case("ron", State.IN_CALIBRATION, case_type=CaseType.STEP_DOWN, to="senior")
    world.commit()
    page = client(world.kim).get(f"/cycles/{world.cycle.slug}/calibration/3").text
    assert "nothing is scored" in page
    assert "no reviewer from another track" not in page
