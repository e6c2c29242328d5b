"""Reads of the audit log: the lines a person may see, and who opened a packet."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import Session, selectinload

from portal.cases.queries import sees
from portal.cycles.sight import free_of_conflict
from portal.domain.case_flow import State
from portal.models.audit import AuditEvent
from portal.models.case import Case
from portal.models.person import KeptApart, Person
from portal.records.policy import PARTS, part_in, sees_all

PAGE = 100


@dataclass(frozen=True)
class Asked:
    """What the log is narrowed to; an empty part narrows nothing. `who` is part of a name, `kind` what the act was on,
    as in `ballot`, `case` the id of one case; `since` and `until` (exclusive) are moments."""

    action: str = ""
    who: str = ""
    kind: str = ""
    case: str = ""
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = Asked()


def events_for(s: Session, actor: Person, *, page: int = 1, asked: Asked = EVERYTHING) -> list[Row[Any]]:
    """A page of lines, newest first: time, actor's name, action, thing, stage. Never any text."""
    return list(s.execute(_lines(actor, asked).limit(PAGE).offset((page - 1) * PAGE)))


def all_events_for(s: Session, actor: Person, asked: Asked = EVERYTHING) -> list[Row[Any]]:
    """The same lines as one list, for a file."""
    return list(s.execute(_lines(actor, asked)))


def _lines(actor: Person, asked: Asked) -> Any:
    q = select(
        AuditEvent.at,
        Person.name.label("actor"),
        AuditEvent.action,
        AuditEvent.thing,
        AuditEvent.stage,
        AuditEvent.case_id,
    )
    q = q.outerjoin(Person, Person.id == AuditEvent.actor_id).where(_sees(actor), *_narrowed(asked))
    return q.order_by(AuditEvent.sequence.desc())


def _narrowed(asked: Asked) -> list[ColumnElement[bool]]:
    found = []
    if asked.action:
        found.append(AuditEvent.action == asked.action)
    if asked.who:
        found.append(Person.name.icontains(asked.who, autoescape=True))
    if asked.kind:
        named = AuditEvent.thing.startswith(f"{asked.kind}:", autoescape=True)
        found.append(or_(named, AuditEvent.thing == asked.kind))
    if asked.case:
        found.append(AuditEvent.case_id == asked.case)
    if asked.since:
        found.append(AuditEvent.at >= asked.since)
    if asked.until:
        found.append(AuditEvent.at < asked.until)
    return found


def count_for(s: Session, actor: Person, *, asked: Asked = EVERYTHING) -> int:
    q = select(func.count(AuditEvent.sequence)).outerjoin(Person, Person.id == AuditEvent.actor_id)
    return s.scalar(q.where(_sees(actor), *_narrowed(asked))) or 0


@dataclass(frozen=True)
class Occurring:
    """The codes of acts, and of the kinds of what they were on, among the lines one person sees; nobody else's."""

    acts: frozenset[str]
    kinds: frozenset[str]


def occurring_for(s: Session, actor: Person) -> Occurring:
    """What the log may be narrowed to. One statement."""
    place = func.instr if s.get_bind().dialect.name == "sqlite" else func.strpos
    kind = func.substr(AuditEvent.thing, 1, place(AuditEvent.thing + ":", ":") - 1)
    rows = s.execute(select(AuditEvent.action, kind).where(_sees(actor)).distinct()).all()
    return Occurring(frozenset(act for act, _ in rows), frozenset(kind for _, kind in rows))


def candidates_of(s: Session, actor: Person, lines: Iterable[Row[Any]]) -> dict[str, str]:
    """Names by the ids of the lines' cases, of those that this person may know of today. One statement."""
    ids = {line.case_id for line in lines} - {None}
    q = select(Case.id, Person.name).join(Case.candidate).where(Case.id.in_(ids), sees(actor))
    return {case_id: name for case_id, name in s.execute(q)} if ids else {}


@dataclass(frozen=True)
class Opening:
    """That a packet was opened by people of one part in the case, how often, and at which stages."""

    part: str
    times: int
    stages: tuple[str, ...]


def openings_of(s: Session, case: Case) -> list[Opening]:
    """Who opened the packet of a case, by part, for its candidate: no name, no number of people, no moment."""
    q = select(AuditEvent.actor_id, AuditEvent.stage, func.count()).where(
        AuditEvent.case_id == case.id, AuditEvent.action == "read", AuditEvent.thing == f"packet:{case.id}"
    )
    rows = list(s.execute(q.group_by(AuditEvent.actor_id, AuditEvent.stage).order_by(AuditEvent.stage)))
    ids = {actor_id for actor_id, _, _ in rows if actor_id}
    people = {p.id: p for p in s.scalars(select(Person).where(Person.id.in_(ids)).options(selectinload(Person.grants)))}
    voted = {e.person_id for ballot in case.ballots for e in ballot.electors}
    times, stages = Counter[str](), defaultdict[str, set[str]](set)
    for actor_id, stage, count in rows:
        part = part_in(people[str(actor_id)], case, voted)
        times[part] += count
        stages[part].add(State.IN_CALIBRATION if stage == State.DECIDED else stage)
    order = [state.value for state in State]
    return [Opening(part, times[part], tuple(sorted(stages[part], key=order.index))) for part in PARTS if times[part]]


def _sees(actor: Person) -> ColumnElement[bool]:
    own = AuditEvent.actor_id == actor.id
    if not sees_all(actor):
        return own
    bonds = select("bond:" + KeptApart.bond).where(KeptApart.person_id == actor.id)
    kept_from = select(Case.id).join(Case.candidate).where(~free_of_conflict(actor))
    of_the_house = and_(AuditEvent.case_id.is_(None), AuditEvent.thing.not_in(bonds))
    of_a_case = and_(AuditEvent.case_id.is_not(None), AuditEvent.case_id.not_in(kept_from))
    return or_(own, of_the_house, of_a_case)
