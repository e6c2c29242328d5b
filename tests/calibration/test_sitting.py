"""A session of the committee, verb by verb: who may, what is refused, and what it leaves behind."""

import pytest
from sqlalchemy import select

from portal.calibration import commands
from portal.calibration.commands import sitting as steps
from portal.calibration.queries import agenda, case_rows, position_now, settled_in, sheets_at
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, NotPermitted, Refused, StaleVersion
from portal.models.audit import AuditEvent
from portal.models.calibration import Choice
from portal.models.calibration_session import CalibrationSession, ChangeReason, PositionChange, PreVote
from portal.models.case import Case
from portal.models.packet import Snapshot
from tests.calibration.places import newcomer, recuse
from tests.world import NOW, World

COMMITTEE = ("kim", "lou", "nat", "ola", "joe")


@pytest.fixture
def case(world: World) -> Case:
    return world.case("ada", State.IN_CALIBRATION, scores=(3, 3, 2))


@pytest.fixture
def live(world: World, case: Case) -> CalibrationSession:
    return begin(world)


def begin(world: World, **how: object) -> CalibrationSession:
    given = {"cycle": world.cycle, "family_id": "engineering", "grade": 4, "box_minutes": 10, "actor": world.kim}
    return steps.begin_session(world.s, **(given | how), at=NOW)  # type: ignore[arg-type]


def put(world: World, live: CalibrationSession, case: Case | None, who: str = "kim") -> None:
    actor = getattr(world, who)
    steps.put_on_table(world.s, live=live, case=case, actor=actor, seen=steps.seen_by(actor, live), at=NOW)


def think(world: World, live: CalibrationSession, case: Case, who: str, choice: Choice = Choice.FOR) -> None:
    steps.pre_vote(world.s, live=live, case=case, actor=getattr(world, who), choice=choice, at=NOW)


def evidence(world: World, case: Case) -> list[str]:
    snapshot = world.s.scalars(select(Snapshot).where(Snapshot.case_id == case.id)).one()
    return [str(row["id"]) for row in snapshot.content["evidence"]]


def change(world: World, live: CalibrationSession, case: Case, **how: object) -> PositionChange:
    actor = how.pop("actor", world.kim)
    given = {
        "competency_id": world.rubric(case).competencies[0].id,
        "new": 3.0,
        "reason": ChangeReason.EVIDENCE_OVERLOOKED,
        "note": "The second design review shows it.",
        "cites": evidence(world, case)[:1],
        "proposer": world.nat,
    }
    proposed = steps.Proposed(**(given | how))  # type: ignore[arg-type]
    return steps.change_position(world.s, live=live, case=case, actor=actor, proposed=proposed, at=NOW)


def test_a_session_keeps_its_order_and_the_seed_it_came_from(
    world: World, live: CalibrationSession, case: Case
) -> None:
    assert (live.seed, live.agenda) == ("spring-2026/engineering/4/1", [case.id])
    event = world.s.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert (event.action, event.thing, event.case_id) == ("session_begun", f"calibration_session:{live.id}", None)


def test_one_session_at_a_place_and_another_after_it(world: World, live: CalibrationSession) -> None:
    with pytest.raises(Refused, match="going on at this grade already"):
        begin(world)
    steps.end_session(world.s, live=live, actor=world.kim, seen=steps.seen_by(world.kim, live), at=NOW)
    assert begin(world).seed == "spring-2026/engineering/4/2"


def test_nothing_to_calibrate_no_session(world: World) -> None:
    with pytest.raises(Refused, match="No case waits"):
        begin(world)


