"""What people partners type when they change a ladder."""

from collections.abc import Sequence
from typing import Any

from flask_wtf.file import FileField
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.domain.ladder import Family
from portal.domain.rubric_edit import TABLES, Column
from portal.ladders.commands import LONGEST_ANNOUNCEMENT, LONGEST_VERSION
from portal.web.forms import Form, ProseField, VersionField

HINTS = {
    "lines": "One a line.",
    "wholes": "Whole numbers with commas between, as in 2, 6.",
    "scores": "A competency's id and the least score, one a line, as in direction: 3.",
    "day": "As in 2026-04-01.",
}


class PublishForm(Form):
    label = StringField("Version", validators=[InputRequired("Write the new version."), Length(max=LONGEST_VERSION)])
    effective_on = DateField("Effective from", validators=[InputRequired("Choose a day.")])
    announcement = ProseField(
        "Announcement", longest=LONGEST_ANNOUNCEMENT, validators=(InputRequired("Say what changes, and why."),)
    )
    version = VersionField("Draft version", validators=[Optional()])


class ImportForm(Form):
    file = FileField("Ladder file")


def field_name(key: str) -> str:
    """The name of a column's field; prefixed, because a form has attributes of its own."""
    return "row-" + key.replace(".", "-")


def row_form(table: str, family: Family, **given: Any) -> Form:
    """A form with a field for each column of a table; ids are offered where a column refers to a table."""
    fields: dict[str, Any] = {field_name(column.key): _field(column, family) for column in TABLES[table]}
    made = type("RowForm", (Form,), {**fields, "version": VersionField("Draft version", validators=[Optional()])})
    form: Form = made(**given)
    return form


def typed_in(table: str, form: Form) -> dict[str, str]:
    """What was typed, by column key."""
    return {column.key: str(form[field_name(column.key)].data or "") for column in TABLES[table]}


def row_data(values: dict[str, str], version: int) -> dict[str, Any]:
    return {**{field_name(key): text for key, text in values.items()}, "version": version}


def _field(column: Column, family: Family) -> Any:
    hint = HINTS.get(column.kind, "")
    if column.kind == "yes":
        return SelectField(
            column.label, choices=[SelectChoice("", "not said"), SelectChoice("yes", "yes"), SelectChoice("no", "no")]
        )
    if column.kind == "choice":
        offered = column.choices or _ids(column.refers, family)
        return SelectField(column.label, choices=[SelectChoice(word, word) for word in ("", *offered)])
    if column.kind in {"prose", "lines", "scores"}:
        return TextAreaField(column.label, description=hint)
    return StringField(column.label, description=hint)


def _ids(table: str, family: Family) -> Sequence[str]:
    rows: dict[str, Sequence[Any]] = {
        "track": family.tracks,
        "level": family.levels,
        "competency": family.competencies,
        "pillar": family.org.pillars,
    }
    return [row.id for row in rows[table]]
