"""Asking somebody to review a case, no longer asking them, and going on without a review that does not come."""

import random
from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.case_flow import State, words
from portal.domain.moments import told
from portal.domain.problems import InvalidInput, Refused
from portal.models.base import new_id
from portal.models.case import Assignment, Case
from portal.models.outbox import enqueue_mail
from portal.models.person import Person
from portal.reviews import queries
from portal.reviews.commands.notices import tell_if_all_in
from portal.reviews.commands.trail import leave_line
from portal.reviews.policy import ASSIGNABLE, Standing, fitness, is_sealed

# Trees: nobody's rank, sex or order of arrival can be read from one.
_TREES = (
    "Alder Ash Aspen Beech Birch Cedar Cherry Chestnut Cypress Elder Elm Fir Ginkgo Hawthorn Hazel Hickory Holly "
    "Hornbeam Juniper Larch Laurel Lime Linden Magnolia Maple Medlar Mulberry Myrtle Oak Olive Palm Pear Pine Plane "
    "Plum Poplar Quince Redwood Rowan Sequoia Spruce Sycamore Tamarisk Walnut Willow Yew"
)
PSEUDONYMS = tuple(_TREES.split())


def assign(s: Session, *, case: Case, reviewer: Person, actor: Person, at: datetime) -> Assignment:
    """Ask a person to review the case; asking again after a removal, a lifted recusal or a waiver is the same act.

    Refused with the reason when they have a conflict, wrote a statement, or stand too far below the target grade."""
    standing, writers = queries.standing_of(s, case, reviewer), queries.statement_writers(s, case)
    return seat(s, case=case, reviewer=reviewer, standing=standing, writer_ids=writers, actor=actor, at=at)


def seat(
    s: Session,
    *,
    case: Case,
    reviewer: Person,
    standing: Standing | None,
    writer_ids: Collection[str],
    actor: Person,
    at: datetime,
) -> Assignment:
    """As `assign`, for many at once: what is asked about the case and the person has been looked up."""
    if case.state not in ASSIGNABLE:
        raise Refused(f"Reviewers are chosen before and during review; this case is {words(case.state)}.")
    fit = fitness(reviewer, case, standing, writer_ids)
    if fit.refusal or standing is None:
        raise Refused(f"{reviewer.name} cannot review this case. {fit.refusal}")
    row = next((a for a in case.assignments if a.reviewer_id == reviewer.id), None)
    if row is not None and row.ended_at is None and row.waived_at is None:
        raise Refused(f"{reviewer.name} reviews this case already.")
    if row is None:
        row = Assignment(reviewer=reviewer, pseudonym=_pseudonym(case))
        case.assignments.append(row)
    row.track_kind, row.assigned_by_id, row.assigned_at = standing.track_kind, actor.id, at
    row.no_conflict_at = row.waived_at = row.ended_at = row.declined_at = None
    row.due_at = None  # a day of one's own belongs to the asking before
    row.waiver_reason = row.ended_reason = ""
    s.flush()
    payload = {"warning": fit.warning}
    leave_line(s, case=case, actor=actor, action="reviewer_assigned", at=at, about=reviewer.id, payload=payload)
    if case.state is State.IN_REVIEW:
        ask_by_mail(s, assignment=row, at=at)
    return row


def _pseudonym(case: Case) -> str:
    """Random among those not yet used on this case, so that the order of assignment cannot be read from it."""
    used = {a.pseudonym for a in case.assignments}
    free = [name for name in PSEUDONYMS if name not in used]
    return random.Random(new_id()).choice(free or [f"Tree {len(used) + 1}"])  # noqa: S311 - seeded from a random id


def ask_by_mail(s: Session, *, assignment: Assignment, at: datetime) -> None:
    """A link and a date, the date also for a calendar; who it is about stays behind the sign-in."""
    case, reviewer = assignment.case, assignment.reviewer
    by = assignment.due_at or case.cycle.review_by
    enqueue_mail(
        s,
        to_id=reviewer.id,
        template="review_asked",
        key=f"review-asked:{case.id}:{at:%Y%m%d%H%M%S%f}",
        at=at,
        by=by if by > at else None,
        path=f"/cases/{case.id}/review",
        due=told(by, reviewer.timezone),
    )


def unassign(s: Session, *, assignment: Assignment, actor: Person, reason: str, at: datetime) -> None:
    """No longer ask this person. A sealed review stays; during review a case keeps the panel it was opened with,
    because going on with fewer reviews is a waiver and is recorded as one."""
    case = assignment.case
    if assignment.ended_at is not None:
        raise Refused("This person no longer reviews the case.")
    if not reason.strip():
        raise InvalidInput("Say why, in a few words.")
    if is_sealed(assignment):
        raise Refused("The review is sealed and stays. If its writer has a conflict, record that instead.")
    if case.state not in ASSIGNABLE:
        raise Refused(f"Reviewers change before and during review; this case is {words(case.state)}.")
    if case.state is State.IN_REVIEW and _would_thin_out(assignment):
        raise Refused("The case would be left with too small a panel. Assign somebody else first, or record a waiver.")
    assignment.ended_at, assignment.ended_reason = at, reason
    s.flush()
    leave_line(s, case=case, actor=actor, action="reviewer_removed", at=at, about=assignment.reviewer_id, reason=reason)


def _would_thin_out(leaving: Assignment) -> bool:
    case = leaving.case
    left = [a for a in case.active_assignments if a is not leaving]
    return len(left) < case.reviewers_needed or all(a.track_kind == case.track_kind for a in left)


def waive(s: Session, *, assignment: Assignment, actor: Person, reason: str, at: datetime) -> None:
    """Go on without this review, on record. The reviewer is released and writes no more."""
    case = assignment.case
    if case.state is not State.IN_REVIEW:
        raise Refused("A review is waived while the case is in review.")
    gone = assignment.ended_at is not None and assignment.declined_at is None
    if gone or assignment.waived_at is not None or is_sealed(assignment):
        raise Refused("There is no outstanding review of this person to waive.")
    if not reason.strip():
        raise InvalidInput("Say why the case goes on without this review.")
    assignment.waived_at, assignment.waiver_reason = at, reason
    s.flush()
    leave_line(s, case=case, actor=actor, action="review_waived", at=at, about=assignment.reviewer_id, reason=reason)
    tell_if_all_in(s, case=case, at=at)
