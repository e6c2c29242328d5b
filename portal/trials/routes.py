"""The page of a trial, and the two ways in which it ends."""

from datetime import date

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.domain.problems import InvalidInput
from portal.models.person import Person
from portal.models.trial import Trial
from portal.trials import commands, policy, queries
from portal.trials.forms import ConfirmForm, HomeForm
from portal.trials.fragments import trial_page
from portal.web.database import session
from portal.web.fragments import refused
from portal.web.routing import GuardedBlueprint

trials = GuardedBlueprint("trials", __name__, url_prefix="/cases/<string:case_id>/trial")


def me() -> Person:
    actor: Person = current_user._get_current_object()
    return actor


@trials.get("", load=queries.trial, access=policy.can_see, reads="trial")
def show(trial: Trial) -> ResponseReturnValue:
    return render_template("trials/show.html", **trial_page(me(), trial))


@trials.post("/confirm", load=queries.trial, access=policy.can_confirm)
def confirm(trial: Trial) -> ResponseReturnValue:
    form = ConfirmForm()
    if not form.was_sent_and_is_valid():
        return refused("trials/show.html", **trial_page(me(), trial, confirming=form))
    commands.confirm(session(), trial=trial, actor=me(), reason=str(form.reason.data), at=now())
    flash(_("Recorded. The person and their manager have been told."))
    return _back(trial)


@trials.post("/home", load=queries.trial, access=policy.can_return)
def go_home(trial: Trial) -> ResponseReturnValue:
    form = HomeForm()
    if not form.was_sent_and_is_valid():
        return refused("trials/show.html", **trial_page(me(), trial, going=form))
    day, reason = form.effective_on.data or date.max, str(form.note.data or "")
    try:
        commands.go_home(session(), trial=trial, actor=me(), reason=reason, effective_on=day, at=now())
    except InvalidInput as problem:
        form.blame(problem)
        return refused("trials/show.html", **trial_page(me(), trial, going=form))
    flash(_("Recorded: back from %(day)s on.", day=day.strftime("%d %b %Y")))
    return _back(trial)


def _back(trial: Trial) -> ResponseReturnValue:
    return redirect(url_for("trials.show", case_id=trial.case_id), 303)
