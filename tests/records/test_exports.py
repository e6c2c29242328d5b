"""A cycle as tables: for each person what they may see of each case, nothing a spreadsheet would run, and counts from
which nobody can be read. And everything about oneself as a file."""

import csv
import io
import json
import zipfile

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.storage import Storage
from portal.adapters.tables import read_rows
from portal.domain.case_flow import State
from portal.models.audit import AuditEvent, record
from portal.models.calibration import Choice
from portal.models.cycle import Cycle
from portal.models.decision import Outcome
from portal.models.packet import BusinessJustification, DraftComment, Referee, RefereeState, Snapshot, Statement
from portal.models.person import Person
from portal.models.review import Review
from portal.models.unsent import UnsentForm, UnsentText
from portal.packets.commands.referees import TOLD
from portal.records import exports
from portal.records.exports import FEW, Export
from portal.reviews import commands as reviews
from portal.settings import Settings
from tests.letters.stages import released
from tests.statements import statements
from tests.world import World

URL = "/cycles/spring-2026/export"


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return Storage.from_url(settings.storage_url)


def table(world: World, who: str, name: str) -> list[dict[str, str]]:
    found = exports.taken(world.s, Export(world.cycle, name, "csv"), getattr(world, who))
    return [dict(zip(found.header, row, strict=True)) for row in found.rows]


def test_who_may_ask_for_which_table(world: World) -> None:
    offered = {key: exports.tables_for(person, world.cycle) for key, person in world.everyone.items()}
    every = ("cases", "scores", "ballots", "decisions", "payroll", "summary")
    committee = ("cases", "scores", "ballots", "decisions", "summary")
    expected = dict.fromkeys(World.keys(), ())
    expected |= dict.fromkeys(("pia", "theo"), every) | dict.fromkeys(("kim", "lou", "nat", "ola", "joe"), committee)
    assert offered == {**expected, "aud": ("summary",)}


def test_the_page_and_the_files_are_not_there_for_others(world: World, client) -> None:
    world.case("ada", State.RELEASED)
    world.commit()
    for key, status in {"pia": 200, "kim": 200, "aud": 200, "ada": 404, "max": 404, "rex": 404, "opal": 404}.items():
        assert client(getattr(world, key)).get(URL).status_code == status, key
    for key, name, status in (
        ("aud", "scores", 404),
        ("kim", "payroll", 404),
        ("pia", "people", 404),
        ("pia", "scores", 200),
    ):
        assert client(getattr(world, key)).get(f"{URL}/{name}.csv").status_code == status, (key, name)
    assert client(world.pia).get(f"{URL}/cases.pdf").status_code == 404


def test_an_own_or_conflicted_case_is_in_no_table(world: World) -> None:
    own, other = world.case("theo", State.RELEASED), world.case("ada", State.RELEASED)
    for name in ("cases", "scores", "ballots", "decisions", "payroll"):
        assert {row["case"] for row in table(world, "theo", name)} == {other.id}, name
        assert {row["case"] for row in table(world, "pia", name)} == {own.id, other.id}, name


def test_scores_open_with_the_reviews_page(world: World) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.seal(case, case.assignments[0], 4)
    assert ({row["score"] for row in table(world, "pia", "scores")}, table(world, "nat", "scores")) == ({"4"}, [])
    later = world.case("ivy", State.IN_CALIBRATION)
    assert {row["case"] for row in table(world, "nat", "scores")} == {later.id}


def test_an_open_ballot_is_in_no_table_and_single_votes_only_for_those_who_keep_them(world: World) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    votes = {"kim": Choice.FOR, "lou": Choice.AGAINST, "nat": None}
    ballot = world.ballot(case, votes, closed=False)
    assert [table(world, who, "ballots") for who in ("pia", "kim", "lou")] == [[], [], []]
    ballot.closed_at, ballot.closed_by_id = world.now, world.kim.id
    by_name = {row["member"]: row["vote"] for row in table(world, "kim", "ballots")}
    assert by_name == {
        "Joe Walsh": "recused",
        "Kim Larsen": "for",
        "Lou Petit": "against",
        "Nat Weiss": "absent",
        "Ola Berg": "recused",
    }
    assert table(world, "pia", "ballots") == table(world, "kim", "ballots")
    (counts,) = table(world, "lou", "ballots")
    assert (counts["member"], counts["vote"]) == ("", "1 for, 1 against, 0 abstained, 1 absent, 2 recused")


def test_the_pay_roll_holds_released_approvals_and_nothing_else(world: World) -> None:
    world.case("ada", State.RELEASED)
    world.case("mona", State.RELEASED, outcome=Outcome.NOT_YET, scores=(1, 1, 1))
    world.case("ivy", State.DECIDED)
    (row,) = table(world, "pia", "payroll")
    assert (row["email"], row["from_level"], row["to_level"], row["effective_on"], row["on_trial"]) == (
        "ada@example.org",
        "senior",
        "staff",
        "2026-03-16",
        "no",
    )


