"""Shapes of what is typed about people and accounts."""

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.adapters.passwords import LONGEST, SHORTEST
from portal.models.person import MailPace, Role
from portal.web.forms import Form, ProseField, VersionField


class SignInForm(Form):
    email = EmailField("Email", [InputRequired("Enter your email address."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=LONGEST)])
    next = StringField("Where to go afterwards", [Length(max=500)])


class NewPasswordForm(Form):
    password = PasswordField(
        "New password",
        [
            InputRequired("Choose a password."),
            Length(SHORTEST, LONGEST, message=f"Use {SHORTEST} to {LONGEST} characters."),
        ],
    )


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField("Current password", [InputRequired("Enter your current password."), Length(max=LONGEST)])


class PersonForm(Form):
    name = StringField("Name", [InputRequired("Say what the person is called."), Length(max=200)])
    manager_email = StringField("Manager", [Length(max=254)])
    place = SelectField("Level", choices=[])
    since = DateField("At this level since", [Optional()])
    timezone = StringField("Time zone", [InputRequired("Give a time zone, as in Europe/Berlin."), Length(max=64)])
    version = VersionField("Version", [Optional()])

    @property
    def family_and_level(self) -> tuple[str | None, str | None]:
        """The ids behind the chosen level; two times None for nobody on a ladder."""
        family, _, level = str(self.place.data or "").partition("/")
        return family or None, level or None


class NewPersonForm(PersonForm):
    email = EmailField("Email", [InputRequired("Enter an email address."), Length(max=254)])
    invite = BooleanField("Send an invitation to choose a password", default=True)


class MailPaceForm(Form):
    pace = RadioField(
        "Mails that can wait",
        coerce=MailPace,
        choices=[
            SelectChoice(MailPace.EACH.value, "Each one at once"),
            SelectChoice(MailPace.DAILY.value, "One a day, at eight in the morning"),
            SelectChoice(MailPace.WEEKLY.value, "One a week, on Monday at eight"),
        ],
    )


class KeepApartForm(Form):
    people = TextAreaField(
        "Email addresses, one a line", [InputRequired("Name at least two people."), Length(max=5_000)]
    )
    cycle = SelectField("For how long", choices=[], default="")
    reason = ProseField("Why", longest=2_000, validators=(Length(min=3, message="Say why, in a few words."),))

    @property
    def addresses(self) -> list[str]:
        return [line.strip().lower() for line in str(self.people.data or "").splitlines() if line.strip()]


class RolesForm(Form):
    roles = SelectMultipleField(
        "Roles for the whole organisation",
        coerce=Role,
        choices=[SelectChoice(role.value, role.value.replace("_", " ")) for role in Role],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class ImportForm(Form):
    """A file to look at, or the text of one that was looked at and is now to be imported."""

    file = FileField("People file (CSV or XLSX)")
    text = TextAreaField("Rows")
    invite = BooleanField("Send each new person an invitation to choose a password")
