"""Publishing what the committee found: after a cycle, for everybody, and never so near to an earlier statement that
the two together would tell of single people."""

from collections.abc import Sequence
from datetime import datetime
from itertools import combinations
from typing import Any

from sqlalchemy.orm import Session

from portal.calibration.queries.published import counts_of, last_checks, published_for
from portal.domain.measurement import Counts, Published, publishable
from portal.domain.problems import Refused
from portal.models.audit import record
from portal.models.calibration import ALL_GRADES, BarCheck, PublishedStatement
from portal.models.cycle import Cycle
from portal.models.person import Person

GIVEN = (
    "verdict",
    "reason",
    "why",
    "remedy",
    "sentence",
    "parts",
    "caveat",
    "pair",
    "delta",
    "envelope90",
    "envelope95",
    "cycles",
)


def publish_statements(s: Session, *, cycle: Cycle, actor: Person, at: datetime) -> list[PublishedStatement]:
    """Publish the last recorded check of every grade, and of all grades, of a closed cycle.

    A grade under the floor, or too near to what was published before, is published as just that: with no figure.
    Raises Refused while the cycle is open, when nothing was checked, and when everything was published already."""
    if cycle.closed_at is None:
        raise Refused("The statement is published once the cycle is closed. Close the cycle first.")
    checks = last_checks(s, cycle)
    if not checks:
        raise Refused("No check of the bars was run in this cycle, so there is nothing to publish. Run one first.")
    before = published_for(s, [check.family_id for check in checks])
    told = {one.bar_check_id for one in before}
    fresh = [check for check in checks if check.id not in told]
    if not fresh:
        raise Refused("The latest checks are published already.")
    made: list[PublishedStatement] = []
    for check in sorted(fresh, key=lambda c: (c.family_id, c.grade == ALL_GRADES, c.grade)):
        made.append(_published(check, before, made, actor, at))
    s.add_all(made)
    s.flush()
    payload = [{"grade": one.grade, "family": one.family_id, "verdict": one.content["verdict"]} for one in made]
    record(s, actor=actor, action="statement_published", thing=f"cycle:{cycle.id}", at=at, payload=payload)
    return made


def _published(
    check: BarCheck, before: list[PublishedStatement], beside: list[PublishedStatement], actor: Person, at: datetime
) -> PublishedStatement:
    """`beside`: what is given at the same time; whatever came first, the whole ladder less its published grades must
    not be a few people."""
    told = [one for one in (*before, *beside) if one.family_id == check.family_id and not one.content["withheld"]]
    now = counts_of(check.figures)
    near = [_counts(one.counts) for one in told if one.grade == check.grade]
    given = publishable(*now, near)
    if given.figures and _leaves_a_few(check.grade, now, told):
        given = Published(False, "too_near", ("", ""))
    return PublishedStatement(
        cycle_id=check.cycle_id,
        family_id=check.family_id,
        grade=check.grade,
        bar_check=check,
        content=_content(check, given),
        counts={"ic": now[0]._asdict(), "manager": now[1]._asdict()},
        published_by=actor,
        published_at=at,
    )


def _leaves_a_few(grade: int, now: tuple[Counts, Counts], told: list[PublishedStatement]) -> bool:
    """Whether the last statement about all grades, less the last ones about some of them, is a few people, once this
    grade says `now`. Some, not the sum of them all: a grade that is not compared is in no statement about all grades. A
    statement that was taken back was read, so it counts."""
    last = {one.grade: _counts(one.counts) for one in told} | {grade: now}
    whole, single = last.pop(ALL_GRADES, None), list(last.values())
    some = [_sum(sides) for n in range(1, len(single) + 1) for sides in combinations(single, n)]
    return whole is not None and not publishable(*whole, some).figures


def _counts(stored: dict[str, Any]) -> tuple[Counts, Counts]:
    return Counts(**stored["ic"]), Counts(**stored["manager"])


def _sum(sides: Sequence[tuple[Counts, Counts]]) -> tuple[Counts, Counts]:
    """Counts of single grades together, IC and manager."""
    ic, manager = (
        Counts(sum(side[n].decided for side in sides), sum(side[n].approved for side in sides)) for n in (0, 1)
    )
    return ic, manager


def _content(check: BarCheck, given: Published) -> dict[str, Any]:
    if not given.figures:
        return {"verdict": "not_enough_evidence", "withheld": given.withheld, "margin": check.margin}
    figures = {key: check.figures[key] for key in GIVEN}
    rates = dict(zip(("ic", "manager"), given.rates, strict=True))
    figures |= {key: _coarse(figures[key], check.margin) for key in ("delta", "envelope90", "envelope95")}
    return {**figures, "withheld": "", "margin": check.margin, "margins": check.figures["margins"], "rates": rates}


def _coarse(value: Any, margin: float) -> Any:
    """To a tenth of a point, as the sentence says it, finer only where that would land on the margin: whoever knows
    every case but one should not be able to work that one out from further decimals."""
    if isinstance(value, list):
        return [_coarse(one, margin) for one in value]
    if value is None:
        return None
    found = [round(value, digits) for digits in (1, 2, 3)]
    return next((one for one in found if abs(abs(one) - margin) > 1e-9), found[-1])
