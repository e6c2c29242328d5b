"""A release as it was ordered: which letters leave at which moment, what was taken back before it, what was held back
at it, and which manager was told ahead."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, event, text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from portal.models.base import Base, Id, code_type, new_id
from portal.models.cycle import Cycle
from portal.models.decision import Decision
from portal.models.person import Person


class Brief(StrEnum):
    """What a manager may read of a decision ahead of its release."""

    OUTCOME = "outcome"
    REASONS = "reasons"


class Release(Base):
    """The order: one moment for all its letters. Never changed; what became of each letter stands on its item."""

    __tablename__ = "letter_release"
    __table_args__ = (
        CheckConstraint("moment >= ordered_at", name="not_in_the_past"),
        CheckConstraint("(brief_at IS NULL) = (brief_shows IS NULL)", name="brief_says_what"),
        CheckConstraint("brief_at IS NULL OR brief_at <= moment", name="brief_is_ahead"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    cycle_id: Mapped[str] = mapped_column(ForeignKey("cycle.id"), index=True)
    moment: Mapped[datetime]
    ordered_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    ordered_at: Mapped[datetime]
    brief_at: Mapped[datetime | None]
    brief_shows: Mapped[Brief | None] = mapped_column(code_type(Brief))

    cycle: Mapped[Cycle] = relationship()
    ordered_by: Mapped[Person] = relationship()
    items: Mapped[list["ReleaseItem"]] = relationship(back_populates="release", order_by="ReleaseItem.decision_id")


class ReleaseItem(Base):
    """One letter of a release. `live` until it leaves, is taken back, or is held back because of `trouble`. A decision
    is in one live release at a time."""

    __tablename__ = "letter_release_item"
    __table_args__ = (
        CheckConstraint("(taken_back_at IS NULL) = (taken_back_by_id IS NULL)", name="taken_back_by_someone"),
        CheckConstraint("NOT live OR (taken_back_at IS NULL AND trouble = '')", name="live_is_untouched"),
        CheckConstraint("taken_back_at IS NULL OR taken_back_at < moment", name="taken_back_in_time"),
        CheckConstraint("(briefed_at IS NULL) = (briefed_id IS NULL)", name="brief_has_a_reader"),
        Index(
            "uq_letter_release_item_one_live",
            "decision_id",
            unique=True,
            sqlite_where=text("live"),
            postgresql_where=text("live"),
        ),
    )

    release_id: Mapped[str] = mapped_column(ForeignKey("letter_release.id"), primary_key=True)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    moment: Mapped[datetime]  # the release's, so that the table itself refuses what is taken back after it
    data_sha256: Mapped[str] = mapped_column(String(64))  # of the letter that was read when the release was ordered
    live: Mapped[bool] = mapped_column(default=True)
    trouble: Mapped[str] = mapped_column(Text, default="")
    taken_back_at: Mapped[datetime | None]
    taken_back_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    briefed_at: Mapped[datetime | None]
    briefed_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))

    release: Mapped[Release] = relationship(back_populates="items")
    decision: Mapped[Decision] = relationship(back_populates="placed")


@event.listens_for(Release, "before_update")
def _an_order_stays_as_it_was(_mapper: object, _connection: object, order: Release) -> None:
    found = object_session(order)
    if found is not None and found.is_modified(order, include_collections=False):
        raise RuntimeError("an ordered release never changes; its letters are taken back one by one before the moment")


@event.listens_for(Release, "before_delete")
@event.listens_for(ReleaseItem, "before_delete")
def _an_order_stays_on_record(*_: object) -> None:
    raise RuntimeError("an ordered release is kept with what became of each letter")
