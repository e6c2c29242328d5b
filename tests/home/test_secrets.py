"""What may not be known changes nothing on the front page, and its cost does not grow with the cases."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from portal.domain.case_flow import State
from portal.models.calibration import Choice
from portal.models.decision import Outcome
from portal.people import commands as people
from tests.home.test_hats import lines, opened, recuse
from tests.statements import statements
from tests.world import NOW, World

TOKENS = re.compile(r'(csrf_token|idempotency_token|csrf-token)" (value|content)="[^"]+"')
COMMITTEE = ("kim", "lou", "nat", "ola", "joe")
KEEPERS = ("pia", "theo")


def bytes_by_person(world: World, client, people: list[str]) -> dict[str, str]:
    return {key: TOKENS.sub("", opened(client, world.everyone[key])) for key in people}


def who_notices(world: World, client, change: Callable[[], object]) -> set[str]:
    """The people whose front page is another one after the change."""
    everyone = list(world.everyone)
    world.commit()
    before = bytes_by_person(world, client, everyone)
    change()
    world.commit()
    after = bytes_by_person(world, client, everyone)
    return {key for key in everyone if before[key] != after[key]}


def test_a_decision_before_release_is_noticed_by_its_panel_and_keepers_only(world: World, client) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    noticed = who_notices(world, client, lambda: world._decide(case, Outcome.NOT_YET))
    assert noticed == {*COMMITTEE, *KEEPERS}


@pytest.mark.parametrize("outcome", [Outcome.NOT_YET, Outcome.DEFERRED])
def test_which_outcome_it_is_stands_on_nobodys_page(world: World, client, outcome: Outcome) -> None:
    case = world.case("ada", State.DECIDED)

    def another() -> None:
        case.decisions[-1].outcome, case.decisions[-1].effective_on = outcome, None

    assert who_notices(world, client, another) == set()


def test_a_sealed_review_is_noticed_by_its_writer_only(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    first = case.assignments[0]
    assert who_notices(world, client, lambda: world.seal(case, first, 2)) == {"rex"}


def test_the_last_sealed_review_is_noticed_by_the_keepers_too(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    *others, last = case.assignments
    for assignment in others:
        world.seal(case, assignment, 2)
    assert who_notices(world, client, lambda: world.seal(case, last, 2)) == {last_key(world, last), *KEEPERS}


def last_key(world: World, assignment) -> str:
    return next(key for key, person in world.everyone.items() if person.id == assignment.reviewer_id)


def test_a_vote_is_noticed_by_whoever_cast_it_only(world: World, client) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    ballot = world.ballot(case, dict.fromkeys(COMMITTEE), closed=False)

    def vote() -> None:
        mine = next(e for e in ballot.electors if e.person_id == world.nat.id)
        mine.choice, mine.voted_at = Choice.AGAINST, NOW

    assert who_notices(world, client, vote) == {"nat"}


@pytest.mark.parametrize("state", [State.IN_CALIBRATION, State.DECIDED])
def test_a_recused_member_finds_nothing_of_the_case(world: World, client, state: State) -> None:
    bare = lines(client, world.nat)
    recuse(world, world.case("ada", state), world.nat)
    world.commit()
    assert lines(client, world.nat) == bare


def test_a_member_finds_nothing_of_a_case_in_their_own_line(world: World, client) -> None:
    world.committee.seats[0].person = world.dana
    world.case("ada", State.IN_CALIBRATION)
    world.commit()
    assert "Ada Marchetti" not in opened(client, world.dana)


STAGES = (State.IN_REVIEW, State.IN_CALIBRATION, State.DECIDED, State.SUBMITTED)


def add_cases(world: World, numbers: range) -> None:
    """Cases that concern many people at once: reports of max, reviewed by rex, decided by the committee."""
    world.s.rollback()
    for n in numbers:
        where = {"manager": world.max, "family_id": "engineering", "level_id": "senior"}
        email = f"crowd{n}@example.org"
        people.add_person(world.s, actor=None, email=email, name=f"Crowd {n}", at=NOW, **where)
        case = world.case(f"crowd{n}", STAGES[n % 4])
        if case.state is State.IN_CALIBRATION:
            world.ballot(case, dict.fromkeys(COMMITTEE), closed=False)
    world.commit()


# Statements of the page by reader: the session, the person with their offices, and one a question.
COSTS = {"ada": 15, "max": 15, "rex": 15, "kim": 15, "pia": 16, "aud": 15, "opal": 16}


def test_one_three_eight_and_fifty_cases_cost_the_same_statements(world: World, client, engine: Engine) -> None:
    for numbers in (range(1), range(1, 3), range(3, 8), range(8, 50)):
        add_cases(world, numbers)
        costs = {}
        for key in COSTS:
            browser = client(world.everyone[key])
            with statements(engine) as sent:
                assert browser.get("/").status_code == 200
            costs[key] = len(sent)
        assert costs == COSTS, f"with {numbers.stop} cases"
