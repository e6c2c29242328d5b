"""What every form of the portal shares. Forgery is checked for the whole app before any form is read."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import IntegerField, TextAreaField
from wtforms.meta import DefaultMeta
from wtforms.validators import Length
from wtforms.widgets import HiddenInput

from portal.domain.problems import Problem


class Form(FlaskForm):
    class Meta(DefaultMeta):
        csrf = False  # CSRFProtect has refused a forged request before this form exists

        def render_field(self, field: Any, render_kw: dict[str, Any]) -> Any:
            """Long text has no `maxlength`: a browser would cut what is pasted without a word; the server says it."""
            if isinstance(field, TextAreaField):
                render_kw = {"maxlength": False, **render_kw}
            return super().render_field(field, render_kw)

    def was_sent_and_is_valid(self) -> bool:
        return request.method == "POST" and bool(self.validate())

    def blame(self, problem: Problem) -> None:
        """Show a command's refusal on this form: at the field its sentence names first ("Margin: …"), else on top."""
        by_label = {field.label.text: field for field in self}
        for sentence in getattr(problem, "problems", ()) or (problem.message,):
            label, colon, rest = sentence.partition(": ")
            if colon and label in by_label:
                by_label[label].errors = [*by_label[label].errors, rest[:1].upper() + rest[1:]]
            else:
                self.form_errors.append(sentence)


class VersionField(IntegerField):
    """The version the person was looking at; a stale one is refused by the command."""

    widget = HiddenInput()


class ProseField(TextAreaField):
    """Long text. White space at the ends and NUL, which no text column holds, are dropped; line ends become one."""

    def __init__(self, label: str, *, longest: int = 20_000, validators: tuple[Any, ...] = (), **kwargs: Any) -> None:
        super().__init__(label, [*validators, Length(max=longest)], filters=[tidy], **kwargs)


def tidy(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()


class ReasonForm(Form):
    """One required reason, for steps that must say why."""

    reason = ProseField("Reason", longest=2_000, validators=(Length(min=3, message="Say why, in a few words."),))
