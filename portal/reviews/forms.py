"""Shapes of input about reviews. The scoring form is made from the case's rubric: three fields a competency."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, MultipleFileField
from wtforms import (
    BooleanField,
    FieldList,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.domain.ladder import Rubric
from portal.domain.problems import Problem
from portal.models.review import Amendment, NoScore, Review
from portal.packets.commands.unsent import StaleUnsent
from portal.packets.forms import Kept
from portal.reviews.commands import ScoreInput
from portal.web.forms import Form, ProseField, VersionField

LONGEST = 20_000
CANNOT_ASSESS = {
    NoScore.NO_EVIDENCE: _l("nothing in the packet is about it"),
    NoScore.OUTSIDE_MY_FIELD: _l("it is outside my field"),
    NoScore.UNCLEAR: _l("the packet is unclear about it"),
}


class AssignForm(Form):
    person = HiddenField(validators=[InputRequired(), Length(max=12)])


class FindForm(Form):
    """How a search for reviewers is bounded."""

    most = IntegerField(_l("Most reviews each"), [InputRequired(_l("Give a number.")), NumberRange(1, 40)])
    least = IntegerField(_l("At least, where it can be had"), [InputRequired(_l("Give a number.")), NumberRange(0, 40)])
    asked = ProseField(_l("Who may be asked"), longest=100_000)

    def addresses(self) -> list[str]:
        """What was typed, one address a line or with commas between, in lower case."""
        return [word.lower() for word in str(self.asked.data or "").replace(",", " ").replace(";", " ").split()]


class ApplyForm(Form):
    """Which cases of a proposal to apply."""

    cases = SelectMultipleField(_l("Cases"), validate_choice=False, choices=[])
    everything = HiddenField()


class AssignmentFileForm(Form):
    """A file to look at, or the text of one that was looked at and is now to be taken in."""

    file = FileField(_l("Assignments (CSV or XLSX)"))
    text = TextAreaField(_l("Rows"))


class AnchorForm(Form):
    """An anchor packet as its keeper writes it; what was agreed on is added by `anchor_form`."""

    title = StringField(_l("Title"), [InputRequired(_l("Give it a name reviewers know it by.")), Length(max=120)])
    place = SelectField(_l("Level"), choices=[], validate_choice=False)
    text = ProseField(_l("Packet"), longest=60_000)
    comes_first = BooleanField(_l("Reviewers score it before their cases open"), default=True)
    copied_from = HiddenField(validators=[Optional(), Length(max=12)])
    version = VersionField(validators=[Optional()])


class CopyForm(Form):
    case = HiddenField(validators=[InputRequired(), Length(max=12)])


def anchor_form(rubric: Rubric | None, **kwargs: Any) -> AnchorForm:
    """With a rubric, a score that was agreed on and a reason for each of its competencies."""
    points = [SelectChoice(str(int(p.value)), p.name) for p in rubric.scale.points] if rubric and rubric.scale else []
    fields: dict[str, Any] = {}
    for line in rubric.competencies if rubric else ():
        fields[choice_of(line.id)] = RadioField(_l("Agreed: %(name)s", name=line.name), [Optional()], choices=points)
        fields[rationale_of(line.id)] = ProseField(_l("Why it was agreed on"), longest=4_000)
    made: AnchorForm = type("AgreedAnchorForm", (AnchorForm,), fields)(**kwargs)
    return made


class SearchForm(Form):
    named = StringField(_l("Find somebody by name"), [Length(max=100)])


class DeclareForm(Form):
    reason = ProseField(_l("What binds you (optional)"), longest=2_000)


class RecordConflictForm(Form):
    email = StringField(
        _l("Whose conflict: email address"), [InputRequired(_l("Enter an email address.")), Length(max=254)]
    )
    reason = ProseField(
        _l("Why they must stay away"),
        longest=2_000,
        validators=(Length(min=3, message=_l("Say why, in a few words.")),),
    )


class SealForm(Form):
    version = VersionField(validators=[InputRequired()])


class ReviewForm(Form):
    """What every scoring form has; the fields of the competencies are added by `review_form`."""

    version = VersionField(validators=[InputRequired()])
    summary = ProseField(_l("Summary"), longest=LONGEST)


class AmendForm(Kept, ReviewForm):
    """A further version of a sealed review: the same fields, and why."""

    reason = ProseField(_l("Reason"), longest=LONGEST)

    def typed(self) -> dict[str, Any]:
        """What stands in the fields, as it is kept before it is sent."""
        return {name: value for name, value in self.data.items() if name not in ("version", "kept", "csrf_token")}

    def show_theirs(self, problem: Problem) -> None:
        """Beside what stands here, what another tab has kept meanwhile; sent once more, this one is what counts."""
        if not isinstance(problem, StaleUnsent):
            return
        self.show_kept(problem.version)
        here = _l("Saved there: %(text)s")
        self.form_errors += [
            f"{self[name].label.text}: {here % {'text': text}}" for name, text in problem.theirs.items()
        ]


class DownloadForm(Form):
    """Which reviews to take along, and as what."""

    case = SelectMultipleField(choices=[], validate_choice=False)
    kind = StringField()


class SheetsForm(Form):
    """Sheets that came back as files, or, once looked at, as their text."""

    files = MultipleFileField(_l("Filled-in sheets"))
    sheet = FieldList(TextAreaField(), max_entries=200)


class AffirmForm(Form):
    version = VersionField(validators=[InputRequired()])


def review_form(
    rubric: Rubric, evidence: list[dict[str, Any]], kind: type[ReviewForm] = ReviewForm, **kwargs: Any
) -> ReviewForm:
    """The form for one rubric and the evidence of one packet. Whether a cited row is still in the packet is the
    command's question: a row may have left it while the page was open."""
    points = [SelectChoice(str(int(p.value)), p.name) for p in rubric.scale.points] if rubric.scale else []
    choices = [*points, *(SelectChoice(code.value, words) for code, words in CANNOT_ASSESS.items())]
    rows = [SelectChoice(row["id"], row["claim"]) for row in evidence]
    fields: dict[str, Any] = {}
    for line in rubric.competencies:
        fields[choice_of(line.id)] = RadioField(_l("Score: %(name)s", name=line.name), [Optional()], choices=choices)
        fields[rationale_of(line.id)] = ProseField(_l("Why: what in the packet shows it"), longest=LONGEST)
        fields[cites_of(line.id)] = SelectMultipleField(
            _l("Evidence you rely on"),
            choices=rows,
            validate_choice=False,
            widget=ListWidget(prefix_label=False),
            option_widget=CheckboxInput(),
        )
    made = type("RubricReviewForm", (kind,), fields)
    form: ReviewForm = made(**kwargs)
    return form


