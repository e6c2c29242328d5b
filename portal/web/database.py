"""One database session a request. Reading methods read; writing methods hold the write lock before they load
anything."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, current_app, g, request
from sqlalchemy import Engine, event
from sqlalchemy.orm import ORMExecuteState, Session

from portal.adapters.database import begin_write

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
KEY = "evenbar.engine"


class WriteOnRead(RuntimeError):
    """A page that was only asked for tried to change the database. Always a bug, never a page."""


def use_engine(app: Flask, engine: Engine) -> None:
    app.extensions[KEY] = engine
    app.after_request(_let_go)
    app.teardown_appcontext(lambda _: _close())


def engine_of(app: Flask) -> Engine:
    found: Engine = app.extensions[KEY]
    return found


def engine() -> Engine:
    found: Engine = current_app.extensions[KEY]
    return found


def session() -> Session:
    """The session of this request, opened at first use."""
    if "session" not in g:
        g.session = Session(engine(), expire_on_commit=False)
        if request.method in SAFE_METHODS:
            event.listen(g.session, "do_orm_execute", _refuse_bulk_write)
        else:
            begin_write(g.session)
    found: Session = g.session
    return found


@contextmanager
def unlocked() -> Iterator[None]:
    """Inside, nothing is held while bytes travel to a store. What was loaded before is old afterwards: look again."""
    s = session()
    s.rollback()
    try:
        yield
    finally:
        s.rollback()
        if request.method not in SAFE_METHODS:
            begin_write(s)


@contextmanager
def own_transaction() -> Iterator[Session]:
    """A short write of the kit's own (read audit, sign-in sessions), apart from what the page does."""
    with Session(engine(), expire_on_commit=False) as s:
        begin_write(s)
        yield s
        s.commit()


def refuse_unsaved_changes() -> None:
    s = session()
    if s.new or s.dirty or s.deleted:
        raise WriteOnRead(f"GET {request.path} changed the database")


def _refuse_bulk_write(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        raise WriteOnRead(f"GET {request.path} changed the database")


def _let_go(response: Response) -> Response:
    """Nothing is held once the answer is made: what was not committed by now never happened."""
    if s := g.get("session"):
        s.rollback()
    return response


def _close() -> None:
    if s := g.pop("session", None):
        s.close()
