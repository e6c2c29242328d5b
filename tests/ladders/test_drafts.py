"""Changing a ladder in the browser: drafts, their tables, publishing; by people partners and by nobody else."""

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.domain.problems import InvalidInput, Refused, StaleVersion
from portal.domain.rubric_edit import TABLES, rows_of, typed
from portal.domain.rubric_files import content_hash
from portal.ladders import commands, policy, queries
from portal.models.audit import AuditEvent
from portal.models.ladder import LadderDraft, LadderRelease
from portal.models.outbox import OutboxRow
from portal.models.person import Person
from portal.settings import ROOT
from tests.world import NOW, World

FOLDER = ROOT / "rubrics"
TODAY = NOW.date()
DRAFT = "/ladders/engineering/draft"


@pytest.fixture
def draft(world: World) -> LadderDraft:
    ladder = queries.ladder(world.s, folder=FOLDER, on=TODAY, family_id="engineering")
    assert ladder is not None
    made = commands.start_draft(world.s, ladder=ladder, actor=world.pia, at=NOW)
    world.commit()
    return made


def staff(draft: LadderDraft) -> tuple[int, dict[str, str]]:
    rows = rows_of(draft.family_text, "level")
    number = next(at for at, row in enumerate(rows) if row["id"] == "staff")
    return number, typed("level", rows[number])


def retitle(world: World, draft: LadderDraft, title: str = "Staff Wizard") -> None:
    number, fields = staff(draft)
    where = {"table": "level", "number": number, "version": draft.version}
    commands.save_row(world.s, draft=draft, actor=world.pia, **where, fields=fields | {"title": title}, at=NOW)


def publish(world: World, draft: LadderDraft, on: date = TODAY, **given: Any) -> LadderRelease:
    said = {"label": "2", "announcement": "Staff is called Wizard now.", "version": draft.version} | given
    library = queries.library_for(world.s, folder=FOLDER, on=TODAY)
    return commands.publish(world.s, draft=draft, library=library, actor=world.pia, effective_on=on, **said, at=NOW)


def form_of(table: str, fields: dict[str, str], version: int) -> dict[str, str]:
    return {f"row-{key.replace('.', '-')}": text for key, text in fields.items()} | {"version": str(version)}


def kept(world: World) -> LadderDraft:
    """The draft as the app left it."""
    world.s.rollback()
    world.s.expire_all()
    return world.s.query(LadderDraft).one()


def actions(world: World) -> list[str]:
    return [row.action for row in world.s.query(AuditEvent).order_by(AuditEvent.sequence) if "ladder" in row.action]


def test_only_people_partners_change_and_export_ladders(world: World) -> None:
    for rule in (policy.can_edit, policy.can_export):
        assert {key for key, person in world.everyone.items() if rule(person)} == {"pia", "theo"}


def test_a_draft_is_a_copy_and_there_is_one_a_family(world: World, draft: LadderDraft) -> None:
    assert content_hash(draft.org_text, draft.family_text) == draft.base_hash
    ladder = queries.ladder(world.s, folder=FOLDER, on=TODAY, family_id="engineering")
    assert ladder is not None
    with pytest.raises(Refused, match="has a draft already"):
        commands.start_draft(world.s, ladder=ladder, actor=world.theo, at=NOW)


def test_a_row_is_saved_and_saving_the_same_again_is_no_change(world: World, draft: LadderDraft) -> None:
    retitle(world, draft)
    assert staff(draft)[1]["title"] == "Staff Wizard"
    version = draft.version
    retitle(world, draft)
    assert draft.version == version
    assert actions(world) == ["ladder_draft_started", "ladder_draft_saved"]


