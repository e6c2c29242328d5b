"""Files beside a row of evidence: looked at piece by piece, bound to the row, frozen with the packet."""

import os
from datetime import datetime
from typing import IO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.adapters.storage import PIECE, Storage, holding
from portal.domain.attachments import Inspected, Inspection, Limits, refuse_over, shown_name
from portal.domain.problems import Refused
from portal.models.case import Case
from portal.models.packet import Attachment, Evidence, SnapshotAttachment
from portal.models.person import Person
from portal.packets.commands.keeping import hold, refuse_unless
from portal.packets.commands.noting import note
from portal.packets.commands.sections import DRAFT, NOT_A_DRAFT

MOST_FILES = 5
GONE = "This row of evidence was removed in the meantime. Add it again, then attach the file."


def inspect(file: IO[bytes], largest: int) -> Inspected:
    """What the file is, read once in pieces. Raises InvalidInput when it is empty, too large, or of no kind we take."""
    found = Inspection(largest)
    file.seek(0)
    while piece := file.read(PIECE):
        found.take(piece)
    file.seek(0, os.SEEK_SET)
    return found.result()


def refuse_more(s: Session, *, case: Case, evidence: Evidence, size: int, limits: Limits) -> None:
    """Raise Refused when the row, the case or the portal is full; asked before bytes travel, and again after."""
    refuse_unless(case, DRAFT, NOT_A_DRAFT)
    in_row = func.count().filter(Attachment.evidence_id == evidence.id, Attachment.removed_at.is_(None))
    count, in_case = s.execute(
        select(in_row, func.coalesce(func.sum(Attachment.size), 0)).where(Attachment.case_id == case.id)
    ).one()
    if count >= MOST_FILES:
        raise Refused(f"A row of evidence holds at most {MOST_FILES} files. Remove one, or add another row.")
    in_all = s.scalar(select(func.coalesce(func.sum(Attachment.size), 0))) or 0
    refuse_over(limits, size=size, in_case=in_case, in_all=in_all)


def attach(
    s: Session,
    *,
    case: Case,
    evidence_id: str,
    actor: Person,
    file: IO[bytes],
    found: Inspected,
    name: str,
    limits: Limits,
    storage: Storage,
    at: datetime,
) -> Attachment:
    """Bind a file, which has been stored already, to a row of evidence. The same file again changes nothing.

    Stored anew in the rare case that it was swept away meanwhile. Raises Refused after submission or over a limit."""
    hold(s, case)
    refuse_unless(case, DRAFT, NOT_A_DRAFT)
    row = s.scalar(select(Evidence).where(Evidence.id == evidence_id, Evidence.case_id == case.id))
    if row is None:
        raise Refused(GONE)
    q = select(Attachment).where(Attachment.evidence_id == row.id, Attachment.sha256 == found.sha256)
    attachment = s.scalar(q)
    if attachment is not None and attachment.removed_at is None:
        return attachment
    refuse_more(s, case=case, evidence=row, size=found.size if attachment is None else 0, limits=limits)
    holding(s)
    if not storage.exists(found.sha256):
        storage.put_file(file, found.sha256)
    if attachment is None:
        attachment = Attachment(
            case_id=case.id, evidence_id=row.id, sha256=found.sha256, size=found.size, kind=found.kind, added_at=at
        )
        s.add(attachment)
    attachment.name, attachment.removed_at = shown_name(name), None
    s.flush()
    _note(s, case, actor, "file_attached", attachment, at)
    return attachment


def remove_attachment(s: Session, *, case: Case, attachment: Attachment, actor: Person, at: datetime) -> None:
    """Take a file out of the draft. One that was submitted stays where it was submitted, any other is gone for good."""
    hold(s, case)
    refuse_unless(case, DRAFT, NOT_A_DRAFT)
    found = s.get(Attachment, attachment.id, populate_existing=True)
    if found is None or found.removed_at is not None:
        return
    _note(s, case, actor, "file_removed", found, at)
    _take_out(s, [found], at)


def take_out_all(s: Session, *, evidence: Evidence, at: datetime) -> None:
    """Before a row of evidence is deleted: its files lose it."""
    rows = list(s.scalars(select(Attachment).where(Attachment.evidence_id == evidence.id).order_by(Attachment.id)))
    _take_out(s, rows, at)
    for row in (row for row in rows if row.removed_at):
        row.evidence_id = None
    s.flush()


def _take_out(s: Session, rows: list[Attachment], at: datetime) -> None:
    ids = [row.id for row in rows]
    frozen = set(s.scalars(select(SnapshotAttachment.attachment_id).where(SnapshotAttachment.attachment_id.in_(ids))))
    for row in rows:
        if row.id in frozen:
            row.removed_at = row.removed_at or at
        else:
            s.delete(row)
    s.flush()


def freeze(s: Session, *, case: Case, snapshot_id: int) -> None:
    """Everything that is attached now belongs to the snapshot from here on."""
    q = select(Attachment.id).where(Attachment.case_id == case.id, Attachment.removed_at.is_(None))
    s.add_all(SnapshotAttachment(snapshot_id=snapshot_id, attachment_id=one) for one in s.scalars(q))
    s.flush()


def _note(s: Session, case: Case, actor: Person, action: str, row: Attachment, at: datetime) -> None:
    payload = {"sha256": row.sha256, "size": row.size, "kind": row.kind.value, "name": row.name}
    note(s, case=case, actor=actor, action=action, thing=f"attachment:{row.id}", at=at, payload=payload)
