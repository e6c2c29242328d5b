"""A case: who asks for which level, where it stands, every step it ever took, who reviews it and who must stay away."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    column,
    event,
    false,
    func,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from portal.domain.case_flow import Action, Facts, State, advance
from portal.domain.case_types import CaseType
from portal.models.base import Base, Id, code_type, new_id
from portal.models.cycle import Committee, Cycle
from portal.models.ladder import RubricVersion
from portal.models.person import KeptApart, Person

__all__ = ["Assignment", "Case", "CaseEvent", "CaseType", "ConflictSource", "Extension", "Recusal"]

if TYPE_CHECKING:  # the rows below hang on a case but are defined after it
    from portal.models.appeal import Appeal
    from portal.models.calibration import Ballot
    from portal.models.decision import Decision
    from portal.models.packet import Referee
    from portal.models.review import Review


# The statements' table stands in a later file; here only who wrote one on which case is asked.
_written = table("statement", column("case_id"), column("writer_id"))


class Case(Base):
    __tablename__ = "promotion_case"
    __table_args__ = (
        CheckConstraint("(case_type = 'confirmation') = (from_level_id = to_level_id)", name="level_changes"),
        CheckConstraint("(case_type = 'resubmission') = (previous_case_id IS NOT NULL)", name="previous_iff_again"),
        CheckConstraint("(nominated_by_id IS NULL) OR (nominated_by_id <> candidate_id)", name="nominator_is_another"),
        CheckConstraint("(state <> 'draft') OR (committee_id IS NULL)", name="no_committee_in_draft"),
        Index("ix_promotion_case_cycle_id_grade", "cycle_id", "grade"),
        # One open case a person.
        Index(
            "uq_promotion_case_one_open",
            "candidate_id",
            unique=True,
            sqlite_where=text("state NOT IN ('closed', 'withdrawn', 'released')"),
            postgresql_where=text("state NOT IN ('closed', 'withdrawn', 'released')"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    cycle_id: Mapped[str] = mapped_column(ForeignKey("cycle.id"))
    candidate_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    case_type: Mapped[CaseType] = mapped_column(code_type(CaseType))
    family_id: Mapped[str] = mapped_column(String(60))
    rubric_hash: Mapped[str] = mapped_column(ForeignKey("rubric_version.content_hash"))
    from_level_id: Mapped[str] = mapped_column(String(60))
    to_level_id: Mapped[str] = mapped_column(String(60))
    track_id: Mapped[str] = mapped_column(String(60))
    track_kind: Mapped[str] = mapped_column(String(20))
    grade: Mapped[int]  # of the target level, or one's own where that has none
    scored: Mapped[bool] = mapped_column(default=True)  # whether the pinned rubric leaves anything to review
    reason: Mapped[str] = mapped_column(Text, default="")  # why a people partner opened it outside the dates
    previous_case_id: Mapped[str | None] = mapped_column(ForeignKey("promotion_case.id"))
    committee_id: Mapped[str | None] = mapped_column(ForeignKey("committee.id"), index=True)
    nominated_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    accepted_at: Mapped[datetime | None]
    shared_with_manager: Mapped[bool] = mapped_column(default=False)
    acknowledged_at: Mapped[datetime | None]
    _state: Mapped[State] = mapped_column("state", code_type(State), default=State.DRAFT)
    state_since: Mapped[datetime]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    cycle: Mapped[Cycle] = relationship()
    candidate: Mapped[Person] = relationship(foreign_keys=[candidate_id])
    rubric_version: Mapped[RubricVersion] = relationship()
    committee: Mapped[Committee | None] = relationship()
    events: Mapped[list["CaseEvent"]] = relationship(order_by="CaseEvent.id", back_populates="case")
    assignments: Mapped[list["Assignment"]] = relationship(order_by="Assignment.id", back_populates="case")
    recusals: Mapped[list["Recusal"]] = relationship(order_by="Recusal.id", back_populates="case")
    extensions: Mapped[list["Extension"]] = relationship(order_by="Extension.id", back_populates="case")
    referees: Mapped[list["Referee"]] = relationship(order_by="Referee.id", back_populates="case")
    ballots: Mapped[list["Ballot"]] = relationship(order_by="Ballot.round", back_populates="case")
    decisions: Mapped[list["Decision"]] = relationship(order_by="Decision.number", back_populates="case")
    appeals: Mapped[list["Appeal"]] = relationship(order_by="Appeal.id", back_populates="case")
    __mapper_args__ = {"version_id_col": version}

    # Ids, with commas between, of those who wrote a statement here and those kept apart from the candidate: read with
    # the row, so that a policy can ask it without a query.
    _writers: Mapped[str | None] = column_property(
        select(func.aggregate_strings(_written.c.writer_id, ","))
        .where(_written.c.case_id == id)
        .correlate_except(_written)
        .scalar_subquery()
    )
    _apart: Mapped[str | None] = column_property(
        select(func.aggregate_strings(KeptApart.away_id, ","))
        .where(KeptApart.person_id == candidate_id, KeptApart.ended_at.is_(None))
        .where(or_(KeptApart.cycle_id.is_(None), KeptApart.cycle_id == cycle_id))
        .correlate_except(KeptApart)
        .scalar_subquery()
    )

    @property
    def statement_writer_ids(self) -> frozenset[str]:
        return frozenset(filter(None, (self._writers or "").split(",")))

    @property
    def kept_apart_ids(self) -> frozenset[str]:
        return frozenset(filter(None, (self._apart or "").split(",")))

    @property
    def state(self) -> State:
        return self._state or State.DRAFT

    @property
    def accepted(self) -> bool:
        return self.nominated_by_id is None or self.accepted_at is not None

    @property
    def active_assignments(self) -> list["Assignment"]:
        return [a for a in self.assignments if a.ended_at is None]

    @property
    def declines_open(self) -> int:
        """How many reviewers declined during review with nobody asked in their place since, and no waiver."""
        declined = sorted(a.declined_at for a in self.assignments if a.declined_at and a.waived_at is None)
        asked = sorted(a.assigned_at for a in self.active_assignments)
        unanswered = 0
        for moment in reversed(declined):
            if asked and asked[-1] >= moment:
                asked.pop()
            else:
                unanswered += 1
        return unanswered

    @property
    def recused_ids(self) -> frozenset[str]:
        return frozenset(r.person_id for r in self.recusals if r.lifted_at is None and not r.pending)

    @property
    def submit_by(self) -> datetime:
        """The deadline for this case: the cycle's, or the latest extension granted. A case opened outside the dates of
        its cycle has only its own."""
        granted = [e.until for e in self.extensions]
        return max(granted if granted and self.reason else [self.cycle.submit_by, *granted])

    @property
    def reviewers_needed(self) -> int:
        return self.cycle.min_reviewers if self.scored else 0

    def take(self, action: Action, facts: Facts, *, by: Person | None, at: datetime, note: str = "") -> "CaseEvent":
        """The one route through which a case changes state; it leaves a line in the history.

        Raises IllegalStep or StepBlocked and changes nothing."""
        before = self.state
        self._state = advance(before, action, facts)
        self.state_since = at
        if self._state is State.DRAFT:
            self.committee_id = None
        line = CaseEvent(
            action=action, source=before, target=self._state, by_id=by.id if by else None, at=at, note=note
        )
        self.events.append(line)
        return line


class CaseEvent(Base):
    """A step that was taken, in the past tense. Never changed."""

    __tablename__ = "case_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), index=True)
    action: Mapped[Action] = mapped_column(code_type(Action))
    source: Mapped[State] = mapped_column(code_type(State, "source"))
    target: Mapped[State] = mapped_column(code_type(State, "target"))
    by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="")

    case: Mapped[Case] = relationship(back_populates="events")
    by: Mapped[Person | None] = relationship()


class Extension(Base):
    """More time for one person, with the reason, granted by name."""

    __tablename__ = "extension"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"), index=True)
    until: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    granted_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[datetime]

    case: Mapped[Case] = relationship(back_populates="extensions")
    granted_by: Mapped[Person] = relationship()


class Assignment(Base):
    """A person asked to review a case. Ended when declined, removed or recused; the row stays."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("case_id", "reviewer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"))
    reviewer_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    track_kind: Mapped[str] = mapped_column(String(20))  # the reviewer's own side when assigned
    pseudonym: Mapped[str] = mapped_column(String(40))  # random per case, shown to fellow reviewers
    no_conflict_at: Mapped[datetime | None]  # when the reviewer said there is none, before the packet opened
    assigned_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    assigned_at: Mapped[datetime]
    waived_at: Mapped[datetime | None]
    waiver_reason: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str] = mapped_column(Text, default="")
    declined_at: Mapped[datetime | None]  # the reviewer cannot do it; waits for somebody else, or for a waiver
    due_at: Mapped[datetime | None]  # another day than the cycle's, for this review only

    case: Mapped[Case] = relationship(back_populates="assignments")
    reviewer: Mapped[Person] = relationship(foreign_keys=[reviewer_id])
    review: Mapped["Review | None"] = relationship(back_populates="assignment", uselist=False)


