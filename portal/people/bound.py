"""Who keeps people while they must stay away from an open case: nobody. Whoever leaves, moves in the line or is kept
apart may sit on its panel, so that each of these acts could change who judges.

Only what the person knows of counts, and then every such act is closed, whomever it is about: a refusal that went by
who sits on the panel would name the panel, and one for a case they may not know of would tell that there is one."""

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from portal.domain.case_flow import ENDED, State
from portal.domain.problems import NotPermitted
from portal.models.case import Case, Recusal
from portal.models.packet import Referee, RefereeState, Statement
from portal.models.person import Person

SETTLED = frozenset({*ENDED, State.DRAFT, State.RELEASED})
MESSAGE = (
    "You have to stay away from a case that is open, and who leaves, moves or is kept apart may have a part in it: "
    "another people partner or an operator does this meanwhile."
)


def stays_away(actor: Person) -> ColumnElement[bool]:
    """Cases that this person knows they must stay away from: their own, their reports', those they wrote about, and
    those they are recused from."""
    report = exists().where(Person.id == Case.candidate_id, Person.manager_id == actor.id)
    asked = exists().where(
        Referee.case_id == Case.id, Referee.person_id == actor.id, Referee.state != RefereeState.DECLINED
    )
    wrote = exists().where(Statement.case_id == Case.id, Statement.writer_id == actor.id)
    in_force = Recusal.lifted_at.is_(None), Recusal.pending.is_(False)
    recused = exists().where(Recusal.case_id == Case.id, Recusal.person_id == actor.id, *in_force)
    return or_(Case.candidate_id == actor.id, report, asked, wrote, recused)


def is_bound(s: Session, actor: Person, *, cycle_id: str | None = None) -> bool:
    """Whether such a case (of one cycle, if one is given) is before its reviewers or its committee now, or one's own is
    on its way there. One statement."""
    own = and_(Case.candidate_id == actor.id, Case._state.not_in(SETTLED - {State.DRAFT}))
    q = select(Case.id).where(or_(own, and_(stays_away(actor), Case._state.not_in(SETTLED))))
    if cycle_id is not None:
        q = q.where(Case.cycle_id == cycle_id)
    return s.scalar(q.limit(1)) is not None


def refuse_while_bound(s: Session, actor: Person | None) -> None:
    """Raises NotPermitted; the machine's own command line (no actor) is bound by nothing."""
    if actor is not None and is_bound(s, actor):
        raise NotPermitted(MESSAGE)
