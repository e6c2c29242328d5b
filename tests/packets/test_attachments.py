"""Files beside the evidence: taken by content, bound to a row, frozen with the packet, given to exactly its readers."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from unittest import mock

import pytest
from flask import Flask
from sqlalchemy import select

from portal.adapters.database import begin_write
from portal.adapters.storage import Storage, StorageFailed
from portal.cases.commands import return_for_evidence
from portal.domain.attachments import Limits
from portal.domain.case_flow import State
from portal.domain.problems import Refused
from portal.models.audit import AuditEvent
from portal.models.case import Case
from portal.models.packet import Attachment, Evidence, Snapshot
from portal.packets import commands, queries
from portal.packets.commands import attachments as files
from tests.world import NOW, World

PDF = b"%PDF-1.7\nfrom four teams to one queue\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(2_000_000)
LIMITS = Limits(file=10**7, case=10**8, instance=10**9)
ROW = {"claim": "Took the queue to four teams.", "contribution": "Wrote the plan.", "period": "2025", "link": ""}


@pytest.fixture
def case(world: World) -> Case:
    made = world.case("ada")
    world.commit()
    return made


@pytest.fixture
def row(world: World, case: Case) -> Evidence:
    return evidence(world, case)


@pytest.fixture
def store(settings: Any) -> Storage:
    return Storage.from_url(settings.storage_url)


def evidence(world: World, case: Case) -> Evidence:
    line = world.rubric(case).competencies[0].id
    made = commands.add_evidence(world.s, case=case, actor=case.candidate, competency_id=line, at=NOW, **ROW)
    world.commit()
    return made


def attach(
    world: World, store: Storage, row: Evidence, data: bytes = PDF, name: str = "plan.pdf", limits: Limits = LIMITS
) -> Attachment:
    anew(world)
    case = world.s.get(Case, row.case_id)
    file = BytesIO(data)
    found = files.inspect(file, limits.file)
    made = commands.attach(
        world.s,
        case=case,
        evidence_id=row.id,
        actor=world.ada,
        file=file,
        found=found,
        name=name,
        limits=limits,
        storage=store,
        at=NOW,
    )
    world.commit()
    return made


def url(case: Case, rest: str) -> str:
    return f"/cases/{case.id}/packet/{rest}"


def send(browser: Any, case: Case, row: Evidence, data: bytes, name: str = "plan.pdf") -> Any:
    return post(browser, url(case, f"evidence/{row.id}/attach"), data, name)


def post(browser: Any, path: str, data: bytes, name: str = "plan.pdf") -> Any:
    answer = browser.post(path, data={"file": (BytesIO(data), name)})
    answer.request.environ["wsgi.input"].close()  # a large form is a file of the test's own
    return answer


def anew(world: World) -> None:
    """The test's session sees what the app wrote, and may write next."""
    world.s.rollback()
    begin_write(world.s)


def kept(world: World, case: Case) -> list[str]:
    world.s.rollback()
    q = select(Attachment.name).where(Attachment.case_id == case.id, Attachment.removed_at.is_(None))
    return list(world.s.scalars(q.order_by(Attachment.name)))


@pytest.mark.parametrize("data", [PDF, PNG], ids=["small", "large"])
def test_a_file_is_sent_with_a_plain_form_and_comes_back_as_a_download(world: World, case, row, client, data) -> None:
    browser = client(world.ada)
    answer = send(browser, case, row, data, "../Plan \u202eund Zahlen.html")
    assert (answer.status_code, answer.location) == (303, url(case, f"edit#evidence-{row.id}"))
    assert kept(world, case) == ["Plan und Zahlen.html"]
    one = world.s.scalars(select(Attachment)).one()
    page = browser.get(url(case, "edit")).text
    assert f'href="{url(case, f"attachments/{one.id}")}" download>Plan und Zahlen.html</a>' in page
    got = browser.get(url(case, f"attachments/{one.id}"))
    assert (got.data, got.content_length) == (data, len(data))
    suffix, mimetype = (".pdf", "application/pdf") if data is PDF else (".png", "image/png")
    assert {name: got.headers[name] for name in ("Content-Type", "Content-Disposition", "X-Content-Type-Options")} == {
        "Content-Type": mimetype,
        "Content-Disposition": f'attachment; filename="evenbar-attachment-{one.id}{suffix}"',
        "X-Content-Type-Options": "nosniff",
    }
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    got.close()


def test_the_same_file_twice_is_one(world: World, case, row, client) -> None:
    browser = client(world.ada)
    assert [send(browser, case, row, PDF).status_code for _ in range(2)] == [303, 303]
    assert kept(world, case) == ["plan.pdf"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"MZ\x90\x00", "none of PDF, PNG, JPEG or plain text"),
        (b"", "The file is empty"),
        (b"%PDF-" + bytes(1024 * 1024), "larger than 1 MB"),
    ],
)
def test_what_cannot_be_taken_is_refused_beside_the_field(
    world: World, case, row, app: Flask, client, data: bytes, said: str
) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"attachment_mb": 1})
    answer = send(client(world.ada), case, row, data)
    assert (answer.status_code, said in answer.text, kept(world, case)) == (422, True, [])


