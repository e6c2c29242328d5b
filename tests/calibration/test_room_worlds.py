"""Two rooms that differ in what happened in a case somebody must stay away from. For them nothing differs: not a page,
a poll, an order, a count, a token, a report, now or later. Whoever may be there sees the difference."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.calibration import commands
from portal.calibration.commands import sitting as steps
from portal.domain.case_flow import State
from portal.models.calibration import Choice
from portal.models.calibration_session import CalibrationSession, ChangeReason
from portal.models.case import Case
from portal.models.packet import Snapshot
from portal.models.review import Review, Score
from tests.calibration.places import GRADE, ROOM, newcomer, recuse
from tests.two_worlds import masked
from tests.world import NOW, World

HTMX = {"HX-Request": "true"}
# Candidate, manager, reviewer, nobody in particular; a member, the deputy and a people partner who are recused.
KEPT_OUT = ("ada", "max", "rex", "sam", "joe", "lou", "theo")
Act = Callable[[World, CalibrationSession, Case], None]


@pytest.fixture
def hidden(world: World) -> Case:
    """Ada's case, which three must stay away from, among others."""
    found = world.case("ada", State.IN_CALIBRATION, scores=(3, 3, 2))
    recuse(world, found, world.joe)
    recuse(world, found, world.lou)
    recuse(world, found, world.theo)
    for key, level, scores in (
        ("u", "em", (3, 3, 1)),
        ("v", "senior", (3, 3, 1)),
        ("w", "em", (3, 3, 3)),
        ("x", "em", (3, 3, 0)),
    ):
        world.case(newcomer(world, key, level), State.IN_CALIBRATION, scores=scores)
    world.commit()
    return found


def seen(client: Callable[..., Any], world: World, case: Case) -> dict[tuple[str, str], tuple[int, bytes]]:
    """What each of them gets at every address of the room, and their screen's answer to the state they have."""
    votes = f"/cases/{case.id}/votes"
    urls = (
        GRADE,
        ROOM,
        f"{GRADE}/figures.json",
        f"{GRADE}/cases.csv",
        f"{ROOM}/reviewers",
        f"/cases/{case.id}/position",
        f"/cases/{case.id}/minutes",
        votes,
        f"{votes}/close",
        "/cases",
        "/cycles/spring-2026",
        "/cycles/spring-2026/decisions",
        "/records",
        "/",
    )
    found = {}
    for key in KEPT_OUT:
        browser = client(getattr(world, key))
        browser.reads = False
        for url in urls:
            answer = browser.get(url)
            found[key, url] = (answer.status_code, masked(answer.data) + repr(answer.headers.get("ETag")).encode())
        part = browser.get(f"{GRADE}/live?family=engineering&since=", headers=HTMX)
        found[key, "live"] = (part.status_code, masked(part.data))
        token = part.text.split("since=")[1].split('"')[0] if "since=" in part.text else ""
        again = browser.get(f"{GRADE}/live?family=engineering&since={token}", headers=HTMX)
        found[key, "again"] = (again.status_code, again.data)
    world.s.rollback()
    return found


def begin(world: World) -> CalibrationSession:
    where = {"cycle": world.cycle, "family_id": "engineering", "grade": 4, "box_minutes": 10}
    return steps.begin_session(world.s, **where, actor=world.kim, at=NOW)


def lay(world: World, live: CalibrationSession, case: Case | None) -> None:
    how = {"actor": world.kim, "seen": steps.seen_by(world.kim, live), "at": NOW}
    steps.put_on_table(world.s, live=live, case=case, **how)


def thoughts(world: World, live: CalibrationSession, case: Case) -> None:
    for who, choice in (("kim", Choice.FOR), ("nat", Choice.AGAINST), ("ola", Choice.AGAINST)):
        steps.pre_vote(world.s, live=live, case=case, actor=getattr(world, who), choice=choice, at=NOW)


def talk(world: World, live: CalibrationSession, case: Case) -> None:
    steps.reveal(world.s, live=live, case=case, actor=world.kim, seen=steps.seen_by(world.kim, live), at=NOW)
    for n in range(3):
        steps.note(world.s, live=live, case=case, actor=world.nat, text=f"A secret about Ada, {n}.", at=NOW)
    steps.note_manager(world.s, live=live, case=case, actor=world.kim, present=True, at=NOW)


def change(world: World, live: CalibrationSession, case: Case) -> None:
    snapshot = world.s.scalars(select(Snapshot).where(Snapshot.case_id == case.id)).one()
    proposed = steps.Proposed(
        competency_id=world.rubric(case).competencies[0].id,
        new=0.5,
        reason=ChangeReason.EVIDENCE_MISREAD,
        note="Less than it seemed at first.",
        cites=[str(snapshot.content["evidence"][0]["id"])],
        proposer=world.nat,
    )
    steps.change_position(world.s, live=live, case=case, actor=world.kim, proposed=proposed, at=NOW)


