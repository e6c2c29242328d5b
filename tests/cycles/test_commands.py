"""Creating a cycle, changing what it runs by, forming its committees, closing it; and every refusal."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cycles import commands
from portal.domain.case_flow import Action, Facts, State
from portal.domain.problems import InvalidInput, NotPermitted, Refused, StaleVersion
from portal.domain.rubric_files import read_folder, read_pinned
from portal.models.audit import AuditEvent
from portal.models.case import Case
from portal.models.cycle import Committee, Cycle
from portal.models.ladder import RubricVersion
from portal.settings import ROOT
from tests.world import NOW, World

LIBRARY = read_folder(ROOT / "rubrics")


def days(n: int) -> Any:
    return NOW + timedelta(days=n)


def create(world: World, **changes: Any) -> Cycle:
    given: dict[str, Any] = {
        "slug": "autumn-2026",
        "name": "Autumn 2026",
        "opens_at": days(10),
        "submit_by": days(30),
        "review_by": days(50),
        "decide_by": days(70),
        "families": ["engineering", "product"],
        "library": LIBRARY,
        "margin": None,
        "min_reviewers": None,
    }
    return commands.create_cycle(world.s, actor=world.pia, at=NOW, **(given | changes))


def dates(cycle: Cycle, **changes: Any) -> dict[str, Any]:
    keys = ("name", "opens_at", "submit_by", "review_by", "decide_by", "min_reviewers", "version")
    return {key: getattr(cycle, key) for key in keys} | changes


def form(world: World, *members: str, chair: str = "rex", deputy: str | None = "rob", **changes: Any) -> Committee:
    given: dict[str, Any] = {"name": "Grades 1 and 2", "grade_from": 1, "grade_to": 2, "actor": world.pia}
    people = [getattr(world, key) for key in members or ("rex", "rob", "rae")]
    return commands.form_committee(
        world.s,
        cycle=changes.pop("cycle", world.cycle),
        chair=getattr(world, chair),
        deputy=getattr(world, deputy) if deputy else None,
        members=people,
        at=NOW,
        **(given | changes),
    )


def acts(s: Session) -> list[str]:
    return list(s.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence)))


def test_a_new_cycle_follows_the_policy_of_the_organisation_where_nothing_else_is_said(world: World) -> None:
    cycle = create(world)
    numbers = (cycle.min_reviewers, cycle.quorum, cycle.majority, cycle.appeal_days, cycle.margin)
    assert numbers == (3, 0.67, 0.5, 15, 0.5)
    assert [(m.margin, m.set_by.name, m.set_at) for m in cycle.margins] == [(0.5, "Pia Romero", NOW)]


def test_what_is_said_counts_instead_of_the_policy(world: World) -> None:
    cycle = create(world, margin=0.25, min_reviewers=2, quorum=0.8, majority=0.6, appeal_days=10)
    numbers = (cycle.min_reviewers, cycle.quorum, cycle.majority, cycle.appeal_days, cycle.margin)
    assert numbers == (2, 0.8, 0.6, 10, 0.25)


def test_a_cycle_pins_the_very_text_of_each_ladder_and_stores_each_version_once(world: World) -> None:
    cycle = create(world)
    assert [pin.family_id for pin in cycle.pins] == ["engineering", "product"]
    assert cycle.hash_for("product") == LIBRARY.content_hash("product")
    stored = world.s.scalars(select(RubricVersion).order_by(RubricVersion.family_id)).all()
    assert [v.family_id for v in stored] == ["engineering", "product"]
    assert read_pinned(stored[1].org_text, stored[1].family_text).name == LIBRARY.families["product"].name


def test_creating_a_cycle_leaves_an_event(world: World) -> None:
    create(world)
    assert acts(world.s)[-1] == "cycle_created"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"slug": "Autumn 2026"}, "Address: 'Autumn 2026' cannot be one"),
        ({"slug": "new"}, "Address: 'new' cannot be one"),
        ({"slug": "a" * 61}, "Address:"),
        ({"name": " "}, "Name: write 1 to 120 characters"),
        ({"families": []}, "Ladders: choose at least one"),
        ({"families": ["law"]}, "Ladders: there is none called law; there are"),
        ({"submit_by": days(5)}, "The dates are not in order."),
        ({"margin": 0.0}, "Margin: 0 is not possible"),
        ({"margin": 2.1}, "Margin: 2.1 is not possible"),
        ({"min_reviewers": 0}, "Reviewers per case: 0 is not possible"),
        ({"quorum": 1.2}, "Quorum: 1.2 is not possible"),
        ({"majority": 0.4}, "Majority: 0.4 is not possible"),
        ({"appeal_days": 0}, "Days to appeal: 0 is not possible"),
    ],
)
def test_input_that_cannot_be_a_cycle_is_refused_by_name(world: World, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        create(world, **changes)
    assert refused.value.message.startswith(message)
    assert world.s.scalars(select(Cycle.slug)).all() == ["spring-2026"]


def test_dates_out_of_order_are_named_all_at_once(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        create(world, opens_at=days(40), review_by=days(80))
    assert refused.value.problems == (
        "Submit by: must come after “Opens”.",
        "Decide by: must come after “Review by”.",
    )


def test_an_address_is_given_once(world: World) -> None:
    with pytest.raises(Refused, match="another cycle has 'spring-2026' already"):
        create(world, slug="spring-2026")


def test_dates_change_and_the_event_says_which(world: World) -> None:
    cycle = world.cycle
    commands.set_dates(world.s, cycle=cycle, actor=world.pia, at=NOW, **dates(cycle, submit_by=days(20)))
    assert (cycle.submit_by, cycle.version) == (days(20), 2)
    event = world.s.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert event is not None
    assert (event.action, event.reason) == ("cycle_changed", "submit_by")


def test_a_stale_form_loses_neither_text(world: World) -> None:
    cycle = world.cycle
    with pytest.raises(StaleVersion) as stale:
        commands.set_dates(world.s, cycle=cycle, actor=world.pia, at=NOW, **dates(cycle, name="Lent", version=0))
    assert (stale.value.mine["Name"], stale.value.theirs["Name"]) == ("Lent", "Spring 2026")
    assert cycle.name == "Spring 2026"


def test_a_changed_margin_stays_beside_the_first_one(world: World) -> None:
    commands.set_margin(world.s, cycle=world.cycle, actor=world.theo, margin=0.25, at=NOW)
    assert world.cycle.margin == 0.25
    assert [(m.margin, m.set_by.name) for m in world.cycle.margins] == [(0.5, "Pia Romero"), (0.25, "Theo Vance")]
    event = world.s.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert event is not None
    assert (event.action, event.reason) == ("margin_set", "from 0.5 to 0.25")


def test_setting_the_same_margin_again_is_not_a_change(world: World) -> None:
    with pytest.raises(Refused, match=r"The margin is 0\.5 already"):
        commands.set_margin(world.s, cycle=world.cycle, actor=world.pia, margin=0.5, at=NOW)


def test_a_committee_has_its_members_and_moves_the_version_of_the_cycle(world: World) -> None:
    before = world.cycle.version
    committee = form(world)
    assert (committee.chair.name, committee.deputy.name) == ("Rex Tanaka", "Rob Silva")
    assert committee.member_ids == {world.rex.id, world.rob.id, world.rae.id}
    assert world.cycle.version == before + 1
    assert acts(world.s)[-1] == "committee_formed"


def test_a_new_committee_gets_the_waiting_cases_of_its_grades_and_no_others(world: World) -> None:
    draft, waiting = world.case("ada"), world.case("mona", State.SUBMITTED)
    waiting.committee = None
    elsewhere = world.case("ron", State.SUBMITTED)
    world.cycle.committees[0].grade_from = 5
    world.s.flush()
    committee = form(world, "nat", "lou", "ola", chair="nat", deputy="lou", grade_from=4, grade_to=4)
    assert (draft.committee, waiting.committee, elsewhere.committee) == (None, committee, world.cycle.committees[0])


@pytest.mark.parametrize(
    ("members", "chair", "deputy", "problems"),
    [
        (("rex", "rob"), "rex", None, ("Members: 2 named; a committee has at least 3.",)),
        (
            ("rex", "rob", "rae"),
            "kim",
            "lou",
            (
                "Chair: Kim Larsen is not among the members; add them or choose another chair.",
                "Deputy: Lou Petit is not among the members; add them or choose another deputy.",
            ),
        ),
        (("rex", "rob", "rae"), "rex", "rex", ("Deputy: Rex Tanaka is the chair; choose somebody else.",)),
        (("rex", "rob", "rae", "rex"), "rex", None, ("Members: someone is named twice; name everyone once.",)),
    ],
)
def test_a_panel_that_cannot_decide_is_refused(
    world: World, members: tuple[str, ...], chair: str, deputy: str | None, problems: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        form(world, *members, chair=chair, deputy=deputy)
    assert refused.value.problems == problems


def test_a_leaver_is_no_member(world: World) -> None:
    world.rae.active = False
    with pytest.raises(InvalidInput) as refused:
        form(world)
    assert refused.value.problems == ("Members: Rae Okonkwo has left.",)


@pytest.mark.parametrize(("low", "high"), [(1, 3), (4, 4), (5, 9), (2, 7)])
def test_no_grade_has_two_committees(world: World, low: int, high: int) -> None:
    with pytest.raises(Refused, match="“Grades 3 to 5” decides grades 3 to 5 already"):
        form(world, grade_from=low, grade_to=high)


def test_grades_come_in_order(world: World) -> None:
    with pytest.raises(InvalidInput, match="2 to 1 is not a range"):
        form(world, grade_from=2, grade_to=1)


def test_nobody_chooses_who_decides_their_own_case(world: World) -> None:
    world.case("theo", State.SUBMITTED)
    committee = world.cycle.committees[0]
    people = [seat.person for seat in committee.seats]
    with pytest.raises(NotPermitted, match="would decide your own case"):
        commands.change_committee(
            world.s,
            committee=committee,
            actor=world.theo,
            name="Mine",
            chair=world.kim,
            deputy=None,
            members=people,
            version=world.cycle.version,
            at=NOW,
        )
    assert form(world, actor=world.theo).name == "Grades 1 and 2"


def change(world: World, *members: str, chair: str, deputy: str | None = None, version: int | None = None) -> None:
    commands.change_committee(
        world.s,
        committee=world.committee,
        actor=world.pia,
        name="Grades 3 to 5",
        chair=getattr(world, chair),
        deputy=getattr(world, deputy) if deputy else None,
        members=[getattr(world, key) for key in members],
        version=world.cycle.version if version is None else version,
        at=NOW,
    )


def test_a_committee_gets_other_people(world: World) -> None:
    change(world, "lou", "nat", "ola", "rex", chair="lou", deputy="rex")
    committee = world.committee
    assert (committee.chair.name, committee.deputy.name) == ("Lou Petit", "Rex Tanaka")
    assert sorted(s.person.name for s in committee.seats) == ["Lou Petit", "Nat Weiss", "Ola Berg", "Rex Tanaka"]
    assert acts(world.s)[-1] == "committee_changed"


def test_two_people_changing_committees_at_once_are_told(world: World) -> None:
    before = world.cycle.version
    form(world)
    with pytest.raises(StaleVersion) as stale:
        change(world, "lou", "nat", "ola", chair="lou", version=before)
    assert stale.value.mine["Members"] == "Lou Petit, Nat Weiss, Ola Berg"
    assert stale.value.theirs["Chair"] == "Kim Larsen"


def test_a_cycle_closes_once_and_then_stays_as_it_was(world: World) -> None:
    world.case("ada", State.RELEASED)
    world.case("mona")
    commands.close_cycle(world.s, cycle=world.cycle, actor=world.pia, at=NOW)
    assert (world.cycle.closed_at, acts(world.s)[-1]) == (NOW, "cycle_closed")
    for again in (
        lambda: commands.close_cycle(world.s, cycle=world.cycle, actor=world.pia, at=NOW),
        lambda: commands.set_margin(world.s, cycle=world.cycle, actor=world.pia, margin=0.25, at=NOW),
        lambda: commands.set_dates(world.s, cycle=world.cycle, actor=world.pia, at=NOW, **dates(world.cycle)),
        lambda: form(world),
    ):
        with pytest.raises(Refused, match="was closed on 16 Mar 2026"):
            again()


def test_a_cycle_with_cases_on_their_way_does_not_close(world: World) -> None:
    world.case("ada", State.DECIDED)
    with pytest.raises(Refused, match="Not finished yet: 1"):
        commands.close_cycle(world.s, cycle=world.cycle, actor=world.pia, at=NOW)


def test_a_case_under_appeal_keeps_the_cycle_open(world: World) -> None:
    case: Case = world.case("ada", State.RELEASED)
    case.take(Action.APPEAL, Facts(appeal_window_open=True), by=case.candidate, at=NOW)
    world.s.flush()
    with pytest.raises(Refused, match="Not finished yet: 1"):
        commands.close_cycle(world.s, cycle=world.cycle, actor=world.pia, at=NOW)


def test_closing_tells_nobody_about_a_case_they_have_a_conflict_with(world: World) -> None:
    world.case("theo", State.IN_REVIEW)
    commands.close_cycle(world.s, cycle=world.cycle, actor=world.theo, at=NOW)
    assert world.cycle.closed_at == NOW
