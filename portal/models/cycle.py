"""A cycle: its dates, the rubrics it pinned, the margin agreed before it opened, and its committees."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Id, new_id
from portal.models.ladder import RubricVersion
from portal.models.person import Person


class Cycle(Base):
    __tablename__ = "cycle"
    __table_args__ = (
        UniqueConstraint("slug"),
        CheckConstraint(
            "opens_at < submit_by AND submit_by < review_by AND review_by < decide_by", name="dates_in_order"
        ),
        CheckConstraint("min_reviewers BETWEEN 1 AND 9", name="reviewers_sensible"),
        CheckConstraint("quorum > 0 AND quorum <= 1", name="quorum_is_share"),
        CheckConstraint("majority >= 0.5 AND majority < 1", name="majority_is_share"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    opens_at: Mapped[datetime]
    submit_by: Mapped[datetime]
    review_by: Mapped[datetime]
    decide_by: Mapped[datetime]
    min_reviewers: Mapped[int]
    quorum: Mapped[float]
    majority: Mapped[float]
    appeal_days: Mapped[int]
    created_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    pins: Mapped[list["CyclePin"]] = relationship(order_by="CyclePin.family_id", cascade="all, delete-orphan")
    committees: Mapped[list["Committee"]] = relationship(back_populates="cycle", order_by="Committee.grade_from")
    margins: Mapped[list["MarginSetting"]] = relationship(order_by="MarginSetting.id", cascade="all, delete-orphan")
    __mapper_args__ = {"version_id_col": version}

    @property
    def margin(self) -> float:
        """Rubric points; the last one set counts, the others stay to be shown beside a verdict."""
        return self.margins[-1].margin

    def hash_for(self, family_id: str) -> str | None:
        return next((p.content_hash for p in self.pins if p.family_id == family_id), None)


class CyclePin(Base):
    """The rubric version all cases of one family in this cycle are scored on."""

    __tablename__ = "cycle_pin"

    cycle_id: Mapped[str] = mapped_column(ForeignKey("cycle.id"), primary_key=True)
    family_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    content_hash: Mapped[str] = mapped_column(ForeignKey("rubric_version.content_hash"))

    rubric_version: Mapped[RubricVersion] = relationship()


class MarginSetting(Base):
    """The largest difference between the bars that still counts as none, and who agreed to it when."""

    __tablename__ = "margin_setting"
    __table_args__ = (CheckConstraint("margin > 0 AND margin <= 2", name="margin_sensible"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[str] = mapped_column(ForeignKey("cycle.id"), index=True)
    margin: Mapped[float]
    set_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime]

    set_by: Mapped[Person] = relationship()


class Committee(Base):
    """Who decides the cases of a range of grades, both tracks together."""

    __tablename__ = "committee"
    __table_args__ = (
        CheckConstraint("grade_from <= grade_to", name="grades_in_order"),
        CheckConstraint("deputy_id IS NULL OR deputy_id <> chair_id", name="deputy_is_another"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    cycle_id: Mapped[str] = mapped_column(ForeignKey("cycle.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    grade_from: Mapped[int]
    grade_to: Mapped[int]
    chair_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    deputy_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(Text, default="")

    cycle: Mapped[Cycle] = relationship(back_populates="committees")
    chair: Mapped[Person] = relationship(foreign_keys=[chair_id])
    deputy: Mapped[Person | None] = relationship(foreign_keys=[deputy_id])
    seats: Mapped[list["CommitteeSeat"]] = relationship(
        cascade="all, delete-orphan", order_by="CommitteeSeat.person_id"
    )

    @property
    def member_ids(self) -> frozenset[str]:
        """Everyone with a vote, chair and deputy among them."""
        return frozenset(s.person_id for s in self.seats)

    def covers(self, grade: int) -> bool:
        return self.grade_from <= grade <= self.grade_to


class CommitteeSeat(Base):
    __tablename__ = "committee_seat"
    __table_args__ = (Index("ix_committee_seat_person_id", "person_id"),)

    committee_id: Mapped[str] = mapped_column(ForeignKey("committee.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)

    person: Mapped[Person] = relationship()
