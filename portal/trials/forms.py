"""Shapes of input about the end of a trial."""

from flask_babel import lazy_gettext as _
from wtforms import DateField
from wtforms.validators import InputRequired, Length

from portal.trials.commands import SHORTEST_REASON
from portal.web.forms import Form, ProseField


class ConfirmForm(Form):
    reason = ProseField(
        _("What the trial showed"),
        longest=4_000,
        validators=(Length(min=SHORTEST_REASON, message=_("Say what the trial showed; the person reads it.")),),
        description=_("After you talked to both, the person and their manager. They read this."),
    )


class HomeForm(Form):
    effective_on = DateField(_("From which day"), [InputRequired(_("Choose the day."))])
    note = ProseField(_("What was agreed"), longest=4_000)