def test_a_stale_save_loses_neither_text(world: World, draft: LadderDraft) -> None:
    number, fields = staff(draft)
    where = {"table": "level", "number": number, "version": draft.version}
    retitle(world, draft)
    with pytest.raises(StaleVersion) as refused:
        commands.save_row(world.s, draft=draft, actor=world.theo, **where, fields=fields | {"title": "Hero"}, at=NOW)
    assert (refused.value.mine["Title"], refused.value.theirs["Title"]) == ("Hero", "Staff Wizard")
    with pytest.raises(StaleVersion):
        commands.remove_row(world.s, draft=draft, actor=world.theo, **where, at=NOW)
    with pytest.raises(StaleVersion) as grid:
        texts = {("direction", "staff"): "Mine."}
        commands.save_expectations(world.s, draft=draft, actor=world.theo, texts=texts, version=1, at=NOW)
    assert grid.value.mine == {"direction, staff": "Mine."}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"grade": "four"}, "Grade: Expected a whole number, got “four”."),
        ({"title": ""}, "Title: Write something here."),
        ({"split.craft": "-1"}, "Split, craft: expected at least 0, got -1."),
        ({"id": "staff-x"}, "In bar ic"),
    ],
)
def test_what_would_be_no_ladder_is_refused_at_its_field(
    world: World, draft: LadderDraft, change: dict[str, str], said: str
) -> None:
    number, fields = staff(draft)
    where = {"table": "level", "number": number, "version": draft.version}
    with pytest.raises(InvalidInput) as refused:
        commands.save_row(world.s, draft=draft, actor=world.pia, **where, fields=fields | change, at=NOW)
    assert refused.value.problems[0].startswith(said)


def test_a_row_others_speak_of_cannot_be_removed(world: World, draft: LadderDraft) -> None:
    where = {"table": "level", "number": staff(draft)[0], "version": draft.version}
    with pytest.raises(InvalidInput):
        commands.remove_row(world.s, draft=draft, actor=world.pia, **where, at=NOW)
    before = len(rows_of(draft.family_text, "switch"))
    commands.remove_row(world.s, draft=draft, actor=world.pia, table="switch", number=0, version=draft.version, at=NOW)
    assert len(rows_of(draft.family_text, "switch")) == before - 1


def test_a_release_overtakes_the_file_from_its_day_on(world: World, draft: LadderDraft) -> None:
    retitle(world, draft)
    release = publish(world, draft, on=TODAY + timedelta(days=3))

    def title(on: date) -> str:
        return queries.library_for(world.s, folder=FOLDER, on=on).families["engineering"].level("staff").title

    assert (title(TODAY), title(TODAY + timedelta(days=3))) == ("Staff Engineer", "Staff Wizard")
    assert release.rubric_version.family_version == "2"
    assert queries.draft(world.s, family_id="engineering") is None
    assert actions(world)[-1] == "ladder_published"


def test_everyone_active_gets_one_mail(world: World, draft: LadderDraft) -> None:
    retitle(world, draft)
    publish(world, draft)
    mails = [row.payload for row in world.s.query(OutboxRow) if row.payload.get("template") == "ladder_published"]
    assert sorted(mail["to"] for mail in mails) == sorted(p.id for p in world.s.query(Person) if p.active)
    assert {str(mail["values"]) for mail in mails} == {"{'path': '/ladders/engineering'}"}


def test_nothing_changed_is_nothing_to_publish(world: World, draft: LadderDraft) -> None:
    with pytest.raises(Refused, match="Nothing differs"):
        publish(world, draft)


def test_publishing_says_every_field_that_is_wrong(world: World, draft: LadderDraft) -> None:
    retitle(world, draft)
    old = queries.library_for(world.s, folder=FOLDER, on=TODAY).families["engineering"].version
    with pytest.raises(InvalidInput) as refused:
        publish(world, draft, on=TODAY - timedelta(days=1), label=old, announcement=" ")
    assert [problem.partition(":")[0] for problem in refused.value.problems] == [
        "Version",
        "Effective from",
        "Announcement",
    ]
    with pytest.raises(StaleVersion):
        publish(world, draft, version=0)


