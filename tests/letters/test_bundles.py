"""The released letters of a cycle as one file: all of them, only those within sight, marked where superseded."""

import csv
import io
import zipfile
from typing import Any

import pikepdf
import pytest
from sqlalchemy import select

from portal.adapters.storage import Storage
from portal.letters import policy, queries
from portal.letters.commands import release, render
from portal.models.audit import AuditEvent
from portal.models.case import Case, ConflictSource, Recusal
from portal.models.decision import Decision, Outcome
from portal.models.letter import Letter
from tests.letters.pdf_text import elements, text_of
from tests.letters.stages import BASE, prepared, released
from tests.world import NOW, World

URL = "/cycles/spring-2026/letters"


@pytest.fixture
def two_released(world: World, storage: Storage, frozen_clock: Any) -> World:
    for who, outcome in (("ada", Outcome.APPROVED), ("mona", Outcome.NOT_YET)):
        letter = prepared(world, who, outcome)
        render(world.s, letter=letter, storage=storage, at=NOW, base_url=BASE)
        release(world.s, cases=[letter.case], actor=world.pia, at=NOW)
    world.commit()
    return world


def opened(data: bytes) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    return archive


def listed(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read("letters.csv").decode("utf-8-sig"))))


def supersede(world: World, storage: Storage, case: Case) -> Letter:
    """A second decision with its own letter, released."""
    first = case.decisions[-1]
    values = {c.name: getattr(first, c.name) for c in Decision.__table__.columns if c.name not in ("id", "number")}
    later = Decision(**{**values, "number": 2, "version": 1})
    case.decisions.append(later)
    world.s.flush()
    data = first.letter.data | {"case": first.letter.data["case"] | {"version": 2}}
    letter = Letter(
        case=case,
        decision=later,
        code="2222-2222-2222-2222",
        data=data,
        data_sha256="0" * 64,
        pdf_sha256=storage.put(b"%PDF-1.7 second"),
        prepared_at=NOW,
        rendered_at=NOW,
    )
    world.s.add(letter)
    world.commit()
    return letter


def test_the_zip_holds_each_letter_as_it_was_issued_and_a_list(two_released: World, client, storage: Storage) -> None:
    answer = client(two_released.pia).get(f"{URL}.zip")
    archive = opened(answer.data)
    rows = listed(archive)
    assert [(r["candidate"], r["outcome"], r["standing"]) for r in rows] == [
        ("Ada Marchetti", "approved", "stands"),
        ("Mona Fischer", "not_yet", "stands"),
    ]
    assert sorted(archive.namelist()) == sorted(["letters.csv", *(r["file"] for r in rows)])
    assert [archive.read(r["file"]) for r in rows] == [storage.get(r["sha256"]) for r in rows]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="evenbar-letters-spring-2026.zip"'
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_the_same_letters_give_the_same_bytes(two_released: World, client) -> None:
    pia = client(two_released.pia)
    for kind in ("zip", "pdf"):
        assert pia.get(f"{URL}.{kind}").data == pia.get(f"{URL}.{kind}").data


def test_the_zip_comes_in_pieces(two_released: World, client) -> None:
    answer = client(two_released.pia).get(f"{URL}.zip", buffered=False)
    assert answer.is_streamed
    assert len(list(answer.iter_encoded())) >= 3
    answer.close()


def test_the_merged_pdf_has_an_outline_and_every_page_with_its_structure(
    two_released: World, client, storage: Storage
) -> None:
    pia = client(two_released.pia)
    whole = pia.get(f"{URL}.pdf").data
    parts = [storage.get(row["sha256"]) for row in listed(opened(pia.get(f"{URL}.zip").data))]
    assert text_of(whole) == " ".join(text_of(part) for part in parts)
    with pikepdf.open(io.BytesIO(whole)) as document:
        with document.open_outline() as outline:
            assert [item.title for item in outline.root] == [
                "Ada Marchetti: Staff Engineer, approved",
                "Mona Fischer: Senior Engineering Manager, not yet",
            ]
        assert (str(document.Root.Lang), document.Root.MarkInfo.Marked) == ("en", True)
        assert str(document.docinfo.Title) == "Decision letters: Spring 2026"
        assert tags_of(document) == [tag for part in parts for tag in tags_of(pikepdf.open(io.BytesIO(part)))]
        assert every_mark_is_owned(document)
        ids = [str(e.ID) for e in elements(document) if "/ID" in e]
        headers = {str(h) for e in elements(document) if str(e.S) == "/TD" for h in e.A.Headers}
        assert len(ids) == len(set(ids))
        assert headers <= set(ids)


