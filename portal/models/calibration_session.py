"""A session of the committee at one grade: what is on the table, what each thought before the talk, what was said and
what was changed. The session's version is what two facilitators cannot both move from."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, event, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Id, code_type, new_id
from portal.models.calibration import Choice
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.person import Person


class ChangeReason(StrEnum):
    """Why the committee moves a position the reviewers arrived at."""

    EVIDENCE_OVERLOOKED = "evidence_overlooked"
    EVIDENCE_MISREAD = "evidence_misread"
    ANCHOR_MISAPPLIED = "anchor_misapplied"
    OUTSIDE_LEVEL = "outside_level"
    UNLIKE_ITS_PEERS = "unlike_its_peers"


class CalibrationSession(Base):
    """One sitting. `agenda` is the order in which the cases were to be taken when it began, as `seed` gave it."""

    __tablename__ = "calibration_session"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name="closer_iff_closed"),
        CheckConstraint("(on_table_id IS NULL) OR (closed_at IS NULL)", name="table_cleared_when_closed"),
        CheckConstraint("box_minutes BETWEEN 1 AND 120", name="box_sensible"),
        Index(
            "uq_calibration_session_one_open",
            "cycle_id",
            "family_id",
            "grade",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    cycle_id: Mapped[str] = mapped_column(ForeignKey("cycle.id"), index=True)
    family_id: Mapped[str] = mapped_column(String(60))
    grade: Mapped[int]
    seed: Mapped[str] = mapped_column(String(160))
    agenda: Mapped[list[str]]
    box_minutes: Mapped[int]
    opened_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime]
    closed_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    on_table_id: Mapped[str | None] = mapped_column(ForeignKey("promotion_case.id"))
    touched_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    cycle: Mapped[Cycle] = relationship()
    opened_by: Mapped[Person] = relationship(foreign_keys=[opened_by_id])
    on_table: Mapped[Case | None] = relationship()
    items: Mapped[list["TableItem"]] = relationship(order_by="TableItem.first_at", back_populates="session")
    minutes: Mapped[list["Minute"]] = relationship(order_by="Minute.id", back_populates="session")
    changes: Mapped[list["PositionChange"]] = relationship(order_by="PositionChange.id", back_populates="session")
    __mapper_args__ = {"version_id_col": version}

    def item_of(self, case_id: str | None) -> "TableItem | None":
        return next((item for item in self.items if item.case_id == case_id), None)


class TableItem(Base):
    """A case that was put on the table. `manager_present`: the candidate's own manager came in to answer."""

    __tablename__ = "table_item"

    session_id: Mapped[str] = mapped_column(ForeignKey("calibration_session.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), primary_key=True)
    first_at: Mapped[datetime]
    box_until: Mapped[datetime]
    revealed_at: Mapped[datetime | None]
    manager_present: Mapped[bool | None]

    session: Mapped[CalibrationSession] = relationship(back_populates="items")
    case: Mapped[Case] = relationship()
    pre_votes: Mapped[list["PreVote"]] = relationship(
        primaryjoin="and_(TableItem.session_id == PreVote.session_id, TableItem.case_id == PreVote.case_id)",
        foreign_keys="[PreVote.session_id, PreVote.case_id]",
        order_by="PreVote.person_id",
        viewonly=True,
    )


class PreVote(Base):
    """What a member thought before the talk. Nobody else reads it; all together are shown as counts."""

    __tablename__ = "pre_vote"

    session_id: Mapped[str] = mapped_column(ForeignKey("calibration_session.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    choice: Mapped[Choice] = mapped_column(code_type(Choice))
    at: Mapped[datetime]


class Minute(Base):
    """A line of the minutes, about one case or (NULL) the session. Never changed; a correction is another line."""

    __tablename__ = "minute"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("calibration_session.id"), index=True)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("promotion_case.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    session: Mapped[CalibrationSession] = relationship(back_populates="minutes")
    by: Mapped[Person] = relationship()


class PositionChange(Base):
    """A competency moved by the committee, in points; `old` NULL where nobody had assessed it. `cites` are ids of
    evidence in the snapshot. Never changed; moving it again is another change."""

    __tablename__ = "position_change"
    __table_args__ = (CheckConstraint("old IS NULL OR old <> new", name="something_changes"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("calibration_session.id"), index=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), index=True)
    competency_id: Mapped[str] = mapped_column(String(60))
    old: Mapped[float | None]
    new: Mapped[float]
    reason: Mapped[ChangeReason] = mapped_column(code_type(ChangeReason))
    note: Mapped[str] = mapped_column(Text)
    cites: Mapped[list[str]]
    proposer_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    session: Mapped[CalibrationSession] = relationship(back_populates="changes")
    proposer: Mapped[Person] = relationship(foreign_keys=[proposer_id])
    by: Mapped[Person] = relationship(foreign_keys=[by_id])


@event.listens_for(Minute, "before_update")
@event.listens_for(Minute, "before_delete")
@event.listens_for(PositionChange, "before_update")
@event.listens_for(PositionChange, "before_delete")
def _the_protocol_is_append_only(*_: object) -> None:
    raise RuntimeError("minutes and changes are append-only; write another one")
