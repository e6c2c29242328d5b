"""Shapes of input in the calibration room."""

from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.models.calibration import Choice
from portal.web.forms import Form

NAMES = {Choice.FOR: "For", Choice.AGAINST: "Against", Choice.ABSTAIN: "Abstain"}
CHOICES = [SelectChoice(value=choice.value, label=name) for choice, name in NAMES.items()]


class VoteForm(Form):
    choice = RadioField(
        "Your vote", choices=CHOICES, validators=[InputRequired("Choose for, against or abstain; nothing was changed.")]
    )


class CheckForm(Form):
    family = HiddenField(validators=[InputRequired()])
