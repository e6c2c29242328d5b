"""Shapes of what candidates, managers and referees write. Text that cannot be stored is refused and shown again."""

import re
from functools import lru_cache
from typing import Any

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.form import BaseForm
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from portal.domain.ladder import Rubric
from portal.domain.packet import Section
from portal.models.base import ID_ALPHABET, ID_LENGTH
from portal.packets.commands import comments, evidence, justification, keeping, referees, statement
from portal.web.forms import Form, VersionField

# What no page, database or PDF can hold; line and page breaks of word processors become plain ones before.
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\u2028\u2029]")
TAKEN_OUT = (
    "The text held a NUL or another control character, which cannot be stored. It is taken out below: "
    "look at the place, then save again."
)
YES_NO = {"yes": True, "no": False}


class _Writing:
    """Text as it can be kept: one kind of line break, no control characters; that one was there is remembered."""

    data: str | None
    held_control_character = False

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            text = _BREAKS.sub("\n", str(valuelist[0]))
            self.data = _UNPRINTABLE.sub("", text).strip()
            self.held_control_character = bool(_UNPRINTABLE.search(text))
        elif self.data is None:
            self.data = ""

    def pre_validate(self, form: BaseForm) -> None:
        if self.held_control_character:
            raise ValidationError(TAKEN_OUT)


class TextField(_Writing, TextAreaField):
    def __init__(self, label: str, *, longest: int = keeping.LONGEST, **kwargs: Any) -> None:
        super().__init__(label, [_at_most(longest)], **kwargs)


class LineField(_Writing, StringField):
    def __init__(self, label: str, *, longest: int, validators: tuple[Any, ...] = (), **kwargs: Any) -> None:
        super().__init__(label, [_at_most(longest), *validators], **kwargs)


def _at_most(longest: int) -> Length:
    message = f"This is longer than {longest:,} characters, the most that can be kept. Shorten it and save again."
    return Length(max=longest, message=message)


class Versioned(Form):
    """A form of something two tabs may change; a missing version is nobody's."""

    version = VersionField(validators=[Optional()])

    @property
    def seen_version(self) -> int:
        return int(self.version.data) if self.version.data is not None else -1

    def show_version(self, version: int) -> None:
        self.version.data, self.version.raw_data = version, None


def with_ids(form: Any, key: str) -> Any:
    """The same form with ids that are its own on a page of many forms."""
    for field in form:
        field.id = f"{key}-{field.short_name}"
    return form


@lru_cache(maxsize=64)
def _section_class(section: Section) -> type[Versioned]:
    fields: dict[str, Any] = {f.code: TextField(f.label, description=f.hint) for f in section.fields}
    return type("SectionForm", (Versioned,), fields)


def section_form(section: Section, **kwargs: Any) -> Versioned:
    """The form of one section: its fields by code, and the version the writer saw."""
    form: Versioned = with_ids(_section_class(section)(**kwargs), section.code)
    return form


class EvidenceForm(Versioned):
    row = HiddenField(validators=[Regexp(f"^([{ID_ALPHABET}]{{{ID_LENGTH}}})?$")])
    competency_id = SelectField("Competency", [InputRequired("Choose the competency this shows.")])
    claim = TextField(
        evidence.LABELS["claim"],
        longest=evidence.LONGEST_CLAIM,
        description="What you do at the target level, in a sentence or two that someone could check.",
    )
    contribution = TextField(
        evidence.LABELS["contribution"],
        longest=evidence.LONGEST_CLAIM,
        description="Your own part in it, as apart from what others did.",
    )
    period = LineField(
        evidence.LABELS["period"], longest=evidence.LONGEST_PERIOD, description="For example: March to June 2025."
    )
    link = LineField(
        evidence.LABELS["link"],
        longest=evidence.LONGEST_LINK,
        description="Where it can be seen. Check that reviewers can open it.",
    )

    def validate_claim(self, field: Field) -> None:
        _required(field, "Say what you do at the target level.")

    def validate_contribution(self, field: Field) -> None:
        _required(field, "Say what your own part was.")

    def validate_period(self, field: Field) -> None:
        _required(field, "Say when it was.")

    def validate_link(self, field: Field) -> None:
        if field.data and not evidence.is_web_address(field.data):
            raise ValidationError("Write the whole address, starting with https:// or http://.")


