"""The PDF itself: it says what the record says, is the same bytes every time, and carries nothing but the letter."""

import io
from datetime import timedelta

import pikepdf
import pytest
from sqlalchemy import select

from portal.adapters.outbox import Outbox
from portal.adapters.storage import Storage
from portal.app import outbox_of
from portal.domain.case_flow import State
from portal.domain.problems import Refused
from portal.letters.commands import prepare, release, render, render_latest
from portal.letters.jobs import LetterSetter
from portal.letters.typesetting import page, stylesheets
from portal.models.decision import Outcome
from portal.models.letter import Letter
from portal.models.outbox import OutboxRow, OutboxState
from tests.letters.pdf_text import text_of
from tests.letters.stages import BASE, PROMOTED, prepared, ready, tomorrow
from tests.world import NOW, World

HEADLINES = {
    Outcome.APPROVED: "Your promotion to Staff Engineer is approved",
    Outcome.NOT_YET: "Your promotion to Staff Engineer is not approved yet",
    Outcome.DEFERRED: "You met the bar for Staff Engineer; the promotion waits for a role",
}
VOTES = {
    Outcome.APPROVED: "2 members voted for it, none against; 1 abstained.",
    Outcome.NOT_YET: "1 member voted for it, 1 against; 1 abstained.",
    Outcome.DEFERRED: "2 members voted for it, none against; 1 abstained.",
}


def set_in_type(world: World, letter: Letter, storage: Storage) -> bytes:
    return render(world.s, letter=letter, storage=storage, at=NOW, base_url=BASE)


@pytest.mark.parametrize("outcome", PROMOTED)
def test_the_pdf_says_what_the_record_says(world: World, storage: Storage, outcome: Outcome) -> None:
    letter = prepared(world, outcome=outcome)
    text = text_of(set_in_type(world, letter, storage))
    said = [
        HEADLINES[outcome],
        "Promotion, Engineering, Spring 2026 From Senior Engineer (Individual contributor, grade 3, Established)",
        "To Staff Engineer (Individual contributor, grade 4, Multiplying) Dear Ada Marchetti",
        letter.decision.reasons,
        VOTES[outcome],
        "1 member was absent. 1 member took no part because of a conflict of interest.",
        "You can appeal within 15 working days, that is until the end of 6 April 2026",
        "The committee of the cycle Spring 2026 Copy to Max Brandt",
        f"{BASE}/cases/{letter.case_id}/appeal",
        letter.code,
        " ".join(letter.data_sha256[i : i + 8] for i in range(0, 64, 8)),
        *(f"{row['pillar']} {row['words']}" for row in letter.data["results"]),
    ]
    assert [line for line in said if " ".join(line.split()) not in text] == []
    names = {"Rex Tanaka", "Rob Silva", "Rae Okonkwo", "Kim Larsen", "Nat Weiss"}
    assert [n for n in names if n in text] == []


def test_a_not_yet_prints_every_clause_with_the_levels_sentence(world: World, storage: Storage) -> None:
    letter = prepared(world, "mona", Outcome.NOT_YET)
    text = text_of(set_in_type(world, letter, storage))
    rubric = world.rubric(letter.case)
    for competency in ("heading", "running-people"):
        line = rubric.competency(competency)
        assert line.expectation is not None
        assert f"{line.name} The bar insists on this" in text
        assert line.expectation.text in text


def test_a_not_yet_says_nothing_of_budget_or_headcount(world: World, storage: Storage) -> None:
    letter = prepared(world, outcome=Outcome.NOT_YET)
    text = text_of(set_in_type(world, letter, storage))
    assert [w for w in ("budget", "headcount", "role is open", "vacancy") if w in text.casefold()] == []


def test_an_approval_and_a_deferral_print_their_own_part_only(world: World, storage: Storage) -> None:
    approved = text_of(set_in_type(world, prepared(world, "ada"), storage))
    deferred = text_of(set_in_type(world, prepared(world, "mona", Outcome.DEFERRED), storage))
    assert "The new level holds from 1 May 2026" in approved
    assert "The role that is missing: Senior Engineering Manager, Engineering." in deferred
    assert "holds for the next 2 cycles" in deferred
    assert ("first six months" in approved, "first six months" in deferred) == (True, False)
    assert "was not shown" not in approved + deferred


def test_the_same_data_gives_the_same_bytes(world: World, storage: Storage) -> None:
    letter = prepared(world)
    first = set_in_type(world, letter, storage)
    kept = letter.pdf_sha256
    assert set_in_type(world, letter, storage) == first
    assert letter.pdf_sha256 == kept
    assert kept is not None
    assert storage.get(kept) == first


def test_it_is_tagged_titled_two_pages_and_its_qr_code_is_described(world: World, storage: Storage) -> None:
    for outcome, who in ((Outcome.APPROVED, "ada"), (Outcome.NOT_YET, "mona"), (Outcome.DEFERRED, "ivy")):
        pdf = set_in_type(world, prepared(world, who, outcome), storage)
        with pikepdf.open(io.BytesIO(pdf)) as document:
            assert document.Root.MarkInfo.Marked is True
            assert document.Root.Lang == "en"
            assert str(document.docinfo.Title).startswith("Decision letter: ")
            assert len(document.pages) == 2
            figures = [o for o in document.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == "/Figure"]
            assert [str(f.Alt) for f in figures] == ["QR code of the address at which this letter can be checked"]


