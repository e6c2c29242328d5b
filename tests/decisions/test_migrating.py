"""What was answered by one person stays answered when panels come in, and the other way round."""

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.adapters.migrations import downgrade, upgrade
from portal.domain.appeals import Finding
from portal.domain.case_flow import Action, State
from portal.models.appeal import Appeal
from portal.settings import ROOT
from tests.decisions.test_appeals import AGAIN, ANSWER, answered, file
from tests.world import World

FOLDER = ROOT / "migrations"


def test_an_answer_by_one_person_becomes_a_panel_of_one(world: World, engine: Engine, frozen_clock) -> None:
    appeal = file(world, world.case("ada", State.RELEASED))
    answered(world, appeal, Action.SEND_BACK_TO_REVIEW)
    before = (appeal.filed_at, appeal.statement, appeal.answered_at, appeal.upheld, appeal.sent_back_to)
    dirk = world.dirk.id
    world.commit()
    world.s.close()
    downgrade(engine, FOLDER, "0016")
    upgrade(engine, FOLDER)
    with Session(engine) as s:
        found = s.scalars(select(Appeal)).one()
        (panel,) = found.panels
        (seat,) = panel.members
        assert (found.filed_at, found.statement, found.answered_at, found.upheld, found.sent_back_to) == before
        assert (found.answer, found.look_again) == (ANSWER, ANSWER)
        assert (seat.person_id, seat.finding, panel.closed_at) == (dirk, Finding.LOOK_AGAIN, found.answered_at)
        assert AGAIN not in found.look_again