@pytest.mark.parametrize("how", [{"family_id": "product"}, {"box_minutes": 0}, {"box_minutes": 121}])
def test_what_makes_no_session_is_named(world: World, case: Case, how: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        begin(world, **how)


def test_a_case_on_the_table_has_a_time_box(world: World, live: CalibrationSession, case: Case) -> None:
    put(world, live, case)
    item = live.item_of(case.id)
    assert live.on_table is case
    assert item is not None
    assert (item.box_until - NOW).total_seconds() == 600
    put(world, live, None)
    assert live.on_table is None


def test_a_step_from_an_old_screen_is_refused_and_changes_nothing(
    world: World, live: CalibrationSession, case: Case
) -> None:
    seen = steps.seen_by(world.lou, live)
    put(world, live, case)
    with pytest.raises(StaleVersion) as refused:
        steps.put_on_table(world.s, live=live, case=None, actor=world.lou, seen=seen, at=NOW)
    assert refused.value.theirs == {"On the table": "Ada Marchetti"}
    assert live.on_table is case


def test_a_stale_step_names_no_case_to_who_must_stay_away(world: World, live: CalibrationSession, case: Case) -> None:
    seen = steps.seen_by(world.lou, live)
    put(world, live, case)
    recuse(world, case, world.lou)
    with pytest.raises(StaleVersion) as refused:
        steps.put_on_table(world.s, live=live, case=None, actor=world.lou, seen=seen, at=NOW)
    assert refused.value.theirs == {"On the table": "a case you must stay away from"}


def test_who_must_stay_away_neither_puts_nor_clears_nor_writes(
    world: World, live: CalibrationSession, case: Case
) -> None:
    recuse(world, case, world.kim)
    with pytest.raises(NotPermitted):
        put(world, live, case)
    put(world, live, case, "lou")
    with pytest.raises(NotPermitted):
        put(world, live, None)
    with pytest.raises(NotPermitted):
        steps.note(world.s, live=live, case=case, actor=world.kim, text="x", at=NOW)
    with pytest.raises(NotPermitted):
        steps.reveal(world.s, live=live, case=case, actor=world.kim, seen=steps.seen_by(world.kim, live), at=NOW)
    with pytest.raises(NotPermitted):
        think(world, live, case, "kim")
    with pytest.raises(NotPermitted):
        change(world, live, case)
    with pytest.raises(NotPermitted):
        steps.note_manager(world.s, live=live, case=case, actor=world.kim, present=True, at=NOW)


def test_the_own_manager_on_the_committee_has_no_voice(world: World, live: CalibrationSession, case: Case) -> None:
    """A seat does not help: the line above a candidate answers, and neither votes nor moves."""
    case.candidate.manager = world.nat
    case.candidate.chain = f"{world.nat.chain}{world.nat.id}/"
    world.s.flush()
    put(world, live, case)
    with pytest.raises(NotPermitted):
        think(world, live, case, "nat")
    with pytest.raises(NotPermitted, match="its manager never does"):
        change(world, live, case, proposer=world.nat)
    steps.note_manager(world.s, live=live, case=case, actor=world.kim, present=True, at=NOW)
    assert live.item_of(case.id).manager_present is True


def test_a_case_of_another_grade_or_state_is_not_put_on_this_table(world: World, live: CalibrationSession) -> None:
    with pytest.raises(Refused, match="another grade"):
        put(world, live, world.case("ron", State.IN_CALIBRATION))
    with pytest.raises(Refused, match="not in calibration"):
        put(world, live, world.case("mona", State.DECIDED))


def test_what_somebody_thinks_moves_the_session_nowhere(world: World, live: CalibrationSession, case: Case) -> None:
    put(world, live, case)
    before = live.version
    for who in COMMITTEE:
        think(world, live, case, who)
    think(world, live, case, "kim", Choice.ABSTAIN)
    assert live.version == before


def test_what_somebody_thought_who_must_stay_away_since_is_not_shown(
    world: World, live: CalibrationSession, case: Case
) -> None:
    put(world, live, case)
    think(world, live, case, "nat", Choice.AGAINST)
    think(world, live, case, "ola", Choice.FOR)
    recuse(world, case, world.nat)
    steps.reveal(world.s, live=live, case=case, actor=world.kim, seen=steps.seen_by(world.kim, live), at=NOW)
    assert world.s.scalars(select(PreVote.person_id)).all() == [world.ola.id]


def test_a_pre_vote_leaves_no_line_in_the_record_before_it_is_shown(
    world: World, live: CalibrationSession, case: Case
) -> None:
    put(world, live, case)
    lines = world.s.scalars(select(AuditEvent.sequence)).all()
    think(world, live, case, "nat")
    assert world.s.scalars(select(AuditEvent.sequence)).all() == lines


def test_once_shown_no_pre_vote_changes(world: World, live: CalibrationSession, case: Case) -> None:
    put(world, live, case)
    think(world, live, case, "nat")
    steps.reveal(world.s, live=live, case=case, actor=world.kim, seen=steps.seen_by(world.kim, live), at=NOW)
    with pytest.raises(Refused, match="talk has begun"):
        think(world, live, case, "nat", Choice.AGAINST)
    with pytest.raises(Refused, match="shown already"):
        steps.reveal(world.s, live=live, case=case, actor=world.kim, seen=steps.seen_by(world.kim, live), at=NOW)
    assert world.s.scalars(select(PreVote.choice)).all() == [Choice.FOR]


def test_a_pre_vote_is_for_the_case_on_the_table_and_for_members(
    world: World, live: CalibrationSession, case: Case
) -> None:
    with pytest.raises(Refused, match="no longer on the table"):
        think(world, live, case, "nat")
    put(world, live, case)
    with pytest.raises(NotPermitted, match="no seat"):
        think(world, live, case, "pia")


def test_two_who_write_minutes_both_stand(world: World, live: CalibrationSession, case: Case) -> None:
    put(world, live, case)
    for who, text in (("nat", "The scope is larger than it reads."), ("ola", "Two teams depend on it.")):
        steps.note(world.s, live=live, case=case, actor=getattr(world, who), text=text, at=NOW)
    steps.note(world.s, live=live, case=None, actor=world.kim, text="Lunch at one.", at=NOW)
    assert [(line.case_id, line.by.name) for line in live.minutes] == [
        (case.id, "Nat Weiss"),
        (case.id, "Ola Berg"),
        (None, "Kim Larsen"),
    ]
    with pytest.raises(InvalidInput):
        steps.note(world.s, live=live, case=case, actor=world.nat, text="  ", at=NOW)


def test_minutes_on_a_case_that_was_never_on_the_table_are_refused(
    world: World, live: CalibrationSession, case: Case
) -> None:
    with pytest.raises(Refused, match="not been on the table"):
        steps.note(world.s, live=live, case=case, actor=world.nat, text="Early.", at=NOW)


def test_minutes_and_changes_never_change(world: World, live: CalibrationSession, case: Case) -> None:
    put(world, live, case)
    line = steps.note(world.s, live=live, case=case, actor=world.nat, text="As it was.", at=NOW)
    line.text = "As it should have been."
    with pytest.raises(RuntimeError, match="append-only"):
        world.s.flush()


def test_a_change_moves_the_position_the_ballot_opens_on_and_not_the_scores(
    world: World, live: CalibrationSession, case: Case
) -> None:
    put(world, live, case)
    before = position_now(world.s, case).overall
    made = change(world, live, case)
    assert (round(made.old or 0, 2), made.new, made.proposer.name) == (2.67, 3.0, "Nat Weiss")
    after = position_now(world.s, case)
    assert before is not None
    assert after.overall is not None
    assert after.overall > before
    assert settled_in(live.changes) == {case.id: {made.competency_id: 3.0}}
    ballot = commands.open_ballot(world.s, case=case, actor=world.kim, at=NOW)
    assert ballot.shown == after.overall
    with pytest.raises(Refused, match="ballot was opened"):
        change(world, live, case, new=4.0)
    assert {score.value for a in case.assignments if a.review for score in a.review.scores} == {2, 3}


@pytest.mark.parametrize(
    ("how", "about"),
    [
        ({"new": 9.0}, "New score"),
        ({"new": -1.0}, "New score"),
        ({"competency_id": "juggling"}, "Competency"),
        ({"cites": []}, "Evidence"),
        ({"cites": ["no-such"]}, "Evidence"),
        ({"note": "short"}, "What was seen"),
    ],
)
def test_a_change_without_ground_is_refused_and_says_what_is_missing(
    world: World, live: CalibrationSession, case: Case, how: dict[str, object], about: str
) -> None:
    put(world, live, case)
    with pytest.raises(InvalidInput, match=about):
        change(world, live, case, **how)


def test_the_same_score_is_no_change_and_a_stranger_proposes_none(
    world: World, live: CalibrationSession, case: Case
) -> None:
    put(world, live, case)
    change(world, live, case)
    with pytest.raises(InvalidInput, match="what it is already"):
        change(world, live, case)
    with pytest.raises(InvalidInput, match="Only a member"):
        change(world, live, case, new=4.0, proposer=world.pia)


def test_an_ended_session_takes_nothing_more(world: World, live: CalibrationSession, case: Case) -> None:
    put(world, live, case)
    steps.end_session(world.s, live=live, actor=world.kim, seen=steps.seen_by(world.kim, live), at=NOW)
    assert (live.on_table, live.closed_by_id) == (None, world.kim.id)
    with pytest.raises(Refused, match="session is over"):
        steps.note(world.s, live=live, case=case, actor=world.nat, text="Too late.", at=NOW)


def test_the_unanimous_cases_ballots_open_together(world: World) -> None:
    cases = [
        world.case(newcomer(world, f"u{n}", "senior"), State.IN_CALIBRATION, scores=given)
        for n, given in enumerate([(3, 3, 3), (2, 2, 2), (1, 3, 4)])
    ]
    rows = case_rows(world.s, world.cycle.id)
    items = agenda(rows, sheets_at(world.s, cycle_id=world.cycle.id, grade=4), "seed")
    assert commands.open_unanimous(world.s, items=items, actor=world.nat, at=NOW) == 0
    assert commands.open_unanimous(world.s, items=items, actor=world.kim, at=NOW) == 2
    assert commands.open_unanimous(world.s, items=items, actor=world.kim, at=NOW) == 0
    assert [len(one.ballots) for one in cases] == [1, 1, 0]
