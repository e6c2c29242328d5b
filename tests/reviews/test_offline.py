"""Reviews taken along as sheets and sent back: what a sheet carries, what it changes, and what it is refused for."""

import io
import zipfile

import html5lib
import pytest
import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import object_session

from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput
from portal.models.audit import AuditEvent
from portal.models.case import Case
from portal.models.packet import Referee, RefereeState
from portal.models.person import Person
from portal.models.review import NoScore, Review
from portal.reviews import commands, sheets
from portal.reviews.commands import ScoreInput
from portal.reviews.sheets import Filled
from tests.reviews.filling import resubmit, saved, scores, sealed, seat, snapshots
from tests.world import NOW, World

DOWNLOAD, LOOK, APPLY = "/reviews/sheets/download", "/reviews/sheets", "/reviews/sheets/apply"


def taken(client, person: Person, *cases: Case, kind: str = "txt") -> bytes:
    """What the download gives; the test's own session starts anew, since a reading was noted."""
    answer = client(person).post(DOWNLOAD, data={"case": [case.id for case in cases], "kind": kind})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    object_session(person).rollback()
    return answer.data


def sent_back(browser, *files: tuple[str, bytes]):
    return browser.post(
        LOOK, data={"files": [(io.BytesIO(held), name) for name, held in files]}, content_type="multipart/form-data"
    )


def scored(text: bytes, value: str = "3", why: str = "Shown in result 1.") -> bytes:
    return (
        text.decode().replace("\nscore:\n", f"\nscore: {value}\n").replace("\nwhy:\n|\n", f"\nwhy:\n{why}\n").encode()
    )


def filled(text: bytes) -> Filled:
    return sheets.read_text(text.decode())


def texts_of(page: str) -> list[str]:
    """The sheets that the page of the dry run would send once more."""
    name = "{http://www.w3.org/1999/xhtml}textarea"
    return [
        "".join(e.itertext()) for e in html5lib.parse(page).iter(name) if (e.get("name") or "").startswith("sheet-")
    ]


@pytest.mark.parametrize("kind", ["txt", "xlsx"])
def test_several_go_out_and_come_back_filled_in(world: World, client, kind: str) -> None:
    cases = [world.case(key, State.IN_REVIEW) for key in ("ada", "mona")]
    world.commit()
    bundle = taken(client, world.rex, *cases, kind=kind)
    with zipfile.ZipFile(io.BytesIO(bundle)) as parts:
        names = parts.namelist()
    assert names == [f"ada-marchetti-{cases[0].id}.{kind}", f"mona-fischer-{cases[1].id}.{kind}"]
    browser = client(world.rex)
    unchanged = sent_back(browser, ("all.zip", bundle))
    assert (unchanged.status_code, unchanged.text.count("changes nothing")) == (200, 2)
    texts = [scored(taken(client, world.rex, case)) for case in cases]
    looked = sent_back(browser, ("ada.txt", texts[0]), ("mona.txt", texts[1]))
    assert looked.status_code == 200
    assert "Take in 2 of 2 sheets" in looked.text
    world.s.rollback()
    assert world.s.scalars(select(Review)).all() == []
    again = {f"sheet-{n}": text for n, text in enumerate(texts_of(looked.text))}
    done = browser.post(APPLY, data=again)
    assert (done.status_code, done.location) == (303, "/reviews")
    world.s.rollback()
    reviews = world.s.scalars(select(Review).order_by(Review.id)).all()
    assert {(row.value, row.rationale) for review in reviews for row in review.scores} == {(3, "Shown in result 1.")}
    assert [review.sealed_at for review in reviews] == [None, None]


@pytest.mark.parametrize("kind", ["txt", "xlsx"])
def test_what_was_saved_goes_out_and_back_without_a_change(world: World, client, kind: str) -> None:
    case = world.case("ada", State.IN_REVIEW)
    cited = tuple(row["id"] for row in snapshots(world, case)[0].content["evidence"][:2])
    given = scores(world, case, 2, "=1+1\n\n| and _x0041_ [ships]") | {
        "ships": ScoreInput(4, None, "why:\n# so", cited),
        "depth": ScoreInput(None, NoScore.UNCLEAR, "'tis unclear"),
    }
    who = {"assignment": seat(case, world.rex), "actor": world.rex, "version": 0, "at": NOW}
    commands.save_review(world.s, scores=given, summary="@all: +1", **who)
    world.commit()
    content = taken(client, world.rex, case, kind=kind)
    read = sheets.read_workbook(content) if kind == "xlsx" else filled(content)
    looked = commands.look_at(world.s, actor=world.rex, filled=read)
    assert (looked.changes, looked.problems) == ((), ())
    assert {line.competency: line.cites for line in looked.sheet.lines}["ships"] == ("E1", "E2")


