"""Rows of evidence: added, changed and removed in place with htmx, on pages of their own without."""

from typing import Any

from flask import Response, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.cases import queries as cases
from portal.cases.fragments import frame
from portal.cases.routes import me
from portal.domain.problems import Refused, StaleVersion
from portal.models.base import id_from
from portal.models.case import Case
from portal.models.packet import Evidence
from portal.packets import commands, forms, policy, queries
from portal.packets.fragments import rows_context
from portal.packets.reading import read_evidence
from portal.packets.routes.blueprint import not_saved, packets, saved
from portal.web.database import session
from portal.web.fragments import answer, fragment, is_autosave, wants_fragment
from portal.web.idempotency import form_token

CHANGED = "packet-changed"  # the event on which the completion list is fetched anew
TEXTS = ("claim", "contribution", "period", "link")


def _place(case: Case, competency_id: str) -> str:
    return url_for("packets.edit", case_id=case.id, _anchor=f"competency-{competency_id}")


def _told(response: Response) -> Response:
    response.headers["HX-Trigger"] = CHANGED
    return response


def _texts(form: forms.EvidenceForm) -> dict[str, str]:
    return {name: str(form[name].data or "") for name in TEXTS}


def _new_context(case: Case, form: forms.EvidenceForm, competency_id: str) -> dict[str, Any]:
    return {
        "case": case,
        "form": form,
        "root": f"add-{competency_id}",
        "action": url_for("packets.add_evidence", case_id=case.id),
        "target": f"#rows-{competency_id}",
        "back": _place(case, competency_id),
        "theirs": {},
    }


@packets.get("/packet/evidence/new", load=cases.case, access=policy.can_edit)
def new_evidence(case: Case) -> ResponseReturnValue:
    rubric = cases.rubric_of(case)
    known = [c.id for c in rubric.competencies]
    asked = request.args.get("competency", "")
    competency_id = asked if asked in known else known[0]
    data = {"competency_id": competency_id}
    form = forms.evidence_form(rubric, f"new-{competency_id}", formdata=None, data=data)
    context = _new_context(case, form, competency_id)
    if wants_fragment():
        return fragment("packets/_evidence_form.html", **context)
    return render_template("packets/evidence.html", **frame(case) | context, title=_("Add evidence"))


@packets.post("/packet/evidence", load=cases.case, access=policy.can_edit)
def add_evidence(case: Case) -> ResponseReturnValue:
    rubric = cases.rubric_of(case)
    competency_id = request.form.get("competency_id", "")
    form = forms.evidence_form(rubric, f"new-{competency_id}")
    form.row.data = form.row.data or _row_of_this_form(case)
    if not form.was_sent_and_is_valid():
        if is_autosave():
            return not_saved(form)
        known = competency_id if competency_id in {c.id for c in rubric.competencies} else rubric.competencies[0].id
        return _form_again(case, form, _new_context(case, form, known), _("Add evidence"))
    begun = queries.evidence_place(session(), case_id=case.id, evidence_id=str(form.row.data))
    try:
        row = _change(begun, form) if begun else _add(case, form)
    except (StaleVersion, Refused) as problem:
        if begun is None or is_autosave():
            raise
        return _both_versions(begun, form, problem)
    if is_autosave():
        return saved(now(), row.version)
    back = _place(case, competency_id)
    return _told(answer("packets/_evidence_rows.html", back=back, **rows_context(case, competency_id)))


def _row_of_this_form(case: Case) -> str:
    """Each save of one opened form means the same row, also when the answer to the first was lost on the way."""
    token = form_token()
    return id_from(f"evidence {case.id} {token}") if token else ""


def _add(case: Case, form: forms.EvidenceForm) -> Evidence:
    competency_id, row_id = str(form.competency_id.data), str(form.row.data or "")
    texts = _texts(form)
    return commands.add_evidence(
        session(), case=case, actor=me(), competency_id=competency_id, at=now(), row_id=row_id, **texts
    )


def _change(place: queries.EvidencePlace, form: forms.EvidenceForm) -> Evidence:
    return commands.change_evidence(
        session(),
        case=place.case,
        evidence=place.evidence,
        actor=me(),
        competency_id=str(form.competency_id.data),
        version=form.seen_version,
        at=now(),
        **_texts(form),
    )


