"""The decision on a case, its confirmation, the list of a cycle, and appeals."""

from typing import Any

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.cases.fragments import frame
from portal.cases.queries import level_titles
from portal.cycles.fragments import frame as cycle_frame
from portal.decisions import commands, policy, queries
from portal.decisions.forms import AnswerForm, AppealForm, AppointForm, ConfirmForm, DecisionForm
from portal.decisions.fragments import (
    OUTCOME_WORDS,
    appeal_page,
    decision_form,
    decision_page,
    offer_allowed,
    record_page,
)
from portal.domain.case_flow import Action
from portal.domain.problems import InvalidInput
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.decision import AppealGround, Outcome
from portal.models.person import Person
from portal.people.queries import by_email
from portal.web.database import session
from portal.web.forms import Form
from portal.web.fragments import refused
from portal.web.routing import GuardedBlueprint

decisions = GuardedBlueprint("decisions", __name__)
CASE = "/cases/<string:case_id>"


def me() -> Person:
    actor: Person = current_user._get_current_object()
    return actor


@decisions.get("/cycles/<string:slug>/decisions", load=queries.cycle, access=policy.can_list)
def index(cycle: Cycle) -> ResponseReturnValue:
    lines = queries.decided_in(session(), cycle, me())
    titles = level_titles(session(), [line.case.rubric_hash for line in lines])
    page = {**cycle_frame(cycle, now()), "lines": lines, "titles": titles, "words": OUTCOME_WORDS}
    return render_template("decisions/index.html", **page)


@decisions.get(f"{CASE}/decision", load=queries.case, access=policy.can_see_decision, reads="decision")
def show(case: Case) -> ResponseReturnValue:
    return render_template("decisions/show.html", **decision_page(me(), case))


@decisions.post(f"{CASE}/decision", load=queries.case, access=policy.can_record)
def record(case: Case) -> ResponseReturnValue:
    form = decision_form(case)
    if not form.was_sent_and_is_valid():
        return _decision_refused(case, form)
    try:
        commands.record_decision(
            session(),
            case=case,
            actor=me(),
            outcome=Outcome(form.outcome.data),
            reasons=str(form.reasons.data),
            unmet_codes=list(form.unmet.data or []),
            effective_on=form.effective_on.data,
            at=now(),
            seen=form.seen.data,
            correction=str(form.correction.data or ""),
        )
    except InvalidInput as problem:
        form.form_errors.append(problem.message)
        return _decision_refused(case, form)
    flash(_("Recorded. A second member who could vote has to confirm it before it can be released."))
    return redirect(url_for("decisions.show", case_id=case.id), 303)


def _decision_refused(case: Case, form: DecisionForm) -> ResponseReturnValue:
    offer_allowed(form, case)
    return refused("decisions/show.html", **decision_page(me(), case, form))


@decisions.post(f"{CASE}/decision/confirm", load=queries.case, access=policy.can_confirm)
def confirm(case: Case) -> ResponseReturnValue:
    form = ConfirmForm()
    if not form.was_sent_and_is_valid():
        raise InvalidInput(_("Confirm the decision from its page, so that you confirm the version you read."))
    commands.confirm(session(), decision=case.decisions[-1], actor=me(), at=now(), seen=form.seen.data)
    flash(_("Confirmed. The people partner can prepare the letter now."))
    return redirect(url_for("decisions.show", case_id=case.id), 303)


@decisions.post(f"{CASE}/acknowledge", load=queries.case, access=policy.can_acknowledge)
def acknowledge(case: Case) -> ResponseReturnValue:
    commands.acknowledge(session(), case=case, actor=me(), at=now())
    flash(_("Thank you. You can still appeal until the last day named in the letter."))
    return redirect(url_for("cases.show", case_id=case.id), 303)


@decisions.get(f"{CASE}/appeal", load=queries.case, access=policy.can_see_appeal, reads="appeal")
def appeal(case: Case) -> ResponseReturnValue:
    template, page = _appeal(case)
    return render_template(template, **page)


def _appeal(case: Case, form: Form | None = None) -> tuple[str, dict[str, Any]]:
    """Template and context: whoever answers sees the record on a page of its own, since the case's are not theirs."""
    page = appeal_page(me(), case)
    if policy.is_appointed(me(), case):
        answering = form or AnswerForm(formdata=None)
        return "decisions/answer.html", {**page, **record_page(case), "form": answering}
    blank = AppointForm(formdata=None) if page["may_appoint"] else AppealForm(formdata=None)
    return "decisions/appeal.html", {**frame(case), **page, "form": form or blank}


def _appeal_refused(case: Case, form: Form) -> ResponseReturnValue:
    template, page = _appeal(case, form)
    return refused(template, **page)


@decisions.post(f"{CASE}/appeal", load=queries.case, access=policy.can_file)
def file_appeal(case: Case) -> ResponseReturnValue:
    form = AppealForm()
    if not form.was_sent_and_is_valid():
        return _appeal_refused(case, form)
    ground, statement = AppealGround(form.ground.data), str(form.statement.data)
    commands.file_appeal(session(), case=case, actor=me(), ground=ground, statement=statement, at=now())
    flash(_("Your appeal is filed. Somebody who had no part in the decision will look at it."))
    return redirect(url_for("decisions.appeal", case_id=case.id), 303)


@decisions.post(f"{CASE}/appeal/appoint", load=queries.case, access=policy.can_appoint)
def appoint(case: Case) -> ResponseReturnValue:
    form = AppointForm()
    if not form.was_sent_and_is_valid():
        return _appeal_refused(case, form)
    person = by_email(session(), str(form.email.data).strip().lower())
    try:
        if person is None:
            raise InvalidInput(_("Nobody here has that email."))
        commands.appoint(session(), appeal=case.appeals[-1], person=person, actor=me(), at=now())
    except InvalidInput as problem:
        form.email.errors = (problem.message,)
        return _appeal_refused(case, form)
    flash(_("%(name)s was asked to answer and can read the record of the case now.", name=person.name))
    return redirect(url_for("decisions.appeal", case_id=case.id), 303)


@decisions.post(f"{CASE}/appeal/answer", load=queries.case, access=policy.can_answer)
def answer_appeal(case: Case) -> ResponseReturnValue:
    form = AnswerForm()
    if not form.was_sent_and_is_valid():
        return _appeal_refused(case, form)
    action, answer = Action(form.action.data), str(form.answer.data)
    try:
        commands.answer_appeal(session(), appeal=case.appeals[-1], actor=me(), action=action, answer=answer, at=now())
    except InvalidInput as problem:
        form.answer.errors = (problem.message,)
        return _appeal_refused(case, form)
    flash(_("Answered. The candidate has been told; the record of the case is closed to you again."))
    return redirect("/", 303)
