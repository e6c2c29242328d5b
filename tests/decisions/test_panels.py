"""The panel of an appeal: appointed from outside, secret until closed, its answer bound to its count, race-safe."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.decisions import policy, queries
from portal.decisions.commands import (
    NOT_OFFERED,
    answer_appeal,
    appoint,
    can_come_to_a_result,
    close_panel,
    say,
    step_aside,
)
from portal.decisions.jobs import look_after_panels
from portal.domain.appeals import Finding
from portal.domain.case_flow import Action, State
from portal.domain.problems import InvalidInput, NotPermitted, Problem, Refused
from portal.models.appeal import Appeal
from portal.models.audit import AuditEvent
from portal.models.case import Case
from portal.models.decision import Outcome
from portal.models.person import KeptApart
from tests.decisions.test_appeals import AGAIN, ANSWER, file, mails
from tests.world import NOW, World

MEMBERS = ("dirk", "ron", "mona")
OTHERS = ("sam", "ivy", "opal")
STANDS, LOOK_AGAIN, ABSTAIN = Finding


def appealed(world: World) -> Appeal:
    return file(world, world.case("ada", State.RELEASED, outcome=Outcome.NOT_YET))


def people(world: World, keys: tuple[str, ...] = MEMBERS) -> list[Any]:
    return [getattr(world, key) for key in keys]


def appointed(world: World) -> Appeal:
    appeal = appealed(world)
    appoint(world.s, appeal=appeal, people=people(world), actor=world.pia, at=NOW)
    return appeal


def voted(world: World, *findings: Finding | None) -> Appeal:
    appeal = appointed(world)
    for who, finding in zip(MEMBERS, findings, strict=True):
        if finding:
            say(world.s, appeal=appeal, actor=getattr(world, who), finding=finding, at=NOW)
    return appeal


def answer(world: World, appeal: Appeal, action: Action, **other: Any) -> None:
    given = {"appeal": appeal, "action": action, "answer": ANSWER, "at": NOW, "actor": world.dirk}
    answer_appeal(world.s, **{**given, **other})


@pytest.mark.parametrize(
    "keys",
    [
        ("dirk", "ron", "kim"),  # on the committee
        ("dirk", "ron", "rex"),  # reviewed
        ("dirk", "ron", "dana"),  # above the candidate
        ("dirk", "ron", "max"),  # the manager
        ("dirk", "ron", "ada"),  # the candidate
        ("dirk", "ron", "pia"),  # appoints, and took a step
    ],
)
def test_who_is_near_the_case_cannot_be_appointed_and_why_is_not_said(world: World, keys: Any, frozen_clock) -> None:
    appeal = appealed(world)
    with pytest.raises(InvalidInput) as refused:
        appoint(world.s, appeal=appeal, people=people(world, keys), actor=world.pia, at=NOW)
    assert (refused.value.message, appeal.panels) == (NOT_OFFERED, [])


def test_a_panel_has_as_many_members_as_the_policy_asks_for(world: World, frozen_clock) -> None:
    appeal = appealed(world)
    for keys in (("dirk", "ron"), ("dirk", "ron", "ron")):
        with pytest.raises(InvalidInput, match="at least 3 members"):
            appoint(world.s, appeal=appeal, people=people(world, keys), actor=world.pia, at=NOW)


def test_of_two_people_partners_the_second_reads_the_page_again(world: World, frozen_clock) -> None:
    appeal = appealed(world)
    given = {"appeal": appeal, "people": people(world), "at": NOW, "seen": 0}
    appoint(world.s, actor=world.pia, **given)
    with pytest.raises(Refused, match="Another panel was appointed"):
        appoint(world.s, actor=world.theo, **given)
    assert len(appeal.panels) == 1


def test_only_people_who_can_be_appointed_are_offered_the_senior_first(world: World, frozen_clock) -> None:
    case = appealed(world).case
    by = {"recorded_by_id": world.pia.id, "at": NOW}
    world.s.add(KeptApart(bond="b", person=world.ada, away_id=world.sam.id, reason="-", **by))
    world.s.flush()
    world.s.refresh(case)
    names = {p.id: key for key, p in world.everyone.items()}
    offered = [names[p.id] for p in queries.eligible(world.s, case, world.pia)]
    assert offered == ["dirk", "ron", "aud", "ivy", "mona", "opal", "theo"]
    assert queries.eligible(world.s, case, world.pia, "rex") == queries.eligible(world.s, case, world.pia, "zzz") == []
    wanted = {world.dirk.id, world.kim.id, world.sam.id, "nobody"}
    assert queries.chosen(world.s, case, world.pia, wanted) == [world.dirk]


def test_who_answered_an_earlier_appeal_is_not_asked_again(world: World, frozen_clock) -> None:
    appeal = voted(world, LOOK_AGAIN, LOOK_AGAIN, LOOK_AGAIN)
    close_panel(world.s, appeal=appeal, actor=world.dirk, at=NOW)
    answer(world, appeal, Action.SEND_BACK_TO_CALIBRATION, look_again=AGAIN)
    assert policy.why_not_on_panel(world.ron, appeal.case) == "Ron Haddad took a step in this case."
    assert policy.why_not_on_panel(world.sam, appeal.case) is None


def test_who_chose_a_panel_sits_on_none_about_the_case(world: World, frozen_clock) -> None:
    appeal = appealed(world)
    appoint(world.s, appeal=appeal, people=people(world), actor=world.theo, at=NOW)
    assert policy.why_not_on_panel(world.theo, appeal.case) == "Theo Vance took a step in this case."
    with pytest.raises(InvalidInput):
        appoint(world.s, appeal=appeal, people=people(world, ("sam", "ivy", "theo")), actor=world.pia, at=NOW)


def test_a_people_partner_who_sits_on_the_panel_replaces_it_by_no_other(world: World, frozen_clock) -> None:
    appeal = appealed(world)
    appoint(world.s, appeal=appeal, people=people(world, ("theo", "ron", "mona")), actor=world.pia, at=NOW)
    assert policy.can_appoint(world.theo, appeal.case).why == (
        "Whoever sits on the panel appoints no other in its place; another people partner does."
    )
    assert (bool(policy.can_find(world.theo, appeal.case)), bool(policy.can_appoint(world.pia, appeal.case))) == (
        True,
    ) * 2


@pytest.mark.parametrize(
    ("findings", "possible"),
    [
        ((STANDS, STANDS, LOOK_AGAIN), {Action.UPHOLD}),
        ((STANDS, LOOK_AGAIN, LOOK_AGAIN), {Action.SEND_BACK_TO_CALIBRATION, Action.SEND_BACK_TO_REVIEW}),
        ((STANDS, LOOK_AGAIN, ABSTAIN), {Action.SEND_BACK_TO_CALIBRATION, Action.SEND_BACK_TO_REVIEW}),
    ],
)
def test_an_answer_that_contradicts_the_panel_cannot_be_recorded(
    world: World, findings: Any, possible: set[Action], frozen_clock
) -> None:
    appeal = voted(world, *findings)
    close_panel(world.s, appeal=appeal, actor=world.dirk, at=NOW)
    for action in (Action.UPHOLD, Action.SEND_BACK_TO_CALIBRATION, Action.SEND_BACK_TO_REVIEW, Action.CLOSE):
        again = "" if action is Action.UPHOLD else AGAIN
        if action not in possible:
            with pytest.raises(InvalidInput, match="The panel answered"):
                answer(world, appeal, action, look_again=again)
    assert appeal.case.state is State.UNDER_APPEAL
    wanted = sorted(possible)[0]
    answer(world, appeal, wanted, look_again="" if wanted is Action.UPHOLD else AGAIN)
    assert appeal.upheld is (wanted is Action.UPHOLD)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"answer": "No."}, "Say what you looked at"),
        ({"look_again": ""}, "Say what must be looked at again"),
        ({"answer": ANSWER + " Rob Silva did."}, "name Rob Silva"),
        ({"look_again": AGAIN + " Ask Mona Fischer."}, "name Mona Fischer"),
        ({"answer": "They scored a 2, and that is too low."}, "give away a score"),
    ],
)
def test_what_an_answer_says(world: World, other: dict[str, str], says: str, frozen_clock) -> None:
    appeal = voted(world, LOOK_AGAIN, LOOK_AGAIN, LOOK_AGAIN)
    close_panel(world.s, appeal=appeal, actor=world.dirk, at=NOW)
    with pytest.raises(InvalidInput, match=says):
        answer(world, appeal, Action.SEND_BACK_TO_REVIEW, **{"look_again": AGAIN, **other})


def test_an_upheld_decision_names_nothing_to_look_at(world: World, frozen_clock) -> None:
    appeal = voted(world, STANDS, STANDS, STANDS)
    close_panel(world.s, appeal=appeal, actor=world.dirk, at=NOW)
    with pytest.raises(InvalidInput, match="leave that empty"):
        answer(world, appeal, Action.UPHOLD, look_again=AGAIN)
    answer(world, appeal, Action.UPHOLD)
    for again in (lambda: answer(world, appeal, Action.UPHOLD), lambda: close(world, appeal)):
        with pytest.raises(Problem):
            again()
    with pytest.raises(Refused, match="has been answered"):
        appoint(world.s, appeal=appeal, people=people(world, OTHERS), actor=world.pia, at=NOW)


def close(world: World, appeal: Appeal) -> None:
    close_panel(world.s, appeal=appeal, actor=world.dirk, at=NOW)


def test_only_the_presiding_member_closes_and_answers_only_members_speak(world: World, frozen_clock) -> None:
    appeal = appointed(world)
    with pytest.raises(NotPermitted):
        say(world.s, appeal=appeal, actor=world.sam, finding=STANDS, at=NOW)
    with pytest.raises(NotPermitted):
        close_panel(world.s, appeal=appeal, actor=world.ron, at=NOW)
    with pytest.raises(Refused, match="still open"):
        answer(world, appeal, Action.UPHOLD)
    with pytest.raises(NotPermitted):
        answer(world, appeal, Action.UPHOLD, actor=world.mona)


def test_a_vote_can_be_changed_until_it_is_closed_and_leaves_no_line_before(world: World, frozen_clock) -> None:
    appeal = voted(world, STANDS, STANDS, STANDS)
    before = world.s.scalars(select(AuditEvent.action)).all()
    say(world.s, appeal=appeal, actor=world.ron, finding=LOOK_AGAIN, at=NOW)
    assert world.s.scalars(select(AuditEvent.action)).all() == before
    count = close_panel(world.s, appeal=appeal, actor=world.dirk, at=NOW)
    assert (count.votes_for, count.votes_against) == (2, 1)
    assert world.s.scalars(select(AuditEvent.action)).all()[len(before) :] == ["appeal_panel_closed"]
    with pytest.raises(Refused, match="closed before your answer arrived"):
        say(world.s, appeal=appeal, actor=world.ron, finding=STANDS, at=NOW)


def test_without_a_quorum_another_panel_is_appointed_and_the_first_never_counts(world: World, frozen_clock) -> None:
    appeal = voted(world, LOOK_AGAIN, LOOK_AGAIN, None)
    count = close_panel(world.s, appeal=appeal, actor=world.dirk, at=NOW)
    assert (count.quorum_met, mails(world, "appeal_panel_short")) == (False, {"pia", "theo"})
    with pytest.raises(Refused, match="Too few of the panel answered: 2 of 3 needed"):
        answer(world, appeal, Action.SEND_BACK_TO_REVIEW, look_again=AGAIN)
    made = appoint(world.s, appeal=appeal, people=people(world, OTHERS), actor=world.pia, at=NOW)
    assert [panel.set_aside for panel in appeal.panels] == [True, False]
    assert [m.finding for m in made.members] == [None, None, None]
    assert not policy.seat_of(world.dirk, appeal.case)


def test_what_few_members_said_is_shown_to_nobody_and_the_log_names_none_of_them(world: World, frozen_clock) -> None:
    appeal = voted(world, None, LOOK_AGAIN, None)
    panel = appeal.panels[-1]
    close_panel(world.s, appeal=appeal, actor=world.dirk, at=NOW)
    assert [k for k, p in world.everyone.items() if policy.can_read_count(p, panel)] == []
    assert policy.can_read_count(world.pia, panel).why == "Too few answered; what they said is shown to nobody."
    lines = select(AuditEvent.action, AuditEvent.actor_id).where(AuditEvent.thing == f"appeal:{appeal.id}")
    assert list(world.s.execute(lines.order_by(AuditEvent.sequence))) == [
        ("appeal_filed", world.ada.id),
        ("appeal_panel_appointed", world.pia.id),
        ("appeal_panel_closed", world.dirk.id),
    ]


def test_a_panel_with_a_result_is_not_replaced(world: World, frozen_clock) -> None:
    appeal = voted(world, LOOK_AGAIN, LOOK_AGAIN, STANDS)
    close_panel(world.s, appeal=appeal, actor=world.dirk, at=NOW)
    with pytest.raises(Refused, match="has come to a result"):
        appoint(world.s, appeal=appeal, people=people(world, OTHERS), actor=world.pia, at=NOW)


def test_who_steps_aside_is_recused_and_another_panel_is_asked_for(world: World, frozen_clock) -> None:
    appeal = voted(world, STANDS, STANDS, STANDS)
    step_aside(world.s, appeal=appeal, actor=world.ron, reason="We share a flat.", at=NOW)
    case = appeal.case
    assert policy.can_see_appeal(world.ron, case).hidden
    assert (can_come_to_a_result(appeal.panels[-1]), mails(world, "appeal_panel_short")) == (False, {"pia", "theo"})
    assert close_panel(world.s, appeal=appeal, actor=world.dirk, at=NOW).cast == 2
    with pytest.raises(NotPermitted):
        step_aside(world.s, appeal=appeal, actor=world.ron, reason="", at=NOW)


def test_the_next_member_presides_where_the_first_has_left(world: World, frozen_clock) -> None:
    appeal = voted(world, STANDS, STANDS, STANDS)
    close_panel(world.s, appeal=appeal, actor=world.dirk, at=NOW)
    world.dirk.active = False
    world.s.flush()
    assert policy.presides(appeal.case) is appeal.panels[-1].members[1]
    answer(world, appeal, Action.UPHOLD, actor=world.ron)
    assert appeal.answered_by_id == world.ron.id


def test_where_members_leave_another_panel_is_asked_for_and_the_front_page_says_so(
    world: World, engine: Engine, client, frozen_clock
) -> None:
    appeal = voted(world, None, None, None)
    world.commit()
    assert look_after_panels(engine) == 0
    world.fresh(world.ron).active = False
    world.commit()
    assert (look_after_panels(engine), look_after_panels(engine)) == (1, 0)
    assert (mails(world, "appeal_panel_short"), world.fresh(appeal).panel.set_aside) == ({"pia", "theo"}, True)
    assert "Appoint who answers an appeal" in client(world.pia).get("/").text
    assert "The appeal of Ada Marchetti waits for another panel" in client(world.dirk).get("/").text


def test_who_presides_next_is_told_once(world: World, engine: Engine, frozen_clock) -> None:
    appeal = voted(world, STANDS, STANDS, STANDS)
    close_panel(world.s, appeal=appeal, actor=world.dirk, at=NOW)
    world.dirk.active = False
    world.commit()
    assert (look_after_panels(engine), look_after_panels(engine)) == (1, 0)
    assert (mails(world, "appeal_to_preside"), mails(world, "appeal_panel_short")) == ({"ron"}, set())


def test_who_sees_what_of_a_panel(world: World, frozen_clock) -> None:
    appeal = voted(world, STANDS, STANDS, STANDS)
    case, panel = appeal.case, appeal.panels[-1]
    seen = {k for k, p in world.everyone.items() if policy.can_see_appeal(p, case)}
    assert seen == {"ada", "pia", "theo", *MEMBERS}
    assert [k for k, p in world.everyone.items() if policy.can_read_count(p, panel)] == []
    close_panel(world.s, appeal=appeal, actor=world.dirk, at=NOW)
    assert {k for k, p in world.everyone.items() if policy.can_read_count(p, panel)} == {"pia", "theo", *MEMBERS}
    assert policy.can_read_count(world.kim, panel).hidden


def test_after_a_send_back_those_who_look_again_read_what_for(world: World, frozen_clock) -> None:
    appeal = voted(world, LOOK_AGAIN, LOOK_AGAIN, LOOK_AGAIN)
    close_panel(world.s, appeal=appeal, actor=world.dirk, at=NOW)
    answer(world, appeal, Action.SEND_BACK_TO_REVIEW, look_again=AGAIN)
    case = appeal.case
    assert {k for k, p in world.everyone.items() if policy.asked_again(p, case)} == {
        *("rex", "rob", "rae", "kim", "pia", "theo")
    }
    case._state = State.IN_CALIBRATION
    committee = {"kim", "lou", "nat", "ola", "joe", "pia", "theo"}
    assert {k for k, p in world.everyone.items() if policy.asked_again(p, case)} == committee
    case._state = State.RELEASED
    assert [k for k, p in world.everyone.items() if policy.asked_again(p, case)] == []


def mine(engine: Engine, appeal: Appeal) -> tuple[Session, Appeal]:
    s = Session(engine, expire_on_commit=False)
    case = queries.case(s, case_id=appeal.case_id)
    assert case is not None
    return s, case.appeals[-1]


def test_of_two_workers_one_closes_the_vote_and_a_late_answer_is_refused(world: World, engine, frozen_clock) -> None:
    """Both loaded the open vote; what the second writes meets the row as it is by then."""
    appeal = voted(world, STANDS, STANDS, STANDS)
    world.commit()
    (first, one), (second, other) = mine(engine, appeal), mine(engine, appeal)
    second.rollback()
    close_panel(first, appeal=one, actor=World(first).dirk, at=NOW)
    first.commit()
    for late in (
        lambda: say(second, appeal=other, actor=World(second).ron, finding=LOOK_AGAIN, at=NOW),
        lambda: close_panel(second, appeal=other, actor=World(second).dirk, at=NOW + timedelta(minutes=1)),
    ):
        with pytest.raises(Refused, match="closed"):
            late()
        second.rollback()
    first.close()
    second.close()


def test_of_two_workers_one_answers(world: World, engine, frozen_clock) -> None:
    appeal = voted(world, STANDS, STANDS, STANDS)
    close_panel(world.s, appeal=appeal, actor=world.dirk, at=NOW)
    world.commit()
    (first, one), (second, other) = mine(engine, appeal), mine(engine, appeal)
    second.rollback()
    answer_appeal(first, appeal=one, actor=World(first).dirk, action=Action.UPHOLD, answer=ANSWER, at=NOW)
    first.commit()
    with pytest.raises(Refused, match="has been answered"):
        answer_appeal(second, appeal=other, actor=World(second).dirk, action=Action.UPHOLD, answer=ANSWER, at=NOW)
    second.rollback()
    world.s.expire_all()
    assert (mails(world, "appeal_answered"), world.s.get(Case, appeal.case_id).state) == ({"ada"}, State.RELEASED)
    first.close()
    second.close()