def test_no_file_at_all_is_said(world: World, case, row, client) -> None:
    answer = client(world.ada).post(url(case, f"evidence/{row.id}/attach"), data={})
    assert (answer.status_code, "Choose a file first." in answer.text) == (422, True)


def test_far_too_much_is_refused_with_the_limit_before_it_is_read(world: World, case, row, client) -> None:
    answer = send(client(world.ada), case, row, bytes(26 * 1024 * 1024))
    assert (answer.status_code, "larger than the 25 MB this form takes" in answer.text) == (413, True)


def test_every_other_form_keeps_its_small_limit(world: World, case, client) -> None:
    browser = client(world.ada)
    assert post(browser, url(case, "sections/summary"), bytes(3 * 1024 * 1024)).status_code == 413
    assert post(client(), url(case, "evidence/x/attach"), bytes(3 * 1024 * 1024)).status_code == 413


def test_limits_of_row_case_and_portal(world: World, case, row, store) -> None:
    for n in range(files.MOST_FILES):
        attach(world, store, row, f"text {n}".encode(), f"{n}.txt")
    with pytest.raises(Refused, match="holds at most 5 files"):
        attach(world, store, row, b"one more")
    world.s.rollback()
    other = evidence(world, case)
    with pytest.raises(Refused, match="may have 1 KB together"):
        attach(world, store, other, bytes(65 for _ in range(1000)), limits=Limits(10**6, 1024, 10**9))
    world.s.rollback()
    with pytest.raises(Refused, match="has no room for more files"):
        attach(world, store, other, b"x" * 100, limits=Limits(10**6, 10**6, 100))


def test_a_store_that_is_down_costs_nothing_but_another_try(world: World, case, row, client) -> None:
    down = mock.patch.object(Storage, "put_file", side_effect=StorageFailed("The file could not be stored just now."))
    with down:
        answer = send(client(world.ada), case, row, PDF)
    assert (answer.status_code, "could not be stored just now" in answer.text, kept(world, case)) == (422, True, [])


def test_a_file_that_was_swept_away_between_store_and_row_is_stored_again(world: World, case, row, client, store):
    real = Storage.put_file

    def put_and_lose(self: Storage, file: Any, name: str) -> None:
        real(self, file, name)
        if len(calls) == 0:
            self.remove(next(self.everything()))
        calls.append(name)

    calls: list[str] = []
    with mock.patch.object(Storage, "put_file", put_and_lose):
        assert send(client(world.ada), case, row, PDF).status_code == 303
    world.s.rollback()
    one = world.s.scalars(select(Attachment)).one()
    assert (len(calls), store.get(one.sha256)) == (2, PDF)


def test_a_row_removed_while_the_file_was_on_its_way(world: World, case, row, client) -> None:
    real = Storage.put_file

    def meanwhile(self: Storage, file: Any, name: str) -> None:
        real(self, file, name)
        anew(world)
        commands.remove_evidence(world.s, case=case, evidence=row, actor=world.ada, at=NOW)
        world.commit()

    with mock.patch.object(Storage, "put_file", meanwhile):
        answer = send(client(world.ada), case, row, PDF)
    assert (answer.status_code, "was removed in the meantime" in answer.text, kept(world, case)) == (409, True, [])


def test_attaching_and_removing_are_on_record(world: World, case, row, store) -> None:
    one = attach(world, store, row)
    for _ in range(2):
        commands.remove_attachment(world.s, case=case, attachment=one, actor=world.ada, at=NOW)
    q = select(AuditEvent.action, AuditEvent.thing).order_by(AuditEvent.sequence.desc()).limit(2)
    thing = f"attachment:{one.id}"
    assert [tuple(line) for line in world.s.execute(q)] == [("file_removed", thing), ("file_attached", thing)]
    assert world.s.scalars(select(Attachment)).all() == []


def test_a_file_is_removed_from_the_draft_after_a_second_step(world: World, case, row, store, client) -> None:
    one = attach(world, store, row)
    browser = client(world.ada)
    file = url(case, f"attachments/{one.id}")
    place = f"{file}/remove"
    assert "It was never submitted, so it is gone for good." in browser.get(place).text
    assert (browser.post(place).location, kept(world, case)) == (url(case, f"edit#evidence-{row.id}"), [])
    assert browser.get(file).status_code == 404


def submitted(world: World, store: Storage) -> tuple[Case, Attachment]:
    """A case whose snapshot 2 holds a file, back in the candidate's hands and submitted again."""
    case = world.case("ada", State.SUBMITTED)
    return_for_evidence(world.s, case=case, actor=world.pia, sections=["Evidence"], reason="Which?", until=None, at=NOW)
    world.commit()
    row = world.s.scalars(select(Evidence).where(Evidence.case_id == case.id).order_by(Evidence.id)).first()
    one = attach(world, store, row)
    commands.submit(world.s, case=case, actor=world.ada, at=NOW)
    world.commit()
    return case, one


