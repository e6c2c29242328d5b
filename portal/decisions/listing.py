"""The decisions of a cycle as a table: plain rows, a page at a time."""

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from portal.cases.listing import sees_decisions
from portal.domain.case_flow import FROM_CALIBRATION
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.decision import Decision
from portal.models.person import Person
from portal.web.paging import Page, page_of

PAGE_SIZE = 100


def decided_in(s: Session, cycle: Cycle, actor: Person, *, number: int = 1) -> Page:
    """The cases this person decides or runs in the cycle, from calibration on, by candidate: the list side of
    `policy.may_decide`. Rows of id, candidate, rubric_hash, to_level_id, track_kind, grade, and of the newest decision
    outcome, confirmed_by and released_at: None until one is recorded. Two statements."""
    fits = Case.cycle_id == cycle.id, Case._state.in_(FROM_CALIBRATION), sees_decisions(actor)
    total = s.scalar(select(func.count(Case.id)).join(Case.candidate).where(*fits)) or 0
    confirmer, newer = aliased(Person), aliased(Decision)
    newest = select(func.max(newer.number)).where(newer.case_id == Case.id).correlate(Case).scalar_subquery()
    q = (
        select(
            Case.id,
            Person.name.label("candidate"),
            Case.rubric_hash,
            Case.to_level_id,
            Case.track_kind,
            Case.grade,
            Decision.outcome,
            confirmer.name.label("confirmed_by"),
            Decision.released_at,
        )
        .select_from(Case)
        .join(Case.candidate)
        .outerjoin(Decision, and_(Decision.case_id == Case.id, Decision.number == newest))
        .outerjoin(confirmer, confirmer.id == Decision.confirmed_by_id)
        .where(*fits)
        .order_by(Person.name, Case.id)
    )
    return page_of(s, q, total=total, size=PAGE_SIZE, number=number)
