"""Cases in which so few wrote or voted that what the candidate reads after the release tells who it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.domain.anonymity import FEW
from portal.models.calibration import Ballot, Elector
from portal.models.case import Assignment, Case
from portal.models.packet import Referee, RefereeState
from portal.models.review import Review
from portal.packets.commands.referees import TOLD


@dataclass(frozen=True)
class SmallPanel:
    """How many feedbacks the candidate will read, sealed reviews stand behind the words of the letter, and votes were
    cast in the last round; 0 where they are none, or not few."""

    case: Case
    referees: int
    reviewers: int
    voters: int


def small_panels(s: Session, found: Sequence[Case]) -> list[SmallPanel]:
    """In the order of the cases. Three statements for however many."""
    ids = [case.id for case in found]
    referees = _few(s, Referee.case_id, Referee.id, ids, Referee.state == RefereeState.ANSWERED, Referee.told == TOLD)
    sealed = Assignment.review.has(Review.sealed_at.is_not(None))
    reviewers = _few(s, Assignment.case_id, Assignment.id, ids, sealed, Assignment.ended_at.is_(None))
    voters = _voters(s, ids)
    panels = [SmallPanel(c, referees.get(c.id, 0), reviewers.get(c.id, 0), voters.get(c.id, 0)) for c in found]
    return [one for one in panels if one.referees or one.reviewers or one.voters]


def _few(s: Session, case_id: Any, thing: Any, ids: list[str], *where: ColumnElement[bool]) -> dict[str, int]:
    q = select(case_id, func.count(thing)).where(case_id.in_(ids), *where).group_by(case_id)
    return {found: n for found, n in s.execute(q.order_by(case_id)) if n < FEW}


def _voters(s: Session, ids: list[str]) -> dict[str, int]:
    q = select(Ballot.case_id, Ballot.round, func.count(Elector.choice)).join(Elector, Elector.ballot_id == Ballot.id)
    q = q.where(Ballot.case_id.in_(ids), Ballot.closed_at.is_not(None)).group_by(Ballot.case_id, Ballot.round)
    last = {case_id: n for case_id, _, n in s.execute(q.order_by(Ballot.case_id, Ballot.round))}
    return {case_id: n for case_id, n in last.items() if 0 < n < FEW}
