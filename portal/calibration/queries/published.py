"""Statements that were published, and the checks from which the next ones would be made."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.domain.measurement import Counts
from portal.models.calibration import BarCheck, PublishedStatement
from portal.models.cycle import Cycle
from portal.models.decision import Decision


def last_checks(s: Session, cycle: Cycle) -> list[BarCheck]:
    """Of each ladder and grade of a cycle the last recorded check that holds its evidence and says of every case only
    what was released: a corrected version that waits for its release is nobody's to publish."""
    q = select(BarCheck).where(BarCheck.cycle_id == cycle.id)
    found: dict[tuple[str, int], BarCheck] = {}
    for check in s.scalars(q.order_by(BarCheck.family_id, BarCheck.grade, BarCheck.id.desc())):
        place = check.family_id, check.grade
        if place not in found and "evidence" in check.figures and says_what_was_released(s, check):
            found[place] = check
    return list(found.values())


def says_what_was_released(s: Session, check: BarCheck) -> bool:
    """Whether every outcome in the evidence of a check is that of the newest released decision of its case."""
    said = {row["case"]: row["outcome"] for row in check.figures["evidence"] if row["outcome"] is not None}
    newer = aliased(Decision)
    last = select(func.max(newer.number)).where(newer.case_id == Decision.case_id, newer.released_at.is_not(None))
    q = select(Decision.case_id, Decision.outcome).where(Decision.number == last.scalar_subquery())
    return {case_id: outcome.value for case_id, outcome in s.execute(q.where(Decision.case_id.in_(said)))} == said


def published_for(s: Session, family_ids: Collection[str]) -> list[PublishedStatement]:
    """Everything ever published of these ladders, the first first."""
    q = select(PublishedStatement).where(PublishedStatement.family_id.in_(family_ids))
    return list(s.scalars(q.order_by(PublishedStatement.id)))


def published_in(s: Session, cycle: Cycle) -> list[PublishedStatement]:
    """What was published of a cycle: of each ladder and grade the last statement, in their order."""
    q = select(PublishedStatement).where(PublishedStatement.cycle_id == cycle.id)
    found = {
        (one.family_id, one.grade): one
        for one in s.scalars(q.options(joinedload(PublishedStatement.published_by)).order_by(PublishedStatement.id))
    }
    return [found[place] for place in sorted(found)]


def published_until(s: Session, cycle: Cycle) -> list[tuple[str, PublishedStatement]]:
    """What was published of this cycle and of those that opened before it, each with the name of its cycle."""
    q = select(Cycle.name, PublishedStatement).join(Cycle, Cycle.id == PublishedStatement.cycle_id)
    q = q.where(Cycle.opens_at <= cycle.opens_at).order_by(Cycle.opens_at, Cycle.id, PublishedStatement.id)
    return [(name, one) for name, one in s.execute(q)]


def counts_of(figures: Mapping[str, Any]) -> tuple[Counts, Counts]:
    """Decided and approved cases of IC and manager that a check rests on."""
    ic, manager = (Counts(figures["n"][kind], figures["approved"][kind]) for kind in ("ic", "manager"))
    return ic, manager
