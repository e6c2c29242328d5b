"""Shapes of what is typed about people and accounts."""

from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.adapters.passwords import LONGEST, SHORTEST
from portal.web.forms import Form


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
