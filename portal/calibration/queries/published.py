"""Statements that were published, and the checks from which the next ones would be made."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.domain.measurement import Counts
from portal.models.calibration import BarCheck, PublishedStatement
from portal.models.cycle import Cycle


def last_checks(s: Session, cycle: Cycle) -> list[BarCheck]:
    """The last recorded check of each ladder and grade of a cycle that holds its evidence."""
    newest = (
        select(func.max(BarCheck.id))
        .where(BarCheck.cycle_id == cycle.id)
        .group_by(BarCheck.family_id, BarCheck.grade)
        .scalar_subquery()
    )
    q = select(BarCheck).where(BarCheck.id.in_(newest)).order_by(BarCheck.family_id, BarCheck.grade)
    return [check for check in s.scalars(q) if "evidence" in check.figures]


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
