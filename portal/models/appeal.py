"""A candidate's objection to a released decision, the panels that were appointed to answer it, and the answer."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.domain.appeals import Finding
from portal.domain.case_flow import State
from portal.models.base import Base, Id, code_type, new_id
from portal.models.case import Case
from portal.models.decision import Decision
from portal.models.person import Person

if TYPE_CHECKING:
    from portal.models.letter import AppealLetter


class AppealGround(StrEnum):
    PROCEDURE = "procedure"
    MISSED_EVIDENCE = "missed_evidence"
    CONFLICT = "conflict"


class Appeal(Base):
    """The objection and, once given, the answer of the last panel. `upheld` says of the decision that it stands; else
    the case went back to `sent_back_to`, where `look_again` is to be looked at."""

    __tablename__ = "appeal"
    __table_args__ = (
        UniqueConstraint("decision_id"),
        CheckConstraint("(answered_at IS NULL) = (answered_by_id IS NULL)", name="answerer_iff_answered"),
        CheckConstraint("(answered_at IS NULL) = (upheld IS NULL)", name="answer_says_what"),
        CheckConstraint("(upheld IS NULL OR upheld) = (sent_back_to IS NULL)", name="back_iff_not_upheld"),
        CheckConstraint("(sent_back_to IS NULL) = (look_again = '')", name="back_says_what_for"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), index=True)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"))
    ground: Mapped[AppealGround] = mapped_column(code_type(AppealGround))
    statement: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime]
    answered_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    upheld: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    sent_back_to: Mapped[State | None] = mapped_column(code_type(State, "sent_back_to"))
    look_again: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)

    case: Mapped[Case] = relationship(back_populates="appeals")
    decision: Mapped[Decision] = relationship()
    panels: Mapped[list["AppealPanel"]] = relationship(order_by="AppealPanel.number", back_populates="appeal")
    letter: Mapped["AppealLetter | None"] = relationship(back_populates="appeal", uselist=False)
    __mapper_args__ = {"version_id_col": version}

    @property
    def panel(self) -> "AppealPanel | None":
        """The panel that answers: the last one appointed."""
        return self.panels[-1] if self.panels else None


class AppealPanel(Base):
    """People outside the first panel, and what they say until it is closed. Another panel takes the place of one that
    cannot answer; what was said in that one never counts."""

    __tablename__ = "appeal_panel"
    __table_args__ = (
        UniqueConstraint("appeal_id", "number"),
        CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name="closer_iff_closed"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"))
    number: Mapped[int]
    quorum: Mapped[float]
    appointed_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    appointed_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    set_aside: Mapped[bool] = mapped_column(default=False)  # cannot answer: another has to take its place, or took it
    version: Mapped[int] = mapped_column(default=1)

    appeal: Mapped[Appeal] = relationship(back_populates="panels")
    members: Mapped[list["AppealMember"]] = relationship(order_by="AppealMember.place", back_populates="panel")
    __mapper_args__ = {"version_id_col": version}


class AppealMember(Base):
    """One member of a panel, with what they said once they did. Whoever has the first `place` presides, or the next one
    who can. One row a member: nobody says two things."""

    __tablename__ = "appeal_member"
    __table_args__ = (
        UniqueConstraint("panel_id", "place"),
        CheckConstraint("(finding IS NULL) = (said_at IS NULL)", name="finding_has_a_time"),
    )

    panel_id: Mapped[str] = mapped_column(ForeignKey("appeal_panel.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    place: Mapped[int]
    finding: Mapped[Finding | None] = mapped_column(code_type(Finding))
    said_at: Mapped[datetime | None]

    panel: Mapped[AppealPanel] = relationship(back_populates="members")
    person: Mapped[Person] = relationship()
