"""A reviewer's reading of a case: one score or one reason for having none per competency, sealed once."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, code_type
from portal.models.case import Assignment
from portal.models.packet import Snapshot


class NoScore(StrEnum):
    """Why a competency could not be assessed. A missing score is missing: it is never a low one."""

    NO_EVIDENCE = "no_evidence"
    OUTSIDE_MY_FIELD = "outside_my_field"
    UNCLEAR = "unclear"


class Review(Base):
    __tablename__ = "review"
    __table_args__ = (UniqueConstraint("assignment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), index=True)
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshot.id"))
    summary: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    sealed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    assignment: Mapped[Assignment] = relationship(back_populates="review")
    snapshot: Mapped[Snapshot] = relationship()
    scores: Mapped[list["Score"]] = relationship(
        order_by="Score.competency_id", back_populates="review", cascade="all, delete-orphan"
    )
    __mapper_args__ = {"version_id_col": version}


class Score(Base):
    """One competency in one review: a value on the scale, or NULL with a reason once it is said that there is none."""

    __tablename__ = "score"
    __table_args__ = (
        CheckConstraint("value IS NULL OR value BETWEEN 0 AND 10", name="value_on_scale"),
        CheckConstraint("value IS NULL OR no_score IS NULL", name="a_value_or_a_reason"),
    )

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), primary_key=True)
    competency_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[int | None]
    no_score: Mapped[NoScore | None] = mapped_column(code_type(NoScore))
    rationale: Mapped[str] = mapped_column(Text, default="")
    cites: Mapped[list[str]]  # ids of evidence rows in the snapshot

    review: Mapped[Review] = relationship(back_populates="scores")

    @property
    def given(self) -> bool:
        return self.value is not None or self.no_score is not None
