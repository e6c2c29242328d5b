"""The order of business: tracks in turn, disagreement first, the same for everybody, and what to look at."""

from sqlalchemy import update

from portal.calibration.queries.agenda import Item, agenda
from portal.calibration.queries.scores import Sheet, sheets_at
from portal.calibration.queries.table import case_rows
from portal.domain.case_flow import State
from portal.models.case import Case
from portal.models.review import NoScore, Score
from tests.calibration.places import table
from tests.world import NOW, World


def items_of(world: World, cases: list[Case], seed: str = "seed") -> list[Item]:
    """Their items in order, whatever the order they come in."""
    rows = {row.id: row for row in case_rows(world.s, world.cycle.id)}
    sheets = sheets_at(world.s, cycle_id=world.cycle.id, grade=4)
    return agenda([rows[case.id] for case in cases], sheets, seed)


def order(world: World, cases: list[Case], seed: str = "seed") -> list[Case]:
    known = {case.id: case for case in cases}
    return [known[item.case.id] for item in items_of(world, cases, seed)]


def test_tracks_take_turns_and_the_disputed_come_first(world: World) -> None:
    cases = [case for at, case in enumerate(table(world, 8)) if at % 4 < 2]  # third scores 0 and 1: all split
    ordered = order(world, cases)
    kinds = [case.track_kind for case in ordered]
    assert kinds in (["ic", "manager"] * 2, ["manager", "ic"] * 2)


def test_unanimous_cases_come_last_and_together(world: World) -> None:
    cases = table(world, 8)
    items = items_of(world, cases)
    alike = [item.unanimous for item in items]
    assert alike == sorted(alike)
    at = {case.id: n for n, case in enumerate(cases)}
    assert {at[item.case.id] % 4 for item in items if item.unanimous} == {3}


def test_within_a_track_the_disputed_come_first(world: World) -> None:
    cases = table(world, 8)
    ordered = order(world, cases)
    for kind in ("ic", "manager"):
        third_scores = [cases.index(case) % 4 for case in ordered if case.track_kind == kind]
        assert third_scores == sorted(third_scores, key=lambda given: -abs(3 - given))


def test_the_order_depends_on_the_seed_and_on_nothing_else(world: World) -> None:
    cases = table(world, 8)
    assert order(world, cases) == order(world, cases[::-1])
    orders = {tuple(case.id for case in order(world, cases, f"seed {n}")) for n in range(8)}
    assert len(orders) > 1


def test_leaving_a_case_out_leaves_the_others_in_their_order(world: World) -> None:
    cases = table(world, 6)
    full = order(world, cases)
    for kind in ("ic", "manager"):
        without = [case for case in order(world, [c for c in cases if c is not full[0]]) if case.track_kind == kind]
        assert without == [case for case in full[1:] if case.track_kind == kind]


def test_more_of_one_track_follow_at_the_end(world: World) -> None:
    cases = [c for c in table(world, 6) if c.track_kind == "ic"]
    assert len(order(world, cases)) == 3


def test_a_quiet_case_has_nothing_to_look_at(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    (item,) = items_of(world, [case])
    assert (item.flags, item.reviews, item.voting, item.outcome, item.approved) == ((), 3, "not_opened", None, None)


def test_what_deserves_a_look_is_flagged(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    must = next(c.id for c in world.rubric(case).competencies if c.must_have is not None)
    everything = {c.id: 3 for c in world.rubric(case).competencies}
    sheets = [Sheet("a", "ic", {**everything, must: None}), Sheet("b", "ic", {must: None})]
    (row,) = case_rows(world.s, world.cycle.id)
    (item,) = agenda([row._replace(waived=True)], {case.id: sheets}, "seed")
    assert item.flags == ("must_have_not_assessed", "single_review", "no_cross_track", "review_waived")
    apart = [Sheet("a", "manager", everything), Sheet("b", "ic", {**everything, must: 1})]
    (item,) = agenda([row], {case.id: apart}, "seed")
    assert item.flags == ("wide_disagreement",)


def test_a_waived_review_is_told_from_the_row(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    case.assignments[0].waived_at = NOW
    world.s.flush()
    (item,) = items_of(world, [case])
    assert item.flags == ("review_waived",)


def test_scores_come_by_case_and_review_with_the_missing_as_missing(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION, scores=(3, 2, 4))
    first = case.assignments[0].review.scores[0]
    missing = {"value": None, "no_score": NoScore.NO_EVIDENCE}
    world.s.execute(
        update(Score)
        .where(Score.review_id == first.review_id, Score.competency_id == first.competency_id)
        .values(missing)
    )
    sheets = sheets_at(world.s, cycle_id=world.cycle.id, grade=4)[case.id]
    given = {sheet.reviewer_id: sheet.values[first.competency_id] for sheet in sheets}
    assert given == {world.rex.id: None, world.rob.id: 2, world.rae.id: 4}
    assert {sheet.home for sheet in sheets} == {"ic", "manager"}
    assert isinstance(first, Score)
