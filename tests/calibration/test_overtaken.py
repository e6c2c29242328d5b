"""A decision under a check changes: the check is computed again and says so; a published statement that no longer holds
is taken back, without a figure; and nobody is told of the change who may not know of it."""

import pytest
from sqlalchemy import select

from portal.calibration import commands, jobs
from portal.calibration.queries import published_in, readings_of
from portal.calibration.queries.published import last_checks
from portal.decisions.commands import record_decision
from portal.domain.case_flow import State
from portal.models.audit import AuditEvent
from portal.models.calibration import ALL_GRADES, BarCheck, PublishedStatement
from portal.models.case import Case
from portal.models.decision import Decision, Outcome
from portal.models.person import Role, RoleGrant
from portal.records.queries import events_for
from tests.calibration.places import GRADE, closed_cycle, recuse
from tests.calibration.test_published import decide
from tests.two_worlds import masked
from tests.world import NOW, World

WHY = "No role is open this half-year; the first version overlooked it."
AGAIN = "bar_checked_again"
PUBLIC = "/cycles/spring-2026/equivalence"


def check(world: World, grade: int = 4) -> BarCheck:
    who = {"actor": world.kim, "at": NOW}
    return commands.run_bar_check(world.s, cycle=world.cycle, family_id="engineering", grade=grade, **who)


def changed(world: World, case: Case, outcome: Outcome = Outcome.DEFERRED) -> Decision:
    """A further version of an approval, which the same ballot allows."""
    words = {"reasons": "The evidence shows the bar was met on every clause.", "unmet_codes": [], "correction": WHY}
    day = NOW.date() if outcome is Outcome.APPROVED else None
    return record_decision(world.s, case=case, actor=world.kim, outcome=outcome, effective_on=day, at=NOW, **words)


def checks(world: World) -> list[BarCheck]:
    return list(
        world.s.scalars(select(BarCheck).where(BarCheck.sentence != "The data cannot say.").order_by(BarCheck.id))
    )


