"""Submitting: what was written is frozen, and from here on only the snapshot is read."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases.commands import move
from portal.cases.queries import committee_for
from portal.domain.case_flow import Action
from portal.models.audit import digest
from portal.models.case import Case
from portal.models.outbox import enqueue_mail
from portal.models.packet import Snapshot
from portal.models.person import Person
from portal.packets import queries
from portal.packets.commands.attachments import freeze
from portal.packets.commands.keeping import hold
from portal.packets.commands.noting import note


def submit(s: Session, *, case: Case, actor: Person, at: datetime) -> Snapshot:
    """Freeze the draft as the next snapshot, name the committee that covers the grade, and move the case on.

    Raises StepBlocked with the reasons (an empty section, a must-have without evidence, the deadline), and then
    nothing has changed."""
    hold(s, case)
    move(s, case=case, action=Action.SUBMIT, actor=actor, at=at)
    content = queries.draft_content(s, case)
    snapshot = Snapshot(
        case_id=case.id,
        number=queries.last_number(s, case) + 1,
        content=content,
        content_hash=digest(content),
        taken_at=at,
        taken_by_id=actor.id,
    )
    s.add(snapshot)
    case.committee = committee_for(s, case.cycle_id, case.grade)
    s.flush()
    freeze(s, case=case, snapshot_id=snapshot.id)
    thing, reason = f"snapshot:{case.id}:{snapshot.number}", f"content hash {snapshot.content_hash}"
    note(s, case=case, actor=actor, action="snapshot_taken", thing=thing, at=at, reason=reason, payload=content)
    if manager_id := case.candidate.manager_id:
        key = f"submitted:{case.id}:{snapshot.number}"
        enqueue_mail(s, to_id=manager_id, template="submitted", key=key, at=at, path=f"/cases/{case.id}/statement")
    return snapshot
