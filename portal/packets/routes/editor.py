"""Writing the packet: sections that save as one types, the self-assessment, sharing, submitting."""

from dataclasses import replace

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.cases import queries as cases
from portal.cases.fragments import frame
from portal.cases.routes import me
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, Refused, StaleVersion
from portal.models.case import Case
from portal.packets import commands, forms, policy, queries
from portal.packets.completion import empty_fields
from portal.packets.fragments import covered, editor, progress, section_part
from portal.packets.routes.blueprint import not_saved, packets, saved, unsaved
from portal.web.database import session
from portal.web.fragments import fragment, is_autosave, refused, wants_fragment
from portal.web.prose import prose


def _editor(case: Case, place: str = "") -> str:
    return str(url_for("packets.edit", case_id=case.id, _anchor=place or None))


@packets.get("/packet/edit", load=cases.case, access=policy.can_edit)
def edit(case: Case) -> ResponseReturnValue:
    if case.state is not State.DRAFT:
        return redirect(url_for("packets.show", case_id=case.id), 303)
    return render_template("packets/edit.html", **editor(case))


@packets.get("/packet/completion", load=cases.case, access=policy.can_edit)
def completion(case: Case) -> ResponseReturnValue:
    if not wants_fragment():
        return redirect(_editor(case, "completion"), 303)
    return fragment("packets/_completion.html", **progress(case))


@packets.get("/packet/coverage", load=cases.case, access=policy.can_edit)
def coverage(case: Case) -> ResponseReturnValue:
    if not wants_fragment():
        return redirect(_editor(case, "coverage"), 303)
    return fragment("packets/_coverage.html", **covered(case))


@packets.get("/packet/sections/<string:code>/hints", load=queries.section_place, access=policy.can_edit_part)
def hints(place: queries.SectionPlace) -> ResponseReturnValue:
    if not wants_fragment():
        return redirect(_editor(place.case, place.section.code), 303)
    return fragment("packets/_hints.html", case=place.case, part=section_part(place.case, place.section))


@packets.post("/packet/sections/<string:code>/preview", load=queries.section_place, access=policy.can_edit_part)
def preview(place: queries.SectionPlace) -> ResponseReturnValue:
    """What is in the form as reviewers will read it; nothing is saved."""
    case, section, form = place.case, place.section, forms.section_form(place.section)
    read = [(field, prose(str(form[field.code].data))) for field in section.fields]
    if wants_fragment():
        page = render_template("packets/_preview.html", section=section, read=read)
    else:
        part = replace(section_part(case, section), form=form)
        shown = {**frame(case), "section": section, "read": read, "part": part, "previewing": True}
        page = render_template("packets/preview.html", **shown)
    session().rollback()  # the form's token stays unused: it belongs to the saving that may follow
    return page


@packets.post("/packet/sections/<string:code>", load=queries.section_place, access=policy.can_edit_part)
def save_section(place: queries.SectionPlace) -> ResponseReturnValue:
    case, code = place.case, place.section.code
    form = forms.section_form(place.section)
    if not form.was_sent_and_is_valid():
        if is_autosave():
            return not_saved(form)
        return refused("packets/edit.html", **editor(case, bound=form, bound_code=code))
    try:
        row = commands.save_section(
            session(), case=case, actor=me(), code=code, texts=form.data, version=form.seen_version, at=now()
        )
    except (StaleVersion, Refused) as problem:
        if is_autosave():
            raise
        action = url_for("packets.save_section", case_id=case.id, code=code)
        return unsaved(problem, case=case, form=form, action=action, back=_editor(case, code))
    if is_autosave():
        missing = ", ".join(_(label) for label in empty_fields(place.section, row.texts))
        return saved(row.saved_at, row.version, _("Still empty: %(fields)s.", fields=missing) if missing else "")
    flash(_("%(section)s is saved.", section=_(place.section.title)))
    return redirect(_editor(case, code), 303)


@packets.post("/packet/self-assessment", load=cases.case, access=policy.can_edit)
def assess_self(case: Case) -> ResponseReturnValue:
    form = forms.self_form(cases.rubric_of(case))
    if not form.was_sent_and_is_valid():
        raise InvalidInput(_("Choose a point of the scale, or “No answer”."))
    competency, chosen = str(form.competency.data), str(form.value.data)
    values = {competency: int(float(chosen)) if chosen else None}
    commands.assess_self(session(), case=case, actor=me(), values=values, at=now())
    if is_autosave():
        return saved(now())
    return redirect(_editor(case, f"competency-{competency}"), 303)


@packets.post("/packet/share", load=cases.case, access=policy.can_edit)
def share(case: Case) -> ResponseReturnValue:
    shared = bool(forms.ShareForm().shared.data)
    commands.share_draft(session(), case=case, actor=me(), shared=shared, at=now())
    if is_autosave():
        return saved(now(), note=_share_words(shared))
    flash(_share_words(shared))
    return redirect(_editor(case, "share"), 303)


def _share_words(shared: bool) -> str:
    return str(_("Your manager may read the draft now.") if shared else _("Nobody but you reads the draft now."))


@packets.get("/packet/submit", load=cases.case, access=policy.can_edit)
def submit_form(case: Case) -> ResponseReturnValue:
    if case.state is not State.DRAFT:
        return redirect(url_for("packets.show", case_id=case.id), 303)
    return render_template("packets/submit.html", **frame(case), **_what_is_frozen(case))


def _what_is_frozen(case: Case) -> dict[str, object]:
    found = progress(case)
    rows = len(queries.draft(session(), case).evidence)
    return {key: found[key] for key in ("completion", "completion_sentence", "submit_reasons", "referees_note")} | {
        "rows": rows
    }


@packets.post("/packet/submit", load=cases.case, access=policy.can_edit)
def submit(case: Case) -> ResponseReturnValue:
    snapshot = commands.submit(session(), case=case, actor=me(), at=now())
    flash(
        _(
            "Your packet is submitted as snapshot %(number)s. Nothing in it changes from here on.",
            number=snapshot.number,
        )
    )
    return redirect(url_for("packets.show", case_id=case.id), 303)
