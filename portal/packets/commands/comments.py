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
from portal.models.unsent import UnsentForm, UnsentText
from portal.packets.commands.keeping import checked, hold, refuse_unless
from portal.packets.commands.noting import note
from portal.packets.commands.sections import DRAFT
from portal.packets.commands.unsent import keep_unsent, settle_unsent

EVIDENCE = "evidence"
LABEL = "Comment"
LONGEST = 2_000
MOST = 100


def add_comment(
    s: Session, *, case: Case, actor: Person, section: str, text: str, at: datetime, kept: int = 0
) -> DraftComment:
    """Say something about one section; the candidate is told by mail, once a day at most.

    `kept` is the version of the unsent text the page was built on. Raises StaleVersion for an older one,
    InvalidInput for an empty text or a section the packet does not have, Refused once the draft is closed or no longer
    shared."""
    _refuse_unless_shared(s, case)
    if section not in {EVIDENCE, *(asked.code for asked in sections_for(case.grade, case.case_type))}:
        raise InvalidInput("Choose a section of this packet.")
    if not (kept_text := checked(LABEL, text, LONGEST)):
        raise InvalidInput("Comment: write what you would say to them.")
    if (s.scalar(select(func.count()).select_from(DraftComment).where(DraftComment.case_id == case.id)) or 0) >= MOST:
        raise Refused(f"A draft holds at most {MOST} comments. Talk to each other.")
    typed = {"section": section, "text": kept_text}
    settle_unsent(s, case=case, writer=actor, form=UnsentForm.COMMENT, texts=typed, seen=kept, at=at)
    row = DraftComment(case_id=case.id, section=section, writer=actor, text=kept_text, written_at=at)
    s.add(row)
    s.flush()
    _note(s, case, actor, "draft_commented", row, at)
    key, path = f"comment:{case.id}:{at:%Y-%m-%d}", f"/cases/{case.id}/packet/edit"
    enqueue_mail(s, to_id=case.candidate_id, template="draft_comment", key=key, at=at, path=path)
    return row


def keep_comment(
    s: Session, *, case: Case, actor: Person, section: str, text: str, kept: int, at: datetime
) -> UnsentText:
    """What a manager is writing, before it is sent; the candidate does not see it yet. Raises StaleVersion, and Refused
    once nothing can be said any more."""
    _refuse_unless_shared(s, case)
    typed = {"section": section, "text": said} if (said := checked(LABEL, text, LONGEST)) else {}
    return keep_unsent(s, case=case, writer=actor, form=UnsentForm.COMMENT, texts=typed, seen=kept, at=at)


def _refuse_unless_shared(s: Session, case: Case) -> None:
    hold(s, case)
    s.refresh(case, attribute_names=["shared_with_manager"])
    refuse_unless(case, DRAFT, "The draft cannot be commented on")
    if not case.shared_with_manager:
        raise Refused("The draft is no longer shared with you.")


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
