"""Who reads a letter, before its release and after, and who prepares, releases and takes it back."""

import pytest

from portal.domain.case_flow import State
from portal.letters import policy
from portal.models.appeal import Appeal, AppealGround
from portal.models.case import Case, ConflictSource, Recusal
from portal.models.letter import AppealLetter, Letter
from portal.models.release import Release, ReleaseItem
from tests.verdicts import only, verdicts
from tests.world import NOW, World

KEEPERS = {"pia", "theo"}
COMMITTEE = {"kim", "lou", "nat", "ola", "joe"}
DECIDE = COMMITTEE | KEEPERS


def with_letter(world: World, state: State) -> tuple[Case, Letter]:
    case = world.case("ada", state)
    letter = Letter(case=case, decision=case.decisions[-1], code="K7", data={}, data_sha256="0" * 64, prepared_at=NOW)
    world.s.add(letter)
    world.s.flush()
    return case, letter


def recuse(world: World, case: Case, key: str) -> None:
    person = getattr(world, key)
    declared = {"source": ConflictSource.DECLARED, "reason": "friends", "declared_by_id": person.id}
    case.recusals.append(Recusal(person_id=person.id, at=NOW, **declared))


@pytest.mark.parametrize(
    ("state", "readers"),
    [(State.DECIDED, DECIDE), (State.RELEASED, DECIDE | {"ada", "max"}), (State.CLOSED, DECIDE | {"ada", "max"})],
)
def test_before_release_a_letter_is_the_decision_itself(world: World, state: State, readers: set[str]) -> None:
    case, letter = with_letter(world, state)
    assert verdicts(world, policy.can_read, case) == only(readers)
    assert verdicts(world, policy.can_read_this, letter) == only(readers)
    assert {key for key, person in world.everyone.items() if policy.letter_seen(person, case) is letter} == readers


def test_where_no_letter_was_written_there_is_none(world: World) -> None:
    assert verdicts(world, policy.can_read, world.case("ada", State.RELEASED)) == only(set())


def test_the_recused_read_no_letter(world: World) -> None:
    case, letter = with_letter(world, State.RELEASED)
    for key in ("pia", "nat"):
        recuse(world, case, key)
    assert verdicts(world, policy.can_read_this, letter) == only(DECIDE - {"pia", "nat"} | {"ada", "max"})


def test_the_answer_to_an_appeal_is_for_the_candidate_and_the_people_partner(world: World) -> None:
    case = world.case("ada", State.RELEASED)
    appeal = Appeal(decision=case.decisions[-1], ground=AppealGround.CONFLICT, statement="He knew me.", filed_at=NOW)
    case.appeals.append(appeal)
    given = {"case": case, "code": "K8", "data": {}, "data_sha256": "0" * 64, "prepared_at": NOW}
    letter = AppealLetter(appeal=appeal, **given)
    with world.s.no_autoflush:
        assert verdicts(world, policy.can_read_answer, letter) == only(set())
        appeal.answered_at, appeal.answered_by_id, appeal.upheld = NOW, world.sam.id, True
        assert verdicts(world, policy.can_read_answer, letter) == only({"ada"} | KEEPERS)
        refused = "Only a people partner without a conflict releases a letter."
        assert verdicts(world, policy.can_retry_answer, appeal) == only(KEEPERS, refused, {"ada"})


def test_what_concerns_a_whole_cycle(world: World) -> None:
    assert verdicts(world, policy.can_collect, world.cycle) == only(DECIDE)
    assert verdicts(world, policy.can_run, world.cycle) == only(KEEPERS)
    assert verdicts(world, policy.can_edit_templates) == only(KEEPERS)


def test_a_people_partner_without_a_conflict_releases(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    recuse(world, case, "pia")
    refused = "Only a people partner without a conflict releases a letter."
    knows = {"ada", "max", "aud", "rex", "rob", "rae"} | COMMITTEE
    assert verdicts(world, policy.can_release, case) == only({"theo"}, refused, knows)


def test_an_ordered_release_is_there_for_whoever_releases_one_of_its_cases(world: World) -> None:
    cases = [world.case("ada", State.DECIDED), world.case("theo", State.DECIDED)]
    recuse(world, cases[0], "pia")
    order = Release(items=[ReleaseItem(decision=case.decisions[-1]) for case in cases])
    with world.s.no_autoflush:
        assert verdicts(world, policy.can_take_back, order) == only(KEEPERS)
        recuse(world, cases[1], "pia")
        assert verdicts(world, policy.can_take_back, order) == only({"theo"})
