"""Shapes of input about letters."""

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.cycles.forms import MomentField
from portal.web.forms import Form, ProseField, VersionField


class PlanForm(Form):
    """Which of the letters that are ready, and when; nothing chosen means all of them, once it can be taken back no
    more. `brief` is how many hours ahead managers are told, nothing for not at all."""

    case = SelectMultipleField(
        _("Letters"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        choices=[],
        description=_("None chosen means all."),
    )
    moment = MomentField(_("They leave at"), required=False)
    brief = IntegerField(_("Tell managers ahead, in hours"), [Optional(), NumberRange(1, 168)])


class ReleaseForm(PlanForm):
    """`fingerprint` is what was ready when the page was read; something else is not released unread."""

    fingerprint = HiddenField(validators=[InputRequired()])


class CodeForm(Form):
    code = StringField(_("Code of the letter"), [Length(max=60)], description=_("Four groups of four, as printed."))


class TemplateForm(Form):
    """`version` is the newest that somebody wrote when the page was read; 0 while there is only what came along."""

    text = ProseField(_("Template"), longest=20_000, validators=(InputRequired(),))
    reason = ProseField(_("Why it changes"), longest=500, validators=(InputRequired(),))
    version = VersionField()


class PreviewForm(Form):
    """Whose letter the preview shows; empty for a made-up one."""

    case = StringField(validators=[Length(max=12)])