def test_paper_follows_the_candidates_locale(world: World, storage: Storage) -> None:
    world.ada.locale = "en_US"
    for who, width in (("ada", 612), ("mona", 595)):
        with pikepdf.open(io.BytesIO(set_in_type(world, prepared(world, who), storage))) as document:
            assert round(float(document.pages[0].MediaBox[2])) == width


HOSTILE = "<script>alert(1)</script> {{7*7}} <img src='file:///etc/passwd'> & «quoted»"


def test_what_people_wrote_is_text_and_never_markup(world: World, storage: Storage) -> None:
    world.ada.name = f"Ada {HOSTILE}"
    letter = prepared(world)
    html = page(letter.data, data_sha256=letter.data_sha256, base_url=BASE)
    assert "<script>" not in html
    assert HOSTILE in text_of(set_in_type(world, letter, storage))


@pytest.mark.parametrize(
    "name",
    [
        "Wolfeschlegelsteinhausenbergerdorff" * 5,
        "山田 太郎",
        "محمد عبد الله",
        "דוד לוי",
        "김민수",
        "Nguyễn Thị Ánh",
    ],
)
def test_long_and_foreign_names_are_set_inside_the_page(world: World, storage: Storage, name: str) -> None:
    world.ada.name = name
    pdf = set_in_type(world, prepared(world), storage)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert str(document.docinfo.Title) == f"Decision letter: {name}, Staff Engineer"
        assert len(document.pages) in (2, 3)


def test_a_released_letter_is_never_set_to_other_bytes(world: World, storage: Storage, frozen_clock) -> None:
    letter = prepared(world)
    pdf = set_in_type(world, letter, storage)
    release(world.s, cases=[letter.case], actor=world.pia, at=NOW)
    assert set_in_type(world, letter, storage) == pdf
    with pytest.raises(Refused, match="the stored PDF is the letter"):
        render(world.s, letter=letter, storage=storage, at=NOW, base_url="https://elsewhere.example.org")


def test_the_command_line_gets_the_newest_letter(world: World, storage: Storage, frozen_clock) -> None:
    with pytest.raises(Refused, match="no letter"):
        render_latest(world.s, case=world.case("mona"), storage=storage, at=NOW, base_url=BASE)
    letter = prepared(world)
    name, pdf = render_latest(world.s, case=letter.case, storage=storage, at=NOW, base_url=BASE)
    assert name == f"evenbar-letter-{letter.code}.pdf"
    release(world.s, cases=[letter.case], actor=world.pia, at=NOW)
    elsewhere = render_latest(world.s, case=letter.case, storage=storage, at=NOW, base_url="https://x.example.org")
    assert elsewhere == (name, pdf)


def test_the_worker_sets_what_was_prepared(world: World, app, storage: Storage) -> None:
    letter = prepared(world)
    world.commit()
    outbox_of(app).run_due()
    world.fresh(letter)
    row = world.s.scalar(select(OutboxRow).where(OutboxRow.kind == "render_letter"))
    assert row is not None
    assert (row.state, row.last_error) == (OutboxState.DONE, "")
    assert letter.pdf_sha256 is not None
    assert HEADLINES[Outcome.APPROVED] in text_of(storage.get(letter.pdf_sha256))
    assert letter.rendered_at == NOW


def test_a_row_of_data_that_was_replaced_sets_nothing(world: World, settings, engine, storage: Storage) -> None:
    letter = prepared(world)
    stale = {"letter": letter.id, "data": letter.data_sha256}
    prepare(world.s, decision=letter.decision, actor=world.pia, at=NOW + timedelta(days=1), release_on=tomorrow())
    world.commit()
    LetterSetter(engine, settings)(stale, "key")
    assert world.fresh(letter).pdf_sha256 is None


def test_a_letter_that_cannot_be_set_is_given_up_and_said_so(world: World, engine, settings, client) -> None:
    letter = prepared(world)
    letter.data = letter.data | {"paper": "letter", "results": []}
    world.commit()
    broken = Outbox(engine, {"render_letter": _never})
    broken.run_due()
    row = world.s.scalar(select(OutboxRow).where(OutboxRow.kind == "render_letter"))
    assert row is not None
    assert row.state is OutboxState.FAILED
    index = client(world.pia).get("/cycles/spring-2026/letters").text
    assert "could not be made" in index
    assert "the font is missing" in index
    assert "Prepare 1 letter" in index


def _never(payload: dict[str, object], key: str) -> None:
    from portal.adapters.outbox import NeverAgain

    raise NeverAgain("the font is missing")


def test_stylesheets_follow_the_paper() -> None:
    assert (stylesheets({"paper": "a4"})[1], stylesheets({"paper": "letter"})[1]) == ("a4.css", "us-letter.css")


def test_a_case_without_a_set_letter_is_not_ready(world: World, storage: Storage) -> None:
    letter = ready(world, storage)
    assert (letter.case.state, letter.rendered_at) == (State.DECIDED, NOW)
