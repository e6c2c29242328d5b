"""What was decided about a case. A correction is a new version; nothing is edited."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.domain.case_types import Outcome
from portal.models.base import Base, Id, code_type, new_id
from portal.models.calibration import Ballot, BarCheck
from portal.models.case import Case
from portal.models.person import Person

if TYPE_CHECKING:
    from portal.models.letter import Letter
    from portal.models.release import ReleaseItem


__all__ = ["Decision", "Outcome"]


class Decision(Base):
    """`unmet` holds the bar clauses a "not yet" names; `position` is the position against the bar it was made on."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by_id IS NULL)", name="confirmer_iff_confirmed"),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> recorded_by_id", name="confirmed_by_another"),
        CheckConstraint("number > 1 OR correction = ''", name="first_corrects_nothing"),
        CheckConstraint("released_at IS NULL OR confirmed_at IS NOT NULL", name="released_only_if_confirmed"),
        CheckConstraint(
            "(outcome IN ('approved', 'approved_on_trial')) = (effective_on IS NOT NULL)", name="effective_iff_approved"
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"))
    number: Mapped[int]
    ballot_id: Mapped[str] = mapped_column(ForeignKey("ballot.id"))
    bar_check_id: Mapped[int] = mapped_column(ForeignKey("bar_check.id"))
    outcome: Mapped[Outcome] = mapped_column(code_type(Outcome))
    reasons: Mapped[str] = mapped_column(Text)
    unmet: Mapped[list[Any]]
    position: Mapped[dict[str, Any]]
    effective_on: Mapped[date | None]
    correction: Mapped[str] = mapped_column(Text, default="")  # what this version puts right of the one before
    recorded_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
    confirmed_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    case: Mapped[Case] = relationship(back_populates="decisions")
    ballot: Mapped[Ballot] = relationship()
    bar_check: Mapped[BarCheck] = relationship()
    recorded_by: Mapped[Person] = relationship(foreign_keys=[recorded_by_id])
    confirmed_by: Mapped[Person | None] = relationship(foreign_keys=[confirmed_by_id])
    letter: Mapped["Letter | None"] = relationship(back_populates="decision", uselist=False)
    placed: Mapped[list["ReleaseItem"]] = relationship(order_by="ReleaseItem.moment", back_populates="decision")
    __mapper_args__ = {"version_id_col": version}

    @property
    def planned(self) -> "ReleaseItem | None":
        """Its place in an ordered release whose moment has not been carried out."""
        return next((item for item in self.placed if item.live), None)

    @property
    def appealed_as(self) -> "Decision":
        """The version whose release opened the days for an appeal: the first that decided what this one does. A
        correction of the words alone gives no new days, and no second appeal."""
        before = self.corrects
        return before.appealed_as if before and before.decides == self.decides else self

    @property
    def decides(self) -> tuple[Outcome, date | None, tuple[str, ...]]:
        """What follows from it for the candidate, without the words."""
        return self.outcome, self.effective_on, tuple(sorted(clause["code"] for clause in self.unmet))

    @property
    def corrects(self) -> "Decision | None":
        """The released decision that this one corrects, made on the same ballot; None for one after a new ballot."""
        out = [d for d in self.case.decisions if d.released_at and d.number < self.number]
        return out[-1] if out and out[-1].ballot_id == self.ballot_id else None
