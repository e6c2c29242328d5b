"""What can be taken along says what the page says, and how strict a reviewer is stays with those who may know it."""

import csv
import io
import subprocess

import pytest

from portal.calibration import commands
from portal.calibration.queries import cases_at, facts_of, sheets_at
from portal.calibration.queries.strictness import strictness, together
from portal.calibration.routes import reports
from portal.domain.case_flow import State
from portal.models.case import Case
from portal.models.decision import Outcome
from tests.calibration.places import GRADE, ROOM, newcomer, recuse
from tests.world import NOW, World

MINE = "/cycles/spring-2026/equivalence/mine"


def fill(world: World, cases: int = 6) -> None:
    """Decided cases of both tracks, all scored by the same three, of whom rae is the strictest."""
    for n in range(cases):
        outcome, given = (Outcome.APPROVED, (4, 3, 3)) if n % 2 else (Outcome.NOT_YET, (3, 2, 1))
        world.case(newcomer(world, f"r{n}", "em" if n % 3 else "senior"), State.DECIDED, outcome=outcome, scores=given)
    world.commit()


def test_a_reviewer_gets_a_number_from_five_reviews_up(world: World) -> None:
    fill(world, 4)
    few = strictness(facts_of(cases_of(world), sheets_at(world.s, cycle_id=world.cycle.id)))
    assert {(one.reviews, one.severity) for one in few} == {(4, None)}
    world.case(newcomer(world, "more", "em"), State.DECIDED, scores=(4, 3, 2))
    found = strictness(facts_of(cases_of(world), sheets_at(world.s, cycle_id=world.cycle.id)))
    points = {one.reviewer: one.severity for one in found}
    assert points[world.rex.id] > 0 > points[world.rob.id]  # both of one track; rex gives more


def cases_of(world: World) -> list[Case]:
    return list(cases_at(world.s, world.cycle, "engineering", None))


def test_of_fewer_than_five_reviewers_nothing_is_said_together(world: World) -> None:
    fill(world)
    assert together(strictness(facts_of(cases_of(world), sheets_at(world.s, cycle_id=world.cycle.id)))) is None


def test_names_are_for_the_chair(world: World, client) -> None:
    fill(world)
    pages = {who: client(getattr(world, who)).get(f"{ROOM}/reviewers") for who in ("kim", "nat", "pia", "aud", "rex")}
    assert {who: page.status_code for who, page in pages.items()} == {
        "kim": 200,
        "nat": 200,
        "pia": 200,
        "aud": 200,
        "rex": 404,
    }
    assert {who for who, page in pages.items() if "Rae Okonkwo" in page.text} == {"kim"}
    assert "Too few" in pages["aud"].text


def test_ones_own_is_open_after_the_cycle_and_to_nobody_else(world: World, client) -> None:
    fill(world)
    assert client(world.rae).get(MINE).status_code == 404
    world.s.rollback()
    world.cycle.closed_at = NOW
    world.commit()
    assert "Over 6 reviews you scored" in client(world.rae).get(MINE).text
    assert client(world.sam).get(MINE).status_code == 404


def test_what_is_taken_along_says_that_the_cases_changed_since_the_check(
    world: World, client, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[str] = []
    monkeypatch.setattr(reports, "render_pdf", lambda html, **_: printed.append(html) or b"")
    world.case("ada", State.DECIDED)
    who = {"actor": world.kim, "at": NOW}
    commands.run_bar_check(world.s, cycle=world.cycle, family_id="engineering", grade=4, **who)
    world.commit()
    browser, said = client(world.nat), "have changed since: this verdict and its readings are as recorded"
    fresh = browser.get(f"{GRADE}/figures.json").json["changed_since"]
    browser.get(f"{GRADE}/report.pdf")
    world.s.rollback()
    world.case("mona", State.DECIDED)
    world.commit()
    stale = browser.get(f"{GRADE}/figures.json").json["changed_since"]
    browser.get(f"{GRADE}/report.pdf")
    assert (fresh, stale, [said in html for html in printed]) == (False, True, [False, True])


def test_the_data_say_what_the_page_says(world: World, client) -> None:
    fill(world)
    browser = client(world.nat)
    found = browser.get(f"{GRADE}/figures.json").json
    assert found["sentence_shown"] in browser.get(GRADE).text
    assert (found["grade"], found["ladder"], len(found["cases"])) == (4, "engineering", 6)
    assert "evidence" not in found
    assert found["delta"] is None  # under the gate: no number, here as there


def test_the_table_as_csv_is_the_agenda(world: World, client) -> None:
    fill(world, 3)
    world.s.rollback()
    world.r0.name = "=cmd()"
    world.commit()
    answer = client(world.nat).get(f"{GRADE}/cases.csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][:2] == ["candidate", "track"]
    assert {row[0] for row in rows[1:]} == {"'=cmd()", "New r1", "New r2"}


@pytest.mark.parametrize("what", ["figures.json", "cases.csv", "report.pdf"])
def test_whoever_may_not_enter_takes_nothing_along(world: World, client, what: str) -> None:
    fill(world, 2)
    assert [client(getattr(world, who)).get(f"{GRADE}/{what}").status_code for who in ("rex", "aud", "sam")] == [
        404
    ] * 3


def test_a_case_one_stays_away_from_is_in_nothing_one_takes_along(world: World, client) -> None:
    fill(world, 2)
    browser = client(world.nat)
    addresses = [f"{GRADE}/{what}" for what in ("figures.json", "cases.csv")]
    without = [browser.get(url).data for url in addresses]
    world.s.rollback()
    hidden = world.case("ada", State.DECIDED, outcome=Outcome.NOT_YET, scores=(1, 0, 4))
    recuse(world, hidden, world.nat)
    world.commit()
    assert [browser.get(url).data for url in addresses] == without


def test_the_report_is_a_pdf_with_the_sentence(world: World, client) -> None:
    fill(world)
    answer = client(world.kim).get(f"{GRADE}/report.pdf")
    assert (answer.status_code, answer.mimetype, answer.data[:5]) == (200, "application/pdf", b"%PDF-")
    text = subprocess.run(["pdftotext", "-", "-"], input=answer.data, capture_output=True, check=True).stdout.decode()
    assert "The data cannot say." in " ".join(text.split())
    assert "New r0" in text


def test_ten_reports_a_minute_are_set_for_each_person(world: World, client, monkeypatch) -> None:
    monkeypatch.setattr(reports, "render_pdf", lambda *_args, **_kwargs: b"%PDF-")
    kim, nat = client(world.kim), client(world.nat)
    found = [kim.get(f"{GRADE}/report.pdf").status_code for _ in range(11)]
    assert (found, nat.get(f"{GRADE}/report.pdf").status_code) == ([200] * 10 + [429], 200)
