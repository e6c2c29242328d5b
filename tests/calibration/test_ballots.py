"""A ballot from opening to tally: who may vote is fixed, votes are secret and can change, late votes do not count."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.calibration import commands
from portal.cases.queries import count, facts_for
from portal.domain.case_flow import State
from portal.domain.problems import NotPermitted, Refused
from portal.domain.voting import Tally
from portal.models.audit import AuditEvent
from portal.models.calibration import Ballot, Choice, Standing
from portal.models.case import Case, ConflictSource, Recusal
from portal.models.outbox import OutboxRow
from portal.models.person import Person
from tests.world import NOW, World

LATER = NOW + timedelta(minutes=5)


def recuse(world: World, case: Case, person: Person) -> None:
    case.recusals.append(
        Recusal(person=person, source=ConflictSource.DECLARED, reason="friends", declared_by_id=person.id, at=NOW)
    )
    world.s.flush()


def opened(world: World, case: Case) -> Ballot:
    return commands.open_ballot(world.s, case=case, actor=world.kim, at=NOW)


def vote(world: World, ballot: Ballot, **choices: Choice) -> None:
    for key, choice in choices.items():
        commands.cast(world.s, ballot=ballot, actor=getattr(world, key), choice=choice, at=NOW)


def close(world: World, ballot: Ballot) -> Tally:
    commands.close_ballot(world.s, ballot=ballot, actor=world.kim, at=LATER)
    return count(ballot)


@pytest.fixture
def case(world: World) -> Case:
    return world.case("ada", State.IN_CALIBRATION, scores=(3, 3, 2))


def test_opening_fixes_who_may_vote_and_what_was_shown(world: World, case: Case) -> None:
    recuse(world, case, world.ola)
    ballot = opened(world, case)
    standing = {e.person_id: e.standing for e in ballot.electors}
    assert standing == {
        **{getattr(world, key).id: Standing.ELIGIBLE for key in ("kim", "lou", "nat", "joe")},
        world.ola.id: Standing.RECUSED,
    }
    assert (ballot.round, ballot.quorum, ballot.majority) == (1, 0.67, 0.5)
    assert ballot.shown == pytest.approx(8 / 3)
    assert ballot.position["overall"] == ballot.shown
    assert {tuple(u) for u in ballot.position["unmet"]} == {
        ("kind", "code", "competency", "name", "needed", "got", "sentence")
    }
    assert ballot.position["unmet"][0]["code"] == "weighted_mean"


def test_everyone_eligible_is_told_by_a_mail_that_says_nothing(world: World, case: Case) -> None:
    recuse(world, case, world.ola)
    opened(world, case)
    mails = world.s.scalars(select(OutboxRow).order_by(OutboxRow.id)).all()
    assert {m.payload["to"] for m in mails} == {getattr(world, key).id for key in ("kim", "lou", "nat", "joe")}
    assert {(m.payload["template"], str(m.payload["values"])) for m in mails} == {
        ("ballot_open", str({"path": f"/cases/{case.id}/votes"}))
    }


def test_a_majority_of_a_quorum_carries(world: World, case: Case) -> None:
    ballot = opened(world, case)
    vote(world, ballot, kim=Choice.FOR, lou=Choice.FOR, nat=Choice.AGAINST, ola=Choice.ABSTAIN)
    assert close(world, ballot) == Tally(2, 1, 1, 1, 0, 4, True, True)


def test_a_tie_does_not_carry(world: World, case: Case) -> None:
    ballot = opened(world, case)
    vote(world, ballot, kim=Choice.FOR, lou=Choice.FOR, nat=Choice.AGAINST, ola=Choice.AGAINST)
    assert close(world, ballot).carried is False


def test_a_vote_can_be_changed_until_the_ballot_is_closed(world: World, case: Case) -> None:
    ballot = opened(world, case)
    vote(world, ballot, kim=Choice.FOR)
    vote(world, ballot, kim=Choice.AGAINST)
    found = close(world, ballot)
    assert (found.votes_for, found.votes_against, found.absent) == (0, 1, 4)


def test_a_vote_after_closing_is_refused_and_changes_nothing(world: World, case: Case) -> None:
    ballot = opened(world, case)
    vote(world, ballot, kim=Choice.FOR)
    close(world, ballot)
    with pytest.raises(Refused, match="closed before your vote arrived"):
        vote(world, ballot, kim=Choice.AGAINST)
    assert count(ballot).votes_for == 1


def test_who_was_recused_or_joined_later_cannot_vote(world: World, case: Case) -> None:
    recuse(world, case, world.ola)
    ballot = opened(world, case)
    for key in ("ola", "sam"):
        with pytest.raises(NotPermitted):
            vote(world, ballot, **{key: Choice.FOR})


def test_a_vote_of_somebody_recused_meanwhile_is_not_counted(world: World, case: Case) -> None:
    ballot = opened(world, case)
    vote(world, ballot, kim=Choice.FOR, lou=Choice.FOR, nat=Choice.FOR, ola=Choice.AGAINST)
    recuse(world, case, world.ola)
    assert close(world, ballot) == Tally(3, 0, 0, 1, 1, 3, True, True)
    with pytest.raises(Refused):
        vote(world, ballot, ola=Choice.AGAINST)


def test_a_member_recused_meanwhile_cannot_cast(world: World, case: Case) -> None:
    ballot = opened(world, case)
    recuse(world, case, world.ola)
    with pytest.raises(NotPermitted):
        vote(world, ballot, ola=Choice.FOR)


def test_one_ballot_at_a_time(world: World, case: Case) -> None:
    opened(world, case)
    with pytest.raises(Refused, match="already open"):
        opened(world, case)


def test_without_a_quorum_there_is_another_round(world: World, case: Case) -> None:
    ballot = opened(world, case)
    vote(world, ballot, kim=Choice.FOR)
    assert close(world, ballot).quorum_met is False
    again = opened(world, case)
    assert (again.round, [e.choice for e in again.electors]) == (2, [None] * 5)


def test_a_committee_that_has_voted_does_not_vote_again(world: World, case: Case) -> None:
    ballot = opened(world, case)
    vote(world, ballot, kim=Choice.FOR, lou=Choice.FOR, nat=Choice.FOR, ola=Choice.FOR)
    close(world, ballot)
    assert facts_for(world.s, case).quorum_met
    with pytest.raises(Refused, match="has voted"):
        opened(world, case)


def test_a_case_sent_back_after_the_vote_is_voted_on_anew(world: World, case: Case) -> None:
    ballot = opened(world, case)
    vote(world, ballot, kim=Choice.FOR, lou=Choice.FOR, nat=Choice.FOR, ola=Choice.FOR)
    close(world, ballot)
    case.state_since = LATER
    world.s.flush()
    assert commands.open_ballot(world.s, case=case, actor=world.kim, at=LATER).round == 2


def test_closing_twice_is_refused(world: World, case: Case) -> None:
    ballot = opened(world, case)
    close(world, ballot)
    with pytest.raises(Refused, match="already closed"):
        close(world, ballot)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.IN_REVIEW, State.DECIDED])
def test_a_ballot_is_held_in_calibration_only(world: World, state: State) -> None:
    with pytest.raises(Refused, match="while the case is in calibration"):
        opened(world, world.case("ada", state))


def test_a_ballot_nobody_may_vote_on_is_refused(world: World, case: Case) -> None:
    for person in ("kim", "lou", "nat", "ola", "joe"):
        recuse(world, case, getattr(world, person))
    with pytest.raises(Refused, match="Nobody on the committee may vote"):
        commands.open_ballot(world.s, case=case, actor=world.kim, at=NOW)


def test_a_case_without_a_committee_gets_no_ballot(world: World, case: Case) -> None:
    case.committee = None
    world.s.flush()
    with pytest.raises(Refused, match="No committee is named"):
        opened(world, case)


def test_who_has_left_is_not_on_the_ballot(world: World, case: Case) -> None:
    world.joe.active = False
    world.s.flush()
    assert world.joe.id not in {e.person_id for e in opened(world, case).electors}


def test_the_record_names_no_voter_before_the_ballot_is_closed(world: World, case: Case) -> None:
    ballot = opened(world, case)
    before = world.s.scalars(select(AuditEvent.sequence)).all()
    vote(world, ballot, kim=Choice.FOR, nat=Choice.AGAINST)
    assert world.s.scalars(select(AuditEvent.sequence)).all() == before
    close(world, ballot)
    written = world.s.scalars(
        select(AuditEvent).where(AuditEvent.sequence > before[-1]).order_by(AuditEvent.sequence)
    ).all()
    voters = [(e.actor_id, e.action) for e in written[:-1]]
    assert voters == sorted((getattr(world, key).id, "vote_counted") for key in ("kim", "nat"))
    assert (written[-1].actor_id, written[-1].action) == (world.kim.id, "ballot_closed")
