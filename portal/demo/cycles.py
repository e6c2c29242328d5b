"""The two cycles of the demonstration: their dates, their committees, and what each one began and ended with."""

from datetime import datetime

from portal.adapters.rubrics import library_at
from portal.cycles import commands
from portal.demo.organisation import COMMITTEES
from portal.demo.play import Play, Stage
from portal.settings import ROOT

FAMILIES = ("engineering", "product")
SEASONS = ("Winter", "Spring", "Summer", "Autumn")


def create(play: Play, opens_at: datetime, *, announced: float, submit: int, review: int, decide: int) -> Stage:
    """A cycle that is announced so many days before it opens, with the committees of the organisation."""
    name = f"{SEASONS[opens_at.month % 12 // 3]} {opens_at.year}"
    stage = Stage(play, name.lower().replace(" ", "-"), opens_at)

    def act(at: datetime) -> None:
        stage.cycle = commands.create_cycle(
            play.s,
            actor=play.partner,
            slug=stage.slug,
            name=name,
            opens_at=opens_at,
            submit_by=stage.day(submit),
            review_by=stage.day(review),
            decide_by=stage.day(decide),
            families=FAMILIES,
            library=library_at(ROOT / "rubrics"),
            margin=None,
            min_reviewers=None,
            at=at,
        )

    stage.add(-announced, act)
    stage.add(-announced + 1, lambda at: _form_committees(stage, at))
    return stage


def _form_committees(stage: Stage, at: datetime) -> None:
    org = stage.play.org
    for name, (lowest, highest), members in COMMITTEES:
        commands.form_committee(
            stage.play.s,
            cycle=stage.cycle,
            actor=stage.play.partner,
            name=name,
            grade_from=lowest,
            grade_to=highest,
            chair=org[members[0]],
            deputy=org[members[1]],
            members=[org[one] for one in members],
            at=at,
        )
