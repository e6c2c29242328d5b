"""Checks and published statements whose ground has moved: which rest on a decision that changed, and which of them may
be spoken of to everybody by now."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from portal.calibration.queries.published import says_what_was_released
from portal.models.calibration import ALL_GRADES, BarCheck, PublishedStatement
from portal.models.case import Case
from portal.models.cycle import Cycle


def checks_resting_on(s: Session, case: Case) -> Sequence[tuple[BarCheck, Cycle]]:
    """The last check of each cycle and place that holds this case in its evidence, this cycle's or a later one's that
    pooled it, with its cycle, in the order of the cycles."""
    newest = (
        select(func.max(BarCheck.id))
        .where(BarCheck.family_id == case.family_id, BarCheck.grade.in_((case.grade, ALL_GRADES)))
        .group_by(BarCheck.cycle_id, BarCheck.grade)
        .scalar_subquery()
    )
    q = select(BarCheck, Cycle).join(Cycle, Cycle.id == BarCheck.cycle_id).where(BarCheck.id.in_(newest))
    rows = s.execute(q.order_by(Cycle.opens_at, BarCheck.grade.desc(), BarCheck.id))
    return [
        (check, cycle)
        for check, cycle in rows
        if any(row["case"] == case.id for row in check.figures.get("evidence", ()))
    ]


def overtaken_statements(s: Session) -> Sequence[tuple[PublishedStatement, BarCheck]]:
    """The last published statement of each place with the last check there, where that was computed again because a
    decision changed, says something else than was published, and rests on nothing that is not released."""
    later, newer = aliased(PublishedStatement), aliased(BarCheck)
    same_place = (
        later.cycle_id == PublishedStatement.cycle_id,
        later.family_id == PublishedStatement.family_id,
        later.grade == PublishedStatement.grade,
    )
    last_check = (
        select(func.max(newer.id))
        .where(
            newer.cycle_id == PublishedStatement.cycle_id,
            newer.family_id == PublishedStatement.family_id,
            newer.grade == PublishedStatement.grade,
        )
        .correlate(PublishedStatement)
        .scalar_subquery()
    )
    q = (
        select(PublishedStatement, BarCheck)
        .join(BarCheck, BarCheck.id == last_check)
        .where(BarCheck.id > PublishedStatement.bar_check_id)
        .where(~select(later.id).where(*same_place, later.id > PublishedStatement.id).exists())
        .order_by(PublishedStatement.id)
    )
    return [
        (statement, check)
        for statement, check in s.execute(q)
        if "again" in check.figures
        and not statement.content["withheld"]
        and statement.content["verdict"] != check.verdict
        and says_what_was_released(s, check)
    ]
