"""What the manager says about a shared draft, section by section, for the candidate alone."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.domain.packet import sections_for
from portal.domain.problems import InvalidInput, Refused
from portal.models.case import Case
from portal.models.outbox import enqueue_mail
from portal.models.packet import DraftComment
from portal.models.person import Person
from portal.packets.commands.keeping import checked, hold, refuse_unless
from portal.packets.commands.noting import note
from portal.packets.commands.sections import DRAFT

EVIDENCE = "evidence"
LABEL = "Comment"
LONGEST = 2_000
MOST = 100


def add_comment(s: Session, *, case: Case, actor: Person, section: str, text: str, at: datetime) -> DraftComment:
    """Say something about one section; the candidate is told by mail, once a day at most.

    Raises InvalidInput for an empty text or a section the packet does not have, Refused once the draft is closed or no
    longer shared."""
    hold(s, case)
    s.refresh(case, attribute_names=["shared_with_manager"])
    refuse_unless(case, DRAFT, "The draft cannot be commented on")
    if not case.shared_with_manager:
        raise Refused("The draft is no longer shared with you.")
    if section not in {EVIDENCE, *(asked.code for asked in sections_for(case.grade, case.case_type))}:
        raise InvalidInput("Choose a section of this packet.")
    if not (kept := checked(LABEL, text, LONGEST)):
        raise InvalidInput("Comment: write what you would say to them.")
    if (s.scalar(select(func.count()).select_from(DraftComment).where(DraftComment.case_id == case.id)) or 0) >= MOST:
        raise Refused(f"A draft holds at most {MOST} comments. Talk to each other.")
    row = DraftComment(case_id=case.id, section=section, writer=actor, text=kept, written_at=at)
    s.add(row)
    s.flush()
    _note(s, case, actor, "draft_commented", row, at)
    key, path = f"comment:{case.id}:{at:%Y-%m-%d}", f"/cases/{case.id}/packet/edit"
    enqueue_mail(s, to_id=case.candidate_id, template="draft_comment", key=key, at=at, path=path)
    return row


def resolve_comment(
    s: Session, *, case: Case, comment: DraftComment, actor: Person, resolved: bool, at: datetime
) -> DraftComment:
    """The candidate marks a comment as dealt with, or opens it again. A second time changes nothing."""
    hold(s, case)
    refuse_unless(case, DRAFT, "Comments cannot be changed")
    if (comment.resolved_at is not None) == resolved:
        return comment
    comment.resolved_at = at if resolved else None
    s.flush()
    _note(s, case, actor, "comment_resolved" if resolved else "comment_reopened", comment, at)
    return comment


def _note(s: Session, case: Case, actor: Person, action: str, row: DraftComment, at: datetime) -> None:
    payload = {"section": row.section, "text": row.text}
    note(s, case=case, actor=actor, action=action, thing=f"comment:{row.id}", at=at, payload=payload)