def choice_of(competency: str) -> str:
    return f"{competency}--score"


def rationale_of(competency: str) -> str:
    return f"{competency}--why"


def cites_of(competency: str) -> str:
    return f"{competency}--cites"


def filled(review: Review | Amendment | None, version: int | None = None) -> dict[str, Any]:
    """A saved review, or a later version of it, as the data of its form."""
    if version is None:
        version = review.version if isinstance(review, Review) else 0
    data: dict[str, Any] = {"version": version, "summary": review.summary if review else ""}
    for row in review.scores if review else ():
        given = row.no_score.value if row.no_score else ("" if row.value is None else str(row.value))
        data |= {choice_of(row.competency_id): given, rationale_of(row.competency_id): row.rationale}
        data[cites_of(row.competency_id)] = list(row.cites)
    return data


def amend_form_of(rubric: Rubric, evidence: list[dict[str, Any]], **kwargs: Any) -> AmendForm:
    form = review_form(rubric, evidence, AmendForm, **kwargs)
    assert isinstance(form, AmendForm)
    return form


def given_in(form: ReviewForm, rubric: Rubric) -> Mapping[str, ScoreInput]:
    """What the form says, competency by competency."""
    return {line.id: _given(form, line.id) for line in rubric.competencies}


def _given(form: ReviewForm, competency: str) -> ScoreInput:
    code = form[choice_of(competency)].data or ""
    rationale = form[rationale_of(competency)].data or ""
    cites = tuple(form[cites_of(competency)].data or ())
    if code in {reason.value for reason in NoScore}:
        return ScoreInput(None, NoScore(code), rationale, cites)
    return ScoreInput(int(code) if code else None, None, rationale, cites)
