"""Verbs about people and accounts. Each records itself in the audit log, in the caller's transaction."""

import hashlib
import secrets
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.adapters.passwords import hash_password, password_fits, weakness
from portal.domain.problems import InvalidInput, Refused, TooManyTries
from portal.models.audit import record
from portal.models.outbox import enqueue_mail
from portal.models.person import AccountToken, Person, Role, RoleGrant, SignInAttempt, SignInSession
from portal.people import queries

TRIES = 10
INVITATION_LIFE = timedelta(days=7)


def sign_in(s: Session, *, email: str, password: str, address: str, at: datetime) -> Person | None:
    """The person if the password is theirs, else None. Raises TooManyTries after ten failed tries in five minutes for an
    account or an address. Who signs in uses up nothing: a whole office comes from one address in the morning. A failed
    try is recorded, so the caller keeps the transaction also when this gives None."""
    email = email.strip().lower()[:254]
    subjects = (f"account:{email}", f"address:{address}")
    since = at - queries.ATTEMPT_WINDOW
    if any(queries.tries_since(s, subject, since) >= TRIES for subject in subjects):
        raise TooManyTries("Too many tries to sign in. Wait five minutes, then try again.")
    person = queries.by_email(s, email)
    if not password_fits(person.password_hash if person else None, password) or person is None or not person.active:
        s.add_all(SignInAttempt(subject=subject, at=at) for subject in subjects)
        s.flush()
        return None
    s.execute(delete(SignInAttempt).where(SignInAttempt.subject == subjects[0]))
    record(s, actor=person, action="signed_in", thing=f"person:{person.id}", at=at)
    return person


def add_person(
    s: Session,
    *,
    actor: Person | None,
    email: str,
    name: str,
    at: datetime,
    manager: Person | None = None,
    family_id: str | None = None,
    level_id: str | None = None,
    since: date | None = None,
    timezone: str = "UTC",
    locale: str = "en",
) -> Person:
    """A new person. Raises InvalidInput naming the field, Refused when the address is taken."""
    email = _checked_email(email)
    if not name.strip():
        raise InvalidInput("Name: say what the person is called.")
    if queries.by_email(s, email):
        raise Refused(f"Email: {email} already belongs to someone here.")
    person = Person(
        email=email,
        name=name.strip(),
        manager_id=manager.id if manager else None,
        chain=chain_below(manager),
        family_id=family_id,
        level_id=level_id,
        since=since,
        timezone=_checked_zone(timezone),
        locale=locale,
        created_at=at,
    )
    s.add(person)
    s.flush()
    record(s, actor=actor, action="person_added", thing=f"person:{person.id}", at=at)
    return person


def set_manager(s: Session, *, actor: Person, person: Person, manager: Person | None, at: datetime) -> None:
    """Move a person, and everyone below, in the reporting line. Refused when it would make a circle."""
    if manager and (manager.id == person.id or person.is_above(manager)):
        raise Refused(f"{manager.name} reports to {person.name}, directly or not: that would be a circle.")
    below = queries.subtree(s, person)
    old = f"{person.chain}{person.id}/"
    person.manager_id, person.chain = (manager.id if manager else None), chain_below(manager)
    for one in below:
        one.chain = f"{person.chain}{person.id}/" + one.chain.removeprefix(old)
    s.flush()
    record(s, actor=actor, action="manager_changed", thing=f"person:{person.id}", at=at)


def chain_below(manager: Person | None) -> str:
    return f"{manager.chain}{manager.id}/" if manager else "/"


def grant(s: Session, *, actor: Person | None, person: Person, role: Role, at: datetime) -> None:
    if person.has(role):
        return
    person.grants.append(RoleGrant(role=role, granted_at=at, granted_by_id=actor.id if actor else None))
    s.flush()
    record(s, actor=actor, action="role_granted", thing=f"person:{person.id}", at=at, reason=role.value)


def revoke(s: Session, *, actor: Person, person: Person, role: Role, at: datetime) -> None:
    """Takes effect at the person's next request, in every tab they have open."""
    person.grants = [g for g in person.grants if g.role is not role]
    s.flush()
    record(s, actor=actor, action="role_revoked", thing=f"person:{person.id}", at=at, reason=role.value)


def deactivate(s: Session, *, actor: Person, person: Person, at: datetime) -> None:
    """Mark a leaver: signed out everywhere, at once. What they did stays on record."""
    if person.id == actor.id:
        raise Refused("Nobody deactivates themselves; ask another people partner.")
    person.active = False
    s.execute(delete(SignInSession).where(SignInSession.person_id == person.id))
    record(s, actor=actor, action="person_deactivated", thing=f"person:{person.id}", at=at)


def set_password(s: Session, *, person: Person, password: str, at: datetime, keep: str = "") -> None:
    """A new password ends every other session of the person; `keep` is the handle of the one they sit at."""
    about = (*person.name.split(), person.email.split("@")[0])
    if why := weakness(password, about=about):
        raise InvalidInput(why)
    person.password_hash = hash_password(password)
    s.execute(delete(SignInSession).where(SignInSession.person_id == person.id, SignInSession.handle != keep))
    record(s, actor=person, action="password_set", thing=f"person:{person.id}", at=at)


def invite(s: Session, *, actor: Person | None, person: Person, at: datetime, purpose: str = "invite") -> str:
    """A one-use token to set a password, also sent by mail. Gives the token; only its hash is stored."""
    token = secrets.token_urlsafe(32)
    hashed = hashlib.sha256(token.encode()).hexdigest()
    expires = at + INVITATION_LIFE
    s.add(AccountToken(token_hash=hashed, person_id=person.id, purpose=purpose, created_at=at, expires_at=expires))
    enqueue_mail(s, to_id=person.id, template=purpose, key=hashed[:16], at=at, path=f"/{purpose}/{token}")
    record(s, actor=actor, action=f"{purpose}_sent", thing=f"person:{person.id}", at=at)
    return token


def accept_token(s: Session, *, token: AccountToken, password: str, at: datetime) -> Person:
    set_password(s, person=token.person, password=password, at=at)
    token.used_at = at
    return token.person


def _checked_email(email: str) -> str:
    try:
        return validate_email(email, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as e:
        raise InvalidInput(f"Email: {e}") from None


def _checked_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidInput(f"Time zone: {name!r} is not one; write it as in Europe/Berlin.") from None