class ConflictSource(StrEnum):
    DECLARED = "declared"
    BY_OTHER = "by_other"


class Recusal(Base):
    """A person who must stay away from a case in every hat. What the org chart says is computed, not stored here.

    Said by another it is `pending`, without effect, until the person or a second keeper confirms it. Lifting takes two
    people as well, neither of them the person: one asks, another lifts."""

    __tablename__ = "recusal"
    __table_args__ = (
        CheckConstraint("(lifted_at IS NULL) = (lifted_by_id IS NULL)", name="lifter_iff_lifted"),
        CheckConstraint("lifted_by_id IS NULL OR lifted_by_id <> person_id", name="not_lifted_by_oneself"),
        CheckConstraint("lift_asked_by_id IS NULL OR lift_asked_by_id <> person_id", name="lift_not_asked_by_oneself"),
        CheckConstraint("(lift_asked_at IS NULL) = (lift_asked_by_id IS NULL)", name="asker_iff_asked"),
        Index(
            "uq_recusal_one_active",
            "case_id",
            "person_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("promotion_case.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    source: Mapped[ConflictSource] = mapped_column(code_type(ConflictSource))
    reason: Mapped[str] = mapped_column(Text)
    declared_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    pending: Mapped[bool] = mapped_column(default=False, server_default=false())
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    lift_asked_at: Mapped[datetime | None]
    lift_asked_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    lifted_reason: Mapped[str] = mapped_column(Text, default="")

    case: Mapped[Case] = relationship(back_populates="recusals")
    person: Mapped[Person] = relationship(foreign_keys=[person_id])


@event.listens_for(CaseEvent, "before_update")
@event.listens_for(CaseEvent, "before_delete")
def _history_is_append_only(*_: object) -> None:
    raise RuntimeError("case history is append-only")
