"""The templates of letters: which are in force, changing one with a preview, its versions."""

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.domain.problems import InvalidInput, TooManyTries
from portal.letters import commands, policy, queries
from portal.letters.forms import PreviewForm, TemplateForm
from portal.letters.previews import as_pdf, preview, template_page, templates_page
from portal.letters.queries import TemplatePlace
from portal.letters.routes.blueprint import attachment, letters, me
from portal.web.database import session
from portal.web.fragments import fragment, refused, wants_fragment
from portal.web.limits import RateLimit

PLACE = "/letters/templates/<string:language>/<string:outcome>/<string:case_type>"
pdfs = RateLimit(most=10, seconds=60)


@letters.get("/letters/templates", load=None, access=policy.can_edit_templates)
def templates() -> ResponseReturnValue:
    return render_template("letters/templates.html", **templates_page())


@letters.get(PLACE, load=queries.template_place, access=policy.can_edit_templates)
def template(place: TemplatePlace) -> ResponseReturnValue:
    form = TemplateForm(formdata=None, text=place.text, version=place.written)
    return render_template("letters/template.html", **template_page(me(), place, form, PreviewForm(formdata=None)))


@letters.post(PLACE, load=queries.template_place, access=policy.can_edit_templates)
def save_template(place: TemplatePlace) -> ResponseReturnValue:
    """Keep a version that can be used; one that cannot comes back with what is wrong, line by line."""
    form = TemplateForm()
    if form.was_sent_and_is_valid():
        try:
            made = commands.save_template(
                session(),
                place=place,
                actor=me(),
                text=str(form.text.data),
                reason=str(form.reason.data),
                version=int(form.version.data or 0),
                at=now(),
            )
        except InvalidInput as problem:
            form.blame(problem)
        else:
            flash(_("Version %(n)s is in force for letters that are prepared from now on.", n=made.number))
            return redirect(_address(place), 303)
    return refused("letters/template.html", **template_page(me(), place, form, PreviewForm()))


@letters.post(f"{PLACE}/preview", load=queries.template_place, access=policy.can_edit_templates)
def preview_template(place: TemplatePlace) -> ResponseReturnValue:
    """The text as it is being written, filled with a made-up letter or a real case within sight. Keeps nothing."""
    form, shown = TemplateForm(), PreviewForm()
    if wants_fragment():
        return fragment("letters/_preview.html", preview=preview(me(), place, str(form.text.data or ""), shown))
    return render_template("letters/template.html", **template_page(me(), place, form, shown))


@letters.post(f"{PLACE}/preview.pdf", load=queries.template_place, access=policy.can_edit_templates)
def preview_pdf(place: TemplatePlace) -> ResponseReturnValue:
    """The same as a PDF, as it would be set."""
    if not pdfs.allows(me().id):
        raise TooManyTries(_("Ten previews a minute are set as PDF. Wait a minute, then try again."))
    pdf = as_pdf(me(), place, str(TemplateForm().text.data or ""), PreviewForm())
    return attachment([pdf], mimetype="application/pdf", name="evenbar-letter-preview.pdf")


def _address(place: TemplatePlace) -> str:
    kind = place.case_type or queries.ANY
    return url_for("letters.template", language=place.language, outcome=place.outcome.value, case_type=kind)