def _form_again(
    case: Case, form: forms.EvidenceForm, context: dict[str, Any], title: str, status: int = 422
) -> Response:
    """The form with what was written and why it was refused: alone to htmx, which puts it where it stood."""
    if wants_fragment():
        response = fragment("packets/_evidence_form.html", status=status, **context)
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = f"#{context['root']}", "outerHTML"
        return response
    return make_response(render_template("packets/evidence.html", **frame(case) | context, title=title), status)


def _edit_context(place: queries.EvidencePlace, form: forms.EvidenceForm) -> dict[str, Any]:
    row = place.evidence
    return {
        "case": place.case,
        "form": form,
        "root": f"evidence-{row.id}",
        "action": url_for("packets.change_evidence", case_id=place.case.id, evidence_id=row.id),
        "target": f"#evidence-{row.id}",
        "back": _place(place.case, row.competency_id),
        "theirs": {},
    }


@packets.get("/packet/evidence/<string:evidence_id>", load=queries.evidence_place, access=policy.can_edit_part)
def edit_evidence(place: queries.EvidencePlace) -> ResponseReturnValue:
    row = place.evidence
    held = {name: getattr(row, name) for name in (*TEXTS, "competency_id", "version")}
    form = forms.evidence_form(cases.rubric_of(place.case), row.id, formdata=None, data=held)
    context = _edit_context(place, form)
    if wants_fragment():
        return fragment("packets/_evidence_form.html", **context)
    return render_template("packets/evidence.html", **frame(place.case) | context, title=_("Change evidence"))


@packets.post("/packet/evidence/<string:evidence_id>", load=queries.evidence_place, access=policy.can_edit_part)
def change_evidence(place: queries.EvidencePlace) -> ResponseReturnValue:
    case, before = place.case, place.evidence.competency_id
    form = forms.evidence_form(cases.rubric_of(case), place.evidence.id)
    if not form.was_sent_and_is_valid():
        if is_autosave():
            return not_saved(form)
        return _form_again(case, form, _edit_context(place, form), _("Change evidence"))
    after = str(form.competency_id.data)
    try:
        row = _change(place, form)
    except (StaleVersion, Refused) as problem:
        if is_autosave():
            raise
        return _both_versions(place, form, problem)
    if is_autosave():
        return saved(now(), row.version)
    if after != before and wants_fragment():
        response = Response("", 200)
        response.headers["HX-Redirect"] = _place(case, after)
        return response
    shown = read_evidence(row, queries.files_of(session(), row))
    return _told(answer("packets/_evidence_row.html", back=_place(case, after), case=case, row=shown))


def _both_versions(place: queries.EvidencePlace, form: forms.EvidenceForm, problem: Refused | StaleVersion) -> Response:
    """The form with what was written, and beside each text that differs the one that is saved (409)."""
    context = _edit_context(place, form)
    if isinstance(problem, StaleVersion):
        form.show_version(problem.version)
        context["theirs"] = problem.theirs
    form.form_errors.append(problem.message)
    return _form_again(place.case, form, context, _("Change evidence"), status=409)


@packets.get("/packet/evidence/<string:evidence_id>/remove", load=queries.evidence_place, access=policy.can_edit_part)
def remove_evidence_form(place: queries.EvidencePlace) -> ResponseReturnValue:
    row = place.evidence
    name = cases.rubric_of(place.case).competency(row.competency_id).name
    back = _place(place.case, row.competency_id)
    return render_template(
        "packets/evidence_remove.html", **frame(place.case), row=read_evidence(row), name=name, back=back
    )


@packets.post("/packet/evidence/<string:evidence_id>/remove", load=queries.evidence_place, access=policy.can_edit_part)
def remove_evidence(place: queries.EvidencePlace) -> ResponseReturnValue:
    competency_id = place.evidence.competency_id
    commands.remove_evidence(session(), case=place.case, evidence=place.evidence, actor=me(), at=now())
    flash(_("The evidence is removed from the draft."))
    return redirect(_place(place.case, competency_id), 303)