def test_submitting_freezes_the_file_and_its_hash(world: World, store) -> None:
    case, one = submitted(world, store)
    content = queries.latest_snapshot(world.s, case).content
    files_of = {row["id"]: row["attachments"] for row in content["evidence"] if row["attachments"]}
    file = {"id": one.id, "name": "plan.pdf", "kind": "pdf", "size": len(PDF), "sha256": one.sha256}
    assert files_of == {one.evidence_id: [file]}


def test_what_was_submitted_stays_when_the_draft_loses_it(world: World, store, client) -> None:
    case, one = submitted(world, store)
    return_for_evidence(world.s, case=case, actor=world.pia, sections=["Evidence"], reason="Other?", until=None, at=NOW)
    world.commit()
    browser, place = client(world.ada), url(case, f"attachments/{one.id}")
    assert "Packets submitted earlier keep it" in browser.get(f"{place}/remove").text
    row = world.s.get(Evidence, one.evidence_id)
    browser.post(f"{place}/remove")
    assert browser.get(f"{place}/remove").status_code == 303
    again = attach(world, store, row)
    assert again.id == one.id
    anew(world)
    commands.remove_evidence(world.s, case=case, evidence=row, actor=world.ada, at=NOW)
    world.commit()
    assert (kept(world, case), client(world.pia).get(place).data) == ([], PDF)
    assert f"attachments/{one.id}" in client(world.pia).get(url(case, "snapshots/2")).text


PEOPLE = ("ada", "max", "dana", "ivy", "rex", "kim", "lou", "pia", "theo", "aud", "opal", "sam")


def readers(world: World, client: Callable[..., Any], path: str) -> set[str]:
    return {key for key in PEOPLE if client(getattr(world, key)).get(path).status_code == 200}


def test_a_draft_file_is_the_candidates_until_the_draft_is_shared(world: World, case, row, store, client) -> None:
    path = url(case, f"attachments/{attach(world, store, row).id}")
    assert readers(world, client, path) == {"ada"}
    anew(world)
    commands.share_draft(world.s, case=case, actor=world.ada, shared=True, at=NOW)
    world.commit()
    assert readers(world, client, path) == {"ada", "max"}


def test_a_submitted_file_is_open_to_those_who_read_the_packet(world: World, store, client) -> None:
    case, one = submitted(world, store)
    path = url(case, f"attachments/{one.id}")
    assert readers(world, client, path) == readers(world, client, url(case, "snapshots/2"))
    assert readers(world, client, path) == {"ada", "max", "kim", "pia", "theo"}


def test_reading_someone_elses_file_is_on_record(world: World, store, client) -> None:
    case, one = submitted(world, store)
    client(world.pia).get(url(case, f"attachments/{one.id}")).close()
    world.s.rollback()
    q = select(AuditEvent.thing).where(AuditEvent.action == "read")
    assert world.s.scalars(q).all() == [f"attachment:{case.id}"]


@pytest.mark.parametrize("person", ["max", "pia", "kim", "rex", "sam"])
def test_nobody_else_attaches_or_removes(world: World, case, row, store, client, person: str) -> None:
    one = attach(world, store, row)
    browser = client(getattr(world, person))
    asked = [
        browser.get(url(case, f"evidence/{row.id}/attach")),
        send(browser, case, row, b"mine"),
        browser.get(url(case, f"attachments/{one.id}/remove")),
        browser.post(url(case, f"attachments/{one.id}/remove")),
    ]
    assert ([a.status_code for a in asked], kept(world, case)) == ([404] * 4, ["plan.pdf"])


def test_a_file_of_another_case_does_not_exist_here(world: World, case, row, store, client) -> None:
    one = attach(world, store, row)
    other = world.case("ivy")
    world.commit()
    assert client(world.ivy).get(url(other, f"attachments/{one.id}")).status_code == 404


def test_after_submission_the_form_leads_to_the_packet_and_sending_is_refused(world: World, store, client) -> None:
    case, one = submitted(world, store)
    row = world.s.get(Evidence, one.evidence_id)
    browser = client(world.ada)
    assert browser.get(url(case, f"evidence/{row.id}/attach")).location == f"/cases/{case.id}/packet"
    answer = send(browser, case, row, b"another text")
    assert (answer.status_code, "cannot be changed while the case is submitted" in answer.text) == (409, True)


def test_a_file_that_is_missing_from_the_store_is_said_and_no_fault(world: World, case, row, store, client) -> None:
    one = attach(world, store, row)
    store.remove(next(store.everything()))
    answer = client(world.ada).get(url(case, f"attachments/{one.id}"))
    assert (answer.status_code, "missing from the store" in answer.text) == (409, True)


def test_snapshots_of_the_time_before_files_are_read_as_ever(world: World, client) -> None:
    case = world.case("ada", State.SUBMITTED)
    world.commit()
    assert "attachments" not in world.s.scalars(select(Snapshot)).one().content["evidence"][0]
    assert client(world.ada).get(url(case, "snapshots/1")).status_code == 200
