"""Who may know what was decided, hat by hat, before and after the release: the matrix row "decision"."""

from types import SimpleNamespace

from portal.decisions import policy
from portal.decisions.policy import Sight
from portal.domain.appeals import Finding
from portal.domain.case_flow import State
from portal.models.appeal import Appeal, AppealGround, AppealMember, AppealPanel
from portal.models.case import Case, ConflictSource, Recusal
from portal.models.release import ReleaseItem
from tests.verdicts import Verdicts, only, verdicts
from tests.world import NOW, World

PANEL = {"kim", "lou", "nat", "ola", "joe"}


def sights(world: World, case: Case) -> dict[str, str]:
    decision = case.decisions[-1]
    found = {key: policy.sight(person, decision) for key, person in world.everyone.items()}
    return {key: sight.value for key, sight in found.items() if sight is not Sight.NOTHING}


def recuse(world: World, case: Case, who: str) -> None:
    person = getattr(world, who)
    declared = {"source": ConflictSource.DECLARED, "reason": "friends", "declared_by_id": person.id}
    case.recusals.append(Recusal(person=person, at=NOW, **declared))
    world.s.flush()


def appealed(world: World) -> Case:
    case = world.case("ada", State.RELEASED)
    case._state = State.UNDER_APPEAL
    appeal = Appeal(
        decision=case.decisions[-1], ground=AppealGround.PROCEDURE, statement="Nobody read it.", filed_at=NOW
    )
    case.appeals.append(appeal)
    world.s.flush()
    return case


