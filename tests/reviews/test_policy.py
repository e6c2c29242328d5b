"""Who may review, read, assign and recuse: every hat at every stage, as the confidentiality matrix has it."""

import pytest

from portal.domain.case_flow import FROM_REVIEW, State
from portal.models.anchor import AnchorPacket, AnchorReview, AnchorState
from portal.models.case import Assignment, ConflictSource, Recusal
from portal.models.packet import Referee
from portal.models.person import Role
from portal.models.planning import AssignmentRun
from portal.people import commands as people
from portal.reviews import commands, policy, queries
from portal.reviews.policy import Asked, Fitness, Standing
from tests.reviews.filling import sealed, seat
from tests.verdicts import only, verdicts
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


@pytest.mark.parametrize(
    ("who", "standing", "fitness"),
    [
        ("rob", Standing("ic", 4), Fitness()),
        ("joe", Standing("manager", 5), Fitness()),
        ("sam", Standing("ic", 3), Fitness(warning="Grade 3, one below the target grade.")),
        ("sam", Standing("ic", 2), Fitness("Their grade is 2; the case is for grade 4.")),
        ("sam", None, Fitness("They have no graded level on a ladder of this cycle.")),
        ("max", Standing("manager", 4), Fitness("Ada Marchetti is in their reporting line.")),
        ("ada", Standing("ic", 3), Fitness("It is their own case.")),
        ("pia", None, Fitness("As a people partner they could read the other reviews before sealing their own.")),
        ("aud", None, Fitness("As an auditor they could read the other reviews before sealing their own.")),
    ],
)
def test_who_can_be_asked_to_review(world: World, who: str, standing: Standing | None, fitness: Fitness) -> None:
    assert policy.fitness(getattr(world, who), world.case("ada"), standing, ()) == fitness


def test_a_leaver_is_not_asked(world: World) -> None:
    world.rob.active = False
    assert policy.why_not(world.rob, world.case("ada"), ()) == "They have left."


def test_a_sealed_review_gets_another_version_until_the_review_is_over(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.seal(case, seat(case, world.rex), 3)
    found = verdicts(world, policy.can_amend, case)
    unsealed = "Your review is not sealed; it can simply be changed."
    assert (found.allowed, found.denied) == ({"rex"}, dict.fromkeys(["rob", "rae"], unsealed))
    late = "A sealed review gets no new version once its case has left the review."
    for key, state in (("mona", State.IN_CALIBRATION), ("ivy", State.DECIDED), ("ron", State.RELEASED)):
        assert verdicts(world, policy.can_amend, world.case(key, state)) == only(set(), late, {"rex", "rob", "rae"})


def test_a_review_is_declined_until_it_is_sealed(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.seal(case, seat(case, world.rex), 3)
    refused = "There is no review of yours left to decline."
    assert verdicts(world, policy.can_decline, case) == only({"rob", "rae"}, refused, {"rex"})


def test_a_people_partner_sets_until_when_a_referee_answers(world: World) -> None:
    asked = Referee(person_id=world.rob.id, case=world.case("ada"))
    with world.s.no_autoflush:
        assert verdicts(world, policy.can_set_feedback_due, asked) == only({"pia", "theo"})


def test_what_another_reported_is_confirmed_by_the_person_or_a_keeper(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    said = {"source": ConflictSource.BY_OTHER, "reason": "friends", "declared_by_id": world.pia.id, "at": NOW}
    report = Recusal(case=case, person_id=world.rex.id, pending=True, **said)
    with world.s.no_autoflush:
        assert verdicts(world, policy.can_confirm, report) == only({"rex", "kim", "pia", "theo"})
        report.pending = False
        assert verdicts(world, policy.can_confirm, report) == only({"kim", "pia", "theo"})


def test_a_conflict_leaves_its_writer_what_they_sealed_and_nothing_else(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.seal(case, seat(case, world.rex), 3)
    assert verdicts(world, policy.can_read_frozen, case) == only(set())
    for person in (world.rex, world.rob):
        said = {"source": ConflictSource.DECLARED, "reason": "", "declared_by_id": person.id, "at": NOW}
        case.recusals.append(Recusal(person_id=person.id, **said))
    assert verdicts(world, policy.can_read_frozen, case) == only({"rex"})


def test_a_search_for_reviewers_is_kept_by_whoever_asked_for_it(world: World) -> None:
    run = {who: AssignmentRun(asked_by_id=getattr(world, who).id) for who in ("pia", "rex")}
    assert verdicts(world, policy.can_keep_run, run["pia"]) == only({"pia"})
    assert verdicts(world, policy.can_keep_run, run["rex"]) == only(set())


def test_anchor_packets_are_kept_by_people_partners_but_not_one_of_their_own(world: World) -> None:
    assert verdicts(world, policy.can_keep_anchors) == only({"pia", "theo"})
    assert verdicts(world, policy.can_keep_anchor, AnchorPacket()) == only({"pia", "theo"})
    own = AnchorPacket(copied_from=world.case("theo", State.CLOSED))
    assert verdicts(world, policy.can_keep_anchor, own) == only({"pia"})


@pytest.mark.parametrize(
    ("state", "home", "begun", "known"),
    [
        (AnchorState.DRAFT, "ic", True, False),
        (AnchorState.OPEN, "ic", False, True),
        (AnchorState.OPEN, "", True, True),
        (AnchorState.OPEN, "", False, False),
        (AnchorState.CLOSED, "ic", True, True),
        (AnchorState.CLOSED, "ic", False, False),
    ],
)
def test_an_anchor_packet_is_scored_by_those_asked_while_it_is_open(
    world: World, state: AnchorState, home: str, begun: bool, known: bool
) -> None:
    asked = Asked(AnchorPacket(state=state), home, AnchorReview() if begun else None)
    keepers = {"pia", "theo"}
    assert verdicts(world, policy.can_score_anchor, asked) == only(set(world.everyone) - keepers if known else set())
