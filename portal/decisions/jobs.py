"""What the portal does by itself: it closes cases nobody needs to wait for any more, and sees to it that an appeal does
not wait for a panel that can answer no longer."""

from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.database import begin_write
from portal.cases import queries as cases
from portal.cases.commands import move
from portal.decisions import queries
from portal.decisions.commands import look_after
from portal.domain.case_flow import Action, State, step, unmet
from portal.models.appeal import Appeal, AppealPanel
from portal.models.case import Case


def close_due(engine: Engine) -> int:
    """Close each released case whose letter was acknowledged or whose last day for an appeal is over; gives how many.

    One short transaction a case: closing one never waits for another."""
    with Session(engine) as s:
        waiting = list(s.scalars(select(Case.id).where(Case._state == State.RELEASED).order_by(Case.id)))
    return sum(_close(engine, case_id, now()) for case_id in waiting)


def look_after_panels(engine: Engine) -> int:
    """Ask for another panel where members left and too few can answer, and tell who presides now; gives how many
    appeals that was. One short transaction an appeal."""
    with Session(engine) as s:
        q = select(Case.id, Appeal.id).join(Case.appeals).join(Appeal.panels)
        q = q.where(Case._state == State.UNDER_APPEAL, Appeal.answered_at.is_(None), AppealPanel.set_aside.is_(False))
        waiting = list(s.execute(q.order_by(Appeal.id)))
    return sum(_look_after(engine, case_id, appeal_id, now()) for case_id, appeal_id in waiting)


def _look_after(engine: Engine, case_id: str, appeal_id: int, at: datetime) -> bool:
    with Session(engine, expire_on_commit=False) as s:
        begin_write(s)
        case = queries.case(s, case_id=case_id)
        appeal = next((a for a in case.appeals if a.id == appeal_id), None) if case else None
        done = appeal is not None and look_after(s, appeal=appeal, at=at)
        s.commit()
    return done


def _close(engine: Engine, case_id: str, at: datetime) -> bool:
    with Session(engine, expire_on_commit=False) as s:
        begin_write(s)
        case = cases.case(s, case_id=case_id)
        found = step(case.state, Action.CLOSE) if case else None
        if case is None or found is None or unmet(found, cases.facts_for(s, case, at)):
            return False
        move(s, case=case, action=Action.CLOSE, actor=None, at=at)
        s.commit()
    return True
