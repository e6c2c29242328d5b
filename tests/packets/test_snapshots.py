"""What was frozen: read by those entitled, with its hash, and with what changed since the one before."""

import pytest

from portal.cases.commands import return_for_evidence
from portal.domain.case_flow import State
from portal.models.audit import AuditEvent, digest
from portal.models.case import Case
from portal.packets import commands, queries
from portal.packets.word_diff import MOST_PARTS, Piece, changes, word_diff
from tests.world import NOW, World


@pytest.fixture(autouse=True)
def _clock(frozen_clock) -> None:
    """The clock stands at NOW."""


def resubmitted(world: World, text: str = "Ada Marchetti on summary, revised.") -> Case:
    case = world.case("ada", State.SUBMITTED)
    note = {"sections": ["Summary"], "reason": "Name the second team.", "until": None}
    return_for_evidence(world.s, case=case, actor=world.pia, at=NOW, **note)
    summary = {"code": "summary", "texts": {"text": text}, "version": 1}
    commands.save_section(world.s, case=case, actor=world.ada, at=NOW, **summary)
    commands.submit(world.s, case=case, actor=world.ada, at=NOW)
    world.commit()
    return case


def test_the_packet_page_shows_the_latest_snapshot(world: World, client) -> None:
    case = resubmitted(world)
    page = client(world.max).get(f"/cases/{case.id}/packet").text
    assert "Ada Marchetti on summary, revised." in page
    assert "snapshot 2" in page


def test_a_snapshot_shows_its_hash_and_what_changed_word_by_word(world: World, client) -> None:
    case = resubmitted(world)
    latest = queries.latest_snapshot(world.s, case)
    assert latest is not None
    page = client(world.pia).get(f"/cases/{case.id}/packet/snapshots/2").text
    assert latest.content_hash == digest(latest.content)
    assert latest.content_hash in page
    assert "What changed since snapshot 1" in page
    assert "revised.</ins>" in page


def test_the_first_snapshot_has_nothing_to_compare_and_a_missing_one_does_not_exist(world: World, client) -> None:
    case = resubmitted(world)
    browser = client(world.pia)
    assert "What changed since" not in browser.get(f"/cases/{case.id}/packet/snapshots/1").text
    assert browser.get(f"/cases/{case.id}/packet/snapshots/3").status_code == 404


def test_unchanged_says_so(world: World, client) -> None:
    case = resubmitted(world, "Ada Marchetti on summary, summary.")
    assert (
        "Nothing: it was submitted again as it was."
        in client(world.pia).get(f"/cases/{case.id}/packet/snapshots/2").text
    )


@pytest.mark.parametrize(
    ("state", "readers"),
    [
        (State.DRAFT, {"ada"}),
        (State.SUBMITTED, {"ada", "max", "kim", "pia"}),
        (State.IN_REVIEW, {"ada", "max", "kim", "pia", "rex"}),
        (State.IN_CALIBRATION, {"ada", "max", "kim", "pia", "rex", "ola"}),
    ],
)
def test_who_opens_the_packet(world: World, client, state: State, readers: set[str]) -> None:
    case = world.case("ada", state)
    world.commit()
    people = ("ada", "max", "kim", "pia", "rex", "ola", "aud", "dana", "sam")
    answers = {key: client(getattr(world, key)).get(f"/cases/{case.id}/packet").status_code for key in people}
    assert answers == {key: 200 if key in readers else 404 for key in people}


def test_a_reviewer_is_sent_to_the_question_of_conflicts_first(world: World, client) -> None:
    case = world.case("ada", State.IN_REVIEW)
    case.assignments[0].no_conflict_at = None
    world.commit()
    answer = client(world.rex).get(f"/cases/{case.id}/packet")
    assert answer.status_code == 403
    assert "conflict of interest" in answer.text


