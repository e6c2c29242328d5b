"""Shapes of input about a case as a whole."""

from datetime import UTC, date, datetime, time, timedelta

from wtforms import DateField, HiddenField, RadioField, SelectMultipleField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.web.filters import viewer_zone
from portal.web.forms import Form, ProseField

LAST = date(9998, 12, 31)  # later days cannot be told in every zone


class OpenForm(Form):
    """One choice among what is possible now for one person. What lies outside a cycle's dates says why, and by when."""

    person = HiddenField()
    opening = RadioField("What kind of case", choices=[], validate_choice=False)
    reason = ProseField("Why it cannot wait", longest=2_000)
    until = DateField("Last day for the packet", [Optional()])


class WithdrawForm(Form):
    reason = ProseField("Why (optional)", longest=2_000)


class ReturnForm(Form):
    sections = SelectMultipleField(
        "Which parts need more",
        validators=(InputRequired("Tick at least one part; the candidate is led to it."),),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        choices=[],
    )
    reason = ProseField(
        "What is missing",
        longest=2_000,
        validators=(Length(min=10, message="Say what is missing; the candidate has only this to go by."),),
    )
    until = DateField("Answer by", [Optional()])


class ExtensionForm(Form):
    """Another last day for somebody, with the reason."""

    until = DateField("New last day", [InputRequired("Choose a day.")])
    reason = ProseField("Reason", longest=500, validators=(Length(min=3, message="Say why, in a few words."),))

    @property
    def end(self) -> datetime:
        """The end of the chosen day, of a form that fits."""
        return end_of(self.until.data or LAST)


def end_of(day: date) -> datetime:
    """The end (exclusive) of a day in the viewer's zone, in UTC: as whoever chose it reads their clock."""
    return datetime.combine(min(day, LAST) + timedelta(days=1), time.min, tzinfo=viewer_zone()).astimezone(UTC)