def tags_of(document: pikepdf.Pdf) -> list[str]:
    """The structure types in reading order."""
    return [str(element.S) for element in elements(document)]


def every_mark_is_owned(document: pikepdf.Pdf) -> bool:
    """Each page's number leads, through the parent tree, to elements that stand on that very page."""
    numbers = list(document.Root.StructTreeRoot.ParentTree.Nums)
    owners = {int(numbers[i]): numbers[i + 1] for i in range(0, len(numbers), 2)}
    for page in document.pages:
        for element in owners[int(page.obj.StructParents)]:
            if element is not None and element.get("/Pg") is not None and element.Pg.objgen != page.obj.objgen:
                return False
    return len(owners) * 2 == len(numbers)


def test_a_superseded_letter_stays_to_be_had_and_says_so(two_released: World, client, storage: Storage) -> None:
    case = two_released.s.scalar(select(Case).where(Case.candidate_id == two_released.ada.id))
    assert case is not None
    old = case.decisions[0].letter
    new = supersede(two_released, storage, case)
    ada = client(two_released.ada)
    page = ada.get(f"/cases/{case.id}/letters/1").text
    assert "This letter has been superseded." in page
    assert "superseded" not in ada.get(f"/cases/{case.id}/letters/2").text.partition("Other letters")[0]
    answer = ada.get(f"/cases/{case.id}/letters/1.pdf")
    assert answer.data == storage.get(old.pdf_sha256)
    assert f'filename="evenbar-letter-{old.code}-superseded.pdf"' in answer.headers["Content-Disposition"]
    assert ada.get(f"/cases/{case.id}/letter.pdf").data == storage.get(new.pdf_sha256)
    rows = listed(opened(client(two_released.pia).get(f"{URL}.zip").data))
    assert [(r["file"], r["standing"]) for r in rows if r["candidate"] == "Ada Marchetti"] == [
        (f"superseded/evenbar-letter-{old.code}.pdf", "superseded"),
        (f"evenbar-letter-{new.code}.pdf", "stands"),
    ]


@pytest.mark.parametrize("kind", ["zip", "pdf"])
def test_only_who_decides_or_runs_the_cycle_collects(two_released: World, client, kind: str) -> None:
    statuses = {k: client(p).get(f"{URL}.{kind}").status_code for k, p in two_released.everyone.items()}
    allowed = {k for k, p in two_released.everyone.items() if policy.can_collect(p, two_released.cycle)}
    assert {k for k, code in statuses.items() if code == 200} == allowed == {"pia", "theo", *COMMITTEE}
    assert {code for k, code in statuses.items() if k not in allowed} == {404}


COMMITTEE = ("kim", "lou", "nat", "ola", "joe")


def test_a_conflicted_or_own_letter_is_not_in_the_file(two_released: World, client, storage: Storage) -> None:
    own = released(two_released, storage, "theo")
    case = two_released.s.scalar(select(Case).where(Case.candidate_id == two_released.ada.id))
    assert case is not None
    declared = {"source": ConflictSource.DECLARED, "reason": "friends", "declared_by_id": two_released.pia.id}
    case.recusals.append(Recusal(person=two_released.theo, at=NOW, **declared))
    two_released.commit()
    assert own.candidate is two_released.theo
    rows = listed(opened(client(two_released.theo).get(f"{URL}.zip").data))
    assert [r["candidate"] for r in rows] == ["Mona Fischer"]


def test_each_letter_in_the_file_is_noted_as_read(two_released: World, client) -> None:
    client(two_released.pia).get(f"{URL}.zip")
    two_released.s.rollback()
    q = select(AuditEvent.thing).where(AuditEvent.action == "read", AuditEvent.actor_id == two_released.pia.id)
    cases = two_released.s.scalars(select(Case.id)).all()
    assert sorted(two_released.s.scalars(q)) == sorted(f"letter:{case_id}" for case_id in cases)


def test_before_any_release_there_is_nothing_to_collect(world: World, client) -> None:
    prepared(world)
    world.commit()
    pia = client(world.pia)
    assert pia.get(f"{URL}.zip").status_code == 409
    assert "as one file" not in pia.get(URL).text


def test_the_page_counts_what_the_file_holds_for_everybody(two_released: World, storage: Storage) -> None:
    w = two_released
    supersede(w, storage, w.s.scalars(select(Case).where(Case.candidate_id == w.ada.id)).one())
    for key, person in w.everyone.items():
        found = queries.issued_in(w.s, w.cycle, person)
        assert queries.count_issued(w.s, w.cycle, person) == len(found), key
    assert queries.count_issued(w.s, w.cycle, w.pia) == 3
