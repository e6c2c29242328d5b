"""Signing in and out, one's own account, invitations."""

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.domain.problems import InvalidInput
from portal.models.person import AccountToken, Person
from portal.people import commands, policy, queries
from portal.people.forms import ChangePasswordForm, MailPaceForm, NewPasswordForm, SignInForm
from portal.people.routes.blueprint import people
from portal.web.database import session
from portal.web.fragments import refused
from portal.web.routing import Loader, anyone
from portal.web.security_headers import client_address, local_path
from portal.web.sessions import end_sessions_of, sessions_of
from portal.web.sign_in import end_session, session_handle, start_session


@people.get("/sign-in", load=None, access=anyone)
def sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect("/", 303)
    form = SignInForm(formdata=None)
    form.next.data = local_path(request.args.get("next", ""), "/")
    return render_template("people/sign_in.html", form=form)


@people.post("/sign-in", load=None, access=anyone, keeps=(422,))
def sign_in_now() -> ResponseReturnValue:
    form = SignInForm()
    if not form.was_sent_and_is_valid():
        return refused("people/sign_in.html", form=form)
    email, password = str(form.email.data), str(form.password.data)
    person = commands.sign_in(session(), email=email, password=password, address=client_address(), at=now())
    if person is None:
        form.password.errors = (_("That email and password do not fit together."),)
        return refused("people/sign_in.html", form=form)
    return _start(person, str(form.next.data or "/"))


def _start(person: Person, target: str) -> ResponseReturnValue:
    start_session(person, idle_minutes=queries.idle_minutes(session(), person))
    return redirect(local_path(target, "/"), 303)


@people.post("/sign-out", load=None, access=policy.can_keep_own_account)
def sign_out() -> ResponseReturnValue:
    end_session()
    answer = redirect(url_for("people.sign_in"), 303)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@people.get("/account", load=None, access=policy.can_keep_own_account)
def account() -> ResponseReturnValue:
    return _account(ChangePasswordForm(formdata=None))


def _account(form: ChangePasswordForm, *, was_refused: bool = False) -> ResponseReturnValue:
    pace = MailPaceForm(formdata=None, data={"pace": queries.mail_pace(session(), current_user.id)})
    if was_refused:
        return refused("people/account.html", form=form, pace=pace)
    return render_template("people/account.html", form=form, pace=pace)


@people.post("/account/mails", load=None, access=policy.can_keep_own_account)
def set_mail_pace() -> ResponseReturnValue:
    form = MailPaceForm()
    if not form.was_sent_and_is_valid():
        raise InvalidInput(_("Choose how often mails come."))
    commands.set_mail_pace(session(), person=current_user._get_current_object(), pace=form.pace.data, at=now())
    flash(_("Your choice counts from the next mail on."))
    return redirect(url_for("people.account"), 303)


@people.post("/account/password", load=None, access=policy.can_keep_own_account, keeps=(422,))
def change_password() -> ResponseReturnValue:
    form = ChangePasswordForm()
    if not form.was_sent_and_is_valid():
        return _account(form, was_refused=True)
    me, given = current_user._get_current_object(), {"current": form.current.data, "password": form.password.data}
    try:
        if not commands.change_password(session(), person=me, **given, at=now(), keep=session_handle()):
            form.current.errors = (_("That is not your current password."),)
            return _account(form, was_refused=True)
    except InvalidInput as e:
        form.password.errors = (e.message,)
        return _account(form, was_refused=True)
    flash(_("Your password is changed. Every other session of yours was signed out."))
    return redirect(url_for("people.account"), 303)


@people.get("/account/sessions", load=None, access=policy.can_keep_own_account)
def my_sessions() -> ResponseReturnValue:
    rows = sessions_of(session(), current_user.id)
    return render_template("people/sessions.html", rows=rows, current=session_handle())


@people.post("/account/sessions/end-others", load=None, access=policy.can_keep_own_account)
def end_other_sessions() -> ResponseReturnValue:
    end_sessions_of(session(), current_user.id, but=session_handle())
    flash(_("Every other session of yours was signed out."))
    return redirect(url_for("people.my_sessions"), 303)


def _token(purpose: str) -> Loader:
    def load(s: Session, *, token: str) -> AccountToken | None:
        return queries.live_token(s, token=token, purpose=purpose, at=now())

    return load


@people.get("/invite/<string:token>", load=_token("invite"), access=anyone)
def invitation(token: AccountToken) -> ResponseReturnValue:
    return render_template("people/set_password.html", form=NewPasswordForm(formdata=None), person=token.person)


@people.post("/invite/<string:token>", load=_token("invite"), access=anyone)
def accept_invitation(token: AccountToken) -> ResponseReturnValue:
    form = NewPasswordForm()
    if not form.was_sent_and_is_valid():
        return refused("people/set_password.html", form=form, person=token.person)
    try:
        person = commands.accept_token(session(), token=token, password=str(form.password.data), at=now())
    except InvalidInput as e:
        form.password.errors = (e.message,)
        return refused("people/set_password.html", form=form, person=token.person)
    return _start(person, "/")
