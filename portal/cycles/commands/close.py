"""Close a cycle: no new cases, no other settings; what it leaves behind is a record."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.cycles.commands.settings import refuse_if_closed
from portal.cycles.sight import runs
from portal.domain.case_flow import ENDED, State
from portal.domain.problems import Refused
from portal.models.audit import record
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.person import Person

NOT_IN_THE_WAY = (State.DRAFT, State.RELEASED, *ENDED)


def close_cycle(s: Session, *, cycle: Cycle, actor: Person, at: datetime) -> None:
    """Refused while cases the actor runs are between submission and release.

    A case the actor has a conflict with never makes itself known by refusing this: it goes on in the closed cycle, run
    by another people partner. Drafts that were never submitted stay drafts; their owners may withdraw them."""
    refuse_if_closed(cycle)
    q = select(func.count(Case.id)).join(Case.candidate).where(Case.cycle_id == cycle.id, runs(actor))
    moving = s.scalar(q.where(Case._state.not_in(NOT_IN_THE_WAY))) or 0
    if moving:
        raise Refused(
            f"Not finished yet: {moving}. Every submitted case is released or withdrawn before a cycle closes."
        )
    cycle.closed_at = at
    s.flush()
    record(s, actor=actor, action="cycle_closed", thing=f"cycle:{cycle.id}", at=at)
