"""Whether a mail about a case still concerns its reader when it is about to go out. Between being asked for and being
sent lie minutes or, for a digest, days; a recusal or a step in between takes the mail back."""

from sqlalchemy.orm import Session

from portal.cases import queries
from portal.cases.policy import Hat, can_see, conflict, hats
from portal.domain.case_flow import State
from portal.models.case import Case
from portal.models.outbox import OutboxRow
from portal.models.packet import RefereeState, Statement
from portal.models.person import Person

# Mails to people who may have no other sight of the case.
AS_PANEL = frozenset({"appeal_to_answer", "appeal_to_preside"})
BY_APPOINTMENT = frozenset({*AS_PANEL, "conflict_reported"})
AS_REFEREE = frozenset({"referee", "referee_due", "referee_moved"})
AS_REVIEWER = frozenset({"review_asked", "review_due", "review_moved"})
AS_WRITER = frozenset({"submitted", "statement_due"})


def still_concerns(s: Session, row: OutboxRow) -> bool:
    """For mails that link to a case: does the reader still have the part it speaks of, and the task before them?"""
    case = queries.case(s, case_id=row.case_id) if row.case_id else None
    person = s.get(Person, row.person_id) if row.person_id else None
    if case is None or person is None:
        return True
    template = str(row.payload["template"])
    if template in AS_REFEREE:
        return any(r.person_id == person.id and r.state is RefereeState.INVITED for r in case.referees)
    if template in AS_REVIEWER:
        return _owes_review(person, case)
    if template in AS_WRITER:
        return Hat.MANAGER in hats(person, case) and not _signed(s, person, case)
    if template == "packet_due":
        return case.state is State.DRAFT
    if template in BY_APPOINTMENT:
        return template not in AS_PANEL or not conflict(person, case)
    return bool(can_see(person, case))


def _owes_review(person: Person, case: Case) -> bool:
    mine = next((a for a in case.active_assignments if a.reviewer_id == person.id), None)
    if mine is None or case.state is not State.IN_REVIEW or mine.waived_at or conflict(person, case):
        return False
    return not (mine.review and mine.review.sealed_at)


def _signed(s: Session, person: Person, case: Case) -> bool:
    found = s.get(Statement, (case.id, person.id))
    return bool(found and found.signed_at)
