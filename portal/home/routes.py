"""`/` is my work: what needs me now, what is coming, what is done. Also whether the portal is well."""

from functools import lru_cache

import structlog
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.pdf import pdf_ready
from portal.home import policy, queries
from portal.home.fragments import beginnings_for, dates_of, work
from portal.home.fragments.mails import outbox_page
from portal.models.person import Person
from portal.people.commands import retry_mail
from portal.settings import ROOT
from portal.web.calendar import calendar_answer
from portal.web.database import engine, session
from portal.web.routing import GuardedBlueprint, anyone, signed_in

home = GuardedBlueprint("home", __name__)
log = structlog.get_logger()
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@home.get("/", load=None, access=signed_in)
def index() -> ResponseReturnValue:
    actor: Person = current_user._get_current_object()
    return render_template("home/index.html", beginnings=beginnings_for(actor), **work(actor, now()))


def _mail_id(_s: Session, *, mail_id: int) -> int:
    return mail_id


@home.get("/outbox", load=None, access=policy.can_see_outbox)
def outbox() -> ResponseReturnValue:
    page = request.args.get("page", 1, type=int)
    shown = outbox_page(current_user._get_current_object(), request.args.get("fate", ""), page)
    return render_template("home/outbox.html", **shown)


@home.post("/outbox/<int:mail_id>/retry", load=_mail_id, access=policy.can_retry)
def retry(mail_id: int) -> ResponseReturnValue:
    actor: Person = current_user._get_current_object()
    found = queries.mail(session(), actor, mail_id) or abort(404)
    retry_mail(session(), mail=found, actor=actor, at=now())
    flash(_("The mail is tried again now."))
    return redirect(url_for("home.outbox", fate=request.args.get("fate") or None), 303)


@home.get("/calendar.ics", load=None, access=policy.can_keep_dates)
def calendar() -> ResponseReturnValue:
    """One's own dates, for a calendar program; without a word of what they are about."""
    actor: Person = current_user._get_current_object()
    return calendar_answer(dates_of(actor, now()), at=now())


@home.get("/healthz", load=None, access=anyone)
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return "ok\n", 200, PLAIN


@home.get("/readyz", load=None, access=anyone)
def readyz() -> ResponseReturnValue:
    """The database is there at the revision this program was written for, and letters can be made; one line each. What
    is wrong stands in the log: this page is for anybody."""
    problems = {"database": _database_problem(), "letters": _letters_problem()}
    for name, problem in problems.items():
        if problem:
            log.error("not ready", part=name, problem=problem)
    lines = [f"{name}: {'not ready' if problem else 'ok'}" for name, problem in problems.items()]
    return "\n".join(lines) + "\n", 503 if any(problems.values()) else 200, PLAIN


def _database_problem() -> str | None:
    from portal.adapters.migrations import where_it_stands

    current, newest = where_it_stands(engine(), ROOT / "migrations")
    if current == newest:
        return None
    return f"at revision {current or 'none'}, this program needs {newest}; run: evenbar db upgrade"


@lru_cache(maxsize=1)
def _letters_problem() -> str | None:
    """Asked once a process: what is missing is installed by an operator, who then restarts."""
    return pdf_ready()
