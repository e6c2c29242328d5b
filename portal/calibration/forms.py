"""Shapes of input in the calibration room."""

from wtforms import FloatField, HiddenField, IntegerField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.models.calibration import Choice
from portal.models.calibration_session import ChangeReason
from portal.web.forms import Form, ProseField

NAMES = {Choice.FOR: "For", Choice.AGAINST: "Against", Choice.ABSTAIN: "Abstain"}
CHOICES = [SelectChoice(value=choice.value, label=name) for choice, name in NAMES.items()]
REASONS = {
    ChangeReason.EVIDENCE_OVERLOOKED: "Evidence in the packet was overlooked",
    ChangeReason.EVIDENCE_MISREAD: "Evidence was read as more or less than it is",
    ChangeReason.ANCHOR_MISAPPLIED: "The score does not fit the scale's own words",
    ChangeReason.OUTSIDE_LEVEL: "The evidence lies outside the level or the period",
    ChangeReason.UNLIKE_ITS_PEERS: "The same evidence was scored otherwise in a case beside it",
}


PRESENT = [SelectChoice(value="yes", label="came in"), SelectChoice(value="no", label="was not there")]


class VoteForm(Form):
    choice = RadioField(
        "Your vote", choices=CHOICES, validators=[InputRequired("Choose for, against or abstain; nothing was changed.")]
    )


class DissentForm(Form):
    text = ProseField("Why you do not share the result", longest=4_000)


class CheckForm(Form):
    family = HiddenField(validators=[InputRequired()])


class SessionForm(Form):
    family = HiddenField(validators=[InputRequired()])
    box = IntegerField("Minutes a case", default=10, validators=[InputRequired(), NumberRange(1, 120)])


class TableForm(Form):
    """A step of the session: which case (none: a pause), and where the room stood on the facilitator's screen."""

    case = HiddenField()
    seen = HiddenField(validators=[InputRequired()])


class PreVoteForm(Form):
    case = HiddenField(validators=[InputRequired()])
    choice = RadioField("What you think before the talk", choices=CHOICES, validators=[InputRequired()])


class MinuteForm(Form):
    case = HiddenField()
    text = ProseField("Minutes", longest=4_000)


class ManagerForm(Form):
    case = HiddenField(validators=[InputRequired()])
    present = RadioField("Own manager", choices=PRESENT)


class EvidenceField(SelectMultipleField):
    """Several pieces of evidence, each a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ChangeForm(Form):
    competency = SelectField("Competency", validators=[InputRequired()])
    new = FloatField("New score", validators=[InputRequired("Give the score the committee settled on.")])
    reason = SelectField("Reason", choices=[SelectChoice(value=r.value, label=name) for r, name in REASONS.items()])
    note = ProseField("What was seen", longest=2_000)
    cites = EvidenceField("Evidence", validators=[Optional()])
    proposer = SelectField("Proposer", validators=[InputRequired()])
