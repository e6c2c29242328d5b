"""A reviewer's reading of a case: one score or one reason for having none per competency, sealed once. What its writer
says later stands beside it as an amendment; the sealed review itself never changes, and it is what is measured."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, event, inspect
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

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
    sealed_at: Mapped[datetime | None] = mapped_column(active_history=True)
    version: Mapped[int] = mapped_column(default=1)

    assignment: Mapped[Assignment] = relationship(back_populates="review")
    snapshot: Mapped[Snapshot] = relationship()
    scores: Mapped[list["Score"]] = relationship(
        order_by="Score.competency_id", back_populates="review", cascade="all, delete-orphan"
    )
    amendments: Mapped[list["Amendment"]] = relationship(order_by="Amendment.number", back_populates="review")
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


class Amendment(Base):
    """A later word of its writer on a sealed review, which is version 1: a revision, or the word that it stands on a
    newer packet. Never changed, and never read by measurement."""

    __tablename__ = "amendment"
    __table_args__ = (UniqueConstraint("review_id", "number"), CheckConstraint("number >= 2", name="number_from_two"))

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    number: Mapped[int]
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshot.id"))
    stands: Mapped[bool]  # nothing was revised: the review is said to hold for this snapshot too
    after_others: Mapped[bool]  # other sealed reviews of the case were open to the writer
    reason: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]

    review: Mapped[Review] = relationship(back_populates="amendments")
    snapshot: Mapped[Snapshot] = relationship()
    scores: Mapped[list["AmendedScore"]] = relationship(
        order_by="AmendedScore.competency_id", back_populates="amendment", cascade="all, delete-orphan"
    )


class AmendedScore(Base):
    """One competency as an amendment has it: exactly one of a value and a reason for having none."""

    __tablename__ = "amended_score"
    __table_args__ = (
        CheckConstraint("value IS NULL OR value BETWEEN 0 AND 10", name="value_on_scale"),
        CheckConstraint("(value IS NULL) <> (no_score IS NULL)", name="a_value_or_a_reason"),
    )

    amendment_id: Mapped[int] = mapped_column(ForeignKey("amendment.id"), primary_key=True)
    competency_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[int | None]
    no_score: Mapped[NoScore | None] = mapped_column(code_type(NoScore))
    rationale: Mapped[str] = mapped_column(Text, default="")
    cites: Mapped[list[str]]

    amendment: Mapped[Amendment] = relationship(back_populates="scores")

    @property
    def given(self) -> bool:
        return True


@event.listens_for(Review, "before_update")
def _a_seal_is_for_good(_mapper: object, _connection: object, review: Review) -> None:
    was = inspect(review).attrs.sealed_at.history
    if any(was.deleted or ()) or (review.sealed_at is not None and was.unchanged and _differs(review)):
        raise RuntimeError("a sealed review never changes; what is said later is an amendment")


@event.listens_for(Score, "before_update")
def _sealed_scores_stay(_mapper: object, _connection: object, score: Score) -> None:
    if score.review.sealed_at is not None and _differs(score):
        raise RuntimeError("a sealed review never changes; what is said later is an amendment")


def _differs(row: Review | Score) -> bool:
    """Whether a column changes; what hangs on the row may grow."""
    s = object_session(row)
    return s is not None and s.is_modified(row, include_collections=False)


@event.listens_for(Amendment, "before_update")
@event.listens_for(Amendment, "before_delete")
@event.listens_for(AmendedScore, "before_update")
@event.listens_for(AmendedScore, "before_delete")
def _an_amendment_stays(*_: object) -> None:
    raise RuntimeError("an amendment never changes; another one may follow it")