def refusals(world: World, content: bytes, who: str = "rex") -> tuple[str, ...]:
    return commands.look_at(world.s, actor=getattr(world, who), filled=filled(content)).problems


def test_a_sheet_for_another_person_packet_or_version_is_refused(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    text = taken(client, world.rex, case)
    assert refusals(world, text, "rob") == ("line 5: the sheet was made for another person; download your own.",)
    other = text.replace(case.rubric_hash[:16].encode(), b"0" * 16)
    assert refusals(world, other) == ("line 7: the sheet is of another rubric; download a new one.",)
    saved(world, case, world.rex)
    assert refusals(world, text) == (
        "line 8: your review was saved after this sheet was made; "
        "download a new sheet, so that nothing newer is overwritten.",
    )
    resubmit(world, case, summary="A clearer summary.")
    assert refusals(world, text) == (
        "line 6: the packet is at snapshot 2 now; "
        "look at what changed, download a new sheet and copy over what still holds.",
    )


def test_a_sheet_that_says_what_is_saved_already_is_no_conflict(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    text = scored(taken(client, world.rex, case)).replace(
        b"[_summary] Summary\nwhy:\nShown in result 1.", b"[_summary]\nwhy:\nSolid."
    )
    saved(world, case, world.rex)
    assert refusals(world, text) == ()


def test_every_wrong_line_is_named_with_its_remedy(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    lines = scored(taken(client, world.rex, case), value="9").decode().split("\n")
    numbers = [n for n, line in enumerate(lines, start=1) if line == "score: 9"]
    words = "“9” is not a score; write one of 0, 1, 2, 3, 4, no_evidence, outside_my_field, unclear, or nothing."
    assert refusals(world, "\n".join(lines).encode()) == tuple(f"line {n}: {words}" for n in numbers)
    at = lines.index("cites:")
    lines[at] = "cites: E1, E77"
    text = "\n".join(lines).replace("score: 9", "score: 3").replace("[teaching]", "[dancing]")
    found = refusals(world, text.encode())
    assert found[0].endswith("the rubric has no competency “dancing”; take it out.")
    assert found[1] == "teaching: it is missing; put it back, empty if need be."
    assert found[2] == f"line {at + 1}: the packet has no evidence “E77”; its evidence is E1 to E6."
    long = scored(taken(client, world.rex, case), why="x" * 20_001)
    assert {found.partition(": ")[2] for found in refusals(world, long)} == {"at most 20000 characters; shorten it."}


def test_what_came_to_stand_against_one_sheet_stops_them_all(world: World, client) -> None:
    cases = [world.case(key, State.IN_REVIEW) for key in ("ada", "mona")]
    world.commit()
    back = [filled(scored(taken(client, world.rex, case))) for case in cases]
    sealed(world, cases[1], world.rex)
    with pytest.raises(InvalidInput) as refused:
        commands.take_in(world.s, actor=world.rex, sheets=back, at=NOW)
    assert refused.value.problems == ("line 4: You have sealed this review; it is not changed.",)
    assert seat(cases[0], world.rex).review is None


@pytest.mark.parametrize("who", ["ada", "max", "kim", "pia", "sam", "aud"])
def test_nobody_else_gets_a_sheet_or_learns_from_one(world: World, client, who: str) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    text = taken(client, world.rex, case)
    browser = client(getattr(world, who))
    answers = [browser.post(DOWNLOAD, data={"case": one}) for one in (case.id, "000000000000")]
    assert [(a.status_code, a.data) for a in answers] == [(404, answers[1].data)] * 2
    there, nowhere = (refusals(world, one, who) for one in (text, text.replace(case.id.encode(), b"000000000000")))
    assert (
        there
        == nowhere
        == ("line 4: there is no review of yours to write under this case; download a sheet from My reviews.",)
    )


def test_before_conflicts_are_cleared_there_is_no_sheet(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    seat(case, world.rex).no_conflict_at = None
    world.commit()
    browser = client(world.rex)
    assert browser.post(DOWNLOAD, data={"case": case.id}).status_code == 403
    page = browser.get("/reviews/sheets").text
    assert "No review of yours is open to be written." in page
    assert f'href="/cases/{case.id}/review/before"' in page


def test_a_recused_reviewer_takes_nothing_in(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    text = scored(taken(client, world.rex, case))
    commands.recuse(world.s, case=case, person=world.rex, actor=world.rex, reason="", at=NOW)
    world.commit()
    assert client(world.rex).post(DOWNLOAD, data={"case": case.id}).status_code == 404
    assert "no review of yours" in refusals(world, text)[0]


def test_a_sheet_carries_what_the_form_shows_and_no_name_more(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    row = Referee(
        person=world.sam,
        pseudonym="Colleague Heron",
        state=RefereeState.ANSWERED,
        answers={"result-1": "A week, not a month."},
        reason_not_to="Documents come late.",
        proposed_by_id=case.candidate_id,
        proposed_at=NOW,
        answered_at=NOW,
    )
    case.referees.append(row)
    sealed(world, case, world.rob, value=2)
    world.commit()
    page, text = client(world.rex).get(f"/cases/{case.id}/review").text, taken(client, world.rex, case).decode()
    names = [p.name for p in world.everyone.values()]
    assert [name for name in names if name in text] == ["Ada Marchetti"]
    assert [name for name in names if name in text and name not in page] == []
    for said in ("Colleague Heron", "A week, not a month.", "Documents come late.", "Expected of"):
        assert (said in page, said in text) == (True, True)
    assert [said for said in ("Calm under load.", "Reviewer 2", "Seen by") if said in text] == []


@pytest.mark.parametrize("kind", ["txt", "xlsx"])
def test_a_sheet_is_the_same_whatever_others_did(world: World, client, kind: str) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    before = taken(client, world.rex, case, kind=kind)
    sealed(world, case, world.rob, value=4)
    saved(world, case, world.rae)
    commands.assign(world.s, case=case, reviewer=world.nat, actor=world.pia, at=NOW)
    world.commit()
    assert taken(client, world.rex, case, kind=kind) == before


def test_each_sheet_is_noted_as_a_reading_of_its_packet(world: World, client) -> None:
    cases = [world.case(key, State.IN_REVIEW) for key in ("ada", "mona")]
    world.commit()
    taken(client, world.rex, *cases)
    world.s.rollback()
    read = world.s.scalars(select(AuditEvent).where(AuditEvent.action == "read").order_by(AuditEvent.sequence))
    assert [(e.actor_id, e.thing) for e in read] == [(world.rex.id, f"packet:{case.id}") for case in cases]


def test_files_that_cannot_be_taken_in_are_named_and_the_rest_can(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    good = scored(taken(client, world.rex, case))
    browser = client(world.rex)
    files = [("good.txt", good), ("twice.txt", good), ("latin.txt", b"Evenbar\n\xe9"), ("bad.zip", b"PK\x03\x04 x")]
    page = sent_back(browser, *files)
    assert page.status_code == 422
    for said in (
        "another of these files is for the same review",
        "line 2: it is not UTF-8",
        "it cannot be unpacked",
        "Take in 1 of 4 sheets",
    ):
        assert said in page.text
    nothing = browser.post(LOOK, data={}, content_type="multipart/form-data")
    assert (nothing.status_code, "Choose the sheets you filled in." in nothing.text) == (422, True)
    none = browser.post(DOWNLOAD, data={"kind": "txt"})
    assert (none.status_code, "Choose at least one review" in none.text) == (422, True)


def test_taking_in_is_refused_as_a_page_with_the_reason(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    text = scored(taken(client, world.rex, case)).decode()
    saved(world, case, world.rex, value=1)
    world.commit()
    browser = client(world.rex)
    stale = browser.post(APPLY, data={"sheet-0": text})
    assert (stale.status_code, "your review was saved after this sheet was made" in stale.text) == (422, True)
    broken = browser.post(APPLY, data={"sheet-0": "nonsense"})
    assert (broken.status_code, "line 1: the file does not begin with" in broken.text) == (422, True)


def test_what_is_written_in_a_sheet_does_nothing_in_the_dry_run(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    world.commit()
    text = scored(taken(client, world.rex, case), why="</textarea><script>alert(1)</script>\n{{7*7}}")
    page = sent_back(client(world.rex), ("a.txt", text)).text
    assert "<script>alert(1)" not in page
    assert "{{7*7}}" in page
    assert filled(texts_of(page)[0].encode()).sheet.lines[0].why == "</textarea><script>alert(1)</script>\n{{7*7}}"


def test_many_small_files_are_not_unpacked_to_more_than_one_large_one(world: World, client) -> None:
    bombs = [(f"{n}.zip", sheets.zipped([("a.txt", b"0" * 9_000_000)])) for n in range(3)]
    answer = sent_back(client(world.rex), *bombs)
    assert (answer.status_code, "send fewer at once" in answer.text) == (422, True)


def test_a_workbook_that_asks_for_all_memory_is_refused_to_who_sent_it(world: World, client) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write_string(1_048_575, 16_383, "far away")
    answer = sent_back(client(world.rex), ("far.xlsx", out.getvalue()))
    assert (answer.status_code, "takes more room than a table does" in answer.text) == (422, True)
