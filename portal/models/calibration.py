"""The committee's part: a ballot per case with its frozen eligible set, secret votes, what the bar check said, and what
of it was published."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Id, code_type, new_id
from portal.models.case import Case
from portal.models.person import Person

ALL_GRADES = 0  # as the grade of a check: every grade of the ladder, each a stratum of its own


class Choice(StrEnum):
    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


class Standing(StrEnum):
    """What a committee member is to a ballot. Recused is recorded; it is not a vote."""

    ELIGIBLE = "eligible"
    RECUSED = "recused"


class Ballot(Base):
    """A secret vote on one case. `shown` is the overall the committee saw when it opened (rubric points or NULL)."""

    __tablename__ = "ballot"
    __table_args__ = (
        UniqueConstraint("case_id", "round"),
        CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name="closer_iff_closed"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"))
    round: Mapped[int]
    quorum: Mapped[float]
    majority: Mapped[float]
    shown: Mapped[float | None]
    position: Mapped[dict[str, Any]]  # the position against the bar as the committee saw it, plain data
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1)

    case: Mapped[Case] = relationship(back_populates="ballots")
    electors: Mapped[list["Elector"]] = relationship(
        back_populates="ballot", order_by="Elector.person_id", cascade="all, delete-orphan"
    )
    __mapper_args__ = {"version_id_col": version}


class Elector(Base):
    """A committee member at one ballot, with the vote once cast. One row a member: nobody votes twice."""

    __tablename__ = "elector"
    __table_args__ = (
        CheckConstraint("choice IS NULL OR standing = 'eligible'", name="only_eligible_vote"),
        CheckConstraint("(choice IS NULL) = (voted_at IS NULL)", name="vote_has_a_time"),
        CheckConstraint("(dissent = '') = (dissented_at IS NULL)", name="dissent_has_a_time"),
        CheckConstraint("dissent = '' OR choice IS NOT NULL", name="only_voters_dissent"),
    )

    ballot_id: Mapped[str] = mapped_column(ForeignKey("ballot.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    standing: Mapped[Standing] = mapped_column(code_type(Standing))
    choice: Mapped[Choice | None] = mapped_column(code_type(Choice))
    voted_at: Mapped[datetime | None]
    dissent: Mapped[str] = mapped_column(Text, default="")  # why a member stands apart from the result
    dissented_at: Mapped[datetime | None]

    ballot: Mapped[Ballot] = relationship(back_populates="electors")
    person: Mapped[Person] = relationship()


class BarCheck(Base):
    """The equivalence statement: what the portal could say about the two bars at one grade (or at ALL_GRADES) when a
    person asked. Kept as it was; never recomputed silently."""

    __tablename__ = "bar_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[str] = mapped_column(ForeignKey("cycle.id"), index=True)
    grade: Mapped[int]
    family_id: Mapped[str]
    margin: Mapped[float]
    verdict: Mapped[str]
    sentence: Mapped[str]
    figures: Mapped[dict[str, Any]]
    inputs_hash: Mapped[str]
    run_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    run_at: Mapped[datetime]

    run_by: Mapped[Person] = relationship()


class PublishedStatement(Base):
    """What of a check everybody may read once its cycle is over. `content` is all that is given: no figure is taken
    from the check when the page is shown. `counts` are kept to tell whether a later one would be too near to it."""

    __tablename__ = "published_statement"
    __table_args__ = (Index("ix_published_statement_family_id_grade", "family_id", "grade"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[str] = mapped_column(ForeignKey("cycle.id"), index=True)
    family_id: Mapped[str] = mapped_column(String(60))
    grade: Mapped[int]
    bar_check_id: Mapped[int] = mapped_column(ForeignKey("bar_check.id"))
    content: Mapped[dict[str, Any]]
    counts: Mapped[dict[str, Any]]
    published_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime]

    bar_check: Mapped[BarCheck] = relationship()
    published_by: Mapped[Person] = relationship()


@event.listens_for(BarCheck, "before_update")
@event.listens_for(BarCheck, "before_delete")
def _a_check_stays_as_it_was(*_: object) -> None:
    raise RuntimeError("a bar check never changes; run a new one")


@event.listens_for(PublishedStatement, "before_update")
@event.listens_for(PublishedStatement, "before_delete")
def _what_was_published_stays(*_: object) -> None:
    raise RuntimeError("a published statement never changes; publish a new one")