def test_reading_a_packet_is_on_record_unless_it_is_ones_own(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    for person in (world.ada, world.max):
        client(person).get(f"/cases/{case.id}/packet")
    world.s.rollback()
    reads = world.s.query(AuditEvent).filter_by(action="read").order_by(AuditEvent.sequence)
    assert [(e.actor_id, e.thing) for e in reads] == [(world.max.id, f"packet:{case.id}")]


def test_the_candidates_page_is_the_draft_with_its_completion(world: World, client) -> None:
    case = world.case("ada")
    world.commit()
    page = client(world.ada).get(f"/cases/{case.id}/packet").text
    assert "0 of 6 sections complete; missing: Summary; Result 1;" in page
    assert "Nothing written." in page


def test_a_withdrawn_case_without_a_snapshot_shows_the_candidate_their_text(world: World, client) -> None:
    case = world.case("ada", State.WITHDRAWN)
    world.commit()
    assert client(world.ada).get(f"/cases/{case.id}/packet").status_code == 200
    assert client(world.max).get(f"/cases/{case.id}/packet").status_code == 404


def test_words_that_went_and_came() -> None:
    pieces = word_diff("I led the work.", "I planned the work alone.")
    assert pieces == (
        Piece("same", "I "),
        Piece("gone", "led "),
        Piece("new", "planned "),
        Piece("same", "the "),
        Piece("gone", "work."),
        Piece("new", "work alone."),
    )


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("same", "same", (Piece("same", "same"),)),
        ("", "", ()),
        ("", "new", (Piece("new", "new"),)),
        ("old", "", (Piece("gone", "old"),)),
    ],
)
def test_a_text_that_only_came_or_only_went(before: str, after: str, pieces: tuple[Piece, ...]) -> None:
    assert word_diff(before, after) == pieces


@pytest.mark.parametrize("end", ["\n", " "])
def test_a_very_long_text_is_compared_by_lines_or_not_at_all(end: str) -> None:
    before = f"word{end}" * 3 + f"a b{end}" * MOST_PARTS
    after = f"other{end}" + before
    pieces = word_diff(before, after)
    assert "".join(p.text for p in pieces if p.kind != "gone") == after
    assert "".join(p.text for p in pieces if p.kind != "new") == before


def test_changes_cover_sections_evidence_and_self_assessment_in_reading_order(world: World) -> None:
    rubric = world.rubric(world.case("ada"))
    line = rubric.competencies[0]
    row = {"id": "e1", "competency": line.id, "claim": "A.", "contribution": "B.", "period": "2024", "link": ""}
    gone = {**row, "id": "e0", "claim": "Gone.", "contribution": "", "period": ""}
    before = {"sections": {"summary": {"text": "One."}}, "evidence": [row, gone], "self_assessment": {line.id: 2}}
    after = {
        "sections": {"summary": {"text": "Two."}},
        "evidence": [{**row, "period": "2025"}],
        "self_assessment": {line.id: 3},
    }
    found = changes(4, rubric, before, after)
    assert [(c.where, c.field) for c in found] == [
        ("Summary", "Summary"),
        (line.name, "When"),
        (line.name, "Claim"),
        (line.name, "Self-assessment"),
    ]
    assert [p.text for p in found[3].pieces if p.kind == "new"] == ["3 ", "unaided"]


def test_any_two_snapshots_can_be_compared(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    for number in (2, 3):
        return_for_evidence(
            world.s, case=case, actor=world.pia, sections=["Summary"], reason="More.", until=None, at=NOW
        )
        texts = {"text": f"Text of snapshot {number}."}
        commands.save_section(
            world.s, case=case, actor=world.ada, code="summary", texts=texts, version=number - 1, at=NOW
        )
        commands.submit(world.s, case=case, actor=world.ada, at=NOW)
    world.commit()
    browser, path = client(world.pia), f"/cases/{case.id}/packet/snapshots/3"
    page = browser.get(path).text
    assert "What changed since snapshot 2" in page
    assert f'href="{path}?against=1#changes">Compare with snapshot 1</a>' in page
    assert "What changed since snapshot 1" in browser.get(f"{path}?against=1").text
    assert "From snapshot 3 back to this one" in browser.get(f"/cases/{case.id}/packet/snapshots/2?against=3").text
    for odd in ("9", "3", "x", "-1"):
        assert "What changed since snapshot 2" in browser.get(f"{path}?against={odd}").text