def test_a_release_never_changes(world: World, draft: LadderDraft) -> None:
    retitle(world, draft)
    release = publish(world, draft)
    release.announcement = "Something else."
    with pytest.raises(RuntimeError, match="never changes"):
        world.s.flush()


def test_broken_files_do_not_bring_a_coming_version_forward(
    world: World, draft: LadderDraft, client: Any, app: Any, tmp_path: Path
) -> None:
    retitle(world, draft)
    publish(world, draft, on=TODAY + timedelta(days=3))
    world.commit()
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"rubrics": tmp_path / "none"})
    page = client(world.sam).get("/ladders/engineering").text
    assert "Staff Wizard" not in page


PAGES = (
    DRAFT,
    f"{DRAFT}/tables/expectation/0",
    f"{DRAFT}/tables/level/new",
    f"{DRAFT}/expectations/ic",
    f"{DRAFT}/publish",
    f"{DRAFT}/discard",
    "/ladders/import",
    "/ladders/engineering/export",
    f"{DRAFT}/export",
    *(f"{DRAFT}/tables/{table}" for table in TABLES),
    *(f"{DRAFT}/tables/{table}/0" for table in ("track", "level", "competency", "bar", "band", "switch", "process")),
)


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_are_for_people_partners(world: World, draft: LadderDraft, client: Any, path: str) -> None:
    assert [client(getattr(world, who)).get(path).status_code for who in ("pia", "sam", "opal")] == [200, 403, 403]


@pytest.mark.parametrize(
    "path",
    [
        "/ladders/product/draft",
        f"{DRAFT}/tables/law",
        f"{DRAFT}/tables/level/99",
        f"{DRAFT}/expectations/law",
        "/ladders/product/draft/expectations/ic",
    ],
)
def test_what_no_draft_has_is_not_found(world: World, draft: LadderDraft, client: Any, path: str) -> None:
    assert client(world.pia).get(path).status_code == 404


def test_the_whole_way_in_the_browser(world: World, client: Any) -> None:
    browser = client(world.pia)
    assert browser.post("/ladders/engineering/draft").location == DRAFT
    draft = kept(world)
    number, fields = staff(draft)
    row = f"{DRAFT}/tables/level/{number}"
    sent = form_of("level", fields | {"title": "Staff Wizard"}, draft.version)
    assert browser.post(row, data=sent).location == row
    page = browser.get(DRAFT).text
    assert "<del>Staff Engineer</del> → <ins>Staff Wizard</ins>" in page
    said = {"label": "2", "effective_on": "2026-03-16", "announcement": "Wizards, for fun.", "version": "2"}
    assert browser.post(f"{DRAFT}/publish", data=said).location == "/ladders/engineering"
    for path in ("/ladders", "/ladders/engineering"):
        assert "Wizards, for fun." in client(world.sam).get(path).text
    assert "Staff Wizard" in client(world.sam).get("/ladders/engineering").text


