"""Whoever must stay away from an open case keeps nobody meanwhile: a leaver, a move or a bond may change its panel. The
refusal goes by what they know, and never by who sits on the panel."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.cycles.commands import change_committee, set_dates
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, NotPermitted, Problem, Refused
from portal.models.case import Case
from portal.models.packet import Statement
from portal.models.person import Person, Role
from portal.people import commands
from portal.people.bound import is_bound
from portal.people.sheet import read_people
from portal.reviews import commands as reviews
from tests.world import NOW, World

BOUND = "You have to stay away from a case that is open"


def moved(world: World, actor: Person, person: Person) -> None:
    kept = {"name": person.name, "family_id": person.family_id, "level_id": person.level_id, "since": person.since}
    rest = {"timezone": person.timezone, "version": person.version, "at": NOW}
    commands.change_person(world.s, person=person, actor=actor, manager=world.kim, **kept, **rest)


def imported(world: World, actor: Person, person: Person) -> None:
    text = f"email,name,active\n{person.email},{person.name},no\n"
    commands.import_people(world.s, actor=actor, lines=read_people(text.encode()), ladders={}, at=NOW)


def apart(world: World, actor: Person, person: Person) -> None:
    commands.keep_apart(world.s, people=[person, world.sam], actor=actor, reason="siblings", at=NOW)


def left(world: World, actor: Person, person: Person) -> None:
    commands.deactivate(world.s, actor=actor, person=person, at=NOW)


def given(world: World, actor: Person, person: Person) -> None:
    commands.set_roles(world.s, actor=actor, person=person, roles=[Role.AUDITOR], at=NOW)


ACTS = (left, moved, imported, apart, given)


def answer(world: World, act: Callable[[World, Person, Person], None], actor: Person, person: Person) -> str:
    with world.s.begin_nested() as point:
        try:
            act(world, actor, person)
        except Problem as problem:
            return str(problem)
        finally:
            point.rollback()
            world.s.expire_all()
    return ""


@pytest.mark.parametrize("act", ACTS)
def test_nobody_changes_the_panel_of_their_own_case(world: World, act) -> None:
    """The answer is the same for a reviewer, a member, and somebody who has no part in it."""
    world.case("theo", State.IN_REVIEW)
    told = {answer(world, act, world.theo, getattr(world, key)) for key in ("rex", "kim", "nat", "ivy")}
    assert [BOUND in one for one in told] == [True] * len(told)
    assert len(told) == 1
    assert answer(world, act, world.pia, world.rex) == ""


@pytest.mark.parametrize(
    ("state", "bound"),
    [
        (State.DRAFT, True),
        (State.SUBMITTED, True),
        (State.IN_REVIEW, True),
        (State.IN_CALIBRATION, True),
        (State.DECIDED, True),
        (State.RELEASED, False),
        (State.CLOSED, False),
    ],
)
def test_it_lasts_from_ones_own_draft_to_the_release(world: World, state: State, bound: bool) -> None:
    world.case("theo", state)
    assert is_bound(world.s, world.theo) is bound


def reports(world: World, case: Case) -> None:
    case.candidate.manager_id = world.pia.id


def wrote(world: World, case: Case) -> None:
    world.s.add(Statement(case_id=case.id, writer_id=world.pia.id, saved_at=NOW))


def recused(world: World, case: Case) -> None:
    reviews.recuse(world.s, case=case, person=world.pia, actor=world.pia, reason="friends", at=NOW)


@pytest.mark.parametrize("how", [reports, wrote, recused])
def test_so_do_the_other_conflicts_one_knows_of(world: World, how) -> None:
    case = world.case("ada", State.IN_REVIEW)
    assert not is_bound(world.s, world.pia)
    how(world, case)
    world.s.flush()
    assert is_bound(world.s, world.pia)


def test_a_case_one_may_not_know_of_binds_nobody_or_it_would_tell(world: World) -> None:
    """Dana leads Max, who leads Ada: she does not find Ada's case, so nothing closes for her."""
    commands.grant(world.s, actor=None, person=world.dana, role=Role.PEOPLE_PARTNER, at=NOW)
    world.case("ada", State.IN_REVIEW)
    assert not is_bound(world.s, world.dana)
    assert answer(world, left, world.dana, world.rex) == ""


