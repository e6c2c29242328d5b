"""Who knows of a trial and ends it: whoever reads the letter knows; the person and a people partner act."""

from datetime import date

from portal.domain.case_flow import State
from portal.domain.case_types import CaseType, Outcome
from portal.models.trial import Trial
from portal.trials import policy
from tests.verdicts import only, verdicts
from tests.world import NOW, World

KEEPERS = {"pia", "theo"}
READERS = {"ada", "max", "kim", "lou", "nat", "ola", "joe"} | KEEPERS


def trial(world: World, state: State) -> Trial:
    case = world.case("ada", state, case_type=CaseType.SWITCH, outcome=Outcome.APPROVED_ON_TRIAL)
    days = {"starts_on": date(2026, 5, 1), "ends_on": date(2026, 10, 31), "return_until": date(2027, 4, 30)}
    return Trial(case=case, decision=case.decisions[-1], home_level_id="senior", begun_at=NOW, **days)


def test_whoever_reads_the_letter_knows_of_the_trial(world: World) -> None:
    assert verdicts(world, policy.can_see, trial(world, State.RELEASED)) == only(READERS)


def test_before_the_release_nobody_else_knows_than_those_who_decide(world: World) -> None:
    assert verdicts(world, policy.can_see, trial(world, State.DECIDED)) == only(READERS - {"ada", "max"})


def test_a_people_partner_records_how_it_ended(world: World) -> None:
    refused = "A people partner without a conflict records how a trial ended."
    assert verdicts(world, policy.can_confirm, trial(world, State.RELEASED)) == only(
        KEEPERS, refused, READERS - KEEPERS
    )


def test_the_person_goes_home_or_a_people_partner_records_it(world: World) -> None:
    refused = "Going home is the right of the person on trial; a people partner may record it."
    allowed = KEEPERS | {"ada"}
    assert verdicts(world, policy.can_return, trial(world, State.RELEASED)) == only(allowed, refused, READERS - allowed)
