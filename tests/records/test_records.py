"""The audit log: who sees which lines, and whether tampering is found."""

import json

import pytest
from sqlalchemy import text

from portal.adapters.database import begin_write
from portal.models.audit import AuditEvent, record
from portal.records import chain as chains
from portal.records import queries
from tests.world import NOW, World


def lines(world: World, actor) -> list[str]:
    return [row.thing for row in queries.events_for(world.s, actor)]


def note(world: World, case, actor) -> None:
    record(world.s, actor=actor, action="test", thing=f"case:{case.id}", at=NOW, case_id=case.id, reason="secret words")


def test_a_line_of_a_conflicted_case_is_absent_for_a_people_partner(world: World) -> None:
    own, other = world.case("theo"), world.case("ada")
    note(world, own, world.pia)
    note(world, other, world.pia)
    assert f"case:{own.id}" not in lines(world, world.theo)
    assert f"case:{other.id}" in lines(world, world.theo)
    assert f"case:{own.id}" in lines(world, world.aud)


def test_others_see_their_own_acts_only(world: World) -> None:
    case = world.case("ada")
    note(world, case, world.pia)
    note(world, case, world.ada)
    assert lines(world, world.ada) == [f"case:{case.id}"]
    assert lines(world, world.sam) == []


def test_the_page_carries_no_text_of_a_case(world: World, client) -> None:
    note(world, world.case("ada"), world.pia)
    world.commit()
    page = client(world.aud).get("/records")
    assert page.status_code == 200
    assert "secret words" not in page.text


def test_the_page_says_how_many_acts_there_are(world: World, client) -> None:
    world.commit()
    total = queries.count_for(world.s, world.aud)
    assert str(total) in client(world.aud).get("/records").text


def test_a_whole_chain_is_whole(world: World) -> None:
    chain = chains.verify(world.s)
    assert (chain.bad, chain.length > 20) == (None, True)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_event SET action = 'nothing' WHERE sequence = 5",
        "UPDATE audit_event SET actor_id = NULL, reason_hash = 'x' WHERE sequence = 5",
        "UPDATE audit_event SET event_hash = previous_hash WHERE sequence = 5",
        "DELETE FROM audit_event WHERE sequence = 5",
    ],
)
def test_the_first_row_that_does_not_fit_is_named(world: World, tampering: str) -> None:
    begin_write(world.s)
    world.s.execute(text(tampering))
    assert chains.verify(world.s).bad == 5


def test_a_cut_tail_is_found_by_the_head_row_and_by_an_exported_head(world: World) -> None:
    head = chains.verify(world.s)
    world.s.rollback()
    begin_write(world.s)
    world.s.execute(text(f"DELETE FROM audit_event WHERE sequence = {head.length}"))
    assert chains.verify(world.s).bad == head.length
    assert not chains.continues(world.s, sequence=head.length, event_hash=head.head)


def test_a_line_is_never_changed_through_the_models(world: World) -> None:
    line = world.s.get(AuditEvent, 1)
    line.stage = "another"
    with pytest.raises(RuntimeError, match="append-only"):
        world.s.flush()


def test_only_auditors_and_operators_check_the_chain(world: World, client) -> None:
    world.commit()
    assert client(world.aud).get("/records/verify").status_code == 200
    assert client(world.opal).get("/records/verify").status_code == 200
    assert client(world.ada).get("/records/verify").status_code == 403


def test_the_command_line_names_a_head_that_is_gone(world: World, settings, monkeypatch, tmp_path, capsys) -> None:
    from portal.cli import main

    world.commit()
    for name, value in {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "STORAGE_URL": "file:///tmp/x",
    }.items():
        monkeypatch.setenv(f"EVENBAR_{name}", value)
    head = tmp_path / "head.json"
    assert main(["audit", "export-head", str(head)]) == 0
    assert main(["audit", "verify", "--head", str(head)]) == 0
    head.write_text(json.dumps({**json.loads(head.read_text()), "event_hash": "f" * 64}))
    assert main(["audit", "verify", "--head", str(head)]) == 1
    head.write_text("{}")
    assert main(["audit", "verify", "--head", str(head)]) == 2
    assert "export-head" in capsys.readouterr().err
