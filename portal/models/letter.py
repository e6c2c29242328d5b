"""The letter of one decision: the frozen plain data it is set from, its hash, and where the PDF lies."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Id, new_id
from portal.models.case import Case
from portal.models.decision import Decision


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
    pdf_sha256: Mapped[str | None] = mapped_column(String(64))
    prepared_at: Mapped[datetime]
    rendered_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship()
    decision: Mapped[Decision] = relationship(back_populates="letter")