def test_a_save_answers_htmx_with_the_row_and_its_findings(world: World, draft: LadderDraft, client: Any) -> None:
    number, fields = staff(draft)
    row = f"{DRAFT}/tables/level/{number}"
    sent = form_of("level", fields | {"split.craft": "60"}, draft.version)
    answer = client(world.pia).post(row, data=sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.text.startswith('<div id="row"')
    assert "Change people, craft and organisation until they sum to 100." in answer.text
    wrong = client(world.pia).post(row, data=sent | {"row-grade": "x"}, headers={"HX-Request": "true"})
    assert (wrong.status_code, "Expected a whole number" in wrong.text) == (409, False)
    draft = kept(world)
    sent["version"] = str(draft.version)
    wrong = client(world.pia).post(row, data=sent | {"row-grade": "x"}, headers={"HX-Request": "true"})
    assert (wrong.status_code, "Expected a whole number, got “x”." in wrong.text) == (422, True)


def test_a_refused_form_keeps_what_was_typed(world: World, draft: LadderDraft, client: Any) -> None:
    number, fields = staff(draft)
    sent = form_of("level", fields | {"title": "Kept", "grade": "x"}, draft.version)
    answer = client(world.pia).post(f"{DRAFT}/tables/level/{number}", data=sent)
    assert (answer.status_code, 'value="Kept"' in answer.text) == (422, True)
    answer = client(world.pia).post(f"{DRAFT}/tables/level/{number}/remove", data={"version": draft.version})
    assert (answer.status_code, "There is something to put right" in answer.text) == (422, True)
    assert client(world.pia).post(f"{DRAFT}/publish", data={}).status_code == 422
    said = {"label": "2", "effective_on": "2026-03-16", "announcement": "None.", "version": "1"}
    assert "Nothing differs" in client(world.pia).post(f"{DRAFT}/publish", data=said).text


def test_a_row_is_added_and_removed_in_the_browser(world: World, draft: LadderDraft, client: Any) -> None:
    browser, table = client(world.pia), f"{DRAFT}/tables/peer_claim"
    claim = {"levels": "staff\nsem", "source": "us", "status": "adopted"}
    before = rows_of(draft.family_text, "peer_claim")
    row = f"{table}/{len(before)}"
    assert browser.post(f"{table}/new", data=form_of("peer_claim", claim, 1)).location == row
    assert browser.post(f"{row}/remove", data={"version": "2"}).location == table
    assert rows_of(kept(world).family_text, "peer_claim") == before


def test_the_grid_saves_every_text_that_was_sent(world: World, draft: LadderDraft, client: Any) -> None:
    sent = {"text-direction|staff": "Leads\r\nfar.", "version": "1"}
    assert client(world.pia).post(f"{DRAFT}/expectations/ic", data=sent).status_code == 303
    draft = kept(world)
    rows = {(row["competency"], row["level"]): row for row in rows_of(draft.family_text, "expectation")}
    assert rows["direction", "staff"]["text"] == "Leads\nfar."
    assert rows["direction", "senior"]["text"]


def test_a_discarded_draft_is_gone(world: World, draft: LadderDraft, client: Any) -> None:
    assert client(world.pia).post(f"{DRAFT}/discard").location == "/ladders"
    assert client(world.pia).get(DRAFT).status_code == 404


def send(browser: Any, content: bytes) -> Any:
    return browser.post("/ladders/import", data={"file": (io.BytesIO(content), "ladder")})


def test_out_and_in_again_is_the_same_content(world: World, client: Any) -> None:
    browser = client(world.pia)
    archive = browser.get("/ladders/engineering/export")
    assert archive.headers["Content-Disposition"] == 'attachment; filename="engineering.zip"'
    assert send(browser, archive.data).location == DRAFT
    draft = kept(world)
    assert content_hash(draft.org_text, draft.family_text) == draft.base_hash
    assert "Nothing differs from the version in force." in browser.get(DRAFT).text
    assert browser.get(f"{DRAFT}/export").data == archive.data


def test_a_single_file_is_taken_in_too_and_a_new_family_is_all_added(world: World, client: Any) -> None:
    text = (FOLDER / "product.toml").read_text("utf-8").replace('id = "product"', 'id = "design"', 1)
    assert send(client(world.pia), text.encode()).location == "/ladders/design/draft"
    assert client(world.pia).get("/ladders/design/draft").status_code == 200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Choose a file first."),
        (b"\xff\xfe", "neither UTF-8 text nor an archive"),
        (b"schema = ", "not valid TOML"),
    ],
)
def test_a_file_that_is_no_ladder_is_refused(world: World, client: Any, content: bytes, said: str) -> None:
    answer = send(client(world.pia), content)
    assert (answer.status_code, said in answer.text) == (422, True)


def test_another_organisations_file_is_refused(world: World) -> None:
    library = queries.library_for(world.s, folder=FOLDER, on=TODAY)
    with pytest.raises(InvalidInput, match="differs from the organisation"):
        commands.take_in(world.s, library=library, family_text="", org_text="other", actor=world.pia, at=NOW)
