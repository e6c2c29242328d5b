"""Reads about people and accounts."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.models.cycle import Committee, Cycle
from portal.models.person import AccountToken, Person, Role, RoleGrant, SignInAttempt


def person(s: Session, *, person_id: str) -> Person | None:
    return s.scalar(select(Person).where(Person.id == person_id).options(joinedload(Person.manager)))


def by_email(s: Session, email: str) -> Person | None:
    return s.scalar(select(Person).where(Person.email == email.strip().lower()))


def directory(s: Session) -> list[Person]:
    """Everyone who is here, by name. Readable by all, so the list side of `policy.can_see` is everyone."""
    return list(
        s.scalars(
            select(Person).where(Person.active).options(joinedload(Person.manager)).order_by(Person.name, Person.id)
        )
    )


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
