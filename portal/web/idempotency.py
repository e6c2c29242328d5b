"""A form sent twice has one effect: the second answer is the first one again."""

import secrets

from flask import Response, make_response, redirect, request
from flask_login import current_user
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.database import begin_write
from portal.models.idempotency import IdempotencyKey

FIELD = "idempotency_token"
COPY = "form_token"  # the same with an autosave, so that it stays unused for the press that may follow
LONGEST = 64


def idempotency_token() -> str:
    return secrets.token_urlsafe(18)


def form_token() -> str:
    """What one opening of a form is known by, at its autosaves and at the press alike; empty where none was sent."""
    return str(request.form.get(FIELD) or request.form.get(COPY, ""))[:LONGEST]


def first_time(s: Session) -> Response | None:
    """None the first time a form is sent, else the answer it already got.

    The key is inserted before the view acts, so that of two at once the second waits for the first."""
    key = _key()
    if not key:
        return None
    if found := s.get(IdempotencyKey, (key, current_user.id)):
        return _again(found)
    try:
        s.add(IdempotencyKey(key=key, person_id=current_user.id, path=request.path[:300], location="", at=now()))
        s.flush()
    except IntegrityError:
        s.rollback()
        begin_write(s)
        found = s.get(IdempotencyKey, (key, current_user.id))
        return _again(found) if found else None
    return None


def remember(s: Session, answer: Response) -> None:
    key = _key()
    row = s.get(IdempotencyKey, (key, current_user.id)) if key else None
    if row is not None:
        row.location = (answer.location or "")[:500]


def _key() -> str:
    if not current_user.is_authenticated:
        return ""
    return str(request.form.get(FIELD, ""))[:LONGEST]


def _again(found: IdempotencyKey) -> Response:
    if found.location and not request.headers.get("HX-Request"):
        return make_response(redirect(found.location, 303))
    answer = make_response("", 200)
    answer.headers["HX-Refresh"] = "true"
    if not request.headers.get("HX-Request"):
        return make_response(redirect(request.referrer or "/", 303))
    return answer
