"""The confidentiality matrix for what this room keeps, hat by hat and stage by stage."""

from types import SimpleNamespace

import pytest

from portal.domain.case_flow import State
from portal.domain.case_types import CaseType
from portal.models.case import Case, ConflictSource, Recusal
from portal.models.packet import Referee, RefereeState
from portal.models.person import Person
from portal.packets import policy
from tests.verdicts import only, verdicts
from tests.world import NOW, World

ROAD = (
    State.DRAFT,
    State.SUBMITTED,
    State.IN_REVIEW,
    State.IN_CALIBRATION,
    State.DECIDED,
    State.RELEASED,
    State.CLOSED,
)
# Nobody of these has a part before their turn; kim chairs, lou is deputy, ola sits on the committee, rex reviews,
# rob is a referee in these tests, dana is the manager's manager.
PEOPLE = ("ada", "max", "dana", "rob", "rex", "ola", "lou", "kim", "pia", "theo", "aud", "opal", "sam")


def who_may(world: World, case: Case, ask) -> set[str]:
    return {key for key in PEOPLE if ask(getattr(world, key), case)}


def with_referee(world: World, state: State, **kwargs) -> Case:
    """A case at a stage, reviewed by rex, rae and nat, on which rob is a referee."""
    case = world.case("ada", state, reviewers=("rex", "rae", "nat"), **kwargs)
    case.referees.append(
        Referee(
            person=world.rob,
            pseudonym="Referee X7Q",
            state=RefereeState.INVITED,
            answers={},
            proposed_by_id=world.ada.id,
            proposed_at=NOW,
        )
    )
    world.s.flush()
    return case


def packet(case: Case, submitted: bool = True) -> SimpleNamespace:
    return SimpleNamespace(case=case, submitted=submitted)


READERS = {
    State.DRAFT: {"ada"},
    State.SUBMITTED: {"ada", "max", "kim", "pia", "theo"},
    State.IN_REVIEW: {"ada", "max", "kim", "pia", "theo", "rex"},
    State.IN_CALIBRATION: {"ada", "max", "kim", "lou", "ola", "pia", "theo", "rex"},
    State.DECIDED: {"ada", "max", "kim", "lou", "ola", "pia", "theo", "rex"},
    State.RELEASED: {"ada", "max", "kim", "lou", "ola", "pia", "theo", "rex"},
    State.CLOSED: {"ada", "max", "kim", "lou", "ola", "pia", "theo", "rex"},
}


@pytest.mark.parametrize("state", ROAD)
def test_who_reads_the_packet(world: World, state: State) -> None:
    case = with_referee(world, state)
    place = packet(case, submitted=state is not State.DRAFT)
    assert who_may(world, case, lambda a, c: policy.can_read(a, place)) == READERS[state]


def test_a_draft_is_open_to_the_manager_once_shared(world: World) -> None:
    case = with_referee(world, State.DRAFT)
    assert policy.can_read_draft(world.max, case).hidden
    case.shared_with_manager = True
    assert who_may(world, case, policy.can_read_draft) == {"ada", "max"}


