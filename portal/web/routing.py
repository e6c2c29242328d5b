"""Every URL names what it loads and who may pass; silence means no. A request loads, is admitted, acts, commits once,
then speaks: the only commit of the program is here."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, make_response, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.adapters.clock import now
from portal.domain.access import Verdict, allow, deny
from portal.models.audit import record, record_readings
from portal.web.database import SAFE_METHODS, own_transaction, refuse_unsaved_changes, session
from portal.web.idempotency import first_time, remember

Policy = Callable[[Any, Any], Verdict]
Loader = Callable[..., Any]
View = Callable[..., ResponseReturnValue]
Build = Callable[[View], View]


def anyone(actor: Any, thing: Any) -> Verdict:
    return allow("public page")


def signed_in(actor: Any, thing: Any) -> Verdict:
    return allow("signed in") if actor.is_authenticated else deny("Sign in first.")


class GuardedBlueprint(Blueprint):
    """A blueprint whose every route says `load` and `access`; there is no default for either.

    `load(session, **ids)` gives the thing or None (404). `access(actor, thing)` gives a Verdict.
    `reads="packet"` writes a read into the audit log once the page was given.
    `takes_files=True` lets a form carry as much as the setting allows for files.
    `keeps=(422,)` names refusals whose facts are committed all the same (a failed try to sign in)."""

    def get(self, rule: str, *, load: Loader | None, access: Policy, reads: str = "", **options: Any) -> Build:  # type: ignore[override]
        return self._guarded(rule, ["GET"], load, access, reads, (), options)

    def post(  # type: ignore[override]
        self,
        rule: str,
        *,
        load: Loader | None,
        access: Policy,
        keeps: tuple[int, ...] = (),
        takes_files: bool = False,
        **options: Any,
    ) -> Build:
        build = self._guarded(rule, ["POST"], load, access, "", keeps, options)
        return _taking_files(build) if takes_files else build

    def route(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("use .get or .post with load= and access=")

    def _guarded(
        self,
        rule: str,
        methods: list[str],
        load: Loader | None,
        access: Policy,
        reads: str,
        keeps: tuple[int, ...],
        options: dict[str, Any],
    ) -> Build:
        def build(view: View) -> View:
            @wraps(view)
            def guarded(**ids: Any) -> ResponseReturnValue:
                if access is not anyone and not current_user.is_authenticated:
                    return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
                thing = _load(load, ids)
                require(access(current_user._get_current_object(), thing))
                if request.method in SAFE_METHODS:
                    return _show(view, thing, load, reads)
                return _act(view, thing, load, keeps)

            guarded.access = access  # type: ignore[attr-defined]
            self.add_url_rule(rule, view_func=guarded, methods=methods, **options)
            return guarded

        return build


def _taking_files(build: Build) -> Build:
    def marked(view: View) -> View:
        guarded = build(view)
        guarded.takes_files = True  # type: ignore[attr-defined]
        return guarded

    return marked


def _load(load: Loader | None, ids: dict[str, Any]) -> Any:
    if load is None:
        return None
    thing = load(session(), **ids)
    if thing is None:
        abort(404)
    return thing


def require(verdict: Verdict) -> None:
    """Stop here unless allowed. What may not be known to exist answers as what does not exist."""
    if not verdict:
        abort(404) if verdict.hidden else abort(403, description=verdict.why)


def _show(view: View, thing: Any, load: Loader | None, reads: str) -> Response:
    answer = make_response(view(thing) if load else view())
    refuse_unsaved_changes()
    if reads and answer.status_code < 400:
        _note_reading(thing, reads)
    return answer


def _act(view: View, thing: Any, load: Loader | None, keeps: tuple[int, ...]) -> Response:
    earlier = first_time(session())
    if earlier is not None:
        return earlier
    answer = make_response(view(thing) if load else view())
    if answer.status_code < 400 or answer.status_code in keeps:
        remember(session(), answer)
        session().commit()
    else:
        session().rollback()
    return answer


def _note_reading(thing: Any, what: str) -> None:
    """Who read which confidential text, in a short transaction of its own. One's own papers are not worth a line."""
    case = getattr(thing, "case", thing)
    actor = current_user._get_current_object()
    if case.candidate_id == actor.id:
        return
    session().expunge_all()  # what was read stays readable, without being read again after the rollback
    session().rollback()
    with own_transaction() as s:
        record(
            s, actor=actor, action="read", thing=f"{what}:{case.id}", at=now(), case_id=case.id, stage=case.state.value
        )


def note_readings(cases: Iterable[tuple[str, str]], what: str) -> None:
    """The same for a file made of many cases' confidential text: pairs of a case's id and its stage."""
    actor = current_user._get_current_object()
    session().rollback()
    with own_transaction() as s:
        record_readings(s, actor=actor, what=what, cases=cases, at=now())


def refuse_unguarded_endpoints(app: Flask) -> None:
    """What slipped past the blueprints is shut, and the app does not start with a door that has no lock."""
    unlocked = [name for name, view in app.view_functions.items() if not hasattr(view, "access")]
    if unlocked:
        raise RuntimeError(f"these endpoints declare no access rule: {', '.join(unlocked)}")

    @app.before_request
    def refuse_unguarded() -> None:
        if request.endpoint and not hasattr(app.view_functions[request.endpoint], "access"):
            abort(403, description="This page declares no access rule.")
