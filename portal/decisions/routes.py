"""The decision on a case, its confirmation, the list of a cycle, and appeals."""

from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.cases.fragments import frame
from portal.cases.queries import level_titles
from portal.cycles.fragments import frame as cycle_frame
from portal.decisions import commands, listing, policy, queries
from portal.decisions.forms import (
    AnswerForm,
    AppealForm,
    AppointForm,
    ConfirmForm,
    DecisionForm,
    FindingForm,
    StepAsideForm,
)
from portal.decisions.fragments import (
    OUTCOME_WORDS,
    answer_form,
    answer_page,
    appeal_page,
    decision_form,
    decision_page,
    offer_allowed,
    picked,
)
from portal.domain.appeals import Finding
from portal.domain.case_flow import Action
from portal.domain.problems import InvalidInput, Refused
from portal.models.appeal import Appeal, AppealGround
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.decision import Outcome
from portal.models.person import Person
from portal.web.database import session
from portal.web.files import download, storage
from portal.web.fragments import refused
from portal.web.routing import GuardedBlueprint

decisions = GuardedBlueprint("decisions", __name__)
CASE = "/cases/<string:case_id>"


def me() -> Person:
    actor: Person = current_user._get_current_object()
    return actor


@decisions.get("/cycles/<string:slug>/decisions", load=queries.cycle, access=policy.can_list)
def index(cycle: Cycle) -> ResponseReturnValue:
    found = listing.decided_in(session(), cycle, me(), number=request.args.get("page", 1, type=int))
    titles = level_titles(session(), [row.rubric_hash for row in found.rows])
    page = {**cycle_frame(cycle, now()), "found": found, "titles": titles, "words": OUTCOME_WORDS}
    page["page_url"] = lambda n: url_for("decisions.index", slug=cycle.slug, page=n)
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


@decisions.get(
    f"{CASE}/appeal/files/<string:attachment_id>",
    load=queries.record_file,
    access=policy.can_read_file,
    reads="attachment",
)
def record_file(place: queries.RecordFile) -> ResponseReturnValue:
    row = place.attachment
    try:
        blob = storage().stream(row.sha256)
    except FileNotFoundError:
        raise Refused(_("This file is missing from the store. Tell whoever looks after the portal.")) from None
    return download(blob, mimetype=row.kind.mimetype, name=f"evenbar-attachment-{row.id}{row.kind.suffix}")


def _appeal(case: Case, form: AppealForm | AnswerForm | None = None) -> tuple[str, dict[str, Any]]:
    """Template and context: the panel sees the record on a page of its own, since the case's are not theirs."""
    if policy.seat_of(me(), case):
        page = answer_page(me(), case)
        if isinstance(form, AnswerForm):
            page["form"] = answer_form(form, page["panel"])
        return "decisions/answer.html", page
    page = {**frame(case), **appeal_page(me(), case)}
    if page["may_appoint"]:
        page |= picked(me(), case, request.args)
    return "decisions/appeal.html", {**page, "form": form or AppealForm(formdata=None)}


def _appeal_refused(case: Case, form: AppealForm | AnswerForm) -> ResponseReturnValue:
    template, page = _appeal(case, form)
    return refused(template, **page)


@decisions.post(f"{CASE}/appeal", load=queries.case, access=policy.can_file)
def file_appeal(case: Case) -> ResponseReturnValue:
    form = AppealForm()
    if not form.was_sent_and_is_valid():
        return _appeal_refused(case, form)
    ground, statement = AppealGround(form.ground.data), str(form.statement.data)
    commands.file_appeal(session(), case=case, actor=me(), ground=ground, statement=statement, at=now())
    flash(_("Your appeal is filed. People who had no part in the decision will look at it."))
    return redirect(url_for("decisions.appeal", case_id=case.id), 303)


@decisions.post(f"{CASE}/appeal/appoint", load=queries.case, access=policy.can_appoint)
def appoint(case: Case) -> ResponseReturnValue:
    """The ticked people as a panel, the one who presides first; the others by name."""
    form = AppointForm()
    waiting = _open(case)
    if not form.was_sent_and_is_valid():
        return _choose_again(case, form)
    wanted = set(form.member.data or ())
    people = queries.chosen(session(), case, me(), wanted)
    first = [p for p in people if p.id == form.presides.data]
    try:
        if len(people) != len(wanted) or not first:
            raise InvalidInput(commands.NOT_OFFERED)
        members = [*first, *(p for p in people if p not in first)]
        commands.appoint(session(), appeal=waiting, people=members, actor=me(), at=now(), seen=form.seen.data)
    except InvalidInput as problem:
        form.form_errors.append(problem.message)
        return _choose_again(case, form)
    flash(_("Appointed. They were asked to answer and can read the record of the case now."))
    return redirect(url_for("decisions.appeal", case_id=case.id), 303)


def _choose_again(case: Case, form: AppointForm) -> ResponseReturnValue:
    given = MultiDict([("member", one) for one in form.member.data or ()])
    page = {**frame(case), **appeal_page(me(), case), **picked(me(), case, given, form)}
    return refused("decisions/appeal.html", **page, form=AppealForm(formdata=None))


def _open(case: Case) -> Appeal:
    waiting = policy.open_appeal(case)
    if waiting is None:
        raise Refused(_("No appeal waits for an answer."))
    return waiting


@decisions.post(f"{CASE}/appeal/finding", load=queries.case, access=policy.can_find)
def finding(case: Case) -> ResponseReturnValue:
    form = FindingForm()
    if not form.was_sent_and_is_valid():
        page = {**answer_page(me(), case), "finding_form": form}
        return refused("decisions/answer.html", **page)
    commands.say(session(), appeal=_open(case), actor=me(), finding=Finding(form.finding.data), at=now())
    flash(_("Kept. You can change it until the vote is closed; nobody sees it."))
    return redirect(url_for("decisions.appeal", case_id=case.id, _anchor="vote"), 303)


@decisions.post(f"{CASE}/appeal/step-aside", load=queries.case, access=policy.can_find)
def step_aside(case: Case) -> ResponseReturnValue:
    reason = str(StepAsideForm().reason.data or "")
    commands.step_aside(session(), appeal=_open(case), actor=me(), reason=reason, at=now())
    flash(_("You stepped aside. The record is closed to you; the people partner appoints somebody else where needed."))
    return redirect("/", 303)


@decisions.post(f"{CASE}/appeal/close", load=queries.case, access=policy.can_answer)
def close_panel(case: Case) -> ResponseReturnValue:
    count = commands.close_panel(session(), appeal=_open(case), actor=me(), at=now())
    if count.quorum_met:
        flash(_("Closed. Record what the panel answers, in words the candidate can use."))
    else:
        flash(_("Closed without a quorum: too few had answered. The people partner is asked to appoint another panel."))
    return redirect(url_for("decisions.appeal", case_id=case.id, _anchor="vote"), 303)


@decisions.post(f"{CASE}/appeal/answer", load=queries.case, access=policy.can_answer)
def answer_appeal(case: Case) -> ResponseReturnValue:
    waiting = _open(case)
    form = AnswerForm()
    if not form.was_sent_and_is_valid():
        return _appeal_refused(case, form)
    try:
        commands.answer_appeal(
            session(),
            appeal=waiting,
            actor=me(),
            action=Action(form.action.data),
            answer=str(form.answer.data),
            look_again=str(form.look_again.data or ""),
            at=now(),
        )
    except InvalidInput as problem:
        form.form_errors.append(problem.message)
        return _appeal_refused(case, form)
    flash(_("Answered. The candidate has been told; the record of the case is closed to you again."))
    return redirect("/", 303)
