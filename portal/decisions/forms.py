"""Shapes of input about decisions and appeals."""

from flask_babel import lazy_gettext as _
from wtforms import DateField, EmailField, RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.domain.case_flow import Action
from portal.models.decision import AppealGround, Outcome
from portal.web.forms import Form, ProseField, VersionField

OUTCOMES = {
    Outcome.APPROVED: _("Approved"),
    Outcome.APPROVED_ON_TRIAL: _("Approved on trial: it begins on the day below, with a way home"),
    Outcome.NOT_YET: _("Not yet"),
    Outcome.DEFERRED: _("Deferred: the bar was met, no role is open"),
    Outcome.DECLINED: _("Declined: nothing changes"),
}
GROUNDS = {
    AppealGround.PROCEDURE: _("The procedure: something was not done as the rules say"),
    AppealGround.MISSED_EVIDENCE: _("Evidence: something I submitted was missed or misread"),
    AppealGround.CONFLICT: _("A conflict of interest: someone took part who should not have"),
}
ANSWERS = {
    Action.UPHOLD: _("The decision stands"),
    Action.SEND_BACK_TO_CALIBRATION: _("The committee looks at it again"),
    Action.SEND_BACK_TO_REVIEW: _("It is reviewed again"),
}


class DecisionForm(Form):
    """`seen` is the number of the newest version the writer had before them, 0 for none."""

    seen = VersionField()
    outcome = RadioField(
        _("Outcome"),
        choices=[SelectChoice(o.value, label) for o, label in OUTCOMES.items()],
        validators=[InputRequired(_("Choose the outcome."))],
    )
    unmet = SelectMultipleField(
        _("Clauses of the bar that were not met"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        choices=[],
    )
    reasons = ProseField(
        _("Reasons"),
        longest=4_000,
        validators=(Length(min=10, message=_("Say why, in words the candidate can use; they stand in the letter.")),),
        description=_("These words stand in the letter. No scores, no names of reviewers."),
    )
    correction = ProseField(
        _("What this version puts right"),
        longest=2_000,
        description=_("For the record; it stands in no letter."),
    )
    effective_on = DateField(_("It holds from"), [Optional()])


class ConfirmForm(Form):
    seen = VersionField(validators=[InputRequired()])


class AppealForm(Form):
    ground = RadioField(
        _("What the appeal is about"),
        choices=[SelectChoice(g.value, label) for g, label in GROUNDS.items()],
        validators=[InputRequired(_("Choose what the appeal is about."))],
    )
    statement = ProseField(
        _("What went wrong"),
        longest=10_000,
        validators=(Length(min=20, message=_("Say what went wrong, for someone who was not there.")),),
        description=_("Somebody who had no part in the decision reads this, together with the record of the case."),
    )


class AppointForm(Form):
    email = EmailField(
        _("Email of the person who answers"),
        [InputRequired(_("Name somebody outside the first panel."))],
        description=_("No reviewer or committee member of this case, nobody with a conflict, and not you."),
    )


class AnswerForm(Form):
    action = RadioField(
        _("Answer"),
        choices=[SelectChoice(a.value, label) for a, label in ANSWERS.items()],
        validators=[InputRequired(_("Choose the answer."))],
    )
    answer = ProseField(
        _("What you looked at, and what follows"),
        longest=10_000,
        validators=(Length(min=20, message=_("Say what you looked at and what follows from it.")),),
        description=_("The candidate reads this. No scores, no names of reviewers."),
    )
