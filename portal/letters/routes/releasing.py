"""Ordering the release of letters for a moment, as a second step that restates what would leave, and taking it back."""

from datetime import datetime

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.decisions.queries import cycle as load_cycle
from portal.domain.problems import Refused
from portal.letters import policy, queries, releases
from portal.letters.forms import PlanForm, ReleaseForm
from portal.letters.fragments import moment_of, plan_form, release_page
from portal.letters.routes.blueprint import CYCLE, letters, me
from portal.models.cycle import Cycle
from portal.models.release import Release
from portal.web.database import session
from portal.web.filters import in_words
from portal.web.fragments import refused
from portal.web.routing import require


@letters.get(f"{CYCLE}/release", load=load_cycle, access=policy.can_run)
def release_form(cycle: Cycle) -> ResponseReturnValue:
    """The second step: what would leave, and when. Choosing some, or another moment, asks for this page again."""
    found = queries.batch(session(), cycle, me(), now())
    form = plan_form(found, PlanForm(request.args))
    page, valid = release_page(cycle, found, form), form.validate()
    return render_template("letters/release.html", **page) if valid else refused("letters/release.html", **page)


@letters.post(f"{CYCLE}/release", load=load_cycle, access=policy.can_run)
def release(cycle: Cycle) -> ResponseReturnValue:
    at = now()
    found = queries.batch(session(), cycle, me(), at)
    form = plan_form(found, ReleaseForm())
    chosen = found.only(form.case.data or ())
    if not chosen.ready or not form.was_sent_and_is_valid() or form.fingerprint.data != chosen.fingerprint:
        raise Refused(_("What is ready has changed since you read the page. Nothing was released; read it again."))
    for case in chosen.ready:
        require(policy.can_release(me(), case))
    made = releases.order(
        session(),
        cycle=cycle,
        cases=chosen.ready,
        actor=me(),
        moment=moment_of(form, at),
        at=at,
        brief_hours=form.brief.data or 0,
    )
    if released := releases.carry_out(session(), release=made, at=at, limit=len(chosen.ready)):
        flash(_("Released: %(n)s. Candidates and managers are being told.", n=released))
    else:
        flash(_ordered(len(chosen.ready), made.moment))
    return redirect(url_for("letters.index", slug=cycle.slug), 303)


def _ordered(n: int, moment: datetime) -> str:
    """By the viewer's clock, with its zone."""
    leaves = ngettext(
        "%(num)s letter leaves on %(moment)s.", "%(num)s letters leave on %(moment)s.", n, moment=in_words(moment)
    )
    return f"{leaves} {_('Until then it can be taken back; nobody is told before it.')}"


@letters.post(f"{CYCLE}/release/<string:release_id>/take-back", load=queries.release, access=policy.can_take_back)
def take_back(found: Release) -> ResponseReturnValue:
    mine = [item.decision.case for item in found.items if policy.can_release(me(), item.decision.case)]
    count = releases.take_back(session(), release=found, cases=mine, actor=me(), at=now())
    flash(_("Taken back: %(n)s. Nobody was told.", n=count))
    return redirect(url_for("letters.index", slug=found.cycle.slug), 303)
