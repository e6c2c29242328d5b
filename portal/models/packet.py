"""What a case is argued with: the candidate's sections and evidence, the frozen snapshots, the manager's statement,
the business justification (a table of its own, which no reviewer's query joins) and what referees say."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.domain.attachments import LONGEST_NAME, FileKind
from portal.models.base import Base, Id, code_type, new_id
from portal.models.case import Case
from portal.models.person import Person


class PacketSection(Base):
    """One section of the draft. `texts` maps the section's field codes to what was written."""

    __tablename__ = "packet_section"

    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    texts: Mapped[dict[str, str]]
    saved_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Evidence(Base):
    """A claim at the target level, tied to one competency."""

    __tablename__ = "evidence"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), index=True)
    competency_id: Mapped[str] = mapped_column(String(60))
    claim: Mapped[str] = mapped_column(Text)
    contribution: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(String(60))
    link: Mapped[str] = mapped_column(String(500), default="")
    added_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Attachment(Base):
    """A file that belongs to a row of evidence. What a snapshot holds is never deleted, only taken out of the draft."""

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("evidence_id", "sha256"),
        CheckConstraint("size > 0", name="not_empty"),
        CheckConstraint("evidence_id IS NOT NULL OR removed_at IS NOT NULL", name="in_a_row_or_removed"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), index=True)
    evidence_id: Mapped[str | None] = mapped_column(ForeignKey("evidence.id"))
    sha256: Mapped[str] = mapped_column(String(64), index=True)  # the name of the stored bytes
    size: Mapped[int]
    kind: Mapped[FileKind] = mapped_column(code_type(FileKind, "kind"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))  # as the sender called it; a label, never a path
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class SnapshotAttachment(Base):
    """That a snapshot holds a file: whoever may read the snapshot may read it, and it is never deleted."""

    __tablename__ = "snapshot_attachment"

    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshot.id"), primary_key=True)
    attachment_id: Mapped[str] = mapped_column(ForeignKey("attachment.id"), primary_key=True, index=True)


class DraftComment(Base):
    """What the manager says about one section of a shared draft, for the candidate alone. Never part of a snapshot."""

    __tablename__ = "draft_comment"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), index=True)
    section: Mapped[str] = mapped_column(String(40))  # a section's code, or “evidence”
    writer_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]

    writer: Mapped[Person] = relationship()


class SelfAssessment(Base):
    """Where the candidate sees themselves on one competency; NULL while nothing was chosen."""

    __tablename__ = "self_assessment"
    __table_args__ = (CheckConstraint("value IS NULL OR value BETWEEN 0 AND 10", name="value_on_scale"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), primary_key=True)
    competency_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[int | None]
    saved_at: Mapped[datetime]


class Snapshot(Base):
    """The packet as it was submitted: plain data, with the hash of its canonical JSON. Never changed."""

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("case_id", "number"), CheckConstraint("number >= 1", name="number_from_one"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[datetime]
    taken_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))

    case: Mapped[Case] = relationship()


class Statement(Base):
    """The manager's statement. A new manager inherits the place, not the text: one row a writer."""

    __tablename__ = "statement"

    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), primary_key=True)
    writer_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    strengths: Mapped[str] = mapped_column(Text, default="")
    gaps: Mapped[str] = mapped_column(Text, default="")
    current_level: Mapped[str] = mapped_column(Text, default="")
    supports: Mapped[bool | None]
    saved_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    writer: Mapped[Person] = relationship()
    __mapper_args__ = {"version_id_col": version}


class BusinessJustification(Base):
    """Whether the organisation needs the role. Kept apart, because reviewers score the person, not the need."""

    __tablename__ = "business_justification"

    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), primary_key=True)
    writer_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class RefereeState(StrEnum):
    PROPOSED = "proposed"
    INVITED = "invited"
    ANSWERED = "answered"
    DECLINED = "declined"


class Referee(Base):
    """A colleague asked for feedback on the candidate's results. `answers` maps each result to what they saw."""

    __tablename__ = "referee"
    __table_args__ = (
        UniqueConstraint("case_id", "person_id"),
        CheckConstraint("(state = 'answered') = (answered_at IS NOT NULL)", name="answer_has_a_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    pseudonym: Mapped[str] = mapped_column(String(40))  # for reviewers and the committee
    # another for the candidate, so that what the two groups know cannot be matched
    pseudonym_for_candidate: Mapped[str] = mapped_column(
        String(40), default=lambda: f"Colleague {new_id()[:3].upper()}"
    )
    state: Mapped[RefereeState] = mapped_column(code_type(RefereeState), default=RefereeState.PROPOSED)
    answers: Mapped[dict[str, str]]
    reason_not_to: Mapped[str] = mapped_column(Text, default="")
    proposed_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    told: Mapped[str] = mapped_column(String(40), default="")  # what the writer was told about who reads it
    due_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    case: Mapped[Case] = relationship(back_populates="referees")
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    __mapper_args__ = {"version_id_col": version}


@event.listens_for(Snapshot, "before_update")
@event.listens_for(Snapshot, "before_delete")
def _what_was_frozen_stays(*_: object) -> None:
    raise RuntimeError("a snapshot never changes")
