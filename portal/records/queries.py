"""Reads of the audit log: lines a person may see, and whether the chain is whole."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import Session, selectinload

from portal.cycles.sight import free_of_conflict
from portal.domain.case_flow import State
from portal.models.audit import GENESIS, AuditEvent, AuditHead
from portal.models.case import Case
from portal.models.person import KeptApart, Person
from portal.records.policy import PARTS, part_in, sees_all
from portal.records.seals import FirstKey, Seals

PAGE = 100


@dataclass(frozen=True)
class Chain:
    """What a check of the whole chain found. `bad` is the sequence of the first row that does not fit, or None."""

    length: int
    head: str
    bad: int | None
    why: str
    sealed: int = 0  # rows whose seal was checked with a first key


@dataclass(frozen=True)
class Asked:
    """What the log is narrowed to; an empty part narrows nothing. `who` is part of a name, `kind` what the act was on,
    as in `ballot`; `since` and `until` (exclusive) are moments."""

    action: str = ""
    who: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = Asked()


def events_for(s: Session, actor: Person, *, page: int = 1, asked: Asked = EVERYTHING) -> list[Row[Any]]:
    """A page of lines, newest first: sequence, time, actor's name, action, thing, stage. Never any text."""
    return list(s.execute(_lines(actor, asked).limit(PAGE).offset((page - 1) * PAGE)))


def all_events_for(s: Session, actor: Person, asked: Asked = EVERYTHING) -> list[Row[Any]]:
    """The same lines as one list, for a file."""
    return list(s.execute(_lines(actor, asked)))


def _lines(actor: Person, asked: Asked) -> Any:
    q = select(
        AuditEvent.sequence,
        AuditEvent.at,
        Person.name.label("actor"),
        AuditEvent.action,
        AuditEvent.thing,
        AuditEvent.stage,
        AuditEvent.event_hash,
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
        found.append(AuditEvent.thing.startswith(f"{asked.kind}:", autoescape=True))
    if asked.since:
        found.append(AuditEvent.at >= asked.since)
    if asked.until:
        found.append(AuditEvent.at < asked.until)
    return found


def count_for(s: Session, actor: Person, *, asked: Asked = EVERYTHING) -> int:
    q = select(func.count(AuditEvent.sequence)).outerjoin(Person, Person.id == AuditEvent.actor_id)
    return s.scalar(q.where(_sees(actor), *_narrowed(asked))) or 0


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


def verify(s: Session, keys: Sequence[FirstKey] = ()) -> Chain:
    """Walk the chain from its first row. Names the first row that was changed, is missing, or does not link on.

    With first keys, also the first row that was not sealed with the key of its time, and a cut tail: the key that waits
    for the next row then follows from another number of rows."""
    rows = s.scalars(select(AuditEvent).order_by(AuditEvent.sequence).execution_options(yield_per=1000))
    seals = Seals(keys)
    with closing(rows):
        found = _walk(rows, seals)
    head = s.get(AuditHead, 1)
    if found.bad is None and head and (head.sequence, head.event_hash) != (found.length, found.head):
        why = f"the log once had {head.sequence} rows; its end was cut off"
        return replace(found, bad=found.length + 1, why=why)
    if found.bad is None and head and not seals.ends_with(head.epoch, head.key):
        why = "the key for the next row is not the one that follows: rows at the end were cut off or written anew"
        return replace(found, bad=found.length + 1, why=why)
    return found


def _walk(rows: Iterable[AuditEvent], seals: Seals) -> Chain:
    length, previous = 0, GENESIS
    for line in rows:
        if why := _misfit(line, length + 1, previous) or seals.misfit(line):
            return Chain(length, previous, length + 1, why, seals.checked)
        length, previous = line.sequence, line.event_hash
    return Chain(length, previous, None, "", seals.checked)


def _misfit(line: AuditEvent, expected: int, previous: str) -> str:
    if line.sequence != expected:
        return "it is missing"
    if line.previous_hash != previous:
        return "it does not link to the row before it"
    return "" if line.event_hash == line.expected_hash() else "its content is not what was hashed"


def continues(s: Session, *, sequence: int, event_hash: str) -> bool:
    """Whether a head exported earlier still stands in the log: a cut or rewritten tail does not have it."""
    if sequence == 0:
        return event_hash == GENESIS
    found = s.scalar(select(AuditEvent.event_hash).where(AuditEvent.sequence == sequence))
    return found == event_hash
