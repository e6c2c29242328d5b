"""Every refusal becomes a page that says what happened and what to do next; nothing of the inside leaks out."""

import structlog
from flask import Flask, Response, current_app, jsonify, make_response, render_template
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from portal.adapters.database import is_busy
from portal.domain.case_flow import StepBlocked
from portal.domain.problems import InvalidInput, NotPermitted, Problem, StaleVersion, TooManyTries
from portal.web.filters import say
from portal.web.fragments import is_autosave, wants_fragment
from portal.web.uploads import limit_mb

log = structlog.get_logger()

STATUS = {NotPermitted: 403, InvalidInput: 422, TooManyTries: 429}


def install(app: Flask) -> None:
    app.register_error_handler(StaleVersion, _stale)
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StaleDataError, _raced)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(Exception, _bug)


def error_page(code: int, title: str, message: str, details: tuple[str, ...] = ()) -> Response:
    """The same page for every refusal; to htmx a line in the page's problem region, to autosave plain JSON."""
    if is_autosave():
        return make_response(jsonify(problem=message), code)
    if wants_fragment():
        answer = make_response(render_template("errors/_problem.html", message=message, details=details), code)
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#problems", "innerHTML"
        return answer
    page = render_template("errors/error.html", code=code, title=title, message=message, details=details)
    return make_response(page, code)


def _titles() -> dict[int, tuple[str, str]]:
    return {
        400: (_("That request cannot be read"), _("Something in it is missing or malformed. Go back and try again.")),
        401: (_("Please sign in"), _("This page is for people who are signed in.")),
        403: (_("Not allowed"), _("This is not open to you at this stage.")),
        404: (_("Nothing here"), _("There is no such page, or it is not for you to see.")),
        405: (_("Not that way"), _("This address does not answer that kind of request.")),
        413: (
            _("Too large"),
            _("What you sent is larger than the %(n)s MB this form takes. Nothing was saved.", n=limit_mb()),
        ),
        429: (_("Too many tries"), _("Wait a few minutes, then try again.")),
        500: (_("Something broke"), _("It was not your doing, and nothing was half saved. Try again in a moment.")),
    }


def _http(e: HTTPException) -> Response:
    if e.response is not None:
        return make_response(e.response)
    code = e.code or 500
    title, message = _titles().get(code, _titles()[400 if code < 500 else 500])
    own_words = code == 403 and e.description != type(e).description
    return error_page(code, title, str(e.description) if own_words else message)


def _problem(e: Problem) -> Response:
    code = STATUS.get(type(e), 409)
    title = _("Not allowed") if code == 403 else _("That cannot be done")
    message = " ".join(map(say, e.reasons)) if isinstance(e, StepBlocked) else e.message
    return error_page(code, title, message, getattr(e, "problems", ()))


def _stale(e: StaleVersion) -> Response:
    """Two tabs or two people: both texts are shown, none is lost."""
    if is_autosave():
        return make_response(jsonify(problem=e.message, version=e.version), 409)
    page = render_template("errors/stale.html", message=e.message, mine=e.mine, theirs=e.theirs)
    return make_response(page, 409)


def _raced(_e: StaleDataError) -> Response:
    message = _("Someone else changed this at the same moment. Look at the page again, then repeat your step.")
    return error_page(409, _("Changed meanwhile"), message)


def _forged(e: CSRFError) -> Response:
    """A token that does not fit; most often its session has ended, and then the text comes back with the sign-in."""
    if not current_user.is_authenticated:
        return make_response(current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
    message = _("The form was open for too long, or was not ours. Load the page again and repeat your step.")
    return error_page(400, _("Please send that again"), message)


def _database(e: DBAPIError) -> Response:
    if not is_busy(e):
        return _bug(e)
    answer = error_page(503, _("One moment"), _("Many people are saving at once. Nothing was lost; try again."))
    answer.headers["Retry-After"] = "2"
    return answer


def _bug(e: Exception) -> Response:
    if current_app.testing:
        raise e
    log.exception("unhandled")
    return error_page(500, *_titles()[500])
