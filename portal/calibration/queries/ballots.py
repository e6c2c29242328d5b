"""The ballots of a case, with everyone on them."""

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.cases import queries as cases
from portal.models.calibration import Ballot, Elector
from portal.models.case import Case


def ballots_of(s: Session, case: Case) -> list[Ballot]:
    """First round first. Counting or naming votes is for the policy to allow, ballot by ballot."""
    q = select(Ballot).where(Ballot.case_id == case.id).order_by(Ballot.round)
    return list(s.scalars(q.options(selectinload(Ballot.electors).joinedload(Elector.person))))


def ballot_of(s: Session, *, case_id: str) -> Ballot | None:
    """The last ballot of a case, with everything a policy asks of the case."""
    case = cases.case(s, case_id=case_id)
    found = ballots_of(s, case) if case else []
    return found[-1] if found else None
