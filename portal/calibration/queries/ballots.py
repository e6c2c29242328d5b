"""The ballots of a case, with everyone on them, and those that wait for one member's vote."""

from typing import Any

from sqlalchemy import Row, exists, select
from sqlalchemy.orm import Session, selectinload

from portal.cases import queries as cases
from portal.cycles.sight import free_of_conflict
from portal.domain.case_flow import FROM_CALIBRATION
from portal.models.calibration import Ballot, Elector, Standing
from portal.models.case import Case
from portal.models.cycle import CommitteeSeat
from portal.models.person import Person


def ballots_of(s: Session, case: Case) -> list[Ballot]:
    """First round first. Counting or naming votes is for the policy to allow, ballot by ballot."""
    q = select(Ballot).where(Ballot.case_id == case.id).order_by(Ballot.round)
    return list(s.scalars(q.options(selectinload(Ballot.electors).joinedload(Elector.person))))


def ballot_of(s: Session, *, case_id: str) -> Ballot | None:
    """The last ballot of a case, with everything a policy asks of the case."""
    case = cases.case(s, case_id=case_id)
    found = ballots_of(s, case) if case else []
    return found[-1] if found else None


def waiting_for(s: Session, actor: Person, beside: Case) -> list[Row[Any]]:
    """Case and candidate, by name, of the open ballots of this case's cycle and grade on which the actor may vote and
    has not: the list side of `policy.can_cast`. One statement."""
    seated = exists().where(CommitteeSeat.committee_id == Case.committee_id, CommitteeSeat.person_id == actor.id)
    mine = exists().where(
        Elector.ballot_id == Ballot.id,
        Elector.person_id == actor.id,
        Elector.standing == Standing.ELIGIBLE,
        Elector.choice.is_(None),
    )
    q = select(Case.id.label("case_id"), Person.name).join(Case.candidate).join(Ballot, Ballot.case_id == Case.id)
    q = q.where(Case.cycle_id == beside.cycle_id, Case.grade == beside.grade, Case._state.in_(FROM_CALIBRATION))
    q = q.where(Ballot.closed_at.is_(None), mine, seated, free_of_conflict(actor))
    return list(s.execute(q.order_by(Person.name, Case.id)))
