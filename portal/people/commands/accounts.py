"""Signing in, passwords and invitations. Each verb records itself in the audit log, in the caller's transaction."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from portal.adapters.passwords import hash_password, password_fits, weakness
from portal.domain.problems import InvalidInput, TooManyTries
from portal.models.audit import record
from portal.models.outbox import enqueue_mail
from portal.models.person import AccountToken, Person, SignInAttempt, SignInSession
from portal.people import queries

TRIES = 10
INVITATION_LIFE = timedelta(days=7)


def sign_in(s: Session, *, email: str, password: str, address: str, at: datetime) -> Person | None:
    """The person if the password is theirs, else None. Raises TooManyTries after ten failed tries in five minutes for
    an account or an address. Who signs in uses up nothing: an office comes from one address in the morning. A failed
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


def set_password(s: Session, *, person: Person, password: str, at: datetime, keep: str = "") -> None:
    """A new password ends every other session of the person, `keep` being the handle of the one they sit at, and every
    invitation that was not used: an old mail opens nothing."""
    about = (*person.name.split(), person.email.split("@")[0])
    if why := weakness(password, about=about):
        raise InvalidInput(why)
    person.password_hash = hash_password(password)
    s.execute(delete(SignInSession).where(SignInSession.person_id == person.id, SignInSession.handle != keep))
    _void_tokens(s, person, at)
    record(s, actor=person, action="password_set", thing=f"person:{person.id}", at=at)


def change_password(s: Session, *, person: Person, current: str, password: str, at: datetime, keep: str) -> bool:
    """A new password for who knows the one before; False when they do not, and that try counts as one to sign in does.

    Raises TooManyTries after ten such tries in five minutes: an open session must not become a way to guess."""
    subject = f"password:{person.id}"
    if queries.tries_since(s, subject, at - queries.ATTEMPT_WINDOW) >= TRIES:
        raise TooManyTries("Too many tries to change the password. Wait five minutes, then try again.")
    if not password_fits(person.password_hash, current):
        s.add(SignInAttempt(subject=subject, at=at))
        s.flush()
        return False
    set_password(s, person=person, password=password, at=at, keep=keep)
    s.execute(delete(SignInAttempt).where(SignInAttempt.subject == subject))
    return True


def invite(s: Session, *, actor: Person | None, person: Person, at: datetime, purpose: str = "invite") -> str:
    """A one-use token to set a password, also sent by mail. Gives the token; only its hash is stored. It ends those
    before it: the first may have gone to a wrong address."""
    _void_tokens(s, person, at)
    token = secrets.token_urlsafe(32)
    hashed = hashlib.sha256(token.encode()).hexdigest()
    expires = at + INVITATION_LIFE
    s.add(AccountToken(token_hash=hashed, person_id=person.id, purpose=purpose, created_at=at, expires_at=expires))
    enqueue_mail(s, to_id=person.id, template=purpose, key=hashed[:16], at=at, path=f"/{purpose}/{token}")
    record(s, actor=actor, action=f"{purpose}_sent", thing=f"person:{person.id}", at=at)
    return token


def _void_tokens(s: Session, person: Person, at: datetime) -> None:
    live = AccountToken.person_id == person.id, AccountToken.used_at.is_(None)
    s.execute(update(AccountToken).where(*live).values(used_at=at))


def accept_token(s: Session, *, token: AccountToken, password: str, at: datetime) -> Person:
    set_password(s, person=token.person, password=password, at=at)
    token.used_at = at
    return token.person
