"""Before the cycle is decided: what its cases, panels and committees could show of the two bars at each grade."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.adapters.clock import now
from portal.calibration import queries
from portal.calibration.fragments.remedies import remedy_of
from portal.calibration.policy import Room
from portal.calibration.queries.planned import Planned, planned_cases
from portal.cycles.fragments import frame
from portal.domain.ladder import Family
from portal.domain.measurement import BarPrior, Forecast, forecast, remedy, why
from portal.models.person import Person
from portal.web.database import session
from portal.web.filters import number

SIDES = ("ic", "manager")


@dataclass(frozen=True)
class Row:
    """A grade of a ladder with its planned cases on each track; `sentence` says what could be concluded."""

    family: Family
    grade: int
    cases: dict[str, int]
    cross_share: float | None
    sentence: str
    remedy: Any


def forecast_page(actor: Person, room: Room) -> dict[str, Any]:
    cycle = room.cycle
    planned = planned_cases(session(), cycle, actor)
    rows = []
    for family in queries.families_of(cycle):
        for grade in family.grades():
            here = tuple(p for p in planned if (p.family, p.grade) == (family.id, grade) and p.track in SIDES)
            if here:
                rows.append(_row(actor, room, family, grade, here))
    return {**frame(cycle, now()), "rows": rows}


def _row(actor: Person, room: Room, family: Family, grade: int, here: tuple[Planned, ...]) -> Row:
    question = queries.question_for(family, grade, room.cycle.margin)
    obstacle = question.obstacle(SIDES)
    found = Forecast(0.0, 0.0, obstacle, None, 0) if obstacle else foreseen(here, question.margin, question.prior)
    figures = {"reason": found.reason, "why": why(found.reason), "remedy": remedy(found.reason)}
    return Row(
        family=family,
        grade=grade,
        cases={kind: sum(p.track == kind for p in here) for kind in SIDES},
        cross_share=_cross_share(here),
        sentence=sentence_of(found),
        remedy=remedy_of(actor, room.cycle, family.id, figures),
    )


@lru_cache(maxsize=128)
def foreseen(here: tuple[Planned, ...], margin: float, prior: tuple[float, float, float, float]) -> Forecast:
    """The forecast of a design; the same design is drawn once."""
    homes = {person: home for p in here for person, home in p.reviewers}
    place = {person: at for at, person in enumerate(homes)}
    reviews = [(at, place[person]) for at, p in enumerate(here) for person, _home in p.reviewers]
    side = {"ic": 0.0, "manager": 1.0}
    return forecast(
        [at for at, _person in reviews],
        [person for _at, person in reviews],
        [SIDES.index(p.track) for p in here],
        home=[side.get(home, math.nan) for home in homes.values()],
        committee=[p.committee for p in here],
        margin=margin,
        prior=BarPrior(*prior),
    )


def _cross_share(here: Sequence[Planned]) -> float | None:
    reviews = [home != p.track for p in here for _person, home in p.reviewers]
    return sum(reviews) / len(reviews) if reviews else None


def sentence_of(found: Forecast) -> str:
    """What a design could show, in the reader's language."""
    if not found.draws:
        return _("Nothing could be concluded. %(why)s", why=_(why(found.reason)))
    share = _(
        "If both bars are the same, this design would show it in about %(share)s %% of cycles (give or take "
        "%(error)s).",
        share=number(100 * found.chance, 0),
        error=number(100 * found.error, 0),
    )
    if found.reason == "inside_margin":
        return share
    said = share + " " + _("What stands in the way most often: %(why)s", why=_(why(found.reason)))
    if found.more:
        said += " " + ngettext(
            "At least about one more case per track would be needed.",
            "At least about %(num)s more cases per track would be needed.",
            found.more,
        )
    return said
