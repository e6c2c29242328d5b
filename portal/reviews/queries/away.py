"""Which cases a person is kept away from by name: what they said themselves, what they are asked to confirm, and what
ended a review of theirs. Of a case they never knew of, nothing stands here."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.policy import can_see
from portal.cases.queries import case as whole_case
from portal.models.case import Case, ConflictSource, Recusal
from portal.models.person import Person
from portal.reviews.policy import frozen_of


@dataclass(frozen=True)
class Away:
    """`asked` waits for the person's own word; `frozen` says that a sealed review of theirs is kept."""

    case_id: str
    candidate: str
    since: datetime
    own_word: bool
    asked: bool
    frozen: bool


def away_from(s: Session, actor: Person) -> list[Away]:
    """Newest first."""
    q = select(Recusal).where(Recusal.person_id == actor.id, Recusal.lifted_at.is_(None))
    found = []
    for row in s.scalars(q.order_by(Recusal.at.desc(), Recusal.id.desc())):
        case = whole_case(s, case_id=row.case_id)
        if case is not None and _knows(actor, case, row):
            own_word = row.source is ConflictSource.DECLARED or row.confirmed_by_id == actor.id
            frozen = not row.pending and frozen_of(actor, case) is not None
            found.append(Away(case.id, case.candidate.name, row.at, own_word, row.pending, frozen))
    return found


def _knows(actor: Person, case: Case, row: Recusal) -> bool:
    if row.pending:
        return bool(can_see(actor, case))
    was_asked = any(a.reviewer_id == actor.id and a.no_conflict_at for a in case.assignments)
    return row.source is ConflictSource.DECLARED or row.confirmed_by_id == actor.id or was_asked
