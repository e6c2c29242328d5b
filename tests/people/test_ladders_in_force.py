"""What people pages call a level: the ladder in force today, published here or read from the files."""

from datetime import timedelta

from portal.adapters.rubrics import library_for
from portal.domain.rubric_edit import rows_of, typed
from portal.ladders import commands, queries
from portal.models.person import Person
from portal.settings import ROOT
from tests.world import NOW, World

TODAY = NOW.date()


def publish_renamed(world: World, days: int = 0) -> None:
    """Staff Engineer is called Staff Wizard from so many days on."""
    world.s.rollback()
    folder = ROOT / "rubrics"
    ladder = queries.ladder(world.s, folder=folder, on=TODAY, family_id="engineering")
    draft = commands.start_draft(world.s, ladder=ladder, actor=world.pia, at=NOW)
    rows = rows_of(draft.family_text, "level")
    number = next(at for at, row in enumerate(rows) if row["id"] == "staff")
    fields = typed("level", rows[number]) | {"title": "Staff Wizard"}
    where = {"table": "level", "number": number, "version": draft.version}
    commands.save_row(world.s, draft=draft, actor=world.pia, **where, fields=fields, at=NOW)
    commands.publish(
        world.s,
        draft=draft,
        library=library_for(world.s, folder=folder, on=TODAY),
        actor=world.pia,
        effective_on=TODAY + timedelta(days=days),
        label="2",
        announcement="Staff is called Wizard now.",
        version=draft.version,
        at=NOW,
    )
    world.commit()


def pages(world: World, client) -> list[str]:
    browser, ron = client(world.pia), world.ron
    return [
        browser.get(path).text for path in ("/people", f"/people/{ron.id}", f"/people/{ron.id}/edit", "/people/new")
    ]


def test_they_follow_what_was_published(world: World, client) -> None:
    assert all("Staff Engineer" in text for text in pages(world, client)[:2])
    publish_renamed(world)
    assert ["Staff Wizard" in text for text in pages(world, client)] == [True] * 4
    assert not any("Staff Engineer" in text for text in pages(world, client)[:2])


def test_not_before_its_day(world: World, client) -> None:
    publish_renamed(world, days=5)
    assert ["Staff Wizard" in text for text in pages(world, client)] == [False] * 4


def test_choosing_a_published_level_on_the_form(world: World, client) -> None:
    publish_renamed(world)
    ron = world.ron
    data = {"name": ron.name, "place": "engineering/staff", "timezone": "UTC", "version": ron.version}
    answer = client(world.pia).post(f"/people/{ron.id}/edit", data=data | {"manager_email": world.max.email})
    assert answer.status_code == 303
    world.s.rollback()
    assert world.s.get(Person, ron.id).level_id == "staff"
