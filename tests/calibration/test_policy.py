"""Who may enter, see, vote and run the check: by hat, at every stage."""

from typing import Any

import pytest

from portal.calibration import policy
from portal.calibration.policy import Published, Room, Sitting, SittingCase
from portal.domain.case_flow import State
from portal.models.calibration import Choice, PublishedStatement
from portal.models.calibration_session import CalibrationSession
from portal.models.case import Case
from tests.calibration.places import recuse
from tests.verdicts import only, verdicts
from tests.world import NOW, World

COMMITTEE = {"kim", "lou", "nat", "ola", "joe"}
OFFICE = {"pia", "theo"}


def allowed(world: World, can: Any, thing: Any) -> set[str]:
    return {key for key, person in world.everyone.items() if can(person, thing)}


def hidden(world: World, can: Any, thing: Any) -> set[str]:
    return {key for key, person in world.everyone.items() if can(person, thing).hidden}


def room(world: World, *cases: Case, grade: int | None = 4) -> Room:
    return Room(world.cycle, tuple(cases), grade)


def test_the_committee_and_people_partners_enter_and_nobody_else_knows_of_the_room(world: World) -> None:
    assert allowed(world, policy.can_enter, room(world)) == COMMITTEE | OFFICE
    assert hidden(world, policy.can_enter, room(world)) == set(world.everyone) - COMMITTEE - OFFICE


def test_a_grade_the_committee_does_not_cover_is_for_people_partners(world: World) -> None:
    assert allowed(world, policy.can_enter, room(world, grade=7)) == OFFICE
    assert allowed(world, policy.can_enter, room(world, grade=None)) == COMMITTEE | OFFICE


def test_the_chair_and_people_partners_run_the_check(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    assert allowed(world, policy.can_check, room(world, case)) == {"kim"} | OFFICE
    assert policy.can_check(world.nat, room(world, case)).hidden is False
    assert policy.can_check(world.sam, room(world, case)).hidden is True


def test_the_deputy_runs_it_while_presiding_for_a_chair_with_a_conflict(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    recuse(world, case, world.kim)
    assert allowed(world, policy.can_check, room(world, case)) == {"kim", "lou"} | OFFICE


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.IN_REVIEW])
def test_before_calibration_there_is_no_position(world: World, state: State) -> None:
    case = world.case("ada", state)
    assert allowed(world, policy.can_see_position, case) == set()
    knows = {key for key in world.everyone if key not in hidden(world, policy.can_see_position, case)}
    assert knows == (OFFICE if state is State.DRAFT else {"kim"} | OFFICE)


@pytest.mark.parametrize("state", [State.IN_CALIBRATION, State.DECIDED, State.RELEASED, State.CLOSED])
def test_from_calibration_on_those_who_decide_see_the_position(world: World, state: State) -> None:
    case = world.case("ada", state)
    assert allowed(world, policy.can_see_position, case) == COMMITTEE | OFFICE
    assert hidden(world, policy.can_see_position, case) == set(world.everyone) - COMMITTEE - OFFICE


def test_ones_own_case_is_not_in_the_room_whatever_else_one_is(world: World) -> None:
    case = world.case("theo", State.IN_CALIBRATION)
    assert policy.can_see_position(world.theo, case).hidden
    assert policy.in_room(world.theo, case) is False
    assert policy.in_room(world.pia, case) is True