def vote(world: World, _live: CalibrationSession, case: Case) -> None:
    ballot = commands.open_ballot(world.s, case=case, actor=world.kim, at=NOW)
    for who in ("kim", "nat", "ola"):
        commands.cast(world.s, ballot=ballot, actor=getattr(world, who), choice=Choice.AGAINST, at=NOW)
    commands.close_ballot(world.s, ballot=ballot, actor=world.kim, at=NOW)


def everything(world: World, live: CalibrationSession, case: Case) -> None:
    for act in (thoughts, talk, change, vote):
        act(world, live, case)


@pytest.mark.parametrize("act", [thoughts, talk, change, vote, everything])
def test_while_it_lies_on_the_table(world: World, client, hidden: Case, act: Act) -> None:
    live = begin(world)
    lay(world, live, hidden)
    world.commit()
    before = seen(client, world, hidden)
    act(world, live, hidden)
    world.commit()
    assert seen(client, world, hidden) == before
    assert b"Please leave the room for now." in before["lou", GRADE][1]


def test_and_when_the_next_case_is_taken(world: World, client, hidden: Case) -> None:
    """The number of what was said, shown and changed is in nothing that a screen carries afterwards."""
    live = begin(world)
    lay(world, live, hidden)
    other = next(c for c in live.agenda if c != hidden.id)
    lay(world, live, world.s.get_one(Case, other))
    world.commit()
    before = seen(client, world, hidden)
    members = masked(client(world.nat).get(GRADE).data)
    world.s.rollback()
    lay(world, live, hidden)
    everything(world, live, hidden)
    lay(world, live, world.s.get_one(Case, other))
    world.commit()
    after = seen(client, world, hidden)
    log = ("theo", "/records")  # of the other case, which theo keeps, it has one line more
    assert {where: after[where] for where in after if where != log} == {k: v for k, v in before.items() if k != log}
    assert masked(client(world.nat).get(GRADE).data) != members


def test_the_order_of_business_tells_no_rank_of_a_case_that_is_not_theirs(world: World, client, hidden: Case) -> None:
    """Ada's reviewers agree or are far apart: the others stand in one order for whoever must stay away from her."""
    orders = {}
    for value in (3, 0):
        ids = select(Review.id).where(Review.case_id == hidden.id).order_by(Review.id).limit(1)
        world.s.execute(update(Score).where(Score.review_id == world.s.scalars(ids).one()).values(value=value))
        live = begin(world)
        world.commit()
        orders[value] = (list(live.agenda), seen(client, world, hidden))
        steps.end_session(world.s, live=live, actor=world.kim, seen=steps.seen_by(world.kim, live), at=NOW)
        world.s.execute(update(CalibrationSession).values(family_id=f"gone-{value}"))  # so that the next has its seed
        world.commit()
    assert orders[3][0] != orders[0][0]
    for key in ("joe", "lou"):
        urls = [url for who, url in orders[3][1] if who == key and url != "/"]
        ends = [{url: queue(orders[value][1][key, url][1]) for url in urls} for value in (3, 0)]
        assert ends[0] == ends[1], key


def queue(page: bytes) -> list[bytes]:
    """The names in the order of business, in order."""
    part = page.split(b'class="queue"')[-1].split(b"</ol>")[0] if b'class="queue"' in page else b""
    return [line.split(b"<")[0] for line in part.split(b"<span>")[1:] if line.startswith(b"New")]


def test_before_it_is_shown_no_member_learns_anything_of_what_others_think(world: World, client, hidden: Case) -> None:
    live = begin(world)
    lay(world, live, hidden)
    world.commit()
    browser = client(world.ola)
    page = masked(browser.get(GRADE).data)
    token = page.decode().split("since=")[1].split('"')[0]
    world.s.rollback()
    for who in ("kim", "nat"):
        steps.pre_vote(world.s, live=live, case=hidden, actor=getattr(world, who), choice=Choice.AGAINST, at=NOW)
    world.commit()
    assert masked(browser.get(GRADE).data) == page
    assert browser.get(f"{GRADE}/live?family=engineering&since={token}", headers=HTMX).status_code == 204


def test_in_the_thick_of_it_no_screen_is_brought_what_it_has(world: World, client, hidden: Case) -> None:
    """What a page is drawn from and what is asked for news come to the same for everybody who is there."""
    live = begin(world)
    lay(world, live, hidden)
    for act in (thoughts, talk, change):
        act(world, live, hidden)
    steps.note(world.s, live=live, case=None, actor=world.nat, text="A word on the day.", at=NOW)
    commands.open_ballot(world.s, case=hidden, actor=world.kim, at=NOW)
    world.commit()
    for key in ("kim", "lou", "nat", "ola", "joe", "pia", "theo"):
        browser = client(getattr(world, key))
        token = browser.get(GRADE).text.split("since=")[1].split('"')[0]
        assert browser.get(f"{GRADE}/live?family=engineering&since={token}", headers=HTMX).status_code == 204, key
