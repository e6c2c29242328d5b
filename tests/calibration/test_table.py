"""The room's rows are the policies as conditions: who has which case on the table, who presides in the chair's place,
who must leave, and what stands as decided. For everybody, one by one."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.calibration import commands, policy
from portal.calibration.queries import case_rows, position_now, pulse, seats_of
from portal.calibration.queries.table import glances
from portal.cases.policy import Hat, conflict, hats
from portal.domain.case_flow import State
from portal.domain.problems import Refused
from portal.models.calibration import Ballot
from portal.models.case import Case
from portal.models.cycle import Committee, CommitteeSeat
from portal.models.decision import Outcome
from portal.models.packet import Referee, RefereeState, Statement
from portal.models.person import KeptApart
from portal.reviews.commands import ScoreInput, amend
from tests.calibration.places import newcomer, recuse
from tests.world import NOW, World


@pytest.fixture
def cases(world: World) -> list[Case]:
    """One of each way to be on the table or to have to stay away, among them one that another committee decides."""
    found = {key: world.case(key, State.IN_CALIBRATION) for key in ("ada", "ivy", "mona", "ron")}
    found["dirk"] = world.case("dirk", State.IN_REVIEW)
    for key, state in (("d", State.DECIDED), ("r", State.RELEASED)):
        found[key] = world.case(newcomer(world, key, "senior"), state, outcome=Outcome.NOT_YET)
    recuse(world, found["ada"], world.kim)
    recuse(world, found["ada"], world.nat)
    told = {"pseudonym": "Referee 1", "pseudonym_for_candidate": "Colleague 1", "state": RefereeState.ANSWERED}
    by = {"proposed_by_id": world.ivy.id, "proposed_at": NOW, "answers": {}, "reason_not_to": "", "told": ""}
    found["ivy"].referees.append(Referee(person=world.ola, answered_at=NOW, **told, **by))
    world.s.add(Statement(case_id=found["mona"].id, writer_id=world.lou.id, saved_at=NOW))
    apart = {"reason": "-", "recorded_by_id": world.pia.id, "at": NOW}
    world.s.add(KeptApart(bond="b", person=world.mona, away_id=world.joe.id, **apart))
    other = Committee(
        cycle=world.cycle,
        name="Other",
        grade_from=9,
        grade_to=9,
        chair=world.sam,
        seats=[CommitteeSeat(person=world.sam)],
    )
    found["r"].committee = other
    world.commit()
    world.s.expire_all()
    return [world.fresh(case) for case in found.values()]


def test_everybody_has_on_the_table_what_the_policy_puts_there(world: World, cases: list[Case]) -> None:
    for key, person in world.everyone.items():
        theirs = {case.id for case in cases if policy.in_room(person, case)}
        assert {row.id for row in case_rows(world.s, world.cycle.id, eyes=person)} == theirs, key
    everything = {case.id for case in cases if case.candidate.name != "Dirk Janssen"}
    assert {row.id for row in case_rows(world.s, world.cycle.id)} == everything


def test_what_is_counted_is_what_is_on_the_table(world: World, cases: list[Case]) -> None:
    for key in ("kim", "lou", "nat", "ola", "joe", "pia", "theo", "sam", "aud"):
        person = getattr(world, key)
        rows = case_rows(world.s, world.cycle.id, eyes=person)
        told = [(r.id, r.family_id, r.grade, r.track_kind, r.outcome is not None, bool(r.presided)) for r in rows]
        assert [tuple(one) for one in glances(world.s, world.cycle.id, person)] == told, key


def test_the_deputy_presides_where_the_policy_says_so(world: World, cases: list[Case]) -> None:
    for key in ("lou", "kim", "nat", "pia"):
        person = getattr(world, key)
        rows = {row.id for row in case_rows(world.s, world.cycle.id, eyes=person) if row.presided}
        stands_in = {c.id for c in cases if Hat.CHAIR in hats(person, c) and c.committee.chair_id != person.id}
        assert rows == {one for one in stands_in if policy.in_room(person, world.s.get_one(Case, one))}, key


def test_who_must_leave_is_who_has_a_conflict(world: World, cases: list[Case]) -> None:
    for case in cases:
        seats = {seat.person_id: seat.away for seat in seats_of(world.s, "-", [case.id])}
        members = case.committee.seats if case.committee else []
        assert seats == {seat.person_id: bool(conflict(seat.person, case)) for seat in members}


def test_what_stands_as_decided_is_the_last_decision_while_it_stands(world: World) -> None:
    case = world.case("ada", State.DECIDED, outcome=Outcome.NOT_YET, scores=(3, 3, 2))
    (row,) = case_rows(world.s, world.cycle.id)
    assert (row.outcome, row.shown, row.rounds, row.closed) == (Outcome.NOT_YET, case.decisions[0].ballot.shown, 1, 1)
    case._state = State.IN_CALIBRATION  # sent back: the decision that was made does not stand
    world.s.flush()
    (row,) = case_rows(world.s, world.cycle.id)
    assert (row.outcome, row.shown) == (None, None)


def test_without_a_session_there_is_no_pulse(world: World) -> None:
    where = {"cycle_id": world.cycle.id, "family_id": "engineering", "grade": 4}
    assert pulse(world.s, world.nat, **where, leads=False, at=NOW) is None


def test_what_the_committee_was_shown_stays_when_reviews_change(world: World) -> None:
    """An amendment counts nowhere, and a reviewer who falls out moves the case's position, never what was voted on."""
    case = world.case("ada", State.IN_CALIBRATION, scores=(3, 3, 2))
    ballot = commands.open_ballot(world.s, case=case, actor=world.kim, at=NOW)
    world.commit()
    shown, position = ballot.shown, ballot.position
    review = case.assignments[0].review
    lower = {line.id: ScoreInput(0, None, "Not there.") for line in world.rubric(case).competencies}
    how = {"summary": "Seen again.", "reason": "The vote made me look again.", "version": review.version}
    by = {"actor": case.assignments[0].reviewer, "at": NOW + timedelta(hours=1)}
    with pytest.raises(Refused, match="not in review"):
        amend(world.s, review=review, scores=lower, **by, **how)
    case._state = State.IN_REVIEW  # as when an appeal sends it back
    amend(world.s, review=review, scores=lower, **by, **how)
    assert position_now(world.s, case).overall == shown
    recuse(world, case, world.rae)
    world.commit()
    assert position_now(world.s, case).overall == 3.0
    kept = world.s.scalars(select(Ballot)).one()
    assert (kept.shown, kept.position) == (shown, position)
