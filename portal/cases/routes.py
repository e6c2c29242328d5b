"""The list of cases, one case's page, and the steps that concern the case as a whole."""

from datetime import UTC, date, datetime, time, timedelta

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.utils import redirect
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from portal.adapters.clock import now
from portal.cases import commands, policy, queries
from portal.cases.forms import ExtensionForm, OpenForm, ReturnForm, WithdrawForm
from portal.cases.fragments import frame
from portal.domain.packet import sections_for
from portal.domain.problems import InvalidInput
from portal.models.case import Case
from portal.models.person import Person
from portal.web.database import session
from portal.web.fragments import refused
from portal.web.routing import GuardedBlueprint

cases = GuardedBlueprint("cases", __name__, url_prefix="/cases")


def me() -> Person:
    actor: Person = current_user._get_current_object()
    return actor


def _back(case: Case) -> ResponseReturnValue:
    return redirect(url_for("cases.show", case_id=case.id), 303)


@cases.get("", load=None, access=policy.can_list)
def index() -> ResponseReturnValue:
    rows = queries.listed_for(session(), me())
    return render_template(
        "cases/index.html", rows=rows, titles=queries.level_titles(session(), [r.rubric_hash for r in rows])
    )


def _new_page(form: OpenForm, found: list[queries.Opening]) -> dict[str, object]:
    possible = [o for o in found if not o.why_not]
    form.opening.choices = [SelectChoice(o.key, _opening_words(o)) for o in possible]
    return {"form": form, "possible": possible, "closed": [o for o in found if o.why_not]}


def _opening_words(opening: queries.Opening) -> str:
    level = opening.level
    if level is None:
        return opening.person.name
    who = _("My own case") if opening.person.id == me().id else _("Nominate %(name)s", name=opening.person.name)
    return str(
        _(
            "%(who)s: to %(level)s (grade %(grade)s), %(cycle)s",
            who=who,
            level=level.title,
            grade=level.grade,
            cycle=opening.cycle.name,
        )
    )


@cases.get("/new", load=None, access=policy.can_open)
def new() -> ResponseReturnValue:
    found = queries.openings(session(), me(), now())
    return render_template("cases/new.html", **_new_page(OpenForm(formdata=None), found))


@cases.post("/new", load=None, access=policy.can_open)
def open_case() -> ResponseReturnValue:
    """Open one's own case or nominate a report; whoever else is named in the form is not a choice."""
    form, found = OpenForm(), queries.openings(session(), me(), now())
    chosen = next((o for o in found if not o.why_not and o.key == form.opening.data), None)
    if chosen is None:
        page = _new_page(form, found)
        form.opening.errors = [_("Choose one of the cases that can be opened.")]
        return refused("cases/new.html", **page)
    case = commands.open_case(session(), actor=me(), candidate=chosen.person, cycle=chosen.cycle, at=now())
    if case.accepted:
        flash(_("Your case is open. Nobody but you sees the draft until you say so."))
    else:
        flash(
            _("%(name)s is nominated and has been told. It becomes a case when they accept.", name=chosen.person.name)
        )
    return _back(case)


@cases.get("/<string:case_id>", load=queries.case, access=policy.can_see)
def show(case: Case) -> ResponseReturnValue:
    return render_template("cases/show.html", **frame(case), hats=policy.hats(me(), case))


@cases.get("/<string:case_id>/history", load=queries.case, access=policy.can_see_history)
def history(case: Case) -> ResponseReturnValue:
    return render_template("cases/history.html", **frame(case))


@cases.post("/<string:case_id>/accept", load=queries.case, access=policy.can_accept)
def accept(case: Case) -> ResponseReturnValue:
    commands.accept_nomination(session(), case=case, actor=me(), at=now())
    flash(_("It is your case now. Nobody but you sees the draft until you say so."))
    return _back(case)


@cases.get("/<string:case_id>/withdraw", load=queries.case, access=policy.can_withdraw)
def withdraw_form(case: Case) -> ResponseReturnValue:
    return render_template("cases/withdraw.html", **frame(case), form=WithdrawForm(formdata=None))


@cases.post("/<string:case_id>/withdraw", load=queries.case, access=policy.can_withdraw)
def withdraw(case: Case) -> ResponseReturnValue:
    form = WithdrawForm()
    if not form.was_sent_and_is_valid():
        return refused("cases/withdraw.html", **frame(case), form=form)
    commands.withdraw(session(), case=case, actor=me(), at=now(), note=str(form.reason.data))
    flash(_("The case is withdrawn. Everything in it is kept; it can be taken up again while the deadline allows."))
    return _back(case)


@cases.post("/<string:case_id>/revive", load=queries.case, access=policy.can_revive)
def revive(case: Case) -> ResponseReturnValue:
    commands.revive(session(), case=case, actor=me(), at=now())
    return _back(case)


def _return_form(case: Case, **kwargs: object) -> ReturnForm:
    form = ReturnForm(**kwargs)
    form.sections.choices = [(s.title, s.title) for s in sections_for(case.grade)] + [(_("Evidence"), _("Evidence"))]
    return form


@cases.get("/<string:case_id>/return", load=queries.case, access=policy.can_return)
def return_form(case: Case) -> ResponseReturnValue:
    return render_template("cases/return.html", **frame(case), form=_return_form(case, formdata=None))


@cases.post("/<string:case_id>/return", load=queries.case, access=policy.can_return)
def return_for_evidence(case: Case) -> ResponseReturnValue:
    form = _return_form(case)
    if not form.was_sent_and_is_valid():
        return refused("cases/return.html", **frame(case), form=form)
    commands.return_for_evidence(
        session(),
        case=case,
        actor=me(),
        sections=list(form.sections.data or []),
        reason=str(form.reason.data),
        until=_end_of(form.until.data) if form.until.data else None,
        at=now(),
    )
    flash(_("%(name)s was asked for more and has been told.", name=case.candidate.name))
    return redirect(url_for("cases.index"), 303)


@cases.get("/<string:case_id>/extension", load=queries.case, access=policy.can_run)
def extension_form(case: Case) -> ResponseReturnValue:
    return render_template("cases/extension.html", **frame(case), form=ExtensionForm(formdata=None))


@cases.post("/<string:case_id>/extension", load=queries.case, access=policy.can_run)
def extend(case: Case) -> ResponseReturnValue:
    form = ExtensionForm()
    if not form.was_sent_and_is_valid():
        return refused("cases/extension.html", **frame(case), form=form)
    if form.until.data is None:
        raise InvalidInput(_("Choose a day."))
    until, reason = _end_of(form.until.data), str(form.reason.data)
    commands.extend(session(), case=case, actor=me(), until=until, reason=reason, at=now())
    flash(_("The deadline for this case has moved."))
    return _back(case)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC)
