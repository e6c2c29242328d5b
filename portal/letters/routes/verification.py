"""The public check of a code. A stranger learns whether a letter is genuine, superseded or unknown, and nothing else:
every answer has the same status, the same length and the same work behind it."""

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import redirect

from portal.domain.problems import TooManyTries
from portal.letters import queries
from portal.letters.forms import CodeForm
from portal.letters.queries import Genuine
from portal.letters.routes.blueprint import letters
from portal.web.limits import RateLimit
from portal.web.routing import anyone

LENGTH = 4096  # the answers differ by a sentence; padded they are of one length
checks = RateLimit(most=30, seconds=60)


@letters.get("/verify", load=None, access=anyone)
def verify_form() -> ResponseReturnValue:
    """For a code typed from paper: a plain form that leads to the code's own address."""
    form = CodeForm(request.args)
    code = queries.tidy_code(str(form.code.data or "")) if form.validate() else ""
    if code:
        return redirect(url_for("letters.verify", code=code), 303)
    return render_template("letters/verify.html", found=None, form=form)


@letters.get("/verify/<string:code>", load=queries.verify, access=anyone)
def verify(found: Genuine) -> ResponseReturnValue:
    if not checks.allows(request.remote_addr or ""):
        raise TooManyTries(_("Too many codes were checked from here. Wait a minute, then try again."))
    return _padded(render_template("letters/verify.html", found=found, form=CodeForm(formdata=None)))


def _padded(page: str) -> Response:
    body = page.encode()
    return make_response(body.ljust(-(-len(body) // LENGTH) * LENGTH))
