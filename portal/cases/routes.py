"""The list of cases, one case's page, and the steps that concern the case as a whole."""

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.cases import commands, openings, policy, queries
from portal.cases.forms import ExtensionForm, OpenForm, ReturnForm, WithdrawForm, end_of
from portal.cases.fragments import calendar_dates, frame, list_page, new_page, show_page
from portal.cases.words import step_in_words
from portal.domain.packet import sections_for
from portal.domain.problems import InvalidInput
from portal.models.case import Case
from portal.models.person import Person
from portal.people.queries import by_email
from portal.web.calendar import calendar_answer
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
    return render_template("cases/index.html", **list_page(me(), request.args))


def _person() -> Person:
    """For whom the page is asked: by link, or by address for those who may look people up. Oneself if nobody else."""
    s, asked, address = session(), request.values.get("person", ""), request.args.get("who", "").strip()
    found = by_email(s, address) if address else None
    return openings.person_for(s, me(), found.id if found else asked) or me()


@cases.get("/<string:case_id>/still", load=queries.case, access=policy.can_see)
def still(case: Case) -> ResponseReturnValue:
    """Asked now and then by an open page of the case: it goes blank once the case is no longer its reader's to see."""
    return "", 204


@cases.get("/<string:case_id>/calendar.ics", load=queries.case, access=policy.can_see)
def calendar(case: Case) -> ResponseReturnValue:
    return calendar_answer(calendar_dates(me(), case, now()), at=now())


@cases.get("/new", load=None, access=policy.can_open)
def new() -> ResponseReturnValue:
    return render_template("cases/new.html", **new_page(me(), _person(), OpenForm(formdata=None)))


@cases.post("/new", load=None, access=policy.can_open)
def open_case() -> ResponseReturnValue:
    """Open one's own case, nominate a report, or as a people partner what lies outside the dates; whoever else is named
    in the form is not a choice."""
    form, page = OpenForm(), new_page(me(), _person(), OpenForm())
    chosen = next((o for o in page["choice"].possible if o.key == form.opening.data), None)
    if chosen is None or not form.was_sent_and_is_valid():
        return _not_opened(form, "" if chosen else _("Choose one of the cases that can be opened."))
    until = end_of(form.until.data) if form.until.data else None
    try:
        case = commands.open_case(
            session(),
            actor=me(),
            candidate=chosen.person,
            cycle=chosen.cycle,
            case_type=chosen.case_type,
            to_level_id=chosen.level.id,
            reason=str(form.reason.data or ""),
            until=until,
            at=now(),
        )
    except InvalidInput as problem:
        return _not_opened(form, problem.message)
    if case.accepted:
        flash(_("Your case is open. Nobody but you sees the draft until you say so."))
    else:
        flash(
            _("%(name)s is nominated and has been told. It becomes a case when they accept.", name=chosen.person.name)
        )
    return _back(case)


def _not_opened(form: OpenForm, problem: str) -> ResponseReturnValue:
    page = new_page(me(), _person(), form)
    if problem:
        form.opening.errors = [problem]
    return refused("cases/new.html", **page)


@cases.get("/<string:case_id>", load=queries.case, access=policy.can_see)
def show(case: Case) -> ResponseReturnValue:
    return render_template("cases/show.html", **show_page(me(), case))


@cases.get("/<string:case_id>/history", load=queries.case, access=policy.can_see_history)
def history(case: Case) -> ResponseReturnValue:
    return render_template("cases/history.html", **frame(case), step_in_words=step_in_words)


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
    form.sections.choices = [
        *((s.title, s.title) for s in sections_for(case.grade, case.case_type)),
        (_("Evidence"), _("Evidence")),
    ]
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
        until=end_of(form.until.data) if form.until.data else None,
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
    commands.extend(session(), case=case, actor=me(), until=form.end, reason=str(form.reason.data), at=now())
    flash(_("The deadline for this case has moved."))
    return _back(case)
