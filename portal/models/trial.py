"""A trial: a switch or conversion that was approved is tried first. Its dates follow from the letter, its end is a
decision on record, and the way home stays open until a day of its own."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Id, code_type, new_id
from portal.models.case import Case
from portal.models.decision import Decision
from portal.models.person import Person


class TrialEnd(StrEnum):
    CONFIRMED = "confirmed"
    RETURNED = "returned"


class Trial(Base):
    """Days in the candidate's calendar. `home_level_id` is the level one returns to, of the same ladder."""

    __tablename__ = "trial"
    __table_args__ = (
        UniqueConstraint("decision_id"),
        CheckConstraint("starts_on < ends_on AND ends_on <= return_until", name="days_in_order"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), index=True)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    return_until: Mapped[date]
    home_level_id: Mapped[str] = mapped_column(String(60))
    begun_at: Mapped[datetime]

    case: Mapped[Case] = relationship()
    decision: Mapped[Decision] = relationship()
    ends: Mapped[list["TrialDecision"]] = relationship(order_by="TrialDecision.id", back_populates="trial")

    @property
    def end(self) -> "TrialDecision | None":
        """What was decided last; a person who was confirmed may still go home until the last day for it."""
        return self.ends[-1] if self.ends else None


class TrialDecision(Base):
    """How a trial ended: confirmed, or back home, by then or later. Never changed."""

    __tablename__ = "trial_decision"
    __table_args__ = (UniqueConstraint("trial_id", "outcome"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trial_id: Mapped[str] = mapped_column(ForeignKey("trial.id"))
    outcome: Mapped[TrialEnd] = mapped_column(code_type(TrialEnd, "outcome"))
    reason: Mapped[str] = mapped_column(Text)
    effective_on: Mapped[date]
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    trial: Mapped[Trial] = relationship(back_populates="ends")
    by: Mapped[Person] = relationship()


@event.listens_for(TrialDecision, "before_update")
@event.listens_for(TrialDecision, "before_delete")
def _what_was_decided_stays(*_: object) -> None:
    raise RuntimeError("the end of a trial never changes")
