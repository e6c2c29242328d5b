"""The letter of one decision or one answer to an appeal: the frozen plain data it is set from, its hash, and where the
PDF lies; and the templates letters are written with, every version that was ever used."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.appeal import Appeal
from portal.models.base import Base, Id, new_id
from portal.models.case import Case
from portal.models.decision import Decision
from portal.models.person import Person


class LetterTemplate(Base):
    """One version of what is written around a letter's facts. `case_type` is empty for all types of an outcome;
    `made_by_id` is empty for a text that came with Evenbar. A version never changes: letters refer to it."""

    __tablename__ = "letter_template"
    __table_args__ = (UniqueConstraint("outcome", "case_type", "language", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    outcome: Mapped[str] = mapped_column(String(20))
    case_type: Mapped[str] = mapped_column(String(20), default="")
    language: Mapped[str] = mapped_column(String(8))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text, default="")
    made_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]

    made_by: Mapped[Person | None] = relationship()


class Letter(Base):
    """`code` is what a stranger types to verify; `pdf_sha256` names the stored PDF once it was rendered."""

    __tablename__ = "letter"
    __table_args__ = (UniqueConstraint("decision_id"), UniqueConstraint("code"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), index=True)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"))
    code: Mapped[str] = mapped_column(String(24))
    data: Mapped[dict[str, Any]]
    data_sha256: Mapped[str] = mapped_column(String(64))
    template_id: Mapped[str | None] = mapped_column(ForeignKey("letter_template.id"))
    pdf_sha256: Mapped[str | None] = mapped_column(String(64))
    prepared_at: Mapped[datetime]
    rendered_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship()
    decision: Mapped[Decision] = relationship(back_populates="letter")
    template: Mapped[LetterTemplate | None] = relationship()


class AppealLetter(Base):
    """The letter that answers an appeal; as a decision's, but nothing takes its place and it waits for no release."""

    __tablename__ = "appeal_letter"
    __table_args__ = (UniqueConstraint("appeal_id"), UniqueConstraint("code"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), index=True)
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"))
    code: Mapped[str] = mapped_column(String(24))
    data: Mapped[dict[str, Any]]
    data_sha256: Mapped[str] = mapped_column(String(64))
    template_id: Mapped[str] = mapped_column(ForeignKey("letter_template.id"))
    pdf_sha256: Mapped[str | None] = mapped_column(String(64))
    prepared_at: Mapped[datetime]
    rendered_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship()
    appeal: Mapped[Appeal] = relationship(back_populates="letter")
    template: Mapped[LetterTemplate] = relationship()


@event.listens_for(LetterTemplate, "before_update")
@event.listens_for(LetterTemplate, "before_delete")
def _a_version_stays(*_: object) -> None:
    raise RuntimeError("a version of a letter's template never changes; another one may follow it")