def test_before_release_only_those_who_decide_and_release_know(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    assert sights(world, case) == dict.fromkeys([*PANEL, "pia", "theo"], "all")


def test_after_release_everyone_knows_their_part(world: World) -> None:
    case = world.case("ada", State.RELEASED)
    others = {"ada": "letter", "max": "letter", "rex": "outcome", "rob": "outcome", "rae": "outcome", "aud": "hash"}
    assert sights(world, case) == dict.fromkeys([*PANEL, "pia", "theo"], "all") | others


def test_the_recused_and_the_candidate_with_an_office_know_no_more_than_that(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    recuse(world, case, "pia")
    assert "pia" not in sights(world, case)
    own = world.case("theo", State.DECIDED)
    assert not policy.can_see_decision(world.theo, own)
    assert policy.can_see_decision(world.theo, own).hidden


def test_the_page_is_open_to_those_who_decide_from_calibration_on(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    assert [k for k, p in world.everyone.items() if policy.can_see_decision(p, case)] == []
    case = world.case("mona", State.IN_CALIBRATION)
    assert {k for k, p in world.everyone.items() if policy.can_see_decision(p, case)} == {*PANEL, "pia", "theo"}


def test_who_lists_the_decisions_of_a_cycle(world: World) -> None:
    may = {k for k, p in world.everyone.items() if policy.can_list(p, world.cycle)}
    assert may == {*PANEL, "pia", "theo"}
    assert policy.can_list(world.sam, world.cycle).hidden


def test_only_the_candidate_acknowledges_and_appeals(world: World) -> None:
    case = world.case("ada", State.RELEASED)
    for ask in (policy.can_acknowledge, policy.can_file):
        assert {k for k, p in world.everyone.items() if ask(p, case)} == {"ada"}
        assert (ask(world.max, case).hidden, ask(world.sam, case).hidden) == (False, True)
    assert policy.can_file(world.ada, world.case("mona", State.DECIDED)).hidden


def test_who_takes_part_in_an_appeal(world: World) -> None:
    case = appealed(world)
    assert {k for k, p in world.everyone.items() if policy.can_see_appeal(p, case)} == {"ada", "pia", "theo"}
    assert {k for k, p in world.everyone.items() if policy.can_appoint(p, case)} == {"pia", "theo"}
    assert {k for k, p in world.everyone.items() if policy.can_answer(p, case)} == set()
    assert (policy.can_appoint(world.sam, case).hidden, policy.can_answer(world.sam, case).hidden) == (True, True)


def test_a_member_of_the_panel_sees_it_until_the_answer(world: World) -> None:
    case = appealed(world)
    appeal = case.appeals[-1]
    seat = AppealMember(person=world.sam, place=0)
    appeal.panels.append(
        AppealPanel(number=1, quorum=0.67, appointed_by_id=world.pia.id, appointed_at=NOW, members=[seat])
    )
    assert policy.can_find(world.sam, case)
    assert policy.can_answer(world.sam, case)
    assert (policy.can_find(world.pia, case).hidden, policy.can_find(world.rex, case).hidden) == (False, True)
    appeal.answered_at, appeal.answered_by_id, appeal.upheld = NOW, world.sam.id, True
    assert policy.can_see_appeal(world.sam, case).hidden


def test_whoever_sits_on_the_panel_appoints_no_other(world: World) -> None:
    case = appealed(world)
    given = {"number": 1, "quorum": 0.67, "appointed_by_id": world.pia.id, "appointed_at": NOW}
    case.appeals[-1].panels.append(AppealPanel(members=[AppealMember(person=world.theo, place=0)], **given))
    world.s.flush()
    refused = "Whoever sits on the panel appoints no other in its place; another people partner does."
    assert policy.can_appoint(world.theo, case).why == refused
    assert policy.can_appoint(world.pia, case)


def test_who_is_recused_since_has_no_place_on_the_panel(world: World) -> None:
    case = appealed(world)
    seat = AppealMember(person=world.sam, place=0)
    given = {"appointed_by_id": world.pia.id, "appointed_at": NOW, "members": [seat]}
    case.appeals[-1].panels.append(AppealPanel(number=1, quorum=0.67, **given))
    recuse(world, case, "sam")
    assert (policy.can_see_appeal(world.sam, case).hidden, policy.presides(case)) == (True, None)


def test_nobody_of_the_first_panel_and_nobody_near_the_case_answers(world: World) -> None:
    case = world.case("ada", State.RELEASED)
    world.joe.active = False
    case.assignments[0].ended_at = NOW
    free = {k for k, p in world.everyone.items() if policy.why_not_on_panel(p, case) is None}
    assert free == {"ivy", "ron", "mona", "dirk", "theo", "aud", "opal", "sam"}
    assert policy.why_not_on_panel(world.joe, case) == "Joe Walsh has left."
    assert policy.why_not_on_panel(world.max, case) == "Ada Marchetti is in their reporting line."
    assert policy.why_not_on_panel(world.rex, case) == "Rex Tanaka was asked to review this case."
    assert policy.why_not_on_panel(world.nat, case) == "Nat Weiss is on the committee that decided."


def test_who_voted_in_an_earlier_ballot_does_not_answer_either(world: World) -> None:
    case = world.case("ada", State.RELEASED)
    case.committee = None
    assert policy.why_not_on_panel(world.nat, case) == "Nat Weiss is on the committee that decided."


OFFICE = {"pia", "theo"}
REVIEWERS = {"rex", "rob", "rae"}


def test_after_release_the_page_is_open_to_everyone_who_knows_of_it(world: World) -> None:
    knows = PANEL | OFFICE | REVIEWERS | {"ada", "max", "aud"}
    assert verdicts(world, policy.can_see_decision, world.case("ada", State.RELEASED)) == only(knows)


def test_the_chair_records_or_the_deputy_while_the_chair_has_a_conflict(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    refused = "Only the chair records a decision, or the deputy while the chair has a conflict."
    others = PANEL | OFFICE
    assert verdicts(world, policy.can_record, case) == only({"kim"}, refused, others - {"kim"})
    recuse(world, case, "kim")
    assert verdicts(world, policy.can_record, case) == only({"lou"}, refused, others - {"kim", "lou"})


def test_a_second_member_who_could_vote_confirms(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    case.decisions[-1].ballot.electors = [
        elector for elector in case.decisions[-1].ballot.electors if elector.person_id != world.joe.id
    ]
    nobody = dict.fromkeys(OFFICE, "A member of the committee confirms a decision once it is recorded.")
    recorder = {"kim": "Whoever recorded a decision does not confirm it; a second member does."}
    without = {"joe": "Only a member who could vote on this case confirms the decision."}
    with world.s.no_autoflush:
        found = verdicts(world, policy.can_confirm, case)
    assert found == Verdicts({"lou", "nat", "ola"}, nobody | recorder | without)


def test_nothing_is_confirmed_before_it_is_recorded(world: World) -> None:
    refused = "A member of the committee confirms a decision once it is recorded."
    case = world.case("ada", State.IN_CALIBRATION)
    assert verdicts(world, policy.can_confirm, case) == only(set(), refused, PANEL | OFFICE)


def test_an_appeal_stands_against_its_decision_also_after_the_words_were_corrected(world: World) -> None:
    case = appealed(world)
    assert policy.appeal_against(case, case.decisions[-1]) is case.appeals[-1]
    other = world.case("mona", State.RELEASED)
    assert policy.appeal_against(other, other.decisions[-1]) is None


def test_a_corrected_version_waits_until_it_is_released(world: World) -> None:
    case = world.case("ada", State.RELEASED)
    assert policy.correction_waits(case) is False
    case.decisions[-1].released_at = None
    assert policy.correction_waits(case) is True
    assert policy.correction_waits(world.case("mona", State.DECIDED)) is False


def test_a_manager_told_ahead_knows_so_and_nobody_else(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    case.decisions[-1].placed.append(ReleaseItem(live=True, briefed_id=world.max.id))
    with world.s.no_autoflush:
        assert sights(world, case) == dict.fromkeys([*PANEL, "pia", "theo"], "all") | {"max": "brief"}


def test_the_count_of_an_appeals_panel_is_for_its_members_and_people_partners_once_closed(world: World) -> None:
    case = appealed(world)
    given = {"number": 1, "quorum": 0.67, "appointed_by_id": world.pia.id, "appointed_at": NOW}
    sam = AppealMember(person=world.sam, place=0)
    panel = AppealPanel(members=[sam], **given)
    case.appeals[-1].panels.append(panel)
    world.s.flush()
    refused = "Nobody sees counts before the panel's vote is closed."
    assert verdicts(world, policy.can_read_count, panel) == only(set(), refused, {"sam"} | OFFICE)
    panel.closed_at, panel.closed_by_id = NOW, world.sam.id
    refused = "Too few answered; what they said is shown to nobody."
    assert verdicts(world, policy.can_read_count, panel) == only(set(), refused, {"sam"} | OFFICE)
    sam.finding, sam.said_at = Finding.STANDS, NOW
    assert verdicts(world, policy.can_read_count, panel) == only({"sam"} | OFFICE)


def asked_again(world: World, case: Case) -> set[str]:
    return {key for key, person in world.everyone.items() if policy.asked_again(person, case) is case.appeals[-1]}


def test_what_is_to_be_looked_at_again_is_for_those_who_do(world: World) -> None:
    case = appealed(world)
    assert asked_again(world, case) == set()
    appeal = case.appeals[-1]
    appeal.answered_at, appeal.answered_by_id, appeal.upheld = NOW, world.sam.id, False
    appeal.sent_back_to, appeal.look_again = State.IN_REVIEW, "The second result."
    found = {}
    for state in (State.IN_REVIEW, State.IN_CALIBRATION, State.RELEASED):
        case._state = state
        found[state] = asked_again(world, case)
    assert found == {
        State.IN_REVIEW: REVIEWERS | OFFICE | {"kim"},
        State.IN_CALIBRATION: PANEL | OFFICE,
        State.RELEASED: set(),
    }


def test_a_file_of_the_record_is_for_the_panel_while_it_answers(world: World) -> None:
    case = appealed(world)
    file = SimpleNamespace(case=case)
    assert verdicts(world, policy.can_read_file, file) == only(set())
    given = {"number": 1, "quorum": 0.67, "appointed_by_id": world.pia.id, "appointed_at": NOW}
    case.appeals[-1].panels.append(AppealPanel(members=[AppealMember(person=world.sam, place=0)], **given))
    world.s.flush()
    assert verdicts(world, policy.can_read_file, file) == only({"sam"})
