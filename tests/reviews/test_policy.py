"""Who may review, read, assign and recuse: every hat at every stage, as the confidentiality matrix has it."""

import pytest

from portal.domain.case_flow import FROM_REVIEW, State
from portal.models.case import Assignment
from portal.models.person import Role
from portal.people import commands as people
from portal.reviews import commands, policy, queries
from tests.reviews.filling import sealed, seat
from tests.world import NOW, World

STAGES = (State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.IN_CALIBRATION, State.DECIDED, State.RELEASED)
ASKED = ("ada", "max", "ivy", "rex", "rob", "kim", "lou", "nat", "pia", "theo", "aud", "opal", "sam")


def allowed(world: World, can, case) -> set[str]:
    return {key for key in ASKED if can(getattr(world, key), case)}


@pytest.mark.parametrize("stage", STAGES)
def test_a_review_is_opened_by_its_reviewer_only(world: World, stage: State) -> None:
    case = world.case("ada", stage)
    assert allowed(world, policy.can_review, case) == ({"rex", "rob"} if stage in FROM_REVIEW else set())
    assert allowed(world, policy.can_write, case) == ({"rex", "rob"} if stage is State.IN_REVIEW else set())


@pytest.mark.parametrize(
    ("stage", "who"),
    [
        (State.DRAFT, set()),
        (State.SUBMITTED, set()),
        (State.IN_REVIEW, {"rex", "kim", "pia", "theo"}),
        (State.IN_CALIBRATION, {"rex", "rob", "kim", "lou", "nat", "pia", "theo"}),
        (State.DECIDED, {"rex", "rob", "kim", "lou", "nat", "pia", "theo"}),
        (State.RELEASED, {"rex", "rob", "kim", "lou", "nat", "pia", "theo"}),
    ],
)
def test_reviews_are_read_by_those_who_sealed_decide_or_keep_the_case(world: World, stage: State, who: set) -> None:
    case = world.case("ada", stage)
    if stage is State.IN_REVIEW:
        world.seal(case, seat(case, world.rex), 3)
    assert allowed(world, policy.can_read_reviews, case) == who
    hidden = {key for key in ASKED if policy.can_read_reviews(getattr(world, key), case).hidden}
    assert hidden == set(ASKED) - who
    named = {key for key in ASKED if policy.can_see_names(getattr(world, key), case)}
    assert named == who - {"rex", "rob"}


@pytest.mark.parametrize("stage", STAGES)
def test_a_people_partner_without_a_conflict_assigns(world: World, stage: State) -> None:
    case = world.case("theo", stage)
    assert allowed(world, policy.can_assign, case) == {"pia"}
    assert allowed(world, policy.can_keep_conflicts, case) == ({"pia"} if stage is State.DRAFT else {"pia", "kim"})


def test_a_chair_who_reviews_reads_nothing_before_sealing(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW, reviewers=("kim", "rob", "rae"))
    world.seal(case, seat(case, world.rob), 4)
    assert policy.can_read_reviews(world.kim, case).hidden
    sealed(world, case, world.kim)
    assert policy.can_read_reviews(world.kim, case)


def test_a_reviewer_who_becomes_people_partner_reads_and_runs_nothing_before_sealing(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    people.grant(world.s, actor=None, person=world.rex, role=Role.PEOPLE_PARTNER, at=NOW)
    others = (policy.can_assign, policy.can_keep_conflicts, policy.can_read_reviews)
    assert [can(world.rex, case).hidden for can in others] == [True, True, True]
    assert queries.board(world.s, world.cycle, world.rex).cases == ()
    sealed(world, case, world.rex)
    assert [can(world.rex, case).allowed for can in others] == [True, True, True]
    assert [row.candidate for row in queries.board(world.s, world.cycle, world.rex).cases] == ["Ada Marchetti"]


def test_a_waived_committee_member_reads_as_the_committee_does(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW, reviewers=("nat", "rob", "rex"))
    commands.waive(world.s, assignment=seat(case, world.nat), actor=world.pia, reason="ill", at=NOW)
    assert policy.can_read_reviews(world.nat, case).hidden
    for who in ("rob", "rex"):
        sealed(world, case, getattr(world, who))
    commands.send_to_calibration(world.s, case=case, actor=world.pia, at=NOW)
    assert policy.can_read_reviews(world.nat, case)


@pytest.mark.parametrize(
    ("bring", "why"),
    [
        (lambda w, c: setattr(seat(c, w.rex), "no_conflict_at", None), "First say whether you have a conflict"),
        (lambda w, c: world_seal(w, c), "You have sealed this review"),
        (lambda w, c: setattr(seat(c, w.rex), "waived_at", NOW), "You were released from this review"),
    ],
)
def test_a_review_that_cannot_be_written_says_why(world: World, bring, why: str) -> None:
    case = world.case("ada", State.IN_REVIEW)
    bring(world, case)
    verdict = policy.can_write(world.rex, case)
    assert (verdict.allowed, verdict.hidden) == (False, False)
    assert verdict.why.startswith(why)


def world_seal(world: World, case) -> None:
    world.seal(case, seat(case, world.rex), 3)


def test_a_closed_review_says_so(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    row: Assignment = seat(case, world.rex)
    case._state = State.IN_CALIBRATION
    assert policy.can_write(world.rex, case).why == "This case is no longer in review."
    assert policy.own_assignment(world.rex, case) is row


def test_a_conflict_is_declared_by_whoever_has_a_part(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    assert allowed(world, policy.can_declare, case) == {"rex", "rob", "kim", "pia", "theo", "aud"}
    refused = {key for key in ASKED if not policy.can_declare(getattr(world, key), case).hidden} - {
        *allowed(world, policy.can_declare, case)
    }
    assert refused == {"ada", "max"}


def test_the_board_is_the_people_partners(world: World) -> None:
    assert allowed(world, policy.can_see_board, world.cycle) == {"pia", "theo"}


def test_lifting_and_changing_follow_the_case(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    row = commands.recuse(world.s, case=case, person=world.theo, actor=world.theo, reason="", at=NOW)
    assert {key for key in ASKED if policy.can_lift(getattr(world, key), row)} == {"pia", "kim"}
    assert {key for key in ASKED if policy.can_change_assignment(getattr(world, key), case.assignments[0])} == {"pia"}


def test_everyone_has_a_queue_and_it_equals_the_policy(world: World) -> None:
    made = [world.case(key, State.IN_REVIEW) for key in ("ada", "mona", "ivy")]
    commands.recuse(world.s, case=made[0], person=world.rob, actor=world.rob, reason="", at=NOW)
    people.set_manager(world.s, actor=world.pia, person=world.rae, manager=world.ivy, at=NOW)
    for key, person in world.everyone.items():
        assert policy.can_list(person)
        listed = {task.case_id for task in queries.queue(world.s, person)}
        assert listed == {case.id for case in made if policy.can_review(person, case)}, key


def test_who_wrote_a_statement_does_not_review_the_case(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    assert policy.why_not(world.rex, case, [world.rex.id]) == "They wrote a statement on this case."
