"""Reads about people and accounts."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.models.cycle import Committee, Cycle
from portal.models.person import (
    AccountToken,
    KeptApart,
    MailPace,
    MailPreference,
    Person,
    Role,
    RoleGrant,
    SignInAttempt,
)
from portal.people.importing import Entry
from portal.web.paging import Page, page_of

PAGE_SIZE = 50
MOST_SUGGESTIONS = 500


def person(s: Session, *, person_id: str) -> Person | None:
    return s.scalar(select(Person).where(Person.id == person_id).options(joinedload(Person.manager)))


def by_email(s: Session, email: str) -> Person | None:
    return s.scalar(select(Person).where(Person.email == email.strip().lower()))


def directory(s: Session, *, name: str = "", page: int = 1, left: bool = False) -> Page:
    """Everyone who is here (with `left`, everyone who has left), by name, a page at a time; `name` is any part of one.

    Readable by all, so the list side of `policy.can_see` is everyone. Two statements."""
    manager = aliased(Person)
    here: ColumnElement[bool] = Person.active.is_(not left)
    if name.strip():
        here = and_(here, Person.name.icontains(name.strip(), autoescape=True))
    total = s.scalar(select(func.count(Person.id)).where(here)) or 0
    q = (
        select(Person.id, Person.name, Person.family_id, Person.level_id, manager.name.label("manager"))
        .outerjoin(manager, manager.id == Person.manager_id)
        .where(here)
        .order_by(Person.name, Person.id)
    )
    return page_of(s, q, total=total, size=PAGE_SIZE, number=page)


def known_people(s: Session) -> tuple[dict[str, str], dict[str, Entry]]:
    """Everyone as a people file describes them: ids and entries by address, in two statements."""
    granted: dict[str, set[Role]] = {}
    for person_id, role in s.execute(select(RoleGrant.person_id, RoleGrant.role)):
        granted.setdefault(person_id, set()).add(role)
    columns = (Person.id, Person.email, Person.name, Person.manager_id, Person.family_id, Person.level_id)
    more = (Person.since, Person.active, Person.timezone, Person.locale)
    rows = s.execute(select(*columns, *more).order_by(Person.email)).all()
    emails = {row.id: row.email for row in rows}
    entries = {
        row.email: Entry(
            email=row.email,
            name=row.name,
            manager_email=emails[row.manager_id] if row.manager_id else "",
            family=row.family_id or "",
            level=row.level_id or "",
            since=row.since,
            active=row.active,
            roles=frozenset(granted.get(row.id, ())),
            timezone=row.timezone,
            locale=row.locale,
        )
        for row in rows
    }
    return {row.email: row.id for row in rows}, entries


def export_people(s: Session) -> list[dict[str, str]]:
    """Everyone as rows of the people file, by address; reading the file back changes nothing."""
    return [
        {
            "email": entry.email,
            "name": entry.name,
            "manager_email": entry.manager_email,
            "family": entry.family,
            "level": entry.level,
            "since": entry.since.isoformat() if entry.since else "",
            "active": "yes" if entry.active else "no",
            "roles": " ".join(sorted(entry.roles)),
            "timezone": entry.timezone,
            "locale": entry.locale,
        }
        for entry in known_people(s)[1].values()
    ]


def chains(s: Session) -> dict[str, str]:
    """The reporting line of everyone, by id."""
    return {person_id: chain for person_id, chain in s.execute(select(Person.id, Person.chain))}


def emails_of(s: Session, ids: Collection[str]) -> list[str]:
    return list(s.scalars(select(Person.email).where(Person.id.in_(ids)).order_by(Person.email)))


def suggestions(s: Session) -> list[tuple[str, str]]:
    """Address and name of everyone here, to choose from while typing; none where they would be too many to send."""
    q = select(Person.email, Person.name).where(Person.active).order_by(Person.name, Person.id)
    found = [(email, name) for email, name in s.execute(q.limit(MOST_SUGGESTIONS + 1))]
    return found if len(found) <= MOST_SUGGESTIONS else []


def reports_of(s: Session, person_id: str) -> list[Person]:
    q = select(Person).where(Person.manager_id == person_id, Person.active).order_by(Person.name, Person.id)
    return list(s.scalars(q))


def subtree(s: Session, person: Person) -> list[Person]:
    """Everybody below, however deep."""
    q = select(Person).where(Person.chain.contains(f"/{person.id}/", autoescape=True)).order_by(Person.id)
    return list(s.scalars(q))


def holders(s: Session, role: Role) -> list[Person]:
    q = select(Person).join(RoleGrant, RoleGrant.person_id == Person.id).where(RoleGrant.role == role, Person.active)
    return list(s.scalars(q.order_by(Person.name, Person.id)))


@dataclass(frozen=True)
class Bond:
    """People who are kept apart, in one cycle or (empty) in all."""

    id: str
    names: tuple[str, ...]
    cycle: str
    reason: str
    recorded_by: str
    at: datetime
    can_end: bool


def bonds(s: Session, actor: Person) -> list[Bond]:
    """Those in force, the newest first; a people partner who is part of one does not find it. One statement."""
    recorder = aliased(Person)
    q = (
        select(KeptApart, Cycle.name, recorder.name)
        .outerjoin(Cycle, Cycle.id == KeptApart.cycle_id)
        .join(recorder, recorder.id == KeptApart.recorded_by_id)
        .where(KeptApart.ended_at.is_(None))
        .options(joinedload(KeptApart.person))
        .order_by(KeptApart.at.desc(), KeptApart.id)
    )
    found: dict[str, list[tuple[KeptApart, str | None, str]]] = {}
    for row, cycle, name in s.execute(q):
        found.setdefault(row.bond, []).append((row, cycle, name))
    return [_bond(rows, actor) for rows in found.values() if all(row.person_id != actor.id for row, *_ in rows)]


def _bond(rows: list[tuple[KeptApart, str | None, str]], actor: Person) -> Bond:
    first, cycle, recorded_by = rows[0]
    names = sorted({row.person.name for row, *_ in rows})
    can_end = first.recorded_by_id != actor.id
    return Bond(first.bond, tuple(names), cycle or "", first.reason, recorded_by, first.at, can_end)


def open_cycles(s: Session) -> list[Cycle]:
    return list(s.scalars(select(Cycle).where(Cycle.closed_at.is_(None)).order_by(Cycle.opens_at.desc(), Cycle.slug)))


def mail_pace(s: Session, person_id: str) -> MailPace:
    return s.scalar(select(MailPreference.pace).where(MailPreference.person_id == person_id)) or MailPace.EACH


def tries_since(s: Session, subject: str, since: datetime) -> int:
    q = select(func.count()).where(SignInAttempt.subject == subject, SignInAttempt.at > since)
    return s.scalar(q) or 0


def idle_minutes(s: Session, who: Person) -> int:
    """How long this person's session may idle: shorter for those who see most."""
    if who.has(Role.PEOPLE_PARTNER) or who.has(Role.AUDITOR):
        return 30
    chairs = select(Committee.id).join(Cycle).where(Committee.chair_id == who.id, Cycle.closed_at.is_(None)).limit(1)
    return 30 if s.scalar(chairs) else 120


def live_token(s: Session, *, token: str, purpose: str, at: datetime) -> AccountToken | None:
    """The token if it can still be used. Tokens are stored hashed; a wrong one and a used one look the same."""
    found = s.get(AccountToken, hashlib.sha256(token.encode()).hexdigest())
    if found is None or found.purpose != purpose or found.used_at or found.expires_at < at:
        return None
    return found if found.person.active else None


ATTEMPT_WINDOW = timedelta(minutes=5)
