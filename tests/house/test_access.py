"""Who gets what from every address, written out: a change of access shows as a change of access.txt."""

import os
import re
from datetime import timedelta

import pytest

from portal.calibration.commands.sitting import begin_session
from portal.decisions.commands import appoint, file_appeal
from portal.domain.case_flow import State
from portal.models.appeal import AppealGround
from portal.models.case import Case, ConflictSource, Recusal
from portal.models.release import Release, ReleaseItem
from portal.reviews.commands import write_anchor
from tests.house import access
from tests.world import NOW, World

ANEW = os.environ.get("WRITE_ACCESS") == "1"


def section(name: str) -> str:
    found = re.search(rf"^\[{name}\]\n(.*?)(?=^\[|\Z)", access.TABLE.read_text(), re.MULTILINE | re.DOTALL)
    assert found, f"access.txt has no section {name}; write it with WRITE_ACCESS=1 pytest tests/house/test_access.py"
    return found.group(1).strip("\n")


def compare(name: str, table: list[str]) -> None:
    made = "\n".join([access.head(), *table])
    if ANEW:
        text = access.TABLE.read_text() if access.TABLE.exists() else ""
        text = re.sub(rf"^\[{name}\]\n.*?(?=^\[|\Z)", "", text, flags=re.MULTILINE | re.DOTALL)
        access.TABLE.write_text(f"{text}[{name}]\n{made}\n\n")
    assert made == section(name)


def panel_for(world: World, case: Case) -> None:
    said = {"ground": AppealGround.PROCEDURE, "statement": "Two reviews were written before I had sent all of it."}
    appeal = file_appeal(world.s, case=case, actor=world.ada, at=NOW, **said)
    appoint(world.s, appeal=appeal, people=[world.sam, world.ron, world.mona], actor=world.pia, at=NOW)


@pytest.mark.parametrize("stage", access.STAGES, ids=str)
def test_a_cases_addresses(world: World, app, client, stage: State) -> None:
    case = world.case("ada", State.RELEASED if stage is State.UNDER_APPEAL else stage)
    if stage is State.UNDER_APPEAL:
        panel_for(world, case)
    if stage is State.IN_REVIEW:
        world.seal(case, case.assignments[0], 3)
    declared = {"source": ConflictSource.DECLARED, "reason": "friends", "declared_by_id": world.theo.id}
    case.recusals.append(Recusal(person=world.theo, at=NOW, **declared))
    world.commit()
    compare(stage.value, access.lines(app, client, world, access.known_ids(world, case), of_cases=True))


def test_all_other_addresses(world: World, app, client) -> None:
    """With a session of the committee at its table, an anchor packet and a release that waits for its moment."""
    case = world.case("ada", State.RELEASED)
    world.case("mona", State.IN_CALIBRATION)
    begin_session(world.s, cycle=world.cycle, family_id="engineering", grade=4, actor=world.kim, box_minutes=10, at=NOW)
    anchor = {"place": "engineering/staff", "title": "A", "text": "Somebody led it.", "comes_first": True}
    write_anchor(world.s, cycle=world.cycle, actor=world.pia, at=NOW, **anchor)
    item = ReleaseItem(decision_id=case.decisions[-1].id, moment=NOW + timedelta(days=1), data_sha256="0" * 64)
    world.s.add(Release(cycle=world.cycle, moment=item.moment, ordered_by=world.pia, ordered_at=NOW, items=[item]))
    world.commit()
    compare("house", access.lines(app, client, world, access.known_ids(world, case), of_cases=False))
