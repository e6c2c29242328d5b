"""After a vote the page leads to the next open ballot of the grade on which this member may vote."""

import pytest
from sqlalchemy import select

from portal.calibration import queries
from portal.calibration.policy import can_cast, elector_of
from portal.domain.case_flow import State
from portal.models.calibration import Ballot, Choice
from portal.models.case import Case, ConflictSource, Recusal
from tests.world import NOW, World

EVERYBODY = dict.fromkeys(("kim", "lou", "nat", "joe", "ola"))


@pytest.fixture
def three(world: World) -> dict[str, Case]:
    """Cases of one grade with open ballots on which nobody has voted."""
    found = {who: world.case(who, State.IN_CALIBRATION, scores=(3, 3, 2)) for who in ("ada", "mona", "ivy")}
    for case in found.values():
        world.ballot(case, EVERYBODY, closed=False)
    world.commit()
    return found


def waiting(world: World, who: str, case: Case) -> list[str]:
    return [row.name for row in queries.waiting_for(world.s, getattr(world, who), case)]


def test_the_vote_leads_to_the_next_ballot_and_the_last_one_back_to_the_grade(
    world: World, client, three: dict[str, Case]
) -> None:
    kim, (ada, mona, ivy) = client(world.kim), (three[who] for who in ("ada", "mona", "ivy"))
    assert "Go on to the next open ballot" not in kim.get(f"/cases/{ada.id}/votes").text
    pages = [
        kim.post(f"/cases/{case.id}/votes/mine", data={"choice": "for"}, follow_redirects=True).text
        for case in (ada, ivy, mona)
    ]
    assert (
        f'<a href="/cases/{ivy.id}/votes">Go on to the next open ballot of this grade: {world.ivy.name}</a>' in pages[0]
    )
    assert "1 more waits for your vote." in pages[0]
    assert f'<a href="/cases/{mona.id}/votes">Go on to the next open ballot' in pages[1]
    assert "No other open ballot of this grade waits for your vote." in pages[2]


def test_what_waits_is_what_may_be_cast_for_everybody(world: World, three: dict[str, Case]) -> None:
    recusal = {"source": ConflictSource.DECLARED, "reason": "friends", "declared_by_id": world.lou.id, "at": NOW}
    three["ivy"].recusals.append(Recusal(person=world.lou, **recusal))
    elector = next(e for e in three["mona"].ballots[0].electors if e.person_id == world.nat.id)
    elector.choice, elector.voted_at = Choice.FOR, NOW
    three["ada"].ballots[0].closed_at, three["ada"].ballots[0].closed_by_id = NOW, world.kim.id
    world.commit()
    for person in world.everyone.values():
        open_ballots = [b for b in world.s.scalars(select(Ballot)) if b.closed_at is None and can_cast(person, b)]
        expected = sorted(b.case.candidate.name for b in open_ballots if elector_of(person, b).choice is None)
        assert [row.name for row in queries.waiting_for(world.s, person, three["ada"])] == expected


def test_ballots_of_another_grade_do_not_wait_here(world: World, three: dict[str, Case]) -> None:
    assert waiting(world, "joe", three["ada"]) == [world.ada.name, world.ivy.name, world.mona.name]
    three["ivy"].grade += 1
    world.s.flush()
    assert waiting(world, "joe", three["ada"]) == [world.ada.name, world.mona.name]
