"""The ways forward: what each asks, and the gap from one's own last self-assessment, which nobody else sees."""

from datetime import timedelta
from typing import Any

import pytest

from portal.domain.case_flow import State
from portal.domain.rubric_files import read_folder
from portal.ladders.paths import ways_from
from portal.ladders.queries import SelfView, last_self_view
from portal.models.packet import SelfAssessment
from portal.settings import ROOT
from tests.world import NOW, World

FAMILIES = read_folder(ROOT / "rubrics").families
ENGINEERING, PRODUCT = FAMILIES["engineering"], FAMILIES["product"]


def view(**by_pillar: float) -> SelfView:
    return SelfView(by_pillar, "Staff Engineer", 4, NOW)


def test_staying_comes_first_then_up_then_across() -> None:
    found = ways_from(ENGINEERING, ENGINEERING.level("senior"), None)
    assert [(way.kind, way.level.id) for way in found] == [("stay", "senior"), ("up", "staff"), ("across", "em")]


def test_the_top_has_no_way_up_and_an_advisor_is_a_way_of_its_own() -> None:
    top = ENGINEERING.levels_of("ic")[-1]
    assert "up" not in {way.kind for way in ways_from(ENGINEERING, top, None)}
    into = [switch.from_level for switch in PRODUCT.switches if switch.to_level == "advisor"]
    kinds = [way.kind for way in ways_from(PRODUCT, PRODUCT.level(into[0]), None)]
    assert kinds[-1] == "advisor"


def test_a_switch_carries_some_pillars_and_assesses_the_others() -> None:
    across = ways_from(ENGINEERING, ENGINEERING.level("senior"), None)[2]
    treated = {step.pillar.id: step.treated for step in across.steps}
    assert treated == {
        "outcomes": "carried",
        "direction": "carried",
        "craft": "assessed",
        "growth": "assessed",
        "conduct": "carried",
    }


def test_the_gap_is_what_the_bar_asks_beyond_ones_own_view() -> None:
    up = ways_from(ENGINEERING, ENGINEERING.level("senior"), view(direction=2.0, outcomes=3.0))[1]
    steps = {step.pillar.id: step for step in up.steps}
    assert (steps["direction"].asked, steps["direction"].gap) == (3.0, 1.0)  # a must-have
    assert (steps["outcomes"].asked, steps["outcomes"].gap) == (2.7, 0.0)  # the mean of the whole
    assert (steps["craft"].own, steps["craft"].gap) == (None, None)


def test_what_is_carried_and_what_has_no_bar_has_no_gap() -> None:
    across = ways_from(ENGINEERING, ENGINEERING.level("senior"), view(direction=0.0))[2]
    assert {step.gap for step in across.steps if step.treated == "carried"} == {None}
    barless = ENGINEERING.model_copy(update={"bars": ()})
    up = ways_from(barless, barless.level("senior"), view(direction=0.0))[1]
    assert {step.gap for step in up.steps} == {None}


@pytest.fixture
def assessed(world: World) -> World:
    """Ada has put herself at 2 on direction and left the rest open."""
    case = world.case("ada", State.DRAFT)
    for competency, value in (("direction", 2), ("depth", None)):
        row = SelfAssessment(case_id=case.id, competency_id=competency, value=value, saved_at=NOW)
        world.s.add(row)
    world.commit()
    return world


def test_the_last_self_view_is_of_ones_own_newest_case(assessed: World) -> None:
    found = last_self_view(assessed.s, assessed.ada)
    assert found == SelfView({"direction": 2.0}, "Staff Engineer", 4, NOW)
    assert last_self_view(assessed.s, assessed.ivy) is None


def test_an_older_case_is_not_mixed_in(world: World) -> None:
    old = world.case("ada", State.WITHDRAWN)
    new = world.case("ada", State.DRAFT)
    new.created_at = NOW + timedelta(days=1)
    for case, value in ((old, 0), (new, 3)):
        world.s.add(SelfAssessment(case_id=case.id, competency_id="direction", value=value, saved_at=NOW))
    world.commit()
    found = last_self_view(world.s, world.ada)
    assert found is not None
    assert found.by_pillar == {"direction": 3.0}


def test_the_page_opens_at_ones_own_level(assessed: World, client: Any) -> None:
    page = client(assessed.ada).get("/ladders/engineering/paths").text
    assert "Ways forward from Senior Engineer" in page
    assert "You saw yourself at 2.0; the bar asks for 3.0. 1.0 to grow into." in page


def test_nobody_else_and_from_nowhere_else_sees_the_gap(assessed: World, client: Any) -> None:
    for who in ("ivy", "max", "pia", "kim"):
        page = client(getattr(assessed, who)).get("/ladders/engineering/paths?from=senior").text
        assert "You saw yourself" not in page, who
    page = client(assessed.ada).get("/ladders/engineering/paths?from=staff").text
    assert "You saw yourself" not in page


def test_without_a_level_here_the_lowest_is_shown(world: World, client: Any) -> None:
    assert "Ways forward from Software Engineer I" in client(world.pia).get("/ladders/engineering/paths").text
    assert "Ways forward from Associate Product Manager" in client(world.ada).get("/ladders/product/paths").text


@pytest.mark.parametrize("level", [level.id for level in PRODUCT.levels])
def test_every_level_of_a_ladder_has_the_page(world: World, client: Any, level: str) -> None:
    answer = client(world.sam).get(f"/ladders/product/paths?from={level}")
    assert (answer.status_code, "Staying" in answer.text) == (200, True)


def test_what_is_on_no_ladder_is_not_found(world: World, client: Any) -> None:
    assert client(world.sam).get("/ladders/engineering/paths?from=law").status_code == 404
    assert client(world.sam).get("/ladders/law/paths").status_code == 404


def test_map_and_level_lead_to_the_ways_forward(world: World, client: Any) -> None:
    assert "/ladders/engineering/paths?from=senior" in client(world.ada).get("/ladders/engineering").text
    assert "/ladders/engineering/paths?from=staff" in client(world.ada).get("/ladders/engineering/levels/staff").text


def test_a_finding_comes_with_its_principle_and_its_remedy(world: World, client: Any) -> None:
    page = client(world.pia).get("/ladders/product").text
    assert "Peer levels are declared, never assumed, and what is declared holds." in page
    assert "Remedy: Give both levels the same grade, or mark the claim as disputed." in page


def test_pay_bars_are_drawn_for_people_partners_only(world: World, client: Any) -> None:
    with_pay = client(world.pia).get("/ladders/engineering").text.count('class="split"')
    without = client(world.sam).get("/ladders/engineering").text.count('class="split"')
    assert with_pay - without == len([band for band in ENGINEERING.bands if band.base.p25])
