"""One letter as a page and as a PDF, and the earlier ones that it superseded."""

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.decisions.queries import case as load_case
from portal.domain.problems import Refused
from portal.letters import answering, commands, policy, queries
from portal.letters.fragments import letter_page
from portal.letters.routes.blueprint import CASE, letters, me
from portal.models.appeal import Appeal
from portal.models.case import Case
from portal.models.letter import AppealLetter, Letter
from portal.web.database import session
from portal.web.files import download as send
from portal.web.files import storage


@letters.get(f"{CASE}/letter", load=load_case, access=policy.can_read, reads="letter")
def show(case: Case) -> ResponseReturnValue:
    return render_template("letters/show.html", **letter_page(me(), case, _seen(case)))


@letters.get(f"{CASE}/letter.pdf", load=load_case, access=policy.can_read, reads="letter")
def download(case: Case) -> ResponseReturnValue:
    """The stored bytes of the newest letter."""
    return _pdf(_seen(case))


@letters.get(f"{CASE}/letters/<int:number>", load=queries.letter_place, access=policy.can_read_this, reads="letter")
def earlier(letter: Letter) -> ResponseReturnValue:
    return render_template("letters/show.html", **letter_page(me(), letter.case, letter))


@letters.get(f"{CASE}/letters/<int:number>.pdf", load=queries.letter_place, access=policy.can_read_this, reads="letter")
def download_earlier(letter: Letter) -> ResponseReturnValue:
    """As it was issued; only its name says that it was superseded, for a released letter never changes."""
    return _pdf(letter)


@letters.get(
    f"{CASE}/appeals/<int:number>.pdf", load=queries.answer_letter, access=policy.can_read_answer, reads="appeal"
)
def download_answer(letter: AppealLetter) -> ResponseReturnValue:
    """The letter that answers the appeal against this version of the decision."""
    if letter.pdf_sha256 is None:
        raise Refused(_("The letter is still being set. Try again in a minute."))
    name = f"evenbar-letter-{letter.code}.pdf"
    return send(storage().stream(letter.pdf_sha256), mimetype="application/pdf", name=name)


@letters.post(f"{CASE}/appeals/<int:number>/letter", load=queries.answered_appeal, access=policy.can_retry_answer)
def retry_answer(appeal: Appeal) -> ResponseReturnValue:
    answering.retry_answer(session(), appeal=appeal, actor=me(), at=now())
    flash(_("The letter is made again now."))
    return redirect(url_for("decisions.appeal", case_id=appeal.case_id), 303)


def _seen(case: Case) -> Letter:
    letter = policy.letter_seen(me(), case)
    if letter is None:
        raise Refused(_("There is no letter yet."))
    return letter


def _pdf(letter: Letter) -> ResponseReturnValue:
    if letter.pdf_sha256 is None:
        raise Refused(_("The letter is still being set. Try again in a minute."))
    name = commands.file_name(letter, superseded=queries.is_superseded(letter))
    return send(storage().stream(letter.pdf_sha256), mimetype="application/pdf", name=name)
