"""Assignments as files: export and import are a round trip, a dry run asks nobody, bad rows are named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.cli import main
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput
from portal.models.case import Case
from portal.reviews import commands
from portal.reviews.commands.taking_in import TakenIn
from portal.reviews.sheet import read_assignments, write_assignments, write_assignments_workbook
from portal.settings import Settings
from tests.conftest import Browser
from tests.world import NOW, World

Client = Callable[..., Browser]
BOARD = "/cycles/spring-2026/assignments"


@pytest.fixture
def ada(world: World) -> Case:
    return world.case("ada", State.SUBMITTED)


def take_in(world: World, *pairs: tuple[str, str], dry_run: bool = False, who: str = "pia") -> TakenIn:
    lines = read_assignments(write_assignments(pairs))
    actor = getattr(world, who)
    return commands.take_in_assignments(world.s, cycle=world.cycle, actor=actor, lines=lines, at=NOW, dry_run=dry_run)


def refused(world: World, *pairs: tuple[str, str], who: str = "pia") -> tuple[str, ...]:
    with pytest.raises(InvalidInput) as refusal:
        take_in(world, *pairs, who=who)
    return refusal.value.problems


def test_a_file_asks_who_is_not_asked_yet(world: World, ada: Case) -> None:
    commands.assign(world.s, case=ada, reviewer=world.rex, actor=world.pia, at=NOW)
    found = take_in(world, (ada.id, "rex@example.org"), (ada.id, "RAE@example.org"))
    assert ([(row.number, row.reviewer) for row in found.rows], found.unchanged) == ([(3, "Rae Okonkwo")], 1)
    assert {a.reviewer.name for a in ada.active_assignments} == {"Rex Tanaka", "Rae Okonkwo"}


def test_a_dry_run_says_the_same_and_asks_nobody(world: World, ada: Case) -> None:
    looked = take_in(world, (ada.id, "rex@example.org"), dry_run=True)
    assert ada.active_assignments == []
    assert take_in(world, (ada.id, "rex@example.org")) == looked


def test_bad_rows_are_named_and_keep_every_other_out(world: World, ada: Case) -> None:
    found = refused(
        world,
        (ada.id, "rex@example.org"),
        ("nothing", "rex@example.org"),
        (ada.id, "nobody@example.org"),
        (ada.id, "max@example.org"),
        (ada.id, "rex@example.org"),
    )
    assert found == (
        "row 3: case: no case before or in review has the id “nothing”",
        "row 4: reviewer_email: nobody here has “nobody@example.org”",
        "row 5: Max Brandt cannot review this case. Ada Marchetti is in their reporting line.",
        "row 6: the same is in row 2 already",
    )
    assert ada.active_assignments == []


def test_a_case_one_may_not_run_is_as_no_case(world: World, ada: Case) -> None:
    own = world.case("theo", State.SUBMITTED)
    assert refused(world, (own.id, "rex@example.org"), who="theo") == (
        f"row 2: case: no case before or in review has the id “{own.id}”",
    )


@pytest.mark.parametrize("write", [write_assignments, write_assignments_workbook])
def test_both_formats_read_alike(write: Callable[..., bytes]) -> None:
    lines = read_assignments(write([("c1", "rex@example.org")]))
    assert [(line.number, dict(line.cells)) for line in lines] == [
        (2, {"case": "c1", "reviewer_email": "rex@example.org"})
    ]


def test_on_the_web_a_file_is_looked_at_and_then_taken_in(world: World, client: Client, ada: Case) -> None:
    world.commit()
    browser = client(world.pia)
    body = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    body += write_assignments([(ada.id, "rex@example.org")]) + b"\r\n--edge--\r\n"
    looked = browser.post(f"{BOARD}/import", data=body, content_type="multipart/form-data; boundary=edge")
    assert "This file asks for 1 reviews; 0 are asked for already" in looked.text
    text = f"case,reviewer_email\n{ada.id},rex@example.org\n"
    assert browser.post(f"{BOARD}/import/apply", data={"text": text}).status_code == 303
    exported = browser.get(f"{BOARD}/export.csv")
    assert [dict(line.cells) for line in read_assignments(exported.data)] == [
        {"case": ada.id, "reviewer_email": "rex@example.org"}
    ]
    assert read_assignments(browser.get(f"{BOARD}/export.xlsx").data) == read_assignments(exported.data)
    wrong = browser.post(f"{BOARD}/import/apply", data={"text": "case,reviewer_email\nx,y\n"})
    assert (wrong.status_code, "row 2: case:" in wrong.text) == (422, True)


@pytest.mark.parametrize("path", ["import", "export.csv", "export.xlsx"])
def test_files_are_for_people_partners(world: World, client: Client, ada: Case, path: str) -> None:
    world.commit()
    statuses = [client(getattr(world, key)).get(f"{BOARD}/{path}").status_code for key in ("pia", "kim", "rex")]
    assert statuses == [200, 403, 403]


def test_by_command_a_file_goes_out_and_comes_back(
    world: World, ada: Case, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys
) -> None:
    for name in ("database_url", "secret_key", "storage_url"):
        monkeypatch.setenv(f"EVENBAR_{name.upper()}", getattr(settings, name))
    commands.assign(world.s, case=ada, reviewer=world.rex, actor=world.pia, at=NOW)
    world.commit()
    file, by = tmp_path / "a.xlsx", ["--by", "pia@example.org"]
    assert main(["assignments", "export", "spring-2026", str(file), *by]) == 0
    assert main(["assignments", "import", "spring-2026", str(file), *by]) == 0
    assert "0 asked, 1 as before" in capsys.readouterr().out
    file.write_bytes(write_assignments([(ada.id, "rae@example.org")]))
    assert main(["assignments", "import", "spring-2026", str(file), *by, "--dry-run"]) == 0
    assert "1 would be asked, 0 as before" in capsys.readouterr().out
    assert main(["assignments", "import", "spring-2026", str(file), "--by", "rex@example.org"]) == 2
    assert "Only a people partner assigns reviewers." in capsys.readouterr().err
    assert main(["assignments", "import", "autumn", str(file), *by]) == 2
    assert "there is no cycle autumn" in capsys.readouterr().err
