"""The letter before: what the last “not yet” said was missing, for whoever asks for the same level again."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.cases.policy import Hat, hats
from portal.cases.queries import case as whole_case
from portal.domain.case_flow import AFTER_RELEASE
from portal.domain.case_types import UPWARD, Outcome
from portal.models.case import Case
from portal.models.decision import Decision
from portal.models.person import Person

_READERS = frozenset({Hat.CANDIDATE, Hat.MANAGER, Hat.COMMITTEE, Hat.CHAIR, Hat.PEOPLE_PARTNER})


@dataclass(frozen=True)
class Gaps:
    """What one released letter named. Each clause holds title, says, expectation and would_meet, as in the letter;
    `earliest` is the ISO day named for the next try, None where none was set."""

    case_id: str
    cycle_id: str
    cycle: str
    from_level_id: str
    to_level_id: str
    earliest: str | None
    clauses: tuple[dict[str, Any], ...]


def latest_refusal(s: Session, person: Person) -> Gaps | None:
    """The gaps of this person's newest case for a level up, if that was answered “not yet”; else None."""
    q = (
        select(Case)
        .where(Case.candidate_id == person.id, Case._state.in_(AFTER_RELEASE), Case.case_type.in_(UPWARD))
        .options(joinedload(Case.cycle), selectinload(Case.decisions).joinedload(Decision.letter))
        .order_by(Case.created_at.desc(), Case.id)
    )
    newest = s.scalars(q.limit(1)).first()
    return _gaps(newest) if newest else None


def gaps_for(s: Session, actor: Person, case: Case) -> Gaps | None:
    """The last letter's gaps on a resubmission, for those who may read that letter: what somebody is to the case before
    decides, not what they are to this one. Reviewers of this case read the packet, where the candidate answers them."""
    if case.previous_case_id is None:
        return None
    before = whole_case(s, case_id=case.previous_case_id)
    return _gaps(before) if before and hats(actor, before) & _READERS else None


def _gaps(case: Case) -> Gaps | None:
    decision = next((d for d in reversed(case.decisions) if d.released_at), None)
    if decision is None or decision.outcome is not Outcome.NOT_YET:
        return None
    part = decision.letter.data["part"] if decision.letter else {}
    earliest = part.get("earliest")
    return Gaps(
        case_id=case.id,
        cycle_id=case.cycle_id,
        cycle=case.cycle.name,
        from_level_id=case.from_level_id,
        to_level_id=case.to_level_id,
        earliest=earliest["opens_on"] if earliest else None,
        clauses=tuple(part.get("clauses", ())),
    )
