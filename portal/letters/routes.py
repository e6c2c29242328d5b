"""One letter as a page and as a PDF, the letters of a cycle on their way out, and the public check of a code."""

from flask import Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.decisions.queries import case as load_case
from portal.decisions.queries import cycle as load_cycle
from portal.domain.problems import Refused
from portal.letters import commands, policy, queries
from portal.letters.forms import CodeForm, ReleaseForm
from portal.letters.fragments import batch_page, letter_page, progress, release_sentence
from portal.letters.queries import Verified
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.person import Person
from portal.web.database import session
from portal.web.files import download as send
from portal.web.files import storage
from portal.web.fragments import fragment
from portal.web.routing import GuardedBlueprint, anyone, require

letters = GuardedBlueprint("letters", __name__)
CASE, CYCLE = "/cases/<string:case_id>", "/cycles/<string:slug>/letters"


def me() -> Person:
    actor: Person = current_user._get_current_object()
    return actor


@letters.get(f"{CASE}/letter", load=load_case, access=policy.can_read, reads="letter")
def show(case: Case) -> ResponseReturnValue:
    letter = policy.letter_seen(me(), case)
    if letter is None:
        raise Refused(_("There is no letter yet."))
    return render_template("letters/show.html", **letter_page(me(), case, letter))


@letters.get(f"{CASE}/letter.pdf", load=load_case, access=policy.can_read, reads="letter")
def download(case: Case) -> ResponseReturnValue:
    """The stored bytes, as a download that no browser shows in our name."""
    letter = policy.letter_seen(me(), case)
    if letter is None or letter.pdf_sha256 is None:
        raise Refused(_("The letter is still being set. Try again in a minute."))
    pdf = storage().stream(letter.pdf_sha256)
    return send(pdf, mimetype="application/pdf", name=commands.file_name(letter))


@letters.get(CYCLE, load=load_cycle, access=policy.can_run)
def index(cycle: Cycle) -> ResponseReturnValue:
    return render_template("letters/index.html", **batch_page(me(), cycle))


@letters.get(f"{CYCLE}/progress", load=load_cycle, access=policy.can_run)
def progress_of(cycle: Cycle) -> ResponseReturnValue:
    """Polled while letters are being set; nothing when nothing is new."""
    found = queries.batch(session(), cycle, me(), now())
    if request.args.get("since") == str(found.rendered) and found.rendered < found.total:
        return Response(status=204)
    return fragment("letters/_progress.html", **progress(cycle, found))


@letters.post(f"{CYCLE}/prepare", load=load_cycle, access=policy.can_run)
def prepare(cycle: Cycle) -> ResponseReturnValue:
    """Freeze every confirmed decision's letter, dated today. One that cannot be frozen is named; the others go on."""
    done, refused = 0, []
    for decision in queries.batch(session(), cycle, me(), now()).to_prepare:
        try:
            commands.prepare(session(), decision=decision, actor=me(), at=now())
            done += 1
        except commands.DisagreesWithRecord as problem:
            refused.append(f"{problem.message} {' '.join(problem.problems)}")
    if done:
        flash(_("Letters being set: %(n)s. They can be released once all are ready.", n=done))
    for message in refused:
        flash(message, "error")
    return redirect(url_for("letters.index", slug=cycle.slug), 303)


@letters.get(f"{CYCLE}/release", load=load_cycle, access=policy.can_run)
def release_form(cycle: Cycle) -> ResponseReturnValue:
    found = queries.batch(session(), cycle, me(), now())
    return render_template("letters/release.html", cycle=cycle, batch=found, sentence=release_sentence(found))


@letters.post(f"{CYCLE}/release", load=load_cycle, access=policy.can_run)
def release(cycle: Cycle) -> ResponseReturnValue:
    found = queries.batch(session(), cycle, me(), now())
    form = ReleaseForm()
    if not found.ready or not form.was_sent_and_is_valid() or form.fingerprint.data != found.fingerprint:
        raise Refused(_("What is ready has changed since you read the page. Nothing was released; read it again."))
    for case in found.ready:
        require(policy.can_release(me(), case))
    count = commands.release(session(), cases=found.ready, actor=me(), at=now())
    flash(_("Released: %(n)s. Candidates and managers are being told.", n=count))
    return redirect(url_for("letters.index", slug=cycle.slug), 303)


@letters.get("/verify", load=None, access=anyone)
def verify_form() -> ResponseReturnValue:
    """For a code typed from paper: a plain form that leads to the code's own address."""
    form = CodeForm(request.args)
    code = queries.tidy_code(str(form.code.data or "")) if form.validate() else ""
    if code:
        return redirect(url_for("letters.verify", code=code), 303)
    return render_template("letters/verify.html", found=None, form=form)


@letters.get("/verify/<string:code>", load=queries.verify, access=anyone)
def verify(found: Verified) -> ResponseReturnValue:
    page = render_template("letters/verify.html", found=found, form=CodeForm(formdata=None))
    return page, 200 if found.issued_on else 404
