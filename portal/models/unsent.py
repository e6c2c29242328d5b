"""What somebody began to write in a form that acts only once it is sent: kept so that it is not lost, read by nobody
but its writer."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, code_type


class UnsentForm(StrEnum):
    FEEDBACK = "feedback"
    COMMENT = "comment"
    AMENDMENT = "amendment"


class UnsentText(Base):
    """`texts` maps the form's fields to what stands in them; empty once the form was sent. The row stays, so that a tab
    that was open meanwhile is known to be older."""

    __tablename__ = "unsent_text"

    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), primary_key=True)
    writer_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    form: Mapped[UnsentForm] = mapped_column(code_type(UnsentForm), primary_key=True)
    texts: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
