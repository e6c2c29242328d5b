"""Shapes of input about letters."""

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from portal.web.forms import Form


class ReleaseForm(Form):
    """`fingerprint` is what was ready when the page was read; something else is not released unread."""

    fingerprint = HiddenField(validators=[InputRequired()])


class CodeForm(Form):
    code = StringField(_("Code of the letter"), [Length(max=60)], description=_("Four groups of four, as printed."))
