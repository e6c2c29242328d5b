"""Reads of the packets room: the draft, what was frozen, statements, the justification, referees."""

from portal.packets.queries.asking import active_person, feedback, found_people, grade_of, own_referee, referees
from portal.packets.queries.begun import unsent
from portal.packets.queries.frozen import last_number, latest_snapshot, snapshot_numbered, snapshots
from portal.packets.queries.justifications import NeedPlace, need, need_of
from portal.packets.queries.managers import comments, signed_statements, statement_by
from portal.packets.queries.places import (
    AttachmentPlace,
    CommentPlace,
    EvidencePlace,
    PacketPlace,
    SectionPlace,
    SnapshotPlace,
    attachment_place,
    comment_place,
    evidence_place,
    packet,
    section_place,
    snapshot_place,
)
from portal.packets.queries.written import Draft, content_of, draft, draft_content, file_data, files_of

__all__ = [
    "AttachmentPlace",
    "CommentPlace",
    "Draft",
    "EvidencePlace",
    "NeedPlace",
    "PacketPlace",
    "SectionPlace",
    "SnapshotPlace",
    "active_person",
    "attachment_place",
    "comment_place",
    "comments",
    "content_of",
    "draft",
    "draft_content",
    "evidence_place",
    "feedback",
    "file_data",
    "files_of",
    "found_people",
    "grade_of",
    "last_number",
    "latest_snapshot",
    "need",
    "need_of",
    "own_referee",
    "packet",
    "referees",
    "section_place",
    "signed_statements",
    "snapshot_numbered",
    "snapshot_place",
    "snapshots",
    "statement_by",
    "unsent",
]
