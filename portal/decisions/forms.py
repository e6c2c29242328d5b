"""Shapes of input about decisions and appeals."""

from flask_babel import lazy_gettext as _
from wtforms import DateField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.domain.appeals import Finding
from portal.domain.case_flow import Action
from portal.models.appeal import AppealGround
from portal.models.decision import Outcome
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
FINDINGS = {
    Finding.STANDS: _("The decision stands"),
    Finding.LOOK_AGAIN: _("It must be looked at again"),
    Finding.ABSTAIN: _("I abstain"),
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


class PickForm(Form):
    """Choosing who answers: ticked people stay while one searches on."""

    find = StringField(_("Find by name or address"), [Length(max=200)])
    member = SelectMultipleField(
        _("Who could answer"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        choices=[],
        validate_choice=False,
    )


class AppointForm(Form):
    """`seen` is how many panels there were when the writer read the page."""

    seen = VersionField()
    member = SelectMultipleField(_("Members"), choices=[], validate_choice=False)
    presides = RadioField(
        _("Who presides"), choices=[], validate_choice=False, validators=[InputRequired(_("Say who presides."))]
    )


class FindingForm(Form):
    finding = RadioField(
        _("What do you find?"),
        choices=[SelectChoice(f.value, label) for f, label in FINDINGS.items()],
        validators=[InputRequired(_("Choose one."))],
        description=_("Secret. You can change it until the vote is closed."),
    )


class StepAsideForm(Form):
    reason = ProseField(
        _("Why you step aside"),
        longest=2_000,
        description=_("Kept with the recusal, outside of the log. You may leave it empty."),
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
        description=_("These words stand in the letter to the candidate. No scores, no names."),
    )
    look_again = ProseField(
        _("What must be looked at again"),
        longest=4_000,
        description=_("Only where the case goes back. It stands in the letter and before whoever takes up the case."),
    )