def test_a_check_whose_decision_changed_is_computed_again_and_the_one_before_stays(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    before = check(world)
    changed(world, case)
    first, again = checks(world)
    assert (first.id, first.figures["tracks"]["ic"]["deferred"]) == (before.id, 0)
    assert (again.figures["tracks"]["ic"]["deferred"], again.grade, again.run_by_id) == (1, 4, world.kim.id)
    assert again.figures["again"]["before"] == before.id
    assert again.figures["again"]["sentence"] == before.sentence
    event = world.s.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert (event.action, event.thing, event.reason, event.case_id) == (
        "bar_checked_again",
        f"bar_check:{again.id}",
        "decision changed",
        case.id,  # so that whoever must stay away from the case does not read it in the log
    )


def test_the_log_tells_it_to_nobody_who_may_not_know_of_the_decision(world: World) -> None:
    """A people partner whose own case was decided anew reads no line of it before its release."""
    case = world.case("ada", State.DECIDED)
    check(world)
    changed(world, case)
    world.s.add(RoleGrant(person_id=case.candidate_id, role=Role.PEOPLE_PARTNER, granted_at=NOW))
    world.s.flush()
    world.s.expire(case.candidate, ["grants"])
    people = (case.candidate, world.pia)
    assert people[0].has(Role.PEOPLE_PARTNER)
    assert [who for who in people for line in events_for(world.s, who) if line.action == AGAIN] == [people[1]]


def test_the_whole_ladder_is_computed_again_with_the_grade(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    check(world)
    check(world, ALL_GRADES)
    changed(world, case)
    assert [one.grade for one in checks(world)] == [4, ALL_GRADES, 4, ALL_GRADES]


def test_a_later_cycle_that_pooled_the_case_is_computed_again(world: World) -> None:
    earlier = closed_cycle(world, approved=3, refused=2)
    world.case("mona", State.DECIDED)
    check(world)
    case = world.s.scalars(select(Case).where(Case.cycle_id == earlier.id).order_by(Case.id)).first()
    decision = case.decisions[-1]
    decision.number, decision.outcome, decision.effective_on = 2, Outcome.DECLINED, None
    world.s.flush()
    (made,) = commands.recheck(world.s, decision=decision, actor=world.kim, at=NOW)
    assert (made.cycle_id, made.figures["again"]["case"]) == (world.cycle.id, case.id)


def test_the_same_outcome_in_other_words_computes_nothing(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    check(world)
    changed(world, case, Outcome.APPROVED)
    assert len(checks(world)) == 1


def test_a_check_from_before_the_decision_is_left_to_people(world: World) -> None:
    world.case("mona", State.IN_CALIBRATION)
    check(world)
    changed(world, world.case("ada", State.DECIDED))
    assert len(checks(world)) == 1


def test_the_page_says_that_it_was_computed_again_and_what_it_said_before(world: World, client) -> None:
    case = world.case("ada", State.DECIDED)
    before = check(world)
    changed(world, case)
    world.commit()
    page = " ".join(client(world.kim).get(GRADE).text.split())
    assert f"because a decision changed. Before: {before.sentence}" in page
    assert "computed again: a decision changed" in page


def test_with_a_conflict_one_is_not_shown_what_a_hidden_case_brought_about(world: World) -> None:
    seen, hidden = world.case("mona", State.DECIDED), world.case("ada", State.DECIDED)
    recuse(world, hidden, world.nat)
    before = check(world)
    changed(world, hidden)
    again = checks(world)[-1]
    assert [one.check.id for one in readings_of([again, before], {seen.id})] == [before.id]
    assert [one.check.id for one in readings_of([again, before], {seen.id, hidden.id})] == [again.id, before.id]


def test_what_was_said_before_is_what_oneself_could_read_then(world: World) -> None:
    """The check before held a case that the new one does not: its sentence is not for whoever stays away from that."""
    seen, hidden = world.case("mona", State.DECIDED), world.case("ada", State.DECIDED)
    before = check(world)
    hidden._state = State.WITHDRAWN
    changed(world, seen)
    found, first = readings_of([checks(world)[-1], before], {seen.id})
    assert (found.again, found.before.figures) == (True, first.figures)
    assert (found.before.figures["n"], before.figures["n"]) == ({"ic": 0, "manager": 1}, {"ic": 1, "manager": 1})


def test_with_a_conflict_one_is_told_that_a_case_one_may_see_was_decided_anew(world: World) -> None:
    """As in a world without the other case."""
    seen, hidden = world.case("mona", State.DECIDED), world.case("ada", State.DECIDED)
    before = check(world)
    changed(world, seen)
    found, first = readings_of([checks(world)[-1], before], {seen.id})
    assert (found.again, found.before.sentence, first.again, hidden.id in str(found.figures)) == (
        True,
        first.sentence,
        False,
        False,
    )


def published(world: World, verdict: str) -> PublishedStatement:
    """What was published of the last check, as if it had said `verdict`."""
    counts = {"decided": 10, "approved": 5}
    made = PublishedStatement(
        cycle_id=world.cycle.id,
        family_id="engineering",
        grade=4,
        bar_check=check(world),
        content={"verdict": verdict, "withheld": "", "margin": 0.5},
        counts={"ic": counts, "manager": counts},
        published_by=world.pia,
        published_at=NOW,
    )
    world.cycle.closed_at = NOW
    world.s.add(made)
    world.s.flush()
    return made


def released(world: World, case: Case) -> None:
    newest = case.decisions[-1]
    newest.confirmed_at, newest.confirmed_by_id = NOW, world.nat.id
    if case.state is State.DECIDED:
        world._release(case)
    newest.released_at = NOW
    world.s.flush()
    commands.recheck(world.s, decision=newest, actor=world.pia, at=NOW)


def test_a_claim_that_fell_is_taken_back_once_the_new_decision_is_released(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    before = published(world, "equivalent")
    changed(world, case)
    assert commands.take_back_overtaken(world.s, at=NOW) == []  # nobody outside may know yet
    released(world, case)
    (made,) = commands.take_back_overtaken(world.s, at=NOW)
    assert made.content == {
        "verdict": "not_enough_evidence",
        "withheld": "overtaken",
        "margin": 0.5,
        "before": {"verdict": "equivalent", "margin": 0.5, "at": NOW.isoformat()},
    }
    assert published_in(world.s, world.cycle) == [made]
    assert (before.content["verdict"], commands.take_back_overtaken(world.s, at=NOW)) == ("equivalent", [])
    event = world.s.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert (event.action, event.actor_id) == ("statement_overtaken", None)


def test_a_correction_of_a_released_decision_moves_no_figure_before_its_own_release(world: World) -> None:
    case = world.case("ada", State.RELEASED)
    before = published(world, "equivalent")
    changed(world, case)
    check(world)
    assert [one.figures["tracks"]["ic"]["deferred"] for one in checks(world)] == [0, 0]
    assert (commands.take_back_overtaken(world.s, at=NOW), last_checks(world.s, world.cycle)) == ([], checks(world)[1:])
    assert published_in(world.s, world.cycle) == [before]


def test_a_later_cycle_that_pooled_the_case_learns_of_a_correction_at_its_release(world: World) -> None:
    earlier = closed_cycle(world, approved=3, refused=2)
    world.case("mona", State.DECIDED)
    check(world)
    approved = select(Decision).join(Case).where(Case.cycle_id == earlier.id, Decision.outcome == Outcome.APPROVED)
    case = world.s.scalars(approved).first().case
    changed(world, case).outcome = Outcome.DECLINED
    check(world)
    assert [one.figures["approved"]["ic"] for one in checks(world)] == [3, 3]
    released(world, case)
    made = checks(world)[-1]
    assert (made.cycle_id, made.figures["approved"]["ic"]) == (world.cycle.id, 2)


def test_what_waits_for_its_release_is_not_published(world: World) -> None:
    world.case("ada", State.DECIDED)
    check(world)
    assert last_checks(world.s, world.cycle) == []


def test_a_claim_that_stands_is_left_alone_so_that_nobody_learns_of_the_change(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    before = published(world, "not_enough_evidence")
    changed(world, case)
    released(world, case)
    assert commands.take_back_overtaken(world.s, at=NOW) == []
    assert published_in(world.s, world.cycle) == [before]


def test_a_check_by_hand_before_the_release_does_not_keep_a_fallen_claim_up(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    before = published(world, "equivalent")
    changed(world, case)
    last = check(world)
    released(world, case)
    (made,) = commands.take_back_overtaken(world.s, at=NOW)
    assert (made.bar_check_id, made.content["before"]["verdict"]) == (last.id, before.content["verdict"])


def test_what_is_published_falls_also_when_the_last_check_was_run_while_the_case_was_decided_anew(world: World) -> None:
    """Sent back on appeal, checked by hand without it, decided otherwise."""
    case = world.case("ada", State.DECIDED)
    published(world, "equivalent")
    released(world, case)
    case._state = State.IN_CALIBRATION
    world.s.flush()
    meanwhile = check(world)
    case._state = State.DECIDED
    (row,) = meanwhile.figures["evidence"]
    first = case.decisions[-1]
    made_on = {"ballot_id": first.ballot_id, "bar_check_id": first.bar_check_id, "position": first.position}
    said = {"outcome": Outcome.DEFERRED, "reasons": "Counted anew.", "unmet": []}
    case.decisions.append(Decision(number=2, recorded_by_id=world.kim.id, recorded_at=NOW, **made_on, **said))
    world.s.flush()
    (made,) = commands.recheck(world.s, decision=case.decisions[-1], actor=world.kim, at=NOW)
    assert (row["outcome"], made.figures["again"]["before"]) == (None, meanwhile.id)


def test_what_a_person_checked_anew_is_not_published_by_itself(world: World) -> None:
    case = world.case("ada", State.DECIDED)
    published(world, "equivalent")
    check(world)
    released(world, case)
    assert commands.take_back_overtaken(world.s, at=NOW) == []


def test_everybody_reads_that_a_statement_was_taken_back_and_no_figure(world: World, client) -> None:
    case = world.case("ada", State.DECIDED)
    published(world, "equivalent")
    changed(world, case)
    released(world, case)
    world.commit()
    assert jobs.restate(world.s.get_bind()) == 1
    assert jobs.restate(world.s.get_bind()) == 0
    page = client(world.sam).get(PUBLIC).text
    assert "Taken back: decisions that the statement rested on have changed" in page
    assert "points" not in page.split("Taken back")[1].split("</section>")[0]
    lede = page.split('<p class="lede">')[1].split("</p>")[0]
    assert lede.startswith("What was said about the IC and the manager bar after this cycle was taken back by ")
    assert world.pia.name not in lede  # nobody took it back


@pytest.mark.parametrize("times", [1, 3])
def test_every_version_of_a_decision_is_computed_once(world: World, times: int) -> None:
    case = world.case("ada", State.DECIDED)
    check(world)
    for n in range(times):
        changed(world, case, Outcome.APPROVED if n % 2 else Outcome.DEFERRED)
    assert len(checks(world)) == 1 + times


def test_while_the_verdict_stands_everybody_reads_the_same_bytes_as_before(world: World, client) -> None:
    decide(world, 10)
    check(world)
    world.cycle.closed_at = NOW
    commands.publish_statements(world.s, cycle=world.cycle, actor=world.pia, at=NOW)
    world.commit()
    before = masked(client(world.sam).get(PUBLIC).data)
    world.s.rollback()
    case = next(d.case for d in world.s.scalars(select(Decision)) if d.outcome is Outcome.APPROVED)
    changed(world, case)
    released(world, case)
    world.commit()
    assert len(checks(world)) == 2
    assert jobs.restate(world.s.get_bind()) == 0
    assert masked(client(world.sam).get(PUBLIC).data) == before
