"""What a person has of their own: their cases, how far the draft is, and cycles in which they could open one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.cases.openings import undecided_trials
from portal.domain.case_flow import ENDED, State
from portal.models.case import Case
from portal.models.cycle import Cycle, CyclePin
from portal.models.packet import Evidence, PacketSection
from portal.models.person import Person


@dataclass(frozen=True)
class Own:
    """A case of one's own; `nominator` is the name of whoever opened it, if that was somebody else."""

    case: Case
    nominator: str | None


@dataclass(frozen=True)
class Opening:
    """A cycle that takes cases of one's ladder now."""

    name: str
    submit_by: datetime
    rubric_hash: str


def own_cases(s: Session, actor: Person) -> list[Own]:
    """Newest first, with dates, steps and decisions."""
    nominator = aliased(Person)
    q = (
        select(Case, nominator.name)
        .outerjoin(nominator, nominator.id == Case.nominated_by_id)
        .where(Case.candidate_id == actor.id)
        .options(
            joinedload(Case.cycle),
            selectinload(Case.extensions),
            selectinload(Case.events),
            selectinload(Case.decisions),
        )
        .order_by(Case.created_at.desc(), Case.id)
    )
    return [Own(case, name) for case, name in s.execute(q)]


def sections_written(s: Session, actor: Person) -> dict[str, dict[str, dict[str, str]]]:
    """Case id -> section code -> field code -> text, of one's own drafts."""
    q = (
        select(PacketSection.case_id, PacketSection.code, PacketSection.texts)
        .join(Case, Case.id == PacketSection.case_id)
        .where(Case.candidate_id == actor.id, Case._state == State.DRAFT)
        .order_by(PacketSection.case_id, PacketSection.code)
    )
    found: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for case_id, code, texts in s.execute(q):
        found[case_id][code] = texts
    return dict(found)


def evidenced(s: Session, actor: Person) -> dict[str, set[str]]:
    """Case id -> competencies with a row of evidence, of one's own drafts."""
    q = (
        select(Evidence.case_id, Evidence.competency_id)
        .join(Case, Case.id == Evidence.case_id)
        .where(Case.candidate_id == actor.id, Case._state == State.DRAFT)
        .order_by(Evidence.case_id, Evidence.competency_id)
    )
    found: dict[str, set[str]] = defaultdict(set)
    for case_id, competency_id in s.execute(q):
        found[case_id].add(competency_id)
    return dict(found)


def openings(s: Session, actor: Person, at: datetime) -> list[Opening]:
    """Cycles that take a case of this person: their ladder is in it, the dates allow, and they have none there yet.
    Nobody on an undecided trial has a level to go on from."""
    if not actor.family_id or not actor.level_id:
        return []
    open_case = exists().where(Case.candidate_id == actor.id, Case._state.not_in([State.RELEASED, *ENDED]))
    tried = exists().where(Case.candidate_id == actor.id, Case.cycle_id == Cycle.id, Case._state != State.WITHDRAWN)
    q = (
        select(Cycle.name, Cycle.submit_by, CyclePin.content_hash)
        .join(CyclePin, CyclePin.cycle_id == Cycle.id)
        .where(
            CyclePin.family_id == actor.family_id,
            Cycle.opens_at <= at,
            Cycle.submit_by > at,
            Cycle.closed_at.is_(None),
            ~open_case,
            ~tried,
            ~undecided_trials(actor).exists(),
        )
        .order_by(Cycle.submit_by, Cycle.slug)
    )
    rows: Sequence[Any] = s.execute(q).all()
    return [Opening(*row) for row in rows]
