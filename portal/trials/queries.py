"""Reads about trials: the one of a case, and those whose dates somebody has to keep in mind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.cycles.sight import runs
from portal.decisions import queries as decisions
from portal.domain.trials import Standing, standing
from portal.models.case import Case
from portal.models.decision import Decision
from portal.models.person import Person
from portal.models.trial import Trial, TrialDecision


@dataclass(frozen=True)
class Line:
    """One trial in a list. `end` is how it ended, None while that is not decided; `own` says whose list it is."""

    case_id: str
    candidate: str
    rubric_hash: str
    to_level_id: str
    starts_on: date
    ends_on: date
    return_until: date
    own: bool
    standing: Standing


def trial(s: Session, *, case_id: str) -> Trial | None:
    """The trial that the newest released decision began, with all that policies ask of its case; None if it began
    none."""
    case = decisions.case(s, case_id=case_id)
    newest = next((d for d in reversed(case.decisions) if d.released_at), None) if case else None
    if newest is None:
        return None
    q = select(Trial).where(Trial.decision_id == newest.id)
    return s.scalar(q.options(selectinload(Trial.ends).joinedload(TrialDecision.by), joinedload(Trial.case)))


def today_of(case: Case, at: datetime) -> date:
    """The day it is for the candidate, by whose calendar the days of a trial count."""
    return at.astimezone(ZoneInfo(case.candidate.timezone)).date()


def standing_of(found: Trial, at: datetime) -> Standing:
    end = found.end.outcome.value if found.end else None
    return standing(found.starts_on, found.ends_on, today_of(found.case, at), end)


def kept_in_mind(s: Session, actor: Person, at: datetime) -> list[Line]:
    """One's own trial until the way home closes, and for a people partner those that are not decided, by last day."""
    last = select(TrialDecision.outcome).where(TrialDecision.trial_id == Trial.id)
    last = last.order_by(TrialDecision.id.desc()).limit(1)
    q = (
        select(
            Case.id.label("case_id"),
            Person.id.label("person_id"),
            Person.name.label("candidate"),
            Person.timezone,
            Case.rubric_hash,
            Case.to_level_id,
            Trial.starts_on,
            Trial.ends_on,
            Trial.return_until,
            last.correlate(Trial).scalar_subquery().label("end"),
        )
        .select_from(Trial)
        .join(Case, Case.id == Trial.case_id)
        .join(Case.candidate)
        .where(_stands(), or_(Case.candidate_id == actor.id, runs(actor) & ~exists().where(_ended())))
        .order_by(Trial.ends_on, Person.name, Case.id)
    )
    rows: Sequence[Row[Any]] = s.execute(q).all()
    return [line for row in rows if (line := _line(row, actor, at)) is not None]


def _ended() -> ColumnElement[bool]:
    return TrialDecision.trial_id == Trial.id


def _stands() -> ColumnElement[bool]:
    """No later decision on the case was released."""
    its, later = aliased(Decision), aliased(Decision)
    began = select(its.number).where(its.id == Trial.decision_id).correlate(Trial).scalar_subquery()
    return ~exists().where(later.case_id == Trial.case_id, later.released_at.is_not(None), later.number > began)


def _line(row: Row[Any], actor: Person, at: datetime) -> Line | None:
    today, own = at.astimezone(ZoneInfo(row.timezone)).date(), row.person_id == actor.id
    now = standing(row.starts_on, row.ends_on, today, row.end.value if row.end else None)
    if now is Standing.RETURNED or (now is Standing.CONFIRMED and today > row.return_until):
        return None
    return Line(
        row.case_id,
        row.candidate,
        row.rubric_hash,
        row.to_level_id,
        row.starts_on,
        row.ends_on,
        row.return_until,
        own,
        now,
    )
