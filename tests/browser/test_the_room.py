"""The committee in its room: whoever leads at a desk, a member on a phone, and the case's own manager who has a seat
and must leave. Nobody reloads anything."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.calibration.commands import sitting as steps
from portal.domain.case_flow import State
from portal.models.calibration_session import CalibrationSession, PositionChange
from portal.models.case import Case, ConflictSource, Recusal
from portal.models.cycle import CommitteeSeat
from tests.browser.conftest import Served
from tests.calibration.places import GRADE, newcomer
from tests.world import World

SOON_MS = 9_000  # two questions of a screen, and what a busy machine takes
LEAVE = "Please leave the room for now."


@pytest.fixture
def cases(populated: World) -> dict[str, Case]:
    """Four at one grade, split ones of both tracks first; max, who manages ada, has a seat on the committee."""
    world = populated
    world.committee.seats.append(CommitteeSeat(person=world.max))
    found = {"ada": world.case("ada", State.IN_CALIBRATION, scores=(3, 3, 0))}
    for key, level, scores in (("quinn", "em", (3, 3, 1)), ("rosa", "em", (3, 3, 3)), ("sven", "senior", (3, 3, 3))):
        found[key] = world.case(newcomer(world, key, level), State.IN_CALIBRATION, scores=scores)
    world.commit()
    return found


@pytest.fixture
def live(populated: World, cases: dict[str, Case]) -> CalibrationSession:
    """A session that has begun, with ada's case on the table."""
    world = populated
    where = {"cycle": world.cycle, "family_id": "engineering", "grade": 4, "box_minutes": 10}
    found = steps.begin_session(world.s, **where, actor=world.kim, at=world.now)
    how = {"actor": world.kim, "seen": steps.seen_by(world.kim, found), "at": world.now}
    steps.put_on_table(world.s, live=found, case=cases["ada"], **how)
    world.commit()
    return found


def enter(page: Page) -> Page:
    page.goto(GRADE)
    return page


def room(page: Page):
    return page.locator("#live")


def on_table(page: Page):
    return page.locator("#live .on-table-name")


def press(page: Page, name: str) -> None:
    room(page).get_by_role("button", name=name, exact=True).first.click()


def test_a_session_from_its_opening_to_what_it_did(
    populated: World, cases: dict[str, Case], served: Served, signed_in: Callable[..., Page]
) -> None:
    chair, phone, manager = (enter(signed_in(who, width=w)) for who, w in (("kim", 1280), ("nat", 360), ("max", 1280)))
    press(chair, "Begin the session")
    expect(room(phone)).to_contain_text("Nothing is on the table.", timeout=SOON_MS)
    expect(room(phone).locator(".queue li")).to_have_count(4)
    order = room(chair).locator(".queue .track").evaluate_all("rows => rows.map(row => row.className)")
    assert order in (
        ["track track--ic", "track track--manager"] * 2,
        ["track track--manager", "track track--ic"] * 2,
    )
    chair.locator(f"#put-{cases['ada'].id}").click()
    expect(on_table(chair)).to_have_text("Ada Marchetti")
    expect(room(chair)).to_contain_text("Must leave the room now: Max")
    expect(on_table(phone)).to_have_text("Ada Marchetti", timeout=SOON_MS)
    expect(room(phone)).to_contain_text("10 minutes left")
    expect(room(manager)).to_contain_text(LEAVE, timeout=SOON_MS)
    assert "Ada" not in manager.locator("main").inner_text()

    phone.get_by_role("button", name="Against").click()
    expect(phone.get_by_role("button", name="Against")).to_have_attribute("aria-pressed", "true")
    expect(room(chair)).to_contain_text("1 of 5 have said what they think.", timeout=SOON_MS)
    press(chair, "Show what everybody thinks")
    expect(room(phone)).to_contain_text("This is no ballot.", timeout=SOON_MS)
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    record_a_change(chair)
    expect(on_table(phone)).to_have_text("Ada Marchetti")
    changed = room(phone).get_by_role("region", name="Changed")
    expect(changed).to_contain_text("Evidence in the packet was overlooked", timeout=SOON_MS)
    expect(changed).to_contain_text("The second review shows it.")
    expect(changed).to_contain_text("1 piece of evidence cited")

    press(chair, "End the session")
    expect(room(phone)).to_contain_text("No session is going on at this grade.", timeout=SOON_MS)
    expect(room(phone)).to_contain_text("This room moved IC cases by +")
    phone.reload()
    record = phone.get_by_role("region", name="What the session did")
    expect(record).to_contain_text("This room moved IC cases by +")
    expect(record.locator("#shifts tbody tr")).to_have_count(2)
    with served.session() as s:
        assert len(s.scalars(select(PositionChange.id)).all()) == 1