def test_counts_below_five_are_hidden_with_what_they_follow_from() -> None:
    rows = (
        [("ic", "approved")] * 9
        + [("ic", "not_yet")] * 2
        + [("manager", "approved")] * 7
        + [("manager", "not_yet")] * 6
    )
    shown = {row[:2]: row[2] for row in exports.suppressed(rows)}
    assert shown["ic", "not_yet"] == FEW
    assert sum(value == FEW for value in shown.values()) >= 4, "one hidden cell alone follows from the totals"
    assert exports.suppressed([]) == []


def test_the_auditor_counts_released_cases_only(world: World) -> None:
    world.case("ada", State.RELEASED)
    world.case("ivy", State.DECIDED)
    world.cycle.closed_at = world.now
    assert {row["cases"] for row in table(world, "aud", "summary")} == {FEW}
    assert "decided" not in {row["outcome"] for row in table(world, "aud", "summary")}


def test_a_cell_that_looks_like_a_formula_is_text_in_both_formats(world: World, client) -> None:
    case = world.case("ada", State.RELEASED)
    case.decisions[-1].reasons = "=HYPERLINK(1)"
    world.commit()
    pia = client(world.pia)
    text = pia.get(f"{URL}/decisions.csv").data
    (row,) = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
    assert row["reasons"] == "'=HYPERLINK(1)"
    book = pia.get(f"{URL}/decisions.xlsx").data
    assert read_rows(book) == read_rows(text)


def test_what_is_taken_away_is_noted_as_read(world: World, client) -> None:
    case = world.case("ada", State.RELEASED)
    world.commit()
    client(world.pia).get(f"{URL}/scores.csv")
    world.s.rollback()
    noted = world.s.scalars(select(AuditEvent.thing).where(AuditEvent.action == "read")).all()
    assert noted == [f"export_scores:{case.id}"]


def about(client, person) -> tuple[list[str], dict]:
    with zipfile.ZipFile(io.BytesIO(client(person).get("/records/mine.zip").data)) as archive:
        return sorted(archive.namelist()), json.loads(archive.read("about-you.json"))


def test_one_takes_away_ones_case_letter_and_words(world: World, storage: Storage, client, frozen_clock) -> None:
    case = released(world, storage)
    world.commit()
    names, data = about(client, world.ada)
    (mine,) = data["cases"]
    assert (mine["id"], mine["state"], mine["letters"][0]["outcome"]) == (case.id, "released", "approved")
    assert names == ["README.txt", "about-you.json", f"files/letter-{case.decisions[-1].letter.code}.pdf"]
    _, written = about(client, world.rex)
    assert ([r["summary"] for r in written["written"]["reviews"]], written["cases"]) == (["Summary by Reviewer 1."], [])


def test_before_the_release_it_tells_neither_decision_nor_reviews(world: World, client) -> None:
    world.case("ada", State.DECIDED)
    world.commit()
    _, data = about(client, world.ada)
    (mine,) = data["cases"]
    assert (mine["state"], mine["letters"], mine["statements"]) == ("in_calibration", [], [])
    text = json.dumps(data)
    assert [secret for secret in ("Rex", "Reviewer 1", "Calm under load", "The evidence shows") if secret in text] == []


@pytest.mark.parametrize("who", ["pia", "aud"])
def test_counts_are_given_only_once_no_release_can_change_them(world: World, who: str) -> None:
    world.case("ada", State.RELEASED)
    assert table(world, who, "summary") == []


def test_drafts_nobody_else_can_read_are_among_ones_own_words(world: World, client) -> None:
    """A review not sealed, a statement not signed, a comment, a need, and what was begun in a form."""
    case = world.case("ada", State.IN_REVIEW)
    snapshot = world.s.scalars(select(Snapshot).where(Snapshot.case_id == case.id)).one()
    max_id, rex_id = world.max.id, world.rex.id
    statement = world.s.get(Statement, (case.id, max_id))
    statement.strengths, statement.signed_at = "Half a statement", None
    mine = next(a for a in case.assignments if a.reviewer_id == rex_id)
    times = {"started_at": world.now, "saved_at": world.now}
    draft = Review(assignment=mine, case_id=case.id, snapshot=snapshot, summary="Half a thought", scores=[], **times)
    unsent = {"form": UnsentForm.COMMENT, "texts": {"text": "Half a comment"}, "saved_at": world.now}
    done = unsent | {"form": UnsentForm.FEEDBACK, "texts": {}}
    world.s.add_all(
        [
            draft,
            UnsentText(case_id=case.id, writer_id=max_id, **unsent),
            UnsentText(case_id=case.id, writer_id=max_id, **done),
            BusinessJustification(case_id=case.id, writer_id=max_id, text="Half a need", saved_at=world.now),
            DraftComment(
                case_id=case.id, section="summary", writer_id=max_id, text="Say it shorter.", written_at=world.now
            ),
        ]
    )
    world.commit()
    written = about(client, world.max)[1]["written"]
    assert [row["texts"] for row in written["unsent"]] == [{"text": "Half a comment"}]
    assert [row["strengths"] for row in written["statements"]] == ["Half a statement"]
    assert [row["text"] for row in written["justifications"] + written["comments"]] == [
        "Half a need",
        "Say it shorter.",
    ]
    assert [row["summary"] for row in about(client, world.rex)[1]["written"]["reviews"]] == ["Half a thought"]
    (hers,) = about(client, world.ada)[1]["cases"]
    assert [row["text"] for row in hers["comments"]] == ["Say it shorter."]
    assert "Half a" not in json.dumps(hers)


