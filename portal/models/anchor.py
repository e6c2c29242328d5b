"""Anchor packets: anonymised cases with scores a committee agreed on, which reviewers score before the real ones. They
train, and they tie the tracks together; they are never a case."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Id, code_type, new_id
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.ladder import RubricVersion
from portal.models.person import Person
from portal.models.review import NoScore


class AnchorState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class AnchorPacket(Base):
    """`content` holds the text. `comes_first`: its reviewers score it before their cases open. `copied_from_id`: whose
    packet it was; shown nowhere, it keeps that person and their conflicts away from it, and erasure follows it."""

    __tablename__ = "anchor_packet"
    __table_args__ = (
        CheckConstraint("(state = 'draft') = (opened_at IS NULL)", name="opened_iff_not_draft"),
        Index("ix_anchor_packet_cycle_id_family_id_grade", "cycle_id", "family_id", "grade"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    cycle_id: Mapped[str] = mapped_column(ForeignKey("cycle.id"))
    family_id: Mapped[str] = mapped_column(String(60))
    rubric_hash: Mapped[str] = mapped_column(ForeignKey("rubric_version.content_hash"))
    level_id: Mapped[str] = mapped_column(String(60))
    track_id: Mapped[str] = mapped_column(String(60))
    track_kind: Mapped[str] = mapped_column(String(20))
    grade: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    content: Mapped[dict[str, Any]]
    copied_from_id: Mapped[str | None] = mapped_column(ForeignKey("promotion_case.id"), index=True)
    comes_first: Mapped[bool] = mapped_column(default=True)
    state: Mapped[AnchorState] = mapped_column(code_type(AnchorState), default=AnchorState.DRAFT)
    kept_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    cycle: Mapped[Cycle] = relationship()
    copied_from: Mapped[Case | None] = relationship()
    rubric_version: Mapped[RubricVersion] = relationship()
    agreed: Mapped[list["AgreedScore"]] = relationship(
        order_by="AgreedScore.competency_id", cascade="all, delete-orphan"
    )
    reviews: Mapped[list["AnchorReview"]] = relationship(order_by="AnchorReview.id", back_populates="anchor")
    __mapper_args__ = {"version_id_col": version}


class AgreedScore(Base):
    """What a committee agreed on for one competency of an anchor packet, and why."""

    __tablename__ = "agreed_score"
    __table_args__ = (CheckConstraint("value BETWEEN 0 AND 10", name="value_on_scale"),)

    anchor_id: Mapped[str] = mapped_column(ForeignKey("anchor_packet.id"), primary_key=True)
    competency_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[int]
    why: Mapped[str] = mapped_column(Text, default="")


class AnchorReview(Base):
    """One reviewer's scores of one anchor packet; sealed once, then shown beside what was agreed."""

    __tablename__ = "anchor_review"
    __table_args__ = (UniqueConstraint("anchor_id", "reviewer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    anchor_id: Mapped[str] = mapped_column(ForeignKey("anchor_packet.id"))
    reviewer_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    track_kind: Mapped[str] = mapped_column(String(20))  # the reviewer's own side when they began
    saved_at: Mapped[datetime]
    sealed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    anchor: Mapped[AnchorPacket] = relationship(back_populates="reviews")
    reviewer: Mapped[Person] = relationship()
    scores: Mapped[list["AnchorScore"]] = relationship(
        order_by="AnchorScore.competency_id", cascade="all, delete-orphan"
    )
    __mapper_args__ = {"version_id_col": version}


class AnchorScore(Base):
    """One competency of an anchor packet as one reviewer scored it: a value, or a reason for none."""

    __tablename__ = "anchor_score"
    __table_args__ = (
        CheckConstraint("value IS NULL OR value BETWEEN 0 AND 10", name="value_on_scale"),
        CheckConstraint("value IS NULL OR no_score IS NULL", name="a_value_or_a_reason"),
    )

    review_id: Mapped[int] = mapped_column(ForeignKey("anchor_review.id"), primary_key=True)
    competency_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[int | None]
    no_score: Mapped[NoScore | None] = mapped_column(code_type(NoScore))
    rationale: Mapped[str] = mapped_column(Text, default="")
