"""What the addresses of this room name: a case with the part of it that is meant, and what decides who may read it."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.cases.queries import case as load_case
from portal.domain.packet import Section, section
from portal.models.case import Case
from portal.models.packet import Attachment, DraftComment, Evidence, Snapshot, SnapshotAttachment
from portal.packets.queries.frozen import last_number


@dataclass(frozen=True)
class PacketPlace:
    case: Case
    submitted: bool


@dataclass(frozen=True)
class SectionPlace:
    case: Case
    section: Section


@dataclass(frozen=True)
class EvidencePlace:
    case: Case
    evidence: Evidence


@dataclass(frozen=True)
class CommentPlace:
    case: Case
    comment: DraftComment


@dataclass(frozen=True)
class AttachmentPlace:
    """A file with what decides who may read it: whether it is in the draft, whether a snapshot holds it."""

    case: Case
    attachment: Attachment
    in_draft: bool
    submitted: bool


@dataclass(frozen=True)
class SnapshotPlace:
    """A snapshot and the one before it, if there is one."""

    case: Case
    snapshot: Snapshot
    earlier: Snapshot | None


def packet(s: Session, *, case_id: str) -> PacketPlace | None:
    case = load_case(s, case_id=case_id)
    return PacketPlace(case, last_number(s, case) > 0) if case else None


def section_place(s: Session, *, case_id: str, code: str) -> SectionPlace | None:
    case = load_case(s, case_id=case_id)
    found = section(case.grade, code) if case else None
    return SectionPlace(case, found) if case and found else None


def evidence_place(s: Session, *, case_id: str, evidence_id: str) -> EvidencePlace | None:
    case = load_case(s, case_id=case_id)
    row = s.scalar(select(Evidence).where(Evidence.case_id == case_id, Evidence.id == evidence_id))
    return EvidencePlace(case, row) if case and row else None


def attachment_place(s: Session, *, case_id: str, attachment_id: str) -> AttachmentPlace | None:
    case = load_case(s, case_id=case_id)
    row = s.scalar(select(Attachment).where(Attachment.case_id == case_id, Attachment.id == attachment_id))
    if case is None or row is None:
        return None
    frozen = exists().where(SnapshotAttachment.attachment_id == row.id)
    return AttachmentPlace(case, row, row.removed_at is None, bool(s.scalar(select(frozen))))


def comment_place(s: Session, *, case_id: str, comment_id: str) -> CommentPlace | None:
    case = load_case(s, case_id=case_id)
    row = s.scalar(select(DraftComment).where(DraftComment.case_id == case_id, DraftComment.id == comment_id))
    return CommentPlace(case, row) if case and row else None


def snapshot_place(s: Session, *, case_id: str, number: int) -> SnapshotPlace | None:
    case = load_case(s, case_id=case_id)
    q = select(Snapshot).where(Snapshot.case_id == case_id, Snapshot.number.in_([number, number - 1]))
    found = {row.number: row for row in s.scalars(q.order_by(Snapshot.number))}
    return SnapshotPlace(case, found[number], found.get(number - 1)) if case and number in found else None
