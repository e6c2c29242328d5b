"""The letters of a cycle on their way out, and those that went out as one file."""

from flask import Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.decisions.queries import cycle as load_cycle
from portal.domain.problems import Refused
from portal.letters import bundle, commands, policy, queries
from portal.letters.fragments import batch_page, bundle_words, progress
from portal.letters.queries import Issued
from portal.letters.routes.blueprint import CYCLE, attachment, letters, me
from portal.models.cycle import Cycle
from portal.web.database import session
from portal.web.files import storage
from portal.web.fragments import fragment
from portal.web.routing import note_readings


@letters.get(CYCLE, load=load_cycle, access=policy.can_run)
def index(cycle: Cycle) -> ResponseReturnValue:
    return render_template("letters/index.html", **batch_page(me(), cycle))


@letters.get(f"{CYCLE}/progress", load=load_cycle, access=policy.can_run)
def progress_of(cycle: Cycle) -> ResponseReturnValue:
    """Polled while letters are being made; nothing when nothing is new."""
    found = queries.batch(session(), cycle, me(), now())
    if request.args.get("since") == str(found.rendered) and found.rendered < found.total:
        return Response(status=204)
    return fragment("letters/_progress.html", **progress(cycle, found))


@letters.post(f"{CYCLE}/prepare", load=load_cycle, access=policy.can_run)
def prepare(cycle: Cycle) -> ResponseReturnValue:
    """Have the letter of every confirmed decision frozen, dated today, and set, in the background. A second click finds
    nothing more to do; a letter that cannot be made is named in the list, and the others go on."""
    wanted = queries.batch(session(), cycle, me(), now()).to_prepare
    for decision in wanted:
        commands.order(session(), decision=decision, actor=me(), at=now())
    if wanted:
        flash(_("Letters being made: %(n)s. They can be released once all are ready.", n=len(wanted)))
    return redirect(url_for("letters.index", slug=cycle.slug), 303)


@letters.get(f"{CYCLE}.zip", load=load_cycle, access=policy.can_collect)
def archive(cycle: Cycle) -> ResponseReturnValue:
    """Every released letter this person may read by office, and a list of them; sent in pieces."""
    body = bundle.zipped(_collected(cycle), storage())
    return attachment(body, mimetype="application/zip", name=f"evenbar-letters-{cycle.slug}.zip")


@letters.get(f"{CYCLE}.pdf", load=load_cycle, access=policy.can_collect)
def together(cycle: Cycle) -> ResponseReturnValue:
    """The same letters as one PDF with an outline; sent in pieces."""
    title = _("Decision letters: %(cycle)s", cycle=cycle.name)
    file = bundle.merged(_collected(cycle), storage(), title=title, words=bundle_words())
    body = bundle.in_pieces(file)
    return attachment(body, mimetype="application/pdf", name=f"evenbar-letters-{cycle.slug}.pdf")


def _collected(cycle: Cycle) -> list[Issued]:
    """What goes into the file; each letter in it is noted as read."""
    found = queries.issued_in(session(), cycle, me())
    if not found:
        raise Refused(_("No letter of this cycle has been released that you may read."))
    note_readings([(one.case_id, one.stage) for one in found], "letter")
    return found
