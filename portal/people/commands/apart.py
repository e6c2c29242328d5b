"""Two people who are kept apart: neither reviews, votes on, keeps or reads cases of the other. The portal computes the
reporting line by itself; this is for the bonds it cannot know."""

from collections.abc import Sequence
from datetime import datetime
from itertools import permutations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.problems import InvalidInput, Refused
from portal.models.audit import record
from portal.models.base import new_id
from portal.models.cycle import Cycle
from portal.models.person import KeptApart, Person
from portal.people.bound import refuse_while_bound


def keep_apart(
    s: Session, *, people: Sequence[Person], actor: Person, reason: str, at: datetime, cycle: Cycle | None = None
) -> str:
    """Every two of these people, both ways, from now on; with a cycle, in that cycle only (they compete for one role).
    Gives the bond's id. What they wrote before stays frozen and no longer counts. The reason is for people partners."""
    if len({person.id for person in people}) < 2:
        raise InvalidInput("People: name at least two different people.")
    if any(person.id == actor.id for person in people):
        raise InvalidInput("People: another people partner records a bond of yours; you would choose who judges you.")
    if any(actor.is_above(person) or person.is_above(actor) for person in people):
        raise InvalidInput("People: another people partner records a bond of somebody in your own reporting line.")
    if not reason.strip():
        raise InvalidInput("Reason: say why, in a few words.")
    refuse_while_bound(s, actor)
    bond = new_id()
    for one, other in permutations(people, 2):
        s.add(
            KeptApart(
                bond=bond,
                person=one,
                away=other,
                cycle_id=cycle.id if cycle else None,
                reason=reason.strip(),
                recorded_by_id=actor.id,
                at=at,
            )
        )
    s.flush()
    payload = {"people": sorted(p.id for p in people)}  # no word of the reason: a hash of few words can be guessed
    record(s, actor=actor, action="kept_apart", thing=f"bond:{bond}", at=at, payload=payload)
    return bond


def end_apart(s: Session, *, bond: str, actor: Person, at: datetime) -> None:
    """The bond is no more. By a people partner other than who recorded it, and never by one of the people: undoing what
    keeps somebody away takes two."""
    q = select(KeptApart).where(KeptApart.bond == bond, KeptApart.ended_at.is_(None)).order_by(KeptApart.id)
    rows = list(s.scalars(q))
    if not rows or any(actor.id == row.person_id for row in rows):  # one of the people is not told that there is one
        raise Refused("This is no longer in force.")
    if any(actor.id == row.recorded_by_id for row in rows):
        raise Refused("Another people partner ends this: neither who recorded it nor one of the people themselves.")
    refuse_while_bound(s, actor)
    for row in rows:
        row.ended_at, row.ended_by_id = at, actor.id
    s.flush()
    record(s, actor=actor, action="kept_apart_ended", thing=f"bond:{bond}", at=at)
