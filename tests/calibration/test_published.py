"""What of a check is published: after the cycle, for everybody, and never so that it tells of a few people."""

import pytest
from sqlalchemy import select

from portal.calibration import commands
from portal.calibration.commands.publish import _coarse
from portal.calibration.queries import published_in
from portal.domain.case_flow import State
from portal.domain.problems import Refused
from portal.models.audit import AuditEvent
from portal.models.calibration import ALL_GRADES, PublishedStatement
from portal.models.decision import Outcome
from tests.calibration.places import ROOM, newcomer
from tests.world import NOW, World

PUBLIC = "/cycles/spring-2026/equivalence"


def decide(world: World, each: int, start: int = 0, levels: tuple[str, str] = ("senior", "em")) -> None:
    """So many released cases one grade above these levels, half of them approved."""
    for n in range(start, start + each):
        for level in levels:
            good = n % 2 == 0
            outcome, given = (Outcome.APPROVED, (3, 3, 4)) if good else (Outcome.NOT_YET, (2, 2, 1))
            world.case(newcomer(world, f"{level}{n}", level), State.RELEASED, outcome=outcome, scores=given)


def check(world: World, grade: int = 4) -> None:
    who = {"actor": world.kim, "at": NOW}
    commands.run_bar_check(world.s, cycle=world.cycle, family_id="engineering", grade=grade, **who)


def publish(world: World) -> list[PublishedStatement]:
    world.cycle.closed_at = NOW
    return commands.publish_statements(world.s, cycle=world.cycle, actor=world.pia, at=NOW)


def test_nothing_is_published_while_the_cycle_is_open_or_unchecked(world: World) -> None:
    with pytest.raises(Refused, match="once the cycle is closed"):
        commands.publish_statements(world.s, cycle=world.cycle, actor=world.pia, at=NOW)
    with pytest.raises(Refused, match="No check of the bars was run"):
        publish(world)


def test_ten_cases_on_each_track_are_published_with_rates_in_words(world: World) -> None:
    decide(world, 10)
    check(world)
    (made,) = publish(world)
    assert (made.grade, made.published_by_id, made.content["withheld"]) == (4, world.pia.id, "")
    assert made.content["sentence"] == made.bar_check.sentence
    assert made.content["rates"] == {"ic": "50", "manager": "50"}
    assert {"evidence", "tracks", "n", "approved", "readings"} & set(made.content) == set()
    event = world.s.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert (event.action, event.thing) == ("statement_published", f"cycle:{world.cycle.id}")


@pytest.mark.parametrize(
    ("value", "given"),
    [(0.4213, 0.4), ([-0.5149, 0.4951], [-0.51, 0.495]), (None, None), ([0.46, -0.44], [0.46, -0.4])],
)
def test_figures_are_given_to_a_tenth_unless_that_lands_on_the_margin(value: object, given: object) -> None:
    """Whoever knows every case but one should not work that one out from further decimals."""
    assert _coarse(value, 0.5) == given


def test_under_ten_on_a_track_no_figure_leaves_the_committee(world: World) -> None:
    decide(world, 9)
    check(world)
    (made,) = publish(world)
    assert made.content == {"verdict": "not_enough_evidence", "withheld": "too_few", "margin": 0.5}


def test_the_same_check_is_published_once(world: World) -> None:
    decide(world, 10)
    check(world)
    publish(world)
    with pytest.raises(Refused, match="published already"):
        publish(world)


def test_two_statements_side_by_side_do_not_tell_of_a_few(world: World) -> None:
    """Ten cases, then eleven: the second would tell what became of the eleventh."""
    decide(world, 10)
    check(world)
    publish(world)
    decide(world, 1, start=10)
    check(world)
    assert [one.content["withheld"] for one in publish(world)] == ["too_near"]
    decide(world, 9, start=11)
    check(world)
    assert [one.content["withheld"] for one in publish(world)] == [""]


def test_all_grades_less_one_grade_do_not_tell_of_a_few(world: World) -> None:
    """Ten at grade 4 and eight at grade 5: the whole ladder beside grade 4 would tell what became of those eight."""
    decide(world, 10)
    decide(world, 8, levels=("staff", "sem"))
    check(world)
    check(world, grade=ALL_GRADES)
    made = {one.grade: one.content["withheld"] for one in publish(world)}
    assert made == {4: "", ALL_GRADES: "too_near"}


@pytest.mark.parametrize("first", [4, ALL_GRADES])
def test_all_grades_less_one_grade_do_not_tell_of_a_few_in_whichever_order_they_are_published(
    world: World, first: int
) -> None:
    """The same ten and eight, one statement a run: what was published first forbids the other."""
    decide(world, 10)
    decide(world, 8, levels=("staff", "sem"))
    second = {4: ALL_GRADES, ALL_GRADES: 4}[first]
    said = []
    for grade in (first, second):
        check(world, grade)
        said += [(one.grade, one.content["withheld"]) for one in publish(world)]
    assert said == [(first, ""), (second, "too_near")]


def test_a_published_statement_never_changes(world: World) -> None:
    decide(world, 10)
    check(world)
    (made,) = publish(world)
    made.content = {}
    with pytest.raises(RuntimeError, match="never changes"):
        world.s.flush()


def test_everybody_reads_what_is_published_and_nobody_what_is_not(world: World, client) -> None:
    decide(world, 10)
    check(world)
    world.commit()
    assert {client(person).get(PUBLIC).status_code for person in world.everyone.values()} == {404}
    world.s.rollback()
    publish(world)
    world.commit()
    pages = {key: client(person).get(PUBLIC) for key, person in world.everyone.items()}
    assert {page.status_code for page in pages.values()} == {200}
    assert "about 50 %" in pages["ada"].text
    assert "Published".lower() in pages["sam"].text.lower()
    assert len(published_in(world.s, world.cycle)) == 1
    assert f'href="{PUBLIC}"' in client(world.sam).get("/cycles/spring-2026").text


@pytest.mark.parametrize(("each", "silent"), [(9, True), (10, False)])
def test_a_page_without_any_statement_says_so_once_and_draws_nothing(world: World, client, each: int, silent) -> None:
    decide(world, each)
    check(world)
    publish(world)
    world.commit()
    page = client(world.sam).get(PUBLIC).text
    assert ("Nothing can be said for everybody" in page, "As a picture" in page) == (silent, not silent)


def test_who_may_publish(world: World, client) -> None:
    decide(world, 10)
    check(world)
    world.cycle.closed_at = NOW
    world.commit()
    url = f"{ROOM}/publish"
    assert [client(getattr(world, who)).post(url).status_code for who in ("kim", "nat", "ada", "aud")] == [404] * 4
    assert client(world.pia).post(url).status_code == 303


def test_the_method_is_open_to_everybody_with_its_priors(world: World, client) -> None:
    page = client(world.sam).get(f"{PUBLIC}/method").text
    assert "3.00 ± 1.00" in page
    assert "6.0 (1.6 – 22.3)" in page
