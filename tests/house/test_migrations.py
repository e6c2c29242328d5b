"""The migrations say the same as the models, and go down and up with data in the tables."""

from sqlalchemy import Engine, select, text

from portal.adapters.migrations import differences, downgrade, upgrade, where_it_stands
from portal.models.base import Base
from portal.models.person import Person
from portal.settings import ROOT
from tests.world import World

FOLDER = ROOT / "migrations"


def test_the_newest_migration_equals_the_models(engine: Engine) -> None:
    assert differences(engine, Base.metadata) == []
    current, newest = where_it_stands(engine, FOLDER)
    assert current == newest


def test_down_and_up_with_data_in_the_tables(world: World, engine: Engine) -> None:
    world.case("ada")
    world.commit()
    world.s.close()
    downgrade(engine, FOLDER, "base")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 0
    upgrade(engine, FOLDER)
    assert differences(engine, Base.metadata) == []
    with engine.connect() as connection:
        assert connection.execute(select(Person.id)).all() == []