def test_nobody_reads_a_draft_that_is_none(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    case.shared_with_manager = True
    assert who_may(world, case, policy.can_read_draft) == set()


def test_the_packet_opens_to_a_reviewer_after_the_question_of_conflicts(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    case.assignments[0].no_conflict_at = None
    asked = policy.can_read_submitted(world.rex, case)
    assert (asked.allowed, asked.hidden) == (False, False)
    assert "conflict of interest" in asked.why


@pytest.mark.parametrize("person", ["rex", "ola", "kim", "pia"])
def test_the_recused_read_nothing_in_any_hat(world: World, person: str) -> None:
    case = world.case("ada", State.RELEASED)
    actor = getattr(world, person)
    declared = {"source": ConflictSource.DECLARED, "reason": "a friend", "declared_by_id": actor.id, "at": NOW}
    case.recusals.append(Recusal(person=actor, **declared))
    need = SimpleNamespace(case=case, ballot_closed=True, deferred=True)
    asked = [
        policy.can_read(actor, packet(case)),
        policy.can_open_statement(actor, case),
        policy.can_open_need(actor, need),
        policy.can_open_referees(actor, case),
    ]
    assert [(a.allowed, a.hidden) for a in asked] == [(False, True)] * 4


@pytest.mark.parametrize("state", ROAD)
def test_only_the_candidate_writes_the_packet(world: World, state: State) -> None:
    case = with_referee(world, state)
    assert who_may(world, case, policy.can_edit) == {"ada"}
    assert who_may(world, case, lambda a, c: policy.can_edit_part(a, packet(c))) == {"ada"}


def test_a_nomination_is_accepted_before_anything_is_written(world: World) -> None:
    case = world.case("ada")
    case.nominated_by_id = world.max.id
    for ask in (policy.can_edit, policy.can_propose):
        refused = ask(world.ada, case)
        assert (refused.allowed, refused.hidden) == (False, False)
    case.accepted_at = NOW
    assert policy.can_edit(world.ada, case)
    assert policy.can_propose(world.ada, case)


STATEMENT = {
    State.DRAFT: {"pia", "theo"},
    State.SUBMITTED: {"kim", "pia", "theo"},
    State.IN_REVIEW: {"kim", "pia", "theo"},
    State.IN_CALIBRATION: {"kim", "lou", "ola", "pia", "theo", "rex"},
    State.DECIDED: {"kim", "lou", "ola", "pia", "theo", "rex"},
    State.RELEASED: {"ada", "kim", "lou", "ola", "pia", "theo", "rex"},
    State.CLOSED: {"ada", "kim", "lou", "ola", "pia", "theo", "rex"},
}


@pytest.mark.parametrize("state", ROAD)
def test_who_reads_the_statement(world: World, state: State) -> None:
    case = with_referee(world, state)
    assert who_may(world, case, policy.can_read_statement) == STATEMENT[state]
    assert who_may(world, case, policy.can_write_statement) == {"max"}
    assert who_may(world, case, policy.can_open_statement) == {"max"} | STATEMENT[state]


def test_a_reviewer_reads_the_statement_only_after_sealing_their_own_review(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    assert policy.can_read_statement(world.rex, case).hidden
    world.seal(case, case.assignments[0], 3)
    assert policy.can_read_statement(world.rex, case)
    assert policy.can_read_statement(world.rob, case).hidden


@pytest.mark.parametrize("state", ROAD)
@pytest.mark.parametrize("ballot_closed", [False, True])
def test_who_reads_the_need_for_the_role(world: World, state: State, ballot_closed: bool) -> None:
    case = with_referee(world, state)
    need = SimpleNamespace(case=case, ballot_closed=ballot_closed, deferred=False)
    expected = {"max", "pia", "theo"} | ({"kim"} if state is not State.DRAFT else set())
    if ballot_closed and state not in (State.DRAFT, State.SUBMITTED, State.IN_REVIEW):
        expected |= {"lou", "ola"}
    assert who_may(world, case, lambda a, c: policy.can_open_need(a, need)) == expected
    assert who_may(world, case, lambda a, c: policy.can_write_need(a, need)) == {"max"}


def test_the_candidate_reads_the_need_after_release_and_only_if_deferred(world: World) -> None:
    released, decided = world.case("ada", State.RELEASED), world.case("mona", State.DECIDED)
    deferred = {"ballot_closed": True, "deferred": True}
    assert policy.can_open_need(world.ada, SimpleNamespace(case=released, **deferred))
    assert policy.can_open_need(world.ada, SimpleNamespace(case=released, ballot_closed=True, deferred=False)).hidden
    assert policy.can_open_need(world.mona, SimpleNamespace(case=decided, **deferred)).hidden


FEEDBACK = {
    State.DRAFT: {"pia", "theo"},
    State.SUBMITTED: {"kim", "pia", "theo"},
    State.IN_REVIEW: {"kim", "pia", "theo", "rex"},
    State.IN_CALIBRATION: {"kim", "lou", "ola", "pia", "theo", "rex"},
    State.DECIDED: {"kim", "lou", "ola", "pia", "theo", "rex"},
    State.RELEASED: {"ada", "kim", "lou", "ola", "pia", "theo", "rex"},
    State.CLOSED: {"ada", "kim", "lou", "ola", "pia", "theo", "rex"},
}


@pytest.mark.parametrize("state", ROAD)
def test_who_reads_what_referees_wrote_and_who_sees_that_they_were_asked(world: World, state: State) -> None:
    case = with_referee(world, state)
    assert who_may(world, case, policy.can_read_feedback) == FEEDBACK[state]
    assert who_may(world, case, policy.can_see_referees) == {"ada", "max", "pia", "theo"}
    assert who_may(world, case, policy.can_open_referees) == {"ada", "max"} | FEEDBACK[state]
    assert who_may(world, case, policy.can_give_feedback) == {"rob"}
    proposers = {"ada", "max", "pia", "theo"} if state is State.DRAFT else {"pia", "theo"}
    assert who_may(world, case, policy.can_propose) == proposers


def test_a_reviewer_who_has_not_answered_about_conflicts_reads_no_feedback(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    case.assignments[0].no_conflict_at = None
    assert policy.can_read_feedback(world.rex, case).hidden


@pytest.mark.parametrize(
    ("person", "grade", "why"),
    [
        ("rob", 4, ""),
        ("joe", 5, ""),
        ("ada", 3, "Nobody is a referee on their own case."),
        ("max", 4, "Ada Marchetti is in the reporting line of Max Brandt."),
        ("cleo", 7, "Ada Marchetti is in the reporting line of Cleo Acheson."),
        ("theo", 3, "Theo Vance is at grade 3; referees are at grade 4 or above, on any track."),
        ("aud", None, "Aud Nilsen has no level on a ladder of this cycle."),
    ],
)
def test_who_can_be_a_referee(world: World, person: str, grade: int | None, why: str) -> None:
    assert policy.not_eligible(getattr(world, person), world.case("ada"), grade) == why


def test_a_report_and_a_leaver_cannot_be_referees(world: World) -> None:
    assert policy.not_eligible(world.max, world.case("dana"), 4) == (
        "Max Brandt is in the reporting line of Dana Osei."
    )
    leaver = world.rob
    leaver.active = False
    assert policy.not_eligible(leaver, world.case("ada"), 4) == "Rob Silva no longer works here."


def test_those_who_declined_are_not_among_the_asked(world: World) -> None:
    case = with_referee(world, State.DRAFT)
    assert [r.person_id for r in policy.asked(case)] == [world.rob.id]
    case.referees[0].state = RefereeState.DECLINED
    assert policy.asked(case) == []


def test_snapshots_are_read_by_those_who_read_the_submitted_packet(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    assert policy.can_read_snapshot(world.max, packet(case))
    assert policy.can_read_snapshot(world.rex, packet(case)).hidden


def test_a_packet_without_results_asks_no_referees(world: World) -> None:
    case = world.case("ada", State.SUBMITTED, case_type=CaseType.SWITCH)
    assert who_may(world, case, policy.can_open_referees) == set()
    assert who_may(world, case, policy.can_propose) == set()


@pytest.mark.parametrize(
    ("grade", "families", "more", "crossing"),
    [
        (4, (), 3, True),
        (4, ("engineering",), 2, True),
        (4, ("engineering", "product"), 1, False),
        (4, ("engineering",) * 3, 0, True),
        (3, ("engineering",) * 3, 0, False),
    ],
)
def test_how_many_referees_and_from_where_a_packet_still_wants(
    grade: int, families: tuple[str, ...], more: int, crossing: bool
) -> None:
    case = Case(grade=grade, family_id="engineering", case_type=CaseType.PROMOTION)
    rows = [Referee(state=RefereeState.INVITED, person=Person(family_id=family)) for family in families]
    declined = Referee(state=RefereeState.DECLINED, person=Person(family_id="design"))
    assert policy.referees_wanted(case, [*rows, declined]) == (more, crossing)


def test_a_packet_without_results_wants_no_referee() -> None:
    case = Case(grade=5, family_id="engineering", case_type=CaseType.SWITCH)
    assert policy.referees_wanted(case, ()) == (0, False)


@pytest.mark.parametrize("state", ROAD)
@pytest.mark.parametrize("submitted", [False, True])
def test_a_file_is_read_by_those_who_read_what_it_hangs_on(world: World, state: State, submitted: bool) -> None:
    case = with_referee(world, state)
    case.shared_with_manager = True
    file = SimpleNamespace(case=case, in_draft=True, submitted=submitted)
    draft = {"ada", "max"} if state is State.DRAFT else {"ada"}
    snapshot = who_may(world, case, policy.can_read_submitted) if submitted else set()
    assert who_may(world, case, lambda a, c: policy.can_read_file(a, file)) == draft | snapshot


@pytest.mark.parametrize("state", ROAD)
def test_the_manager_comments_on_a_shared_draft_and_the_candidate_settles(world: World, state: State) -> None:
    case = world.case("ada", state)
    assert verdicts(world, policy.can_comment, case) == only(set())
    case.shared_with_manager = True
    drafted = state is State.DRAFT
    assert verdicts(world, policy.can_comment, case) == only({"max"} if drafted else set())
    assert verdicts(world, policy.can_settle_comment, packet(case)) == only({"ada"} if drafted else set())


def test_whoever_reviews_a_case_is_no_referee_on_it(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    assert policy.not_eligible(world.rob, case, 4) == "Rob Silva is asked to review this case."