def _required(field: Field, message: str) -> None:
    if not field.data:
        raise ValidationError(message)


class Kept(Form):
    """A form whose text is kept for its writer before it is sent; a missing version is that of nothing kept."""

    kept = VersionField(validators=[Optional()])

    @property
    def seen_kept(self) -> int:
        return int(self.kept.data or 0)

    def show_kept(self, version: int) -> None:
        self.kept.data, self.kept.raw_data = version, None


class CommentForm(Kept):
    section = SelectField("Section", [InputRequired("Choose a section.")])
    text = TextField(
        comments.LABEL,
        longest=comments.LONGEST,
        description="What is strong, what a reader would still ask. Only the two of you read this.",
    )

    def validate_text(self, field: Field) -> None:
        _required(field, "Write what you would say to them.")


class AttachForm(Form):
    file = FileField("File")


def evidence_form(rubric: Rubric, key: str, **kwargs: Any) -> EvidenceForm:
    form: EvidenceForm = with_ids(EvidenceForm(**kwargs), key)
    form.competency_id.choices = [SelectChoice(c.id, c.name) for c in rubric.competencies]
    return form


class SelfForm(Form):
    """One answer on the scale, or none."""

    competency = SelectField("Competency", [InputRequired("Choose a competency.")])
    value = RadioField("Where I see myself", default="")


def self_form(rubric: Rubric, competency_id: str = "", **kwargs: Any) -> SelfForm:
    form: SelfForm = with_ids(SelfForm(**kwargs), f"self-{competency_id}")
    form.competency.choices = [SelectChoice(c.id, c.name) for c in rubric.competencies]
    points = rubric.scale.points if rubric.scale else ()
    form.value.choices = [*(SelectChoice(f"{p.value:g}", p.name) for p in points), SelectChoice("", "No answer")]
    return form


class ShareForm(Form):
    shared = BooleanField("My manager may read this draft")


class StatementForm(Versioned):
    strengths = TextField(
        statement.LABELS["strengths"],
        description="What they do better than others, with the occasion on which you saw it.",
    )
    gaps = TextField(
        statement.LABELS["gaps"], description="What the target level asks that you have not seen yet, or not unaided."
    )
    current_level = TextField(
        statement.LABELS["current_level"],
        description="What is already done well, and for how long; a case builds on it.",
    )
    supports = RadioField(
        statement.SUPPORTS,
        choices=[SelectChoice("yes", "Yes"), SelectChoice("no", "No")],
        validate_choice=False,
        description="A no does not stop the case; it says what the committee should look at.",
    )

    @property
    def support(self) -> bool | None:
        return YES_NO.get(str(self.supports.data))


class JustificationForm(Versioned):
    text = TextField(
        justification.LABEL,
        description="What the organisation could not do without this role, and from when. Say nothing about the "
        "person: reviewers score the person and never see this page.",
    )


class FeedbackForm(Kept, Versioned):
    reason_not_to = TextField(
        referees.REASON_NOT_TO,
        description="Required: what speaks against it, or what you would want to see first. Everyone has one; praise "
        "without it is hard to believe.",
    )


for _code in referees.ANSWERS:
    setattr(
        FeedbackForm,
        _code,
        TextField(
            referees.LABELS[_code],
            description="Something you saw up close: what changed, what was their part, how people came along.",
        ),
    )


class DeclineForm(Form):
    reason = TextField(
        "Reason", longest=2_000, description="A few words are enough. Only the people partner reads them."
    )