def test_ones_votes_minutes_conflicts_and_reasons_are_ones_own_words(world: World, client) -> None:
    case = world.case("ada", State.IN_CALIBRATION)
    ballot = world.ballot(case, {"kim": Choice.FOR, "lou": Choice.AGAINST, "nat": None})
    lous = next(e for e in ballot.electors if e.person_id == world.lou.id)
    lous.dissent, lous.dissented_at = "Thin evidence.", world.now
    world.s.flush()
    reviews.recuse(world.s, case=case, person=world.ola, actor=world.ola, reason="We are friends.", at=world.now)
    record(world.s, actor=world.lou, action="noted", thing="cycle:x", at=world.now, reason="In my own words.")
    world.commit()
    mine = about(client, world.lou)[1]
    assert [(row["choice"], row["dissent"]) for row in mine["written"]["votes"]] == [("against", "Thin evidence.")]
    assert [act["why"] for act in mine["acts"]] == ["In my own words."]
    theirs = about(client, world.ola)[1]["written"]
    assert [row["reason"] for row in theirs["conflicts"]] == ["We are friends."]
    assert "Thin" not in json.dumps(theirs)


def test_after_the_release_it_tells_what_the_pages_tell(world: World, storage: Storage, client, frozen_clock) -> None:
    case = released(world, storage)
    told = {"person": world.ivy, "pseudonym": "Colleague 1", "proposed_by_id": world.ada.id, "proposed_at": world.now}
    answer = {"state": RefereeState.ANSWERED, "answered_at": world.now, "answers": {"r1": "I saw it."}}
    case.referees.append(Referee(**told, **answer, told=TOLD, pseudonym_for_candidate="Colleague X"))
    record(
        world.s,
        actor=world.rex,
        action="read",
        thing=f"packet:{case.id}",
        at=world.now,
        case_id=case.id,
        stage="in_review",
    )
    world.commit()
    (mine,) = about(client, world.ada)[1]["cases"]
    assert mine["feedback"] == [{"from": "Colleague X", "answers": {"r1": "I saw it."}, "not": ""}]
    assert mine["opened_by"] == [{"by": "reviewer", "times": 1, "while": ["in_review"]}]
    assert "Ivy" not in json.dumps(mine)


@pytest.mark.parametrize("name", ["cases", "scores", "ballots", "decisions", "payroll"])
def test_a_table_costs_the_same_for_one_case_and_for_three(world: World, engine, name: str) -> None:
    cost, cycle_id = [], world.cycle.id
    for more in (("ada",), ("ivy", "mona")):
        for who in more:
            world.case(who, State.RELEASED)
        world.commit()
        with Session(engine) as s:
            pia, cycle = s.get_one(Person, world.pia.id), s.get_one(Cycle, cycle_id)
            with statements(engine) as seen:
                assert exports.taken(s, Export(cycle, name, "csv"), pia).rows
        cost.append(len(seen))
    assert cost[0] == cost[1]


def test_the_letters_of_a_cycle_are_offered_to_who_may_collect_them(world: World, client) -> None:
    world.case("ada", State.RELEASED)
    world.commit()
    offered = {
        key: "/cycles/spring-2026/letters.zip" in client(getattr(world, key)).get(URL).text
        for key in ("pia", "kim", "aud")
    }
    assert offered == {"pia": True, "kim": True, "aud": False}


def test_a_ballot_in_which_one_said_nothing_is_not_told_of(world: World, client) -> None:
    """Every seat has a row on a ballot, also that of whoever must stay away, or whose own case it is."""
    case = world.case("ada", State.IN_CALIBRATION)
    reviews.recuse(world.s, case=case, person=world.ola, actor=world.ola, reason="We are friends.", at=world.now)
    ballot = world.ballot(case, {"kim": None}, closed=False)
    assert world.ola.id in {e.person_id for e in ballot.electors}
    world.commit()
    assert about(client, world.ola)[1]["written"]["votes"] == []
