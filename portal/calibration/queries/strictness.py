"""How strict each reviewer of a cycle is, shrunk and with its doubt; a number only from five reviews up."""

import math
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.calibration.queries.evidence import CaseFacts
from portal.domain.measurement import fit_severity
from portal.domain.measurement.cycle_figures import REVIEWS_FOR_SEVERITY
from portal.models.person import Person

FEWEST = 5  # reviewers with a number, below which nothing is said of them together
NO_SPREAD = 1e-9  # points; the reviewers' spread was estimated as none, and a nought without doubt would say too much
SIDE = {"ic": 0.0, "manager": 1.0}


class Strictness(NamedTuple):
    """A reviewer's severity in rubric points: above zero they score higher than others of their track; `se` its
    standard error. Both None under five reviews, or where strictness cannot be told from merit or chance."""

    reviewer: str
    reviews: int
    severity: float | None
    se: float | None

    @property
    def interval(self) -> tuple[float, float] | None:
        """90 %."""
        if self.severity is None or self.se is None:
            return None
        return self.severity - 1.645 * self.se, self.severity + 1.645 * self.se


@lru_cache(maxsize=64)
def strictness(facts: tuple[CaseFacts, ...]) -> tuple[Strictness, ...]:
    """Every reviewer of these cases, in no order of strictness. Not to be changed."""
    reviews = [(at, r) for at, f in enumerate(facts) for r in f.reviews]
    homes = {r.reviewer: r.home for _, r in reviews}
    number = {reviewer: at for at, reviewer in enumerate(homes)}
    if not reviews:
        return ()
    fit = fit_severity(
        [at for at, _ in reviews],
        [number[r.reviewer] for _, r in reviews],
        [r.overall for _, r in reviews],
        strata=[f"{f.track}/{f.grade}" for f in facts],
        home=[SIDE.get(home, math.nan) for home in homes.values()],
    )
    written = [sum(r.reviewer == one for _, r in reviews) for one in homes]
    return tuple(
        _one(reviewer, written[at], float(fit.severity[at]), float(fit.severity_se[at]))
        for reviewer, at in number.items()
    )


def _one(reviewer: str, reviews: int, severity: float, se: float) -> Strictness:
    if reviews < REVIEWS_FOR_SEVERITY or not math.isfinite(severity + se) or se < NO_SPREAD:
        return Strictness(reviewer, reviews, None, None)
    return Strictness(reviewer, reviews, severity, se)


class Together(NamedTuple):
    """Reviewers without their names: how many have a number, and between what the middle half of them lies."""

    reviewers: int
    low: float
    high: float


def together(found: Iterable[Strictness]) -> Together | None:
    """None with fewer than five reviewers who have a number."""
    values = sorted(one.severity for one in found if one.severity is not None)
    if len(values) < FEWEST:
        return None
    return Together(len(values), values[len(values) // 4], values[-1 - len(values) // 4])


def names_of(s: Session, person_ids: Collection[str]) -> dict[str, str]:
    """Names by id, by name."""
    q = select(Person.id, Person.name).where(Person.id.in_(person_ids)).order_by(Person.name, Person.id)
    return {person_id: name for person_id, name in s.execute(q)}
