"""What the chair may record: only what the closed ballot and the frozen position allow, in words that give nothing
away."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.calibration.commands import open_ballot
from portal.decisions.commands import record_decision
from portal.decisions.wording import raw_scores
from portal.domain.case_flow import State, StepBlocked
from portal.domain.problems import InvalidInput, Refused, StaleVersion
from portal.models.audit import AuditEvent
from portal.models.calibration import Choice
from portal.models.case import Case
from portal.models.decision import Decision, Outcome
from tests.world import NOW, World

FOR, AGAINST, ABSTAIN = Choice.FOR, Choice.AGAINST, Choice.ABSTAIN
CARRIED = {"kim": FOR, "lou": FOR, "nat": FOR, "ola": AGAINST, "joe": ABSTAIN}
FAILED = {"kim": AGAINST, "lou": AGAINST, "nat": AGAINST, "ola": FOR}
TIE = {"kim": AGAINST, "lou": AGAINST, "nat": FOR, "ola": FOR}
REASONS = "The evidence speaks for itself, and colleagues confirmed it."
DAY = NOW.date() + timedelta(days=30)


def voted(world: World, votes: dict[str, Choice | None], scores: tuple[int, ...] = (3, 3, 3)) -> Case:
    case = world.case("ada", State.IN_CALIBRATION, scores=scores)
    world.ballot(case, votes)
    world.bar_check(case)
    return case


def decide(world: World, case: Case, outcome: Outcome, **other: Any) -> Decision:
    given = {"reasons": REASONS, "unmet_codes": [], "effective_on": None, "actor": world.kim, "at": NOW}
    return record_decision(world.s, case=case, outcome=outcome, **{**given, **other})


def test_an_approval_moves_the_case_on_and_is_written_down(world: World) -> None:
    case = voted(world, CARRIED)
    made = decide(world, case, Outcome.APPROVED, effective_on=DAY)
    assert (case.state, made.number, made.effective_on, made.confirmed_at) == (State.DECIDED, 1, DAY, None)
    assert made.position == case.ballots[-1].position
    actions = list(world.s.scalars(select(AuditEvent.action).where(AuditEvent.case_id == case.id)))
    assert actions[-2:] == ["case_decide", "decision_recorded"]


@pytest.mark.parametrize(
    ("votes", "outcome", "says"),
    [
        (CARRIED, Outcome.NOT_YET, "The ballot carried (3 for, 1 against): the outcome is approved, or deferred"),
        (FAILED, Outcome.APPROVED, "The ballot did not carry (1 for, 3 against), so the outcome is not yet."),
        (FAILED, Outcome.DEFERRED, "The ballot did not carry (1 for, 3 against), so the outcome is not yet."),
        (TIE, Outcome.APPROVED, "so the outcome is not yet. A tie does not approve."),
    ],
)
def test_an_outcome_that_contradicts_the_ballot_is_refused(
    world: World, votes: Any, outcome: Outcome, says: str
) -> None:
    case = voted(world, votes)
    with pytest.raises(InvalidInput) as refused:
        decide(world, case, outcome, effective_on=DAY if outcome is Outcome.APPROVED else None)
    assert says in refused.value.message
    assert (case.state, case.decisions) == (State.IN_CALIBRATION, [])


def test_a_not_yet_names_clauses_the_committee_saw_as_unmet(world: World) -> None:
    case = voted(world, FAILED, scores=(2, 2, 3))
    made = decide(world, case, Outcome.NOT_YET, unmet_codes=["must_have:teaching"])
    assert [c["code"] for c in made.unmet] == ["must_have:teaching"]
    assert made.unmet[0]["name"] == "Teaching and lifting"


def test_a_not_yet_without_a_clause_is_refused_where_some_are_unmet(world: World) -> None:
    case = voted(world, FAILED, scores=(2, 2, 3))
    with pytest.raises(InvalidInput, match="Name at least one clause"):
        decide(world, case, Outcome.NOT_YET)


def test_a_not_yet_of_a_case_that_met_every_clause_is_refused_and_the_committee_votes_again(world: World) -> None:
    case = voted(world, FAILED)
    with pytest.raises(InvalidInput, match="the committee saw every clause as met"):
        decide(world, case, Outcome.NOT_YET)
    again = open_ballot(world.s, case=case, actor=world.kim, at=NOW + timedelta(minutes=1))
    assert (again.round, case.decisions) == (2, [])


@pytest.mark.parametrize("votes", [FAILED, CARRIED])
def test_a_ballot_that_can_be_decided_on_is_not_held_again(world: World, votes: Any) -> None:
    case = voted(world, votes, scores=(3, 3, 3) if votes is CARRIED else (2, 2, 3))
    with pytest.raises(Refused, match="The committee has voted on this case"):
        open_ballot(world.s, case=case, actor=world.kim, at=NOW)


def test_a_clause_nobody_saw_as_unmet_is_refused(world: World) -> None:
    case = voted(world, FAILED, scores=(2, 2, 3))
    with pytest.raises(InvalidInput, match="did not see these clauses as unmet: must_have:depth"):
        decide(world, case, Outcome.NOT_YET, unmet_codes=["must_have:depth"])


def test_a_deferral_is_refused_where_a_clause_is_unmet(world: World) -> None:
    case = voted(world, CARRIED, scores=(2, 2, 3))
    with pytest.raises(InvalidInput, match="A deferral says that the bar was met"):
        decide(world, case, Outcome.DEFERRED)


@pytest.mark.parametrize(
    ("outcome", "other", "says"),
    [
        (Outcome.APPROVED, {}, "Say from which day"),
        (Outcome.APPROVED, {"effective_on": NOW.date() - timedelta(days=90)}, "before the cycle opened"),
        (Outcome.DEFERRED, {"effective_on": DAY}, "Only an approval has a day"),
        (Outcome.DEFERRED, {"reasons": "ok"}, "Say why"),
        (Outcome.DEFERRED, {"reasons": "Rex Tanaka was convinced by it."}, "name Rex Tanaka"),
        (Outcome.DEFERRED, {"reasons": "Teaching scored a 3 with everyone."}, "give away a score: scored a 3"),
    ],
)
def test_what_is_missing_or_gives_something_away_is_refused(
    world: World, outcome: Outcome, other: Any, says: str
) -> None:
    case = voted(world, CARRIED)
    with pytest.raises(InvalidInput, match=says):
        decide(world, case, outcome, **other)


def test_without_a_ballot_the_step_is_closed_with_its_reasons(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    with pytest.raises(StepBlocked) as blocked:
        decide(world, case, Outcome.APPROVED, effective_on=DAY)
    assert [r.code for r in blocked.value.reasons] == ["ballot_open", "bar_not_checked"]


def test_a_correction_is_a_new_version_and_the_first_stays(world: World) -> None:
    case = voted(world, CARRIED)
    first = decide(world, case, Outcome.APPROVED, effective_on=DAY)
    with pytest.raises(InvalidInput, match="what this version puts right"):
        decide(world, case, Outcome.DEFERRED, seen=1)
    second = decide(world, case, Outcome.DEFERRED, seen=1, correction="There is no open role after all.")
    assert [(d.number, d.outcome) for d in case.decisions] == [(1, Outcome.APPROVED), (2, Outcome.DEFERRED)]
    assert (first.correction, second.correction) == ("", "There is no open role after all.")
    assert (first.effective_on, second.confirmed_at, case.state) == (DAY, None, State.DECIDED)


def test_a_correction_of_a_version_not_read_is_refused_with_both_texts(world: World) -> None:
    case = voted(world, CARRIED)
    decide(world, case, Outcome.APPROVED, effective_on=DAY)
    with pytest.raises(StaleVersion) as stale:
        decide(world, case, Outcome.DEFERRED, reasons="There is no role open at that level.", seen=0)
    assert stale.value.mine == {"Reasons": "There is no role open at that level."}
    assert stale.value.theirs == {"Reasons": REASONS}


def test_the_ballot_of_a_released_decision_is_not_used_twice(world: World) -> None:
    case = world.case("ada", State.RELEASED)
    case._state = State.IN_CALIBRATION
    with pytest.raises(Refused, match="the committee votes again"):
        decide(world, case, Outcome.APPROVED, effective_on=DAY)


POSITION = {
    "overall": 2.7333333,
    "competencies": [{"mean": 2.3333333}, {"mean": 3.0}, {"mean": None}],
    "pillars": [{"mean": 2.5}],
    "unmet": [{"needed": 2.5}],
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A mean of 2.33 is not enough.", ("2.33",)),
        ("Ein Mittel von 2,73 reicht.", ("2,73",)),
        ("Overall 2.7 at best.", ("2.7",)),
        ("The reviewers gave 3.0 here.", ("3.0",)),
        ("Two said 3 out of 4.", ("3 out of 4",)),
        ("The bar asks for 2.5 overall.", ()),  # public: it stands in the rubric
        ("It cut the load time from 4.1 to 1.8 seconds in 3 months.", ()),
        ("Release 2.33.1 went well.", ()),
    ],
)
def test_scores_are_found_in_texts_and_other_numbers_are_not(text: str, found: tuple[str, ...]) -> None:
    assert raw_scores(text, POSITION) == found
