"""What the portal does by itself: it closes cases nobody needs to wait for any more."""

from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.database import begin_write
from portal.cases import queries as cases
from portal.cases.commands import move
from portal.domain.case_flow import Action, State, step, unmet
from portal.models.case import Case


def close_due(engine: Engine) -> int:
    """Close each released case whose letter was acknowledged or whose last day for an appeal is over; gives how many.

    One short transaction a case: closing one never waits for another."""
    with Session(engine) as s:
        waiting = list(s.scalars(select(Case.id).where(Case._state == State.RELEASED).order_by(Case.id)))
    return sum(_close(engine, case_id, now()) for case_id in waiting)


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
