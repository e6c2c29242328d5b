"""Choosing reviewers by hand: who can be asked, who cannot and why, and what changes once review is open."""

from datetime import timedelta

import pytest

from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, Refused
from portal.models.case import ConflictSource, Recusal
from portal.models.outbox import OutboxRow
from portal.models.packet import Referee, RefereeState, Statement
from portal.people import commands as people
from portal.reviews import commands, queries
from portal.reviews.commands.assigning import PSEUDONYMS
from portal.reviews.policy import Fitness, Standing, fitness
from tests.reviews.filling import saved, sealed, seat
from tests.world import NOW, World


def mails(world: World) -> list[tuple[str, dict]]:
    rows = world.s.query(OutboxRow).order_by(OutboxRow.id)
    return [(row.payload["template"], row.payload) for row in rows]


def assign(world: World, case, who: str):
    return commands.assign(world.s, case=case, reviewer=getattr(world, who), actor=world.pia, at=NOW)


def test_a_reviewer_stands_on_their_own_side_under_a_tree_of_the_case(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    rows = [assign(world, case, who) for who in ("rex", "rae", "rob")]
    assert [(r.reviewer.name, r.track_kind) for r in rows] == [
        ("Rex Tanaka", "ic"),
        ("Rae Okonkwo", "manager"),
        ("Rob Silva", "ic"),
    ]
    names = {r.pseudonym for r in rows}
    assert len(names) == 3
    assert names <= set(PSEUDONYMS)


def recuse(world: World, case, who: str) -> None:
    person = getattr(world, who)
    case.recusals.append(
        Recusal(person=person, source=ConflictSource.DECLARED, reason="", declared_by_id=person.id, at=NOW)
    )


def make_referee(world: World, case, who: str) -> None:
    case.referees.append(
        Referee(
            person=getattr(world, who),
            pseudonym="A",
            state=RefereeState.INVITED,
            answers={},
            proposed_by_id=case.candidate_id,
            proposed_at=NOW,
        )
    )


def leave(world: World, case, who: str) -> None:
    getattr(world, who).active = False


def write_statement(world: World, case, who: str) -> None:
    world.s.add(Statement(case_id=case.id, writer_id=getattr(world, who).id, saved_at=NOW))


def nothing(world: World, case, who: str) -> None:
    """The org chart alone says no."""


@pytest.mark.parametrize(
    ("who", "bind", "why"),
    [
        ("ada", nothing, "It is their own case."),
        ("dana", nothing, "Ada Marchetti is in their reporting line."),
        ("rex", recuse, "They are recused from this case."),
        ("rex", make_referee, "They are a referee on this case."),
        ("rex", leave, "They have left."),
        ("rex", write_statement, "They wrote a statement on this case."),
        ("theo", nothing, "As a people partner they could read the other reviews before sealing their own."),
        ("aud", nothing, "As an auditor they could read the other reviews before sealing their own."),
        ("opal", nothing, "They have no graded level on a ladder of this cycle."),
        ("sam", nothing, "Their grade is 2; the case is for grade 4."),
    ],
)
def test_who_cannot_review_is_refused_with_the_reason(world: World, who: str, bind, why: str) -> None:
    case = world.case("ada", State.SUBMITTED)
    bind(world, case, who)
    world.s.flush()
    with pytest.raises(Refused) as refused:
        assign(world, case, who)
    assert refused.value.message == f"{getattr(world, who).name} cannot review this case. {why}"
    assert case.assignments == []


def test_a_report_of_the_candidate_cannot_review(world: World) -> None:
    case = world.case("mona", State.SUBMITTED)
    people.set_manager(world.s, actor=world.pia, person=world.rex, manager=world.mona, at=NOW)
    with pytest.raises(Refused, match="They are in the reporting line of Mona Fischer"):
        assign(world, case, "rex")


def test_one_grade_below_the_target_is_a_warning(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    assert fitness(world.ivy, case, Standing("ic", 3), ()) == Fitness(warning="Grade 3, one below the target grade.")
    assert fitness(world.rex, case, Standing("ic", 4), ()) == Fitness()


def test_nobody_is_asked_twice(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    assign(world, case, "rex")
    with pytest.raises(Refused, match="reviews this case already"):
        assign(world, case, "rex")


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_CALIBRATION, State.RELEASED])
def test_reviewers_are_chosen_before_and_during_review_only(world: World, state: State) -> None:
    case = world.case("ada", state)
    with pytest.raises(Refused, match="before and during review"):
        assign(world, case, "nat")


def test_opening_the_review_mails_each_reviewer_a_link_and_a_date(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    for who in ("rex", "rob", "rae"):
        assign(world, case, who)
    assert mails(world) == []
    commands.open_review(world.s, case=case, actor=world.pia, at=NOW)
    assert case.state is State.IN_REVIEW
    by = "2026-04-20T10:00:00+00:00"
    values = {"path": f"/cases/{case.id}/review", "due": "20 Apr 2026, 10:00 (UTC)", "by": by}
    assert mails(world) == [
        ("review_asked", {"to": getattr(world, who).id, "template": "review_asked", "values": values})
        for who in ("rex", "rob", "rae")
    ]


def test_review_does_not_open_without_the_other_track(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    for who in ("rex", "rob", "ola"):
        assign(world, case, who)
    with pytest.raises(Refused) as refused:
        commands.open_review(world.s, case=case, actor=world.pia, at=NOW)
    assert refused.value.message == "No reviewer comes from the other track; assign at least one."
    assert mails(world) == []


def test_who_is_asked_during_review_is_told_at_once(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    row = assign(world, case, "nat")
    assert row.no_conflict_at is None
    assert [payload["to"] for _, payload in mails(world)] == [world.nat.id]


def test_a_removed_reviewer_can_be_asked_again(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    first = assign(world, case, "rex")
    commands.unassign(world.s, assignment=first, actor=world.pia, reason="on leave", at=NOW)
    assert case.active_assignments == []
    again = assign(world, case, "rex")
    assert (again is first, again.ended_at, again.ended_reason) == (True, None, "")


def test_removing_needs_a_reason_and_a_live_assignment(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    row = assign(world, case, "rex")
    with pytest.raises(InvalidInput):
        commands.unassign(world.s, assignment=row, actor=world.pia, reason=" ", at=NOW)
    commands.unassign(world.s, assignment=row, actor=world.pia, reason="on leave", at=NOW)
    with pytest.raises(Refused, match="no longer reviews"):
        commands.unassign(world.s, assignment=row, actor=world.pia, reason="on leave", at=NOW)


def test_a_sealed_review_is_not_removed(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rex)
    with pytest.raises(Refused, match="sealed and stays"):
        commands.unassign(world.s, assignment=seat(case, world.rex), actor=world.pia, reason="on leave", at=NOW)


def test_during_review_the_panel_may_not_be_thinned_out(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    with pytest.raises(Refused, match="record a waiver"):
        commands.unassign(world.s, assignment=seat(case, world.rex), actor=world.pia, reason="on leave", at=NOW)
    assign(world, case, "ola")
    with pytest.raises(Refused, match="record a waiver"):
        commands.unassign(world.s, assignment=seat(case, world.rae), actor=world.pia, reason="on leave", at=NOW)
    commands.unassign(world.s, assignment=seat(case, world.rex), actor=world.pia, reason="on leave", at=NOW)
    assert [a.reviewer.name for a in case.active_assignments] == ["Rob Silva", "Rae Okonkwo", "Ola Berg"]


def test_nobody_is_removed_once_the_committee_has_the_case(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    commands.waive(world.s, assignment=seat(case, world.rex), actor=world.pia, reason="ill", at=NOW)
    for who in ("rob", "rae"):
        sealed(world, case, getattr(world, who))
    commands.send_to_calibration(world.s, case=case, actor=world.pia, at=NOW)
    with pytest.raises(Refused, match="in calibration"):
        commands.unassign(world.s, assignment=seat(case, world.rex), actor=world.pia, reason="ill", at=NOW)


def test_the_case_goes_on_without_a_waived_review(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    for who in ("rex", "rae"):
        sealed(world, case, getattr(world, who))
    with pytest.raises(Refused, match="not sealed yet: 1"):
        commands.send_to_calibration(world.s, case=case, actor=world.pia, at=NOW)
    commands.waive(world.s, assignment=seat(case, world.rob), actor=world.pia, reason="ill", at=NOW)
    case.committee = None
    commands.send_to_calibration(world.s, case=case, actor=world.pia, at=NOW)
    assert (case.state, case.committee.name) == (State.IN_CALIBRATION, "Grades 3 to 5")


def test_only_an_outstanding_review_is_waived_and_with_a_reason(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    sealed(world, case, world.rex)
    with pytest.raises(Refused, match="no outstanding review"):
        commands.waive(world.s, assignment=seat(case, world.rex), actor=world.pia, reason="ill", at=NOW)
    with pytest.raises(InvalidInput):
        commands.waive(world.s, assignment=seat(case, world.rob), actor=world.pia, reason="", at=NOW)
    other = world.case("ivy", State.SUBMITTED)
    row = assign(world, other, "rex")
    with pytest.raises(Refused, match="while the case is in review"):
        commands.waive(world.s, assignment=row, actor=world.pia, reason="ill", at=NOW)


def test_a_waived_reviewer_can_be_asked_again_and_writes_again(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    row = seat(case, world.rex)
    commands.waive(world.s, assignment=row, actor=world.pia, reason="ill", at=NOW)
    with pytest.raises(Refused, match="released"):
        saved(world, case, world.rex)
    assign(world, case, "rex")
    commands.declare_no_conflict(world.s, assignment=row, actor=world.rex, at=NOW)
    assert saved(world, case, world.rex).version == 1


def test_choices_put_the_missing_side_first_then_the_least_loaded(world: World) -> None:
    world.case("mona", State.IN_REVIEW)
    case = world.case("ada", State.SUBMITTED)
    found = queries.choices(world.s, case, world.pia)
    free = [(c.person.name, c.standing.track_kind, c.load) for c in found if not c.fitness.refusal]
    assert free[:5] == [
        ("Dirk Janssen", "manager", 0),
        ("Joe Walsh", "manager", 0),
        ("Nat Weiss", "manager", 0),
        ("Rae Okonkwo", "manager", 1),
        ("Mona Fischer", "manager", 0),
    ]
    assert free[-3:-1] == [("Rex Tanaka", "ic", 1), ("Rob Silva", "ic", 1)]
    refused = {c.person.name: c.fitness.refusal for c in found if c.fitness.refusal}
    assert refused["Ada Marchetti"] == "It is their own case."
    assert "Sam Ito" not in refused


def test_a_search_shows_why_somebody_too_junior_cannot_be_asked(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    found = queries.choices(world.s, case, world.pia, named="sam")
    assert [(c.person.name, c.fitness.refusal) for c in found] == [
        ("Sam Ito", "Their grade is 2; the case is for grade 4.")
    ]


def test_a_load_does_not_tell_a_people_partner_who_reviews_their_own_case(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    before = [(c.person.name, c.load) for c in queries.choices(world.s, case, world.theo)]
    world.case("theo", State.IN_REVIEW)
    assert [(c.person.name, c.load) for c in queries.choices(world.s, case, world.theo)] == before
    loads = {c.person.name: c.load for c in queries.choices(world.s, case, world.pia)}
    assert loads["Rex Tanaka"] == 1


def test_every_act_leaves_a_line_in_the_audit_log(world: World) -> None:
    from portal.models.audit import AuditEvent

    case = world.case("ada", State.SUBMITTED)
    row = assign(world, case, "rex")
    commands.unassign(world.s, assignment=row, actor=world.pia, reason="on leave", at=NOW + timedelta(hours=1))
    events = world.s.query(AuditEvent).filter(AuditEvent.case_id == case.id).order_by(AuditEvent.sequence)
    assert [(e.action, e.actor_id, e.thing, e.stage, e.reason) for e in events] == [
        ("reviewer_assigned", world.pia.id, f"person:{world.rex.id}", "submitted", ""),
        ("reviewer_removed", world.pia.id, f"person:{world.rex.id}", "submitted", "on leave"),
    ]