def record_a_change(chair: Page) -> None:
    chair.get_by_role("link", name="Record a change").click()
    chair.get_by_label("New score").fill("4")
    chair.get_by_label("Reason").select_option("evidence_overlooked")
    chair.get_by_role("checkbox").first.check()
    chair.get_by_label("What was seen").fill("The second review shows it.")
    chair.get_by_role("button", name="Record the change").click()
    expect(on_table(chair)).to_have_text("Ada Marchetti")


def test_a_recusal_in_the_middle_and_a_lost_connection(
    populated: World, cases: dict[str, Case], live: CalibrationSession, served: Served, signed_in: Callable[..., Page]
) -> None:
    chair, away, late = (enter(signed_in(who)) for who in ("kim", "nat", "ola"))
    late.get_by_label("Minutes on Ada Marchetti").fill("Half a sentence")
    late.context.set_offline(True)
    expect(late.locator("#problems")).to_contain_text("this page is not live", timeout=SOON_MS)
    with served.session() as s:
        who = select(CommitteeSeat.person_id).where(CommitteeSeat.person_id == populated.nat.id)
        declared = {"source": ConflictSource.DECLARED, "reason": "friends", "declared_by_id": s.scalars(who).one()}
        s.add(Recusal(case_id=cases["ada"].id, person_id=populated.nat.id, at=populated.now, **declared))
        s.commit()
    expect(room(away)).to_contain_text(LEAVE, timeout=SOON_MS)
    assert "Ada" not in away.locator("main").inner_text()
    expect(room(chair)).to_contain_text("Must leave the room now: Max", timeout=SOON_MS)
    expect(room(chair)).to_contain_text("Nat Weiss")

    chair.locator("#next").click()
    expect(on_table(chair)).not_to_have_text("Ada Marchetti")
    name = on_table(chair).inner_text()
    expect(on_table(away)).to_have_text(name, timeout=SOON_MS)
    assert on_table(late).inner_text() == "Ada Marchetti"
    late.context.set_offline(False)
    expect(on_table(late)).to_have_text(name, timeout=SOON_MS)
    expect(late.locator("#problems")).to_be_empty()
    expect(late.get_by_label("Minutes on Ada Marchetti")).to_have_value("Half a sentence")


def test_two_who_lead_see_where_the_room_is_and_the_focus_stays(
    populated: World, cases: dict[str, Case], live: CalibrationSession, served: Served, signed_in: Callable[..., Page]
) -> None:
    chair, deputy = enter(signed_in("kim")), enter(signed_in("lou"))
    deputy.route("**/live?*", lambda route: route.abort())  # an old screen
    reveal = chair.locator("#reveal")
    reveal.focus()
    with served.session() as s:
        world = World(s, populated.now)
        found = s.get_one(CalibrationSession, live.id)
        at = populated.now + timedelta(seconds=1)
        steps.note(s, live=found, case=None, actor=world.nat, text="A word on the day.", at=at)
        s.commit()
    expect(room(chair)).to_contain_text("A word on the day.", timeout=SOON_MS)
    expect(reveal).to_be_focused()
    reveal.press("Enter")
    expect(room(chair)).to_contain_text("This is no ballot.")
    deputy.locator("#reveal").click()
    expect(room(deputy).get_by_role("alert")).to_contain_text("Somebody moved the session on while you pressed.")
    expect(room(deputy).get_by_role("alert")).to_contain_text(
        "It is now: Ada Marchetti, what everybody thinks is shown."
    )
    expect(room(deputy)).to_contain_text("This is no ballot.")
