"""A tie by policy, and a member who stands apart from the result: on record, for those who keep it."""

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from portal.calibration import commands
from portal.calibration.commands import open_ballot
from portal.calibration.commands.open_ballot import why_not_open
from portal.calibration.policy import can_dissent
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, NotPermitted, Refused
from portal.models.calibration import Ballot, Choice
from tests.world import NOW, World

FOR, AGAINST = Choice.FOR, Choice.AGAINST
TIE = {"kim": FOR, "lou": FOR, "nat": AGAINST, "joe": AGAINST}
CARRIED = {"kim": FOR, "lou": FOR, "nat": AGAINST, "ola": Choice.ABSTAIN}
WHY = "The second result was not theirs."


def closed(world: World, votes: dict[str, Any]) -> Ballot:
    """Of a case with clauses of the bar unmet, which a refusal can name."""
    found = world.ballot(world.case("ada", State.IN_CALIBRATION, scores=(1, 2, 1)), votes)
    world.commit()
    return found


def test_a_tie_does_not_approve_and_is_not_voted_on_again(world: World) -> None:
    ballot = closed(world, TIE)
    assert why_not_open(ballot.case, ballot) == "The committee has voted on this case."


def test_where_the_policy_says_so_a_tie_is_voted_on_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ballot = closed(world, TIE)
    family = open_ballot.__globals__["family_of"](ballot.case)
    policy = family.org.policy.model_copy(update={"tie": "vote_again"})
    org = family.org.model_copy(update={"policy": policy})
    monkeypatch.setitem(open_ballot.__globals__, "family_of", lambda _: family.model_copy(update={"org": org}))
    assert open_ballot(world.s, case=ballot.case, actor=world.kim, at=NOW).round == 2
    carried = closed_again(world, ballot)
    assert why_not_open(carried.case, carried) == "The committee has voted on this case."


def closed_again(world: World, ballot: Ballot) -> Ballot:
    again = ballot.case.ballots[-1]
    for key in ("kim", "lou", "nat", "ola"):
        commands.cast(world.s, ballot=again, actor=getattr(world, key), choice=FOR, at=NOW)
    commands.close_ballot(world.s, ballot=again, actor=world.kim, at=NOW)
    return again


def test_a_dissent_is_for_those_who_voted_otherwise_and_given_once(world: World) -> None:
    ballot = closed(world, CARRIED)
    assert {k for k, p in world.everyone.items() if can_dissent(p, ballot)} == {"nat"}
    for key in ("kim", "ola", "joe"):
        with pytest.raises(NotPermitted):
            commands.dissent(world.s, ballot=ballot, actor=getattr(world, key), text=WHY, at=NOW)
    with pytest.raises(InvalidInput, match="Say why"):
        commands.dissent(world.s, ballot=ballot, actor=world.nat, text=" no ", at=NOW)
    commands.dissent(world.s, ballot=ballot, actor=world.nat, text=WHY, at=NOW)
    with pytest.raises(Refused, match="on record already"):
        commands.dissent(world.s, ballot=ballot, actor=world.nat, text=WHY, at=NOW)


def test_of_a_tie_those_who_voted_for_dissent(world: World) -> None:
    ballot = closed(world, TIE)
    assert {k for k, p in world.everyone.items() if can_dissent(p, ballot)} == {"kim", "lou"}


def test_nobody_dissents_from_an_open_ballot_or_from_what_was_released(world: World) -> None:
    ballot = world.ballot(world.case("ada", State.IN_CALIBRATION), CARRIED, closed=False)
    with pytest.raises(Refused, match="once the ballot is closed"):
        commands.dissent(world.s, ballot=ballot, actor=world.nat, text=WHY, at=NOW)
    released = world.case("mona", State.RELEASED).ballots[-1]
    with pytest.raises(Refused, match="stays as it is"):
        commands.dissent(world.s, ballot=released, actor=world.nat, text=WHY, at=NOW)


def test_a_dissent_is_read_by_its_writer_the_chair_and_the_people_partner(world: World, client) -> None:
    ballot = closed(world, CARRIED)
    page = f"/cases/{ballot.case_id}/votes"
    assert client(world.nat).post(f"{page}/dissent", data={"text": WHY}).status_code == 303
    assert client(world.lou).post(f"{page}/dissent", data={"text": WHY}).status_code == 403
    assert client(world.ada).post(f"{page}/dissent", data={"text": WHY}).status_code == 404
    assert {k for k in ("nat", "kim", "pia", "lou", "ola") if WHY in client(getattr(world, k)).get(page).text} == {
        "nat",
        "kim",
        "pia",
    }


def test_the_table_refuses_a_dissent_without_a_vote(world: World) -> None:
    ballot = closed(world, {"kim": FOR, "lou": FOR, "nat": None, "ola": FOR})
    nat = next(e for e in ballot.electors if e.person_id == world.nat.id)
    nat.dissent, nat.dissented_at = WHY, NOW
    with pytest.raises(IntegrityError, match="only_voters_dissent"):
        world.s.flush()