@pytest.mark.parametrize("act", [left, apart])
def test_nobody_marks_or_binds_their_own_line(world: World, act) -> None:
    commands.grant(world.s, actor=None, person=world.dana, role=Role.PEOPLE_PARTNER, at=NOW)
    assert "own reporting line" in answer(world, act, world.dana, world.max)
    assert "own reporting line" in answer(world, act, world.dana, world.vera)


def test_what_weighs_nothing_stays_open(world: World) -> None:
    """A name is corrected and somebody new is added, whatever case is open."""
    world.case("theo", State.IN_REVIEW)
    text = "email,name\nrex@example.org,Rex T.\nnew@example.org,New One\n"
    found = commands.import_people(world.s, actor=world.theo, lines=read_people(text.encode()), ladders={}, at=NOW)
    assert (found.added, found.changed) == (1, 1)


def test_the_page_says_it_before_the_button(world: World, client) -> None:
    world.case("theo", State.IN_REVIEW)
    world.commit()
    page = client(world.theo).get(f"/people/{world.rex.id}/deactivate")
    assert (page.status_code, BOUND in page.text) == (403, True)
    assert client(world.theo).post(f"/people/{world.rex.id}/deactivate").status_code == 403
    assert client(world.pia).get(f"/people/{world.rex.id}/deactivate").status_code == 200


def test_a_committee_is_not_named_by_who_stays_away_from_its_case(world: World) -> None:
    case, it = world.case("ada", State.IN_REVIEW), world.committee
    seats = [seat.person for seat in it.seats]
    change = {"committee": it, "name": it.name, "chair": world.kim, "deputy": world.nat, "members": seats, "at": NOW}
    recused(world, case)
    with pytest.raises(NotPermitted, match="stay away from"):
        change_committee(world.s, actor=world.pia, version=world.cycle.version, **change)
    change_committee(world.s, actor=world.theo, version=world.cycle.version, **change)
    assert it.deputy is world.nat


def test_a_file_marks_nobody_of_ones_own_line_either(world: World) -> None:
    commands.grant(world.s, actor=None, person=world.dana, role=Role.PEOPLE_PARTNER, at=NOW)
    with pytest.raises(InvalidInput) as refused:
        imported(world, world.dana, world.max)
    assert refused.value.problems == ("row 2: active: in your own reporting line; another people partner changes it",)


def test_anothers_draft_binds_nobody(world: World) -> None:
    reports(world, world.case("ada"))
    assert not is_bound(world.s, world.pia)


def test_the_rules_of_a_cycle_are_not_changed_by_who_has_a_case_in_it(world: World) -> None:
    it, case = world.cycle, world.case("theo", State.SUBMITTED)
    dates = {key: getattr(it, key) for key in ("opens_at", "submit_by", "review_by", "decide_by")}
    given = {"cycle": it, "min_reviewers": it.min_reviewers, "at": NOW, **dates}
    for change in ({"min_reviewers": 1}, {"review_by": it.review_by + timedelta(days=1)}):
        with pytest.raises(NotPermitted, match="another people partner changes its dates"):
            set_dates(world.s, actor=world.theo, name=it.name, version=it.version, **(given | change))
    set_dates(world.s, actor=world.theo, name="Spring", version=it.version, **given)
    set_dates(world.s, actor=world.pia, name="Spring", version=it.version, **(given | {"min_reviewers": 2}))
    assert (it.name, it.min_reviewers, case.reviewers_needed) == ("Spring", 2, 2)


def test_nobody_leaves_twice(world: World) -> None:
    left(world, world.pia, world.sam)
    with pytest.raises(Refused, match="left already"):
        left(world, world.pia, world.sam)
