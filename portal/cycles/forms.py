"""Shapes of input about cycles. Moments are typed and shown in the viewer's own zone and kept in UTC."""

from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _
from wtforms import (
    DateTimeLocalField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.web.filters import viewer_zone
from portal.web.forms import Form, VersionField

OFFERED_MARGINS = (0.5, 0.25)
TYPED = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")


class MomentField(DateTimeLocalField):
    """A day and a time as the viewer's clock shows it; `moment` is the same in UTC."""

    def __init__(self, label: str, *, required: bool = True, **kwargs: Any) -> None:
        check = InputRequired("Choose a day and a time.") if required else Optional()
        super().__init__(label, [check], format=list(TYPED), **kwargs)

    def process_data(self, value: datetime | None) -> None:
        self.data = value.astimezone(viewer_zone()).replace(tzinfo=None) if value and value.tzinfo else value

    @property
    def moment(self) -> datetime:
        if self.data is None:
            raise ValueError("read only after validation")
        return self.data.replace(tzinfo=viewer_zone()).astimezone(UTC)


class DatesForm(Form):
    name = StringField("Name", [InputRequired("Give it a name, as in Spring 2026."), Length(max=120)])
    opens_at = MomentField("Opens")
    submit_by = MomentField("Submit by")
    review_by = MomentField("Review by")
    decide_by = MomentField("Decide by")
    min_reviewers = IntegerField(
        "Reviewers per case",
        [InputRequired("Give a number from 1 to 9."), NumberRange(1, 9, message="Give a number from 1 to 9.")],
    )
    version = VersionField("Version", [Optional()])

    def dates(self) -> dict[str, Any]:
        moments = (self.opens_at, self.submit_by, self.review_by, self.decide_by)
        return {field.short_name: field.moment for field in moments}


class MarginForm(Form):
    margin = RadioField("Margin", [InputRequired("Choose a margin.")], coerce=float, choices=[])

    def offer(self, *also: float) -> None:
        """The margins one may choose from: those the house offers, the policy's, the one in force."""
        values = sorted({*OFFERED_MARGINS, *also}, reverse=True)
        self.margin.choices = [(value, _("%(n)s rubric point", n=f"{value:g}")) for value in values]


class CycleForm(DatesForm, MarginForm):
    slug = StringField("Address", [InputRequired("Give it an address, as in spring-2026."), Length(max=60)])
    families = SelectMultipleField(
        "Ladders", widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), choices=[]
    )


class CommitteeForm(Form):
    """Chair and deputy are members by being named; the others follow, one a line of the form."""

    name = StringField("Name", [InputRequired("Give it a name, as in Grades 3 to 5."), Length(max=120)])
    chair = StringField("Chair", [InputRequired("Name the chair by email address."), Length(max=254)])
    deputy = StringField("Deputy", [Length(max=254)])
    member_1 = StringField("Member 1", [Length(max=254)])
    member_2 = StringField("Member 2", [Length(max=254)])
    member_3 = StringField("Member 3", [Length(max=254)])
    member_4 = StringField("Member 4", [Length(max=254)])
    member_5 = StringField("Member 5", [Length(max=254)])
    member_6 = StringField("Member 6", [Length(max=254)])
    member_7 = StringField("Member 7", [Length(max=254)])
    member_8 = StringField("Member 8", [Length(max=254)])
    version = VersionField("Version", [Optional()])

    @property
    def seats(self) -> list[StringField]:
        """The fields that name a person, chair and deputy first."""
        members = [self[f"member_{n}"] for n in range(1, 9)]
        return [self.chair, self.deputy, *members]

    def addresses(self) -> dict[str, str]:
        """What was typed, by field name: addresses in lower case, blanks left out."""
        typed = {field.short_name: str(field.data or "").strip().lower() for field in self.seats}
        return {name: address for name, address in typed.items() if address}


class NewCommitteeForm(CommitteeForm):
    grade_from = IntegerField("Lowest grade", [InputRequired("Give the lowest grade it decides.")])
    grade_to = IntegerField("Highest grade", [InputRequired("Give the highest grade it decides.")])
