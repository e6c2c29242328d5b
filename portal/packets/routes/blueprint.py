"""The room's blueprint, and the answers every save of text shares."""

from collections.abc import Mapping
from datetime import datetime

from flask import Response, jsonify, make_response, render_template
from flask_babel import gettext as _

from portal.cases.fragments import frame
from portal.domain.problems import Problem, StaleVersion
from portal.models.case import Case
from portal.models.unsent import UnsentText
from portal.packets.commands.unsent import StaleUnsent
from portal.packets.forms import Kept, Versioned
from portal.packets.fragments import kept_label, saved_label
from portal.web.forms import Form
from portal.web.routing import GuardedBlueprint

packets = GuardedBlueprint("packets", __name__, url_prefix="/cases/<string:case_id>")


def saved(at: datetime, version: int | None = None, note: str = "") -> Response:
    """The answer to an autosave: when it was saved, in words too, and the version the next one builds on."""
    label = f"{saved_label(at)}. {note}" if note else saved_label(at)
    return make_response(jsonify(saved_at=at.isoformat(), label=label, version=version), 200)


def kept(row: UnsentText) -> Response:
    """The answer to an autosave of what acts only once it is sent."""
    label = kept_label(row)
    return make_response(jsonify(saved_at=row.saved_at.isoformat(), label=label, fields={"kept": row.version}), 200)


def not_saved(form: Form) -> Response:
    """The answer to an autosave whose text cannot be kept: the first reason, by field."""
    field = next(f for f in form if f.errors)
    return make_response(jsonify(message=f"{_(field.label.text)}: {_(str(field.errors[0]))}"), 422)


def unsaved(problem: Problem, *, case: Case, form: Form, action: str, back: str, with_frame: bool = True) -> Response:
    """A page that loses nothing: what the person wrote, still in a form, beside what is saved; or, where the stage is
    over, their text to take along (409). `with_frame` is off for those who may not know where the case stands."""
    theirs: Mapping[str, str] = {}
    if isinstance(problem, StaleUnsent) and isinstance(form, Kept):
        form.show_kept(problem.version)
        theirs = {form[name].label.text: text for name, text in problem.theirs.items()}
    elif isinstance(problem, StaleVersion) and isinstance(form, Versioned):
        form.show_version(problem.version)
        theirs = problem.theirs
    page = render_template(
        "packets/unsaved.html" if with_frame else "packets/unsaved_feedback.html",
        **(frame(case) if with_frame else {"case": case}),
        form=form,
        theirs=theirs,
        open=isinstance(problem, StaleVersion),
        message=problem.message,
        action=action,
        back=back,
    )
    return make_response(page, 409)
