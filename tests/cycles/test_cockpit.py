"""The cockpit's rows: they equal the facts each case's own page asks for, hold no case their reader has a conflict
with, and cost the same number of statements however many there are."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from portal.cases.policy import Hat, hats
from portal.cases.queries import facts_for
from portal.cycles import queries
from portal.domain.case_flow import State
from portal.models.case import Assignment, Case, ConflictSource, Extension, Recusal
from portal.models.packet import Referee, RefereeState
from portal.models.person import Person
from portal.people import commands as people
from tests.statements import statements
from tests.world import NOW, World


def ids(world: World, who: Person) -> list[str]:
    return [row.id for row in queries.case_rows(world.s, world.cycle, who, at=NOW)]


def recuse(world: World, case: Case, person: Person) -> None:
    declared = {"source": ConflictSource.DECLARED, "reason": "a shared project", "declared_by_id": person.id}
    case.recusals.append(Recusal(person=person, at=NOW, **declared))
    world.s.flush()


@pytest.mark.parametrize("state", [s for s in State if s is not State.UNDER_APPEAL])
def test_the_rows_are_the_cases_on_which_a_person_wears_the_partners_hat(world: World, state: State) -> None:
    cases = [world.case("ada", state), world.case("mona", state), world.case("theo", state)]
    recuse(world, cases[1], world.pia)
    for person in world.everyone.values():
        expected = [c.id for c in cases if Hat.PEOPLE_PARTNER in hats(person, c)]
        assert ids(world, person) == expected, person.name


def test_a_partner_in_line_with_a_candidate_does_not_learn_of_the_case(world: World) -> None:
    world.case("ada", State.SUBMITTED)
    people.set_manager(world.s, actor=world.opal, person=world.dana, manager=world.theo, at=NOW)
    assert (ids(world, world.theo), len(ids(world, world.pia))) == ([], 1)
    assert queries.counts_by_cycle(world.s, world.theo) == {}
    assert queries.counts_by_cycle(world.s, world.pia) == {world.cycle.id: 1}


def test_a_referee_who_is_a_partner_does_not_run_the_case(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    asked = {"pseudonym": "Referee A", "answers": {}, "proposed_by_id": world.ada.id, "proposed_at": NOW}
    case.referees.append(Referee(person=world.theo, state=RefereeState.INVITED, **asked))
    world.s.flush()
    assert ids(world, world.theo) == []


@pytest.mark.parametrize("state", [s for s in State if s is not State.UNDER_APPEAL])
def test_a_row_says_what_the_cases_own_page_says(world: World, state: State) -> None:
    case = world.case("ada", state)
    if state is State.IN_REVIEW:
        recuse(world, case, world.rob)
        case.assignments[0].waived_at = NOW
    world.s.flush()
    facts, (row,) = facts_for(world.s, case), queries.case_rows(world.s, world.cycle, world.pia, at=NOW)
    assert (row.assigned, row.crossing, row.outstanding, row.sealed) == (
        facts.reviewers_assigned,
        facts.cross_track_reviewers,
        facts.reviews_outstanding,
        facts.reviews_sealed,
    )
    assert (row.confirmed is not None, row.letter_ready) == (facts.decision_confirmed, facts.letter_ready)
    assert (row.state, row.grade, row.track_kind, row.committee_named) == (state, 4, "ic", True)


def test_a_row_knows_open_and_closed_ballots(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    (row,) = queries.case_rows(world.s, world.cycle, world.pia, at=NOW)
    assert (row.ballot_opened, row.ballot_closed, row.decided) == (None, NOW, NOW)
    ballot = case.ballots[0]
    ballot.closed_at = ballot.closed_by_id = None
    world.s.flush()
    (row,) = queries.case_rows(world.s, world.cycle, world.pia, at=NOW)
    assert (row.ballot_opened, row.ballot_closed) == (ballot.opened_at, None)


def test_each_row_tells_of_its_own_decision(world: World) -> None:
    """One is confirmed, one recorded only, one not decided."""
    whole, bare = world.case("ada", State.DECIDED), world.case("ivy", State.DECIDED)
    undecided = world.case("sam", State.IN_REVIEW)
    (decision,) = bare.decisions
    decision.confirmed_at = decision.confirmed_by_id = None
    world.s.flush()
    rows = {row.id: row for row in queries.case_rows(world.s, world.cycle, world.pia, at=NOW)}
    told = [(rows[c.id].decided, rows[c.id].confirmed) for c in (whole, bare, undecided)]
    assert told == [(NOW, NOW), (NOW, None), (None, None)]


def test_a_row_carries_the_latest_extension(world: World) -> None:
    case = world.case("ada")
    for days in (20, 16):
        until = NOW + timedelta(days=days)
        case.extensions.append(Extension(until=until, reason="ill", granted_by_id=world.pia.id, granted_at=NOW))
    world.s.flush()
    (row,) = queries.case_rows(world.s, world.cycle, world.pia, at=NOW)
    assert row.submit_by == NOW + timedelta(days=20) == case.submit_by


def test_the_cockpit_costs_the_same_for_one_case_and_for_fifty(world: World, client: Any, engine: Engine) -> None:
    browser = client(world.pia)
    browser.get("/cycles/spring-2026")
    seen = {}
    for before, size in ((0, 1), (1, 3), (3, 50)):
        _more(world, before, size)
        with statements(engine) as found:
            page = browser.get("/cycles/spring-2026")
        assert page.text.count('href="/cases/') > 0
        seen[size] = len(found)
    assert seen[1] == seen[3] == seen[50] <= 15, seen


def _more(world: World, before: int, size: int) -> None:
    """Up to `size` people below Sam, each with a case of their own, at different stages."""
    states = (State.SUBMITTED, State.DECIDED, State.IN_CALIBRATION, State.IN_REVIEW)
    world.s.rollback()
    for n in range(before, size):
        email, name = f"crowd{n}@example.org", f"Crowd {n:03}"
        place = {"manager": world.sam, "family_id": "engineering", "level_id": "senior"}
        people.add_person(world.s, actor=None, email=email, name=name, at=NOW, **place)
        world.case(f"crowd{n}", states[n % len(states)])
    world.commit()


@pytest.mark.parametrize(
    ("declined", "asked"), [((1,), ()), ((1, 2), (3,)), ((1, 4), (3,)), ((2, 2), (1, 1)), ((1, 2, 3), (3, 2))]
)
def test_open_declines_are_counted_as_on_the_case_itself(world: World, declined: tuple, asked: tuple) -> None:
    case = world.case("ada", State.IN_REVIEW, reviewers=())
    people = [world.rex, world.rob, world.rae, world.nat, world.joe, world.ola]
    for place, hour in enumerate((*declined, *asked)):
        at, gone = NOW + timedelta(hours=hour), place < len(declined)
        row = Assignment(reviewer=people[place], track_kind="ic", pseudonym=f"T{place}", assigned_by_id=world.pia.id)
        row.assigned_at = NOW if gone else at
        row.declined_at = row.ended_at = at if gone else None
        case.assignments.append(row)
    world.s.flush()
    assert [row.declined for row in queries.case_rows(world.s, world.cycle, world.pia, at=NOW)] == [case.declines_open]


def test_a_committee_that_nobody_presides_over_is_said(world: World, client: Any) -> None:
    """The deputy stands in for a chair who left; when both are gone, ballots would wait for nobody."""
    world.case("ada", State.IN_CALIBRATION)
    warning = "Nobody presides over “Grades 3 to 5”"
    world.commit()
    seen, browser = [], client(world.pia)
    for leaver in (None, "kim", "lou"):
        world.s.rollback()
        if leaver:
            getattr(world, leaver).active = False
        world.commit()
        seen.append(warning in browser.get("/cycles/spring-2026").text)
    assert seen == [False, False, True]


def test_of_what_waits_the_first_fifty_are_shown(world: World, client: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("portal.cycles.fragments.MOST_SHOWN", 1)
    world.case("ada", State.SUBMITTED)
    world.case("ivy", State.SUBMITTED)
    world.commit()
    page = client(world.pia).get("/cycles/spring-2026").text
    assert "Waiting for a people partner: 2" in page
    assert "The 1 that come first, of 2." in page
    assert ("Ada Marchetti" in page, "Ivy Novak" in page) == (True, False)
