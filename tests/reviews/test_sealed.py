"""The scores that count, as calibration reads them."""

from portal.domain.case_flow import State
from portal.models.packet import Referee, RefereeState
from portal.models.review import NoScore
from portal.people import commands as people
from portal.reviews import commands, queries
from portal.reviews.commands import ScoreInput
from tests.reviews.filling import saved, scores, sealed, seat
from tests.statements import statements
from tests.world import NOW, World


def test_an_unsealed_review_counts_for_nothing(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    saved(world, case, world.rex)
    assert queries.sealed_scores(world.s, case) == []
    assert queries.position_of(world.s, case).overall is None


def test_what_could_not_be_assessed_stays_missing(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    given = scores(world, case, 4) | {"ships": ScoreInput(None, NoScore.OUTSIDE_MY_FIELD)}
    row = seat(case, world.rex)
    review = commands.save_review(world.s, assignment=row, actor=world.rex, scores=given, summary="", version=0, at=NOW)
    commands.seal(world.s, review=review, actor=world.rex, at=NOW)
    sealed(world, case, world.rob, value=2)
    first, second = queries.sealed_scores(world.s, case)
    assert (first["ships"], second["ships"]) == (None, 2)
    found = {c.id: (c.mean, c.count) for c in queries.position_of(world.s, case).competencies}
    assert (found["ships"], found["depth"]) == ((2.0, 1), (3.0, 2))


def test_a_conflict_that_comes_up_later_takes_the_review_out(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION, scores=(4, 2, 3))
    assert [set(s.values()) for s in queries.sealed_scores(world.s, case)] == [{4}, {2}, {3}]
    people.set_manager(world.s, actor=world.pia, person=world.ada, manager=world.rae, at=NOW)
    case.referees.append(
        Referee(
            person=world.rob,
            pseudonym="A",
            state=RefereeState.INVITED,
            answers={},
            proposed_by_id=case.candidate_id,
            proposed_at=NOW,
        )
    )
    world.s.flush()
    assert [set(s.values()) for s in queries.sealed_scores(world.s, case)] == [{4}]
    counted = {r.reviewer_id for r in queries.measurement_rows(world.s, cycle_id=case.cycle_id)}
    assert counted == {world.rex.id}


def test_measurement_reads_a_grade_of_both_tracks_in_one_statement(world: World, engine) -> None:
    made = [world.case(key, State.IN_CALIBRATION) for key in ("ada", "mona")]
    waiting = world.case("ivy", State.IN_REVIEW)
    sealed(world, waiting, world.rex)
    world.commit()
    with statements(engine) as sent:
        rows = queries.measurement_rows(world.s, cycle_id=made[0].cycle_id, grade=4, family_id="engineering")
    assert len(sent) == 1
    assert {(r.case_id, r.track_kind) for r in rows} == {(made[0].id, "ic"), (made[1].id, "manager")}
    assert {(r.reviewer_id, r.home) for r in rows} == {
        (world.rex.id, "ic"),
        (world.rob.id, "ic"),
        (world.rae.id, "manager"),
    }
    assert {r.value for r in rows} == {3}
    assert len(rows) == sum(3 * len(world.rubric(case).competencies) for case in made)
    assert queries.measurement_rows(world.s, cycle_id=made[0].cycle_id, grade=5) == []
