"""The two steps that this room takes: into review, and out of it."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases.commands import move
from portal.cases.queries import committee_for
from portal.domain.case_flow import Action, State
from portal.models.case import Case
from portal.models.person import Person
from portal.reviews.commands.assigning import ask_by_mail


def open_review(s: Session, *, case: Case, actor: Person, at: datetime) -> None:
    """The packet opens to its reviewers, and each is told by mail."""
    move(s, case=case, action=Action.OPEN_REVIEW, actor=actor, at=at)
    for assignment in case.active_assignments:
        if assignment.reviewer_id not in case.recused_ids:
            ask_by_mail(s, assignment=assignment, at=at)


def send_to_calibration(s: Session, *, case: Case, actor: Person, at: datetime) -> None:
    """On to the committee of its grade."""
    if case.committee is None and case.state is State.IN_REVIEW:
        case.committee = committee_for(s, case.cycle_id, case.grade)
    move(s, case=case, action=Action.SEND_TO_CALIBRATION, actor=actor, at=at)
