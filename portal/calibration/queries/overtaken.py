"""Checks and published statements whose ground has moved: which rest on a decision that changed, and which of them may
be spoken of to everybody by now."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from portal.calibration.queries.published import says_what_was_released
from portal.models.calibration import ALL_GRADES, BarCheck, PublishedStatement
from portal.models.case import Case
from portal.models.cycle import Cycle


def checks_resting_on(s: Session, case: Case) -> list[tuple[BarCheck, Cycle, dict[str, Any]]]:
    """The last check of each cycle and place that rests on a decision about this case, this cycle's or a later one's
    that pooled it, with its cycle and what it holds of the case, in the order of the cycles.

    Where the last check was run while the case was being decided anew, what was published there still rests on the
    version before: then with what that one holds."""
    newest = (
        select(func.max(BarCheck.id))
        .where(BarCheck.family_id == case.family_id, BarCheck.grade.in_((case.grade, ALL_GRADES)))
        .group_by(BarCheck.cycle_id, BarCheck.grade)
        .scalar_subquery()
    )
    q = select(BarCheck, Cycle).join(Cycle, Cycle.id == BarCheck.cycle_id).where(BarCheck.id.in_(newest))
    found = []
    for check, cycle in s.execute(q.order_by(Cycle.opens_at, BarCheck.grade.desc(), BarCheck.id)):
        held = _held_of(case, check) or _held_of(case, _published_at(s, check))
        if held is not None:
            found.append((check, cycle, held))
    return found


def _held_of(case: Case, check: BarCheck | None) -> dict[str, Any] | None:
    """The row of a decided case in the evidence of a check."""
    rows = check.figures.get("evidence", ()) if check else ()
    return next((row for row in rows if row["case"] == case.id and row["outcome"] is not None), None)


def _published_at(s: Session, check: BarCheck) -> BarCheck | None:
    """The check that was published last where this one was run."""
    q = select(BarCheck).join(PublishedStatement, PublishedStatement.bar_check_id == BarCheck.id)
    q = q.where(*_same_place(PublishedStatement, check)).order_by(PublishedStatement.id.desc())
    return s.scalars(q.limit(1)).first()


def _same_place(table: Any, of: BarCheck | PublishedStatement) -> tuple[ColumnElement[bool], ...]:
    return table.cycle_id == of.cycle_id, table.family_id == of.family_id, table.grade == of.grade


def overtaken_statements(s: Session) -> Sequence[tuple[PublishedStatement, BarCheck]]:
    """The last published statement of each place with the last check there, where one was computed again since, because
    a decision changed, and the last one says something else than was published and rests on nothing that is not
    released. Whoever ran that last one: a check by hand takes no ground back."""
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
        if not statement.content["withheld"]
        and statement.content["verdict"] != check.verdict
        and _computed_again(s, statement)
        and says_what_was_released(s, check)
    ]


def _computed_again(s: Session, statement: PublishedStatement) -> bool:
    q = select(BarCheck).where(*_same_place(BarCheck, statement), BarCheck.id > statement.bar_check_id)
    return any("again" in check.figures for check in s.scalars(q))