def test_a_member_with_a_conflict_does_not_know_the_case(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    recuse(world, case, world.nat)
    for can in (policy.can_see_position, policy.can_open_ballot):
        assert can(world.nat, case).hidden
    assert policy.in_room(world.nat, case) is False


def test_a_manager_on_the_committee_is_not_there_for_their_own_reports(world: World) -> None:
    case = world.case("rex", State.IN_CALIBRATION, reviewers=("nat", "ola", "joe"))
    assert allowed(world, policy.can_see_position, case) == COMMITTEE | OFFICE
    world.rex.manager, world.rex.chain = world.nat, f"{world.nat.chain}{world.nat.id}/"
    world.s.flush()
    assert allowed(world, policy.can_see_position, case) == (COMMITTEE - {"nat"}) | OFFICE


def test_only_the_chair_opens_and_closes(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    ballot = world.ballot(case, dict.fromkeys(COMMITTEE), closed=False)
    assert allowed(world, policy.can_open_ballot, case) == {"kim"}
    assert allowed(world, policy.can_close, ballot) == {"kim"}
    assert hidden(world, policy.can_close, ballot) == set(world.everyone) - COMMITTEE - OFFICE


def test_the_deputy_opens_and_closes_when_the_chair_has_a_conflict(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    recuse(world, case, world.kim)
    ballot = world.ballot(case, dict.fromkeys(COMMITTEE - {"kim"}), closed=False)
    assert allowed(world, policy.can_open_ballot, case) == {"lou"}
    assert allowed(world, policy.can_close, ballot) == {"lou"}


def test_those_who_were_eligible_when_it_opened_vote(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    ballot = world.ballot(case, dict.fromkeys(COMMITTEE - {"ola"}), closed=False)
    assert allowed(world, policy.can_cast, ballot) == COMMITTEE - {"ola"}
    assert hidden(world, policy.can_cast, ballot) == set(world.everyone) - COMMITTEE - OFFICE
    recuse(world, case, world.joe)
    assert allowed(world, policy.can_cast, ballot) == COMMITTEE - {"ola", "joe"}


def test_nobody_reads_a_count_before_the_ballot_is_closed(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    ballot = world.ballot(case, dict.fromkeys(COMMITTEE, Choice.FOR), closed=False)
    assert allowed(world, policy.can_read_tally, ballot) == set()
    assert allowed(world, policy.can_read_votes, ballot) == set()


def test_after_closing_the_committee_reads_counts_and_two_hats_read_names(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    ballot = world.ballot(case, dict.fromkeys(COMMITTEE, Choice.FOR))
    assert allowed(world, policy.can_read_tally, ballot) == COMMITTEE | OFFICE
    assert allowed(world, policy.can_read_votes, ballot) == {"kim"} | OFFICE
    assert policy.can_read_tally(world.ada, ballot).hidden


LEADS = "The chair or the deputy leads the session."


def sitting(world: World, grade: int = 4) -> Sitting:
    return Sitting(world.cycle, CalibrationSession(grade=grade))


def test_chair_and_deputy_lead_a_session(world: World) -> None:
    expected = only({"kim", "lou"}, LEADS, {"nat", "ola", "joe"} | OFFICE)
    assert verdicts(world, policy.can_facilitate, room(world)) == expected
    assert verdicts(world, policy.can_lead, sitting(world)) == expected


def test_members_speak_and_a_people_partner_looks_on(world: World) -> None:
    expected = only(COMMITTEE, "The committee's members speak here; you look on.", OFFICE)
    assert verdicts(world, policy.can_speak, room(world)) == expected
    assert verdicts(world, policy.can_take_part, sitting(world)) == expected


def test_a_screen_that_asks_for_news_gets_what_its_room_gives(world: World) -> None:
    place = room(world).place
    assert (place.slug, place.grade) == ("spring-2026", 4)
    for ask in (policy.can_enter, policy.can_facilitate, policy.can_speak):
        assert verdicts(world, ask, place) == verdicts(world, ask, room(world))


def test_a_change_is_recorded_by_whoever_leads_and_may_be_there_for_the_case(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    at = SittingCase(sitting(world), case)
    assert verdicts(world, policy.can_change, at) == only({"kim", "lou"}, LEADS, {"nat", "ola", "joe"} | OFFICE)
    recuse(world, case, world.lou)
    assert verdicts(world, policy.can_change, at) == only({"kim"}, LEADS, {"nat", "ola", "joe"} | OFFICE)


@pytest.mark.parametrize(
    ("state", "readers"),
    [
        (State.IN_REVIEW, set()),
        (State.IN_CALIBRATION, COMMITTEE | OFFICE),
        (State.DECIDED, COMMITTEE | OFFICE),
        (State.RELEASED, COMMITTEE | OFFICE | {"max"}),
    ],
)
def test_minutes_are_read_by_those_who_decide_and_after_release_by_the_manager(
    world: World, state: State, readers: set[str]
) -> None:
    assert verdicts(world, policy.can_read_minutes, world.case("ada", state)) == only(readers)


def test_strictness_is_for_those_who_calibrate_and_the_auditor_by_name_for_the_chair(world: World) -> None:
    assert verdicts(world, policy.can_see_reviewers, room(world)) == only(COMMITTEE | OFFICE | {"aud"})
    others = set(world.everyone) - {"kim"}
    assert verdicts(world, policy.can_name_reviewers, room(world)) == only(
        {"kim"}, "Strictness by name is for the chair.", others
    )


def test_a_reviewer_sees_their_own_strictness_once_the_cycle_is_over(world: World) -> None:
    here = room(world, world.case("ada", State.CLOSED))
    with world.s.no_autoflush:
        world.cycle.closed_at = None
        assert verdicts(world, policy.can_see_own_strictness, here) == only(set())
        world.cycle.closed_at = NOW
        assert verdicts(world, policy.can_see_own_strictness, here) == only({"rex", "rob", "rae"})


def test_a_statement_is_published_by_a_people_partner_and_read_by_everybody(world: World) -> None:
    assert verdicts(world, policy.can_publish, room(world)) == only(OFFICE)
    assert verdicts(world, policy.can_read_statement, Published(world.cycle, ())) == only(set())
    published = Published(world.cycle, (PublishedStatement(),))
    assert verdicts(world, policy.can_read_statement, published) == only(set(world.everyone))


def test_a_dissent_is_for_a_member_who_voted_otherwise(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    votes = dict.fromkeys(COMMITTEE - {"ola"}, Choice.FOR) | {"joe": Choice.AGAINST}
    refused = "A dissent is for a member who voted otherwise than the ballot came out."
    closed = world.ballot(case, votes)
    assert verdicts(world, policy.can_dissent, closed) == only({"joe"}, refused, COMMITTEE - {"joe"} | OFFICE)
    other = world.case("mona", State.IN_CALIBRATION)
    opened = world.ballot(other, votes, closed=False)
    counts = "Nobody sees counts before the ballot is closed."
    assert verdicts(world, policy.can_dissent, opened) == only(set(), counts, COMMITTEE | OFFICE)
