"""The manager's two texts: the statement, and, on a page of its own, why the organisation needs the role."""

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.cases import queries as cases
from portal.cases.fragments import frame
from portal.cases.routes import me
from portal.domain.problems import InvalidInput, Refused, StaleVersion
from portal.models.case import Case
from portal.models.packet import Statement
from portal.packets import commands, forms, policy, queries
from portal.packets.commands import justification as need
from portal.packets.commands import statement as statements
from portal.packets.fragments import saved_label
from portal.packets.routes.blueprint import not_saved, packets, saved, unsaved
from portal.web.database import session
from portal.web.fragments import is_autosave, refused
from portal.web.prose import prose


@packets.get("/statement", load=cases.case, access=policy.can_open_statement, reads="statement")
def statement(case: Case) -> ResponseReturnValue:
    if policy.can_write_statement(me(), case):
        row = queries.statement_by(session(), case, me())
        return render_template("packets/statement_edit.html", **_writing(case, row, _statement_form(row)))
    signed = [(row, _read(row)) for row in queries.signed_statements(session(), case)]
    return render_template("packets/statement.html", **frame(case), signed=signed)


def _read(row: Statement) -> list[tuple[str, object]]:
    return [(label, prose(getattr(row, name))) for name, label in statements.LABELS.items()]


def _statement_form(row: Statement | None) -> forms.StatementForm:
    if row is None:
        return forms.StatementForm(formdata=None, data={"version": 0})
    held = {name: getattr(row, name) for name in (*statements.LABELS, "version")}
    supports = {True: "yes", False: "no", None: ""}[row.supports]
    return forms.StatementForm(formdata=None, data={**held, "supports": supports})


def _writing(case: Case, row: Statement | None, form: forms.StatementForm) -> dict[str, object]:
    return {
        **frame(case),
        "form": form,
        "row": row,
        "read": _read(row) if row else [],
        "status": saved_label(row.saved_at) if row else "",
        "writable": case.state in statements.WRITABLE,
        "reopenable": case.state in statements.REOPENABLE,
    }


@packets.post("/statement", load=cases.case, access=policy.can_write_statement)
def save_statement(case: Case) -> ResponseReturnValue:
    """Save, and with the button “sign” stand by it; a statement that cannot be signed yet is saved all the same."""
    form = forms.StatementForm()
    if not form.was_sent_and_is_valid():
        if is_autosave():
            return not_saved(form)
        row = queries.statement_by(session(), case, me())
        return refused("packets/statement_edit.html", **_writing(case, row, form))
    try:
        row = _save(case, form)
    except (StaleVersion, Refused) as problem:
        if is_autosave():
            raise
        here = url_for("packets.statement", case_id=case.id)
        return unsaved(problem, case=case, form=form, action=here, back=here)
    if is_autosave():
        return saved(row.saved_at, row.version)
    if request.form.get("act") == "sign":
        _sign(case)
    else:
        flash(_("Your statement is saved. Nobody reads it until you sign it."))
    return redirect(url_for("packets.statement", case_id=case.id), 303)


def _save(case: Case, form: forms.StatementForm) -> Statement:
    return commands.save_statement(
        session(),
        case=case,
        actor=me(),
        strengths=str(form.strengths.data),
        gaps=str(form.gaps.data),
        current_level=str(form.current_level.data),
        supports=form.support,
        version=form.seen_version,
        at=now(),
    )


def _sign(case: Case) -> None:
    try:
        commands.sign_statement(session(), case=case, actor=me(), at=now())
    except InvalidInput as problem:
        flash(_("Your text is saved.") + " " + problem.message, "error")
    else:
        flash(_("You have signed your statement."))


@packets.post("/statement/reopen", load=cases.case, access=policy.can_write_statement)
def reopen_statement(case: Case) -> ResponseReturnValue:
    commands.reopen_statement(session(), case=case, actor=me(), at=now())
    flash(_("The signature is off. Sign again when you have changed the text."))
    return redirect(url_for("packets.statement", case_id=case.id), 303)


@packets.get("/justification", load=queries.need, access=policy.can_open_need, reads="justification")
def justification(place: queries.NeedPlace) -> ResponseReturnValue:
    row = place.text
    form = forms.JustificationForm(
        formdata=None, data={"text": row.text if row else "", "version": row.version if row else 0}
    )
    return render_template("packets/justification.html", **_need(place, form))


def _need(place: queries.NeedPlace, form: forms.JustificationForm) -> dict[str, object]:
    row = place.text
    writes = policy.can_write_need(me(), place).allowed
    return {
        **frame(place.case),
        "form": form,
        "row": row,
        "read": prose(row.text) if row else "",
        "status": saved_label(row.saved_at) if row else "",
        "writable": writes and place.case.state in need.WRITABLE,
    }


@packets.post("/justification", load=queries.need, access=policy.can_write_need)
def save_justification(place: queries.NeedPlace) -> ResponseReturnValue:
    case, form = place.case, forms.JustificationForm()
    if not form.was_sent_and_is_valid():
        if is_autosave():
            return not_saved(form)
        return refused("packets/justification.html", **_need(place, form))
    text, version = str(form.text.data), form.seen_version
    here = url_for("packets.justification", case_id=case.id)
    try:
        row = commands.save_justification(session(), case=case, actor=me(), text=text, version=version, at=now())
    except (StaleVersion, Refused) as problem:
        if is_autosave():
            raise
        return unsaved(problem, case=case, form=form, action=here, back=here)
    if is_autosave():
        return saved(row.saved_at, row.version)
    flash(_("The justification is saved."))
    return redirect(here, 303)
