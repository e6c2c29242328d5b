"""A search for reviewers of a cycle's cases: asked for by a people partner, worked on in the background, kept as a
proposal until it is applied or another is asked for."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Id, code_type, new_id
from portal.models.cycle import Cycle
from portal.models.person import Person


class RunState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AssignmentRun(Base):
    """`request`: bounds and who may be asked; `result`: the plan as plain data, ids only; `stage` counts up from 0."""

    __tablename__ = "assignment_run"
    __table_args__ = (
        CheckConstraint("(state = 'done') = (result IS NOT NULL)", name="result_iff_done"),
        CheckConstraint("(state IN ('waiting', 'running')) = (finished_at IS NULL)", name="open_or_finished"),
        Index("ix_assignment_run_cycle_id_asked_at", "cycle_id", "asked_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    cycle_id: Mapped[str] = mapped_column(ForeignKey("cycle.id"))
    asked_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    request: Mapped[dict[str, Any]]
    state: Mapped[RunState] = mapped_column(code_type(RunState), default=RunState.WAITING)
    stage: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    problem: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)

    cycle: Mapped[Cycle] = relationship()
    asked_by: Mapped[Person] = relationship()
    __mapper_args__ = {"version_id_col": version}

    @property
    def is_open(self) -> bool:
        return self.state in (RunState.WAITING, RunState.RUNNING)
