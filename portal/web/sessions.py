"""Sign-in sessions live in the database: the cookie is a random key of which only the hash is kept, so that signing
out, disabling a person or changing a password ends them at once."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import CallbackDict

from portal.adapters.clock import now
from portal.adapters.database import begin_write
from portal.models.base import new_id
from portal.models.person import SignInSession

ABSOLUTE = timedelta(hours=12)
IDLE_ANONYMOUS = timedelta(hours=2)
TOUCH_EVERY = timedelta(minutes=1)
IDLE_KEY = "idle_minutes"
POLL_ARGUMENT = "since"


class StoredSession(CallbackDict[str, Any], SessionMixin):
    """What flask calls `session`, backed by one row. `rotate()` gives it a new key, as after signing in."""

    def __init__(self, data: dict[str, Any], *, token: str, row: SignInSession | None) -> None:
        def changed(this: Any) -> None:
            this.modified = True

        super().__init__(data, changed)
        self.token, self.row, self.replaced = token, row, ""
        self.new, self.modified, self.accessed = row is None, False, True

    @property
    def handle(self) -> str:
        """A name for this session that is safe to show."""
        return self.row.handle if self.row else ""

    def rotate(self) -> None:
        self.replaced, self.token, self.modified = self.token, secrets.token_urlsafe(32), True
        self.row = None


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class DatabaseSessions(SessionInterface):
    def __init__(self, engine: Engine, *, secure: bool) -> None:
        self.engine, self.secure = engine, secure
        self.cookie = "__Host-evenbar" if secure else "evenbar"

    def open_session(self, app: Flask, request: Request) -> StoredSession:
        token = request.cookies.get(self.cookie, "")
        row = self._live_row(token) if token else None
        if row is None:
            return StoredSession({}, token=secrets.token_urlsafe(32), row=None)
        return StoredSession(dict(row.data), token=token, row=row)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, StoredSession):
            return
        if not session and (session.row or session.replaced):
            self._forget(session)
            response.delete_cookie(self.cookie, path="/", secure=self.secure, httponly=True, samesite="Lax")
        elif session and session.modified:
            self._store(session)
            response.set_cookie(self.cookie, session.token, path="/", secure=self.secure, httponly=True, samesite="Lax")
        elif session.row and self._is_due(session.row):
            self._write(lambda s: self._touch(s, session))

    def _live_row(self, token: str) -> SignInSession | None:
        with Session(self.engine, expire_on_commit=False) as s:
            row = s.get(SignInSession, token_hash(token))
        return row if row and is_live(row, now()) else None

    def _is_due(self, row: SignInSession) -> bool:
        from flask import request

        return POLL_ARGUMENT not in request.args and now() - row.seen_at >= TOUCH_EVERY

    def _touch(self, s: Session, session: StoredSession) -> None:
        row = s.get(SignInSession, token_hash(session.token))
        if row:
            row.seen_at = now()

    def _forget(self, session: StoredSession) -> None:
        hashes = [token_hash(t) for t in (session.token, session.replaced) if t]
        self._write(lambda s: s.execute(delete(SignInSession).where(SignInSession.token_hash.in_(hashes))))

    def _store(self, session: StoredSession) -> None:
        def write(s: Session) -> None:
            row = s.get(SignInSession, token_hash(session.token))
            if row is None and session.row is not None:
                return  # ended meanwhile, by signing out elsewhere: it stays ended
            if session.replaced:
                s.execute(delete(SignInSession).where(SignInSession.token_hash == token_hash(session.replaced)))
            if row is None:
                row = _new_row(session.token)
                s.add(row)
            row.data, row.person_id, row.seen_at = dict(session), session.get("_user_id"), now()

        self._write(write)

    def _write(self, what: Callable[[Session], Any]) -> None:
        with Session(self.engine, expire_on_commit=False) as s:
            begin_write(s)
            what(s)
            s.commit()


def _new_row(token: str) -> SignInSession:
    from flask import request

    browser = str(request.user_agent)[:200]
    return SignInSession(token_hash=token_hash(token), handle=new_id(), data={}, created_at=now(), browser=browser)


def is_live(row: SignInSession, at: datetime) -> bool:
    idle = timedelta(minutes=row.data[IDLE_KEY]) if IDLE_KEY in row.data else IDLE_ANONYMOUS
    return at - row.created_at < ABSOLUTE and at - row.seen_at < idle


def end_sessions_of(s: Session, person_id: str, *, but: str = "") -> None:
    """End every session of a person, in the caller's transaction; `but` is the handle of one to keep."""
    s.execute(delete(SignInSession).where(SignInSession.person_id == person_id, SignInSession.handle != but))


def sessions_of(s: Session, person_id: str) -> list[SignInSession]:
    rows = s.scalars(
        select(SignInSession).where(SignInSession.person_id == person_id).order_by(SignInSession.seen_at.desc())
    )
    return [r for r in rows if is_live(r, now())]
