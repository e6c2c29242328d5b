"""The room's pages: who opens them, what stands on them, and that they tell nobody more than they may know."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select

from portal.calibration import commands
from portal.domain.case_flow import State
from portal.models.calibration import BarCheck, Choice
from portal.models.case import Case
from portal.models.decision import Outcome
from tests.calibration.places import GRADE, ROOM, newcomer, recuse, table
from tests.statements import statements
from tests.two_worlds import masked
from tests.world import NOW, World

COMMITTEE = ("kim", "lou", "nat", "ola", "joe")


@pytest.fixture
def case(world: World) -> Case:
    found = world.case("ada", State.IN_CALIBRATION, scores=(3, 3, 2))
    world.commit()
    return found


def pages_of(case: Case) -> list[str]:
    votes = f"/cases/{case.id}/votes"
    return [
        f"/cases/{case.id}",
        f"/cases/{case.id}/position",
        votes,
        f"{votes}/close",
        GRADE,
        ROOM,
        "/cases",
        "/",
    ]


def check(world: World) -> None:
    who = {"actor": world.kim, "at": NOW}
    commands.run_bar_check(world.s, cycle=world.cycle, family_id="engineering", grade=4, **who)
    world.commit()


def bodies(client: Callable[..., Any], world: World, case: Case) -> dict[tuple[str, str], bytes]:
    """Every page about the case and the room, as everybody gets them."""
    found = {}
    for key, person in world.everyone.items():
        browser = client(person)
        browser.reads = False
        for url in pages_of(case):
            found[key, url] = masked(browser.get(url).data)
    return found


@pytest.mark.parametrize(
    ("who", "status"),
    [("kim", 200), ("nat", 200), ("pia", 200), ("ada", 404), ("max", 404), ("rex", 404), ("aud", 404)],
)
def test_who_opens_the_rooms_pages(world: World, client, case: Case, who: str, status: int) -> None:
    browser = client(getattr(world, who))
    for url in (ROOM, GRADE, f"/cases/{case.id}/position", f"/cases/{case.id}/votes"):
        assert browser.get(url).status_code == status, url


def test_a_grade_no_ladder_has_and_a_cycle_that_is_not_there(world: World, client) -> None:
    browser = client(world.pia)
    assert [browser.get(url).status_code for url in (f"{ROOM}/9", "/cycles/no-such/calibration", f"{ROOM}/5")] == [
        404,
        404,
        200,
    ]


def test_an_empty_grade_says_what_will_bring_a_case_here(world: World, client) -> None:
    page = client(world.kim).get(f"{ROOM}/5").text
    assert "One appears here when the people partner sends it on" in page
    assert "Not enough evidence" in page


def test_the_overview_counts_what_is_to_decide_and_decided(world: World, client) -> None:
    world.case("ada", State.IN_CALIBRATION)
    world.case("ivy", State.DECIDED)
    world.case("mona", State.IN_CALIBRATION)
    check(world)
    page = client(world.nat).get(ROOM).text
    row = page[page.index(f"{GRADE}?") : page.index(f"{ROOM}/5?")]
    assert [words in row for words in ("1 to decide, 1 decided", "1 to decide, 0 decided")] == [True, True]
    assert "not enough evidence" in row


def test_the_verdict_sentence_stands_on_the_grade_and_withheld_numbers_do_not(world: World, client, case: Case) -> None:
    page = client(world.nat).get(GRADE).text
    assert "The data cannot say." in page
    assert "Where the bars lie is not shown: each track needs 3 approvals and 3 refusals; so far IC 0 and 0" in page
    assert "Agreement is not shown: 5 cases with two reviews are needed, there are 1." in page
    assert 'id="bars"' not in page
    assert 'id="agreement"' not in page


def test_each_gated_figure_appears_once_its_gate_is_open(world: World, client) -> None:
    for n in range(6):
        outcome, given = (Outcome.APPROVED, (3, 3, 4)) if n % 2 else (Outcome.NOT_YET, (2, 2, 1))
        for level in ("senior", "em"):
            key = newcomer(world, f"{level}{n}", level)
            world.case(key, State.DECIDED, outcome=outcome, scores=given)
    world.commit()
    page = client(world.nat).get(GRADE).text
    assert 'id="bars"' in page
    assert 'id="agreement"' in page
    assert "Where the committee approves as often as not: IC bar at" in page
    assert "IC: 3 of 6 decided cases approved" in page


def test_the_chair_runs_the_check_and_it_is_recorded(world: World, client, case: Case) -> None:
    browser = client(world.kim)
    assert "Run the check and record it" in browser.get(GRADE).text
    done = browser.post(f"{GRADE}/check", data={"family": "engineering"})
    assert (done.status_code, done.location) == (303, f"{GRADE}?family=engineering")
    world.s.rollback()
    kept = world.s.scalars(select(BarCheck)).one()
    assert (kept.grade, kept.run_by_id) == (4, world.kim.id)
    page = browser.get(GRADE).text
    assert "Recorded by Kim Larsen" in page
    assert "Run the check and record it" not in page


def test_a_member_may_not_run_it_and_a_ladder_must_be_named(world: World, client, case: Case) -> None:
    assert client(world.nat).post(f"{GRADE}/check", data={"family": "engineering"}).status_code == 403
    assert client(world.sam).post(f"{GRADE}/check", data={"family": "engineering"}).status_code == 404
    chair = client(world.kim)
    assert chair.post(f"{GRADE}/check").status_code == 422
    assert chair.post(f"{GRADE}/check", data={"family": "product"}).status_code == 422


def test_the_position_tells_every_clause_met_or_not(world: World, client, case: Case) -> None:
    page = client(world.nat).get(f"/cases/{case.id}/position").text
    assert "The overall is 2.67; 3 clauses of the written bar are not met." in page
    assert "The bar asks for a weighted mean of at least 2.7; the reviews give 2.67." in page
    assert "The bar asks for at least 1 on every competency; the lowest mean is 2.67." in page


def test_a_case_at_the_bar_meets_every_clause_in_words(world: World, client) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    world.commit()
    page = client(world.nat).get(f"/cases/{case.id}/position").text
    assert "every clause of the written bar is met" in page
    assert "Technical direction: the bar insists on at least 3; the reviews give 3.00." in page
    assert "The reviewers give the same score on every competency." in page


def test_without_a_review_that_counts_there_is_no_position(world: World, client, case: Case) -> None:
    for key in ("rex", "rob", "rae"):
        recuse(world, case, getattr(world, key))
    world.commit()
    page = client(world.nat).get(f"/cases/{case.id}/position").text
    assert "Nobody has assessed this case yet, so it has no position." in page


def test_pay_is_nowhere_in_the_room(world: World, client, case: Case) -> None:
    browser = client(world.kim)
    for url in (ROOM, GRADE, f"/cases/{case.id}/position", f"/cases/{case.id}/votes"):
        page = browser.get(url).text.lower()
        assert [word for word in ("salary", "currency", "equity", "bonus") if word in page] == [], url


@pytest.mark.parametrize("cases", [1, 3, 50])
def test_a_grade_costs_the_same_statements_with_any_number_of_cases(
    world: World, client, engine: Engine, cases: int
) -> None:
    table(world, cases)
    world.commit()
    browser = client(world.nat)
    browser.get(GRADE)  # the ladder is read once in the life of a process
    with statements(engine) as sent:
        assert browser.get(GRADE).status_code == 200
    assert len(sent) == 8


def test_a_case_kept_from_somebody_leaves_no_trace_on_their_pages(world: World, client) -> None:
    """What nat reads with a hidden case on the table is what nat reads without one."""
    for key, level in (("a", "senior"), ("b", "em"), ("c", "senior")):
        world.case(newcomer(world, key, level), State.DECIDED)
    check(world)
    urls = (ROOM, GRADE, "/cases")
    browser = client(world.nat)
    without = [masked(browser.get(url).data) for url in urls]
    world.s.rollback()
    hidden = world.case("ada", State.DECIDED, outcome=Outcome.NOT_YET, scores=(1, 0, 4))
    recuse(world, hidden, world.nat)
    check(world)
    assert [masked(browser.get(url).data) for url in urls] == without
    assert b"Ada Marchetti" in client(world.ola).get(GRADE).data
    assert b"All 2 checks recorded" in client(world.ola).get(GRADE).data


def test_before_closing_a_vote_changes_no_byte_for_anybody_else(world: World, client, case: Case) -> None:
    chair = client(world.kim)
    assert chair.post(f"/cases/{case.id}/votes").status_code == 303
    before = bodies(client, world, case)
    for key, choice in (("nat", Choice.FOR), ("ola", Choice.AGAINST)):
        sent = client(getattr(world, key)).post(f"/cases/{case.id}/votes/mine", data={"choice": choice.value})
        assert sent.status_code == 303
    after = bodies(client, world, case)
    assert {key for key, url in before if before[key, url] != after[key, url]} == {"nat", "ola"}


def test_with_chair_and_deputy_away_the_page_says_who_can_act(world: World, client, case: Case) -> None:
    votes, said = f"/cases/{case.id}/votes", "Nobody presides over this case at the moment"
    recuse(world, case, world.kim)
    world.commit()
    assert said not in client(world.nat).get(votes).text
    world.s.rollback()
    world.lou.active = False
    world.commit()
    member, partner = client(world.nat).get(votes).text, client(world.pia).get(votes).text
    assert (said in member, "Change the committee" in member) == (True, False)
    assert f'/cycles/spring-2026/committees/{case.committee.id}">Change the committee' in partner


def test_a_ballot_from_opening_to_count(world: World, client, case: Case) -> None:
    votes = f"/cases/{case.id}/votes"
    chair = client(world.kim)
    assert "The chair has not opened the ballot yet." in client(world.nat).get(votes).text
    chair.post(votes)
    assert "5 may vote; 4 are needed for a quorum." in chair.get(votes).text
    for key in ("kim", "lou", "nat", "ola"):
        client(getattr(world, key)).post(f"{votes}/mine", data={"choice": "for"})
    assert "Your vote: For" in client(world.nat).get(votes).text
    assert "You do not see how many have." in chair.get(f"{votes}/close").text
    assert chair.post(f"{votes}/close").status_code == 303
    assert "Carried: more votes for than the majority asks." in client(world.nat).get(votes).text
    late = client(world.joe).post(f"{votes}/mine", data={"choice": "against"})
    assert late.status_code == 409
    assert chair.get(f"{votes}/close").status_code == 303


def test_members_read_counts_and_the_chair_and_people_partner_read_names(world: World, client, case: Case) -> None:
    world.ballot(case, {"kim": Choice.FOR, "lou": Choice.AGAINST, "nat": None, "joe": Choice.ABSTAIN})
    world.commit()
    url = f"/cases/{case.id}/votes"
    names = {who for who in ("kim", "pia", "nat", "lou") if "Single votes" in client(getattr(world, who)).get(url).text}
    assert names == {"kim", "pia"}
    page = client(world.nat).get(f"/cases/{case.id}/votes").text
    assert "Not carried: a tie does not approve." in page


def test_no_quorum_leads_to_another_round(world: World, client, case: Case) -> None:
    world.ballot(case, {"kim": Choice.FOR, "lou": None, "nat": None, "ola": None, "joe": None})
    world.commit()
    votes = f"/cases/{case.id}/votes"
    chair = client(world.kim)
    page = chair.get(votes).text
    assert "No quorum: 1 voted, 4 were needed." in page
    assert "Open another round" in page
    assert "Open another round" not in client(world.nat).get(votes).text
    assert chair.post(votes).status_code == 303
    assert "Round 2" in chair.get(votes).text


def test_the_deputy_presides_when_the_chair_has_a_conflict(world: World, client, case: Case) -> None:
    recuse(world, case, world.kim)
    world.commit()
    votes = f"/cases/{case.id}/votes"
    assert client(world.kim).get(votes).status_code == 404
    assert client(world.kim).post(votes).status_code == 404
    assert client(world.nat).post(votes).status_code == 403
    assert client(world.lou).post(votes).status_code == 303
    assert client(world.kim).post(f"{votes}/mine", data={"choice": "for"}).status_code == 404
    assert client(world.lou).post(f"{votes}/close").status_code == 303


def test_a_vote_that_is_no_choice_is_refused_with_the_page(world: World, client, case: Case) -> None:
    world.ballot(case, dict.fromkeys(COMMITTEE), closed=False)
    world.commit()
    answer = client(world.nat).post(f"/cases/{case.id}/votes/mine", data={"choice": "maybe"})
    assert answer.status_code == 422
    assert "There is something to put right" in answer.text


def test_the_answer_to_htmx_is_the_part_of_the_page(world: World, client, case: Case) -> None:
    world.ballot(case, dict.fromkeys(COMMITTEE), closed=False)
    world.commit()
    browser = client(world.nat)
    votes = f"/cases/{case.id}/votes"
    part = browser.post(f"{votes}/mine", data={"choice": "for"}, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert masked(part.data).strip() in masked(browser.get(votes).data)


def test_the_case_page_offers_each_what_is_theirs_to_do(world: World, client, case: Case) -> None:
    def offered(who: str) -> list[str]:
        page = client(getattr(world, who)).get(f"/cases/{case.id}").text
        labels = ("Open the ballot", "Vote<", "Change your vote", "Close the ballot", "Compare with its peers")
        part = page[page.index('id="main"') : page.index('id="facts-heading"')].split("</nav>")[-1]
        return [label.strip("<") for label in labels if label in part]

    assert (offered("kim"), offered("nat"), offered("ada")) == (
        ["Open the ballot", "Compare with its peers"],
        ["Compare with its peers"],
        [],
    )
    world.s.rollback()
    world.ballot(case, {**dict.fromkeys(COMMITTEE), "nat": Choice.FOR}, closed=False)
    world.commit()
    assert offered("kim") == ["Vote", "Close the ballot", "Compare with its peers"]
    assert offered("nat") == ["Change your vote", "Compare with its peers"]
    assert offered("pia") == ["Compare with its peers"]


def test_the_votes_page_says_that_the_check_is_missing_and_where_to_run_it(world: World, client, case: Case) -> None:
    votes = f"/cases/{case.id}/votes"
    assert "Run it on the page of the grade" in client(world.kim).get(votes).text
    assert "The chair or a people partner runs it on the page of the grade" in client(world.nat).get(votes).text
    world.s.rollback()
    check(world)
    assert "was not run at this grade yet" not in client(world.kim).get(votes).text


def test_a_grade_of_more_cases_than_a_page_holds_has_pages(world: World, client, monkeypatch) -> None:
    monkeypatch.setattr("portal.calibration.fragments.table.ROWS", 2)
    table(world, 5)
    world.commit()
    browser = client(world.nat)
    names = []
    for n in (1, 2, 3):
        page = browser.get(f"{GRADE}?family=engineering&page={n}").text
        part = page[page.index('<table id="agenda"') :]
        names.append(re.findall(r"New c\d", part[: part.index("</table>")])[::2])
    assert [len(set(found)) for found in names] == [2, 2, 1]
    assert len({name for found in names for name in found}) == 5
    beyond = browser.get(f"{GRADE}?family=engineering&page=99").text
    assert masked(beyond.encode()) == masked(page.encode())
