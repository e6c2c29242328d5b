"""The editor's context and that of its fragments."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.cases.fragments import frame
from portal.cases.previous import gaps_for
from portal.cases.queries import facts_for, rubric_of
from portal.domain.case_flow import Action, Reason, step, unmet
from portal.domain.ladder import Rubric, RubricCompetency
from portal.domain.packet import HUMAN_SKILLS, Field, Section, sections_for
from portal.models.case import Case
from portal.packets import forms, policy, queries
from portal.packets.commands.comments import EVIDENCE
from portal.packets.completion import Completion, completion, empty_fields
from portal.packets.coverage import Covered, Row, coverage
from portal.packets.fragments.comments import Said, said
from portal.packets.fragments.saving import saved_label
from portal.packets.hints import style_hints
from portal.packets.reading import ReadEvidence, read_evidence
from portal.web.database import session

HUMAN = "human"  # the kind of competency that the section on human skills is about


@dataclass(frozen=True)
class EditSection:
    section: Section
    form: forms.Versioned
    status: str
    missing: tuple[str, ...]
    hints: dict[str, tuple[Reason, ...]]
    asks: tuple[RubricCompetency, ...]  # what the target level expects and this section can show
    comments: tuple[Said, ...] = ()

    @property
    def wants_work(self) -> bool:
        """Whether it stands open: something is missing, was refused, or a comment on it waits."""
        return bool(self.missing or self.form.errors or any(not one.resolved for one in self.comments))

    @property
    def hinted(self) -> list[tuple[Field, tuple[Reason, ...]]]:
        return [(field, self.hints[field.code]) for field in self.section.fields if self.hints[field.code]]


@dataclass(frozen=True)
class EditCompetency:
    line: RubricCompetency
    form: forms.SelfForm
    rows: tuple[ReadEvidence, ...]


def editor(case: Case, *, bound: forms.Versioned | None = None, bound_code: str = "") -> dict[str, Any]:
    """The editor's context. `bound` is the form that was just refused, with what the person wrote."""
    rubric = rubric_of(case)
    draft = queries.draft(session(), case)
    asked = sections_for(case.grade, case.case_type)
    heard = said(case, queries.comments(session(), case))
    sections = [_edit_section(s, rubric, draft, heard, bound if s.code == bound_code else None) for s in asked]
    return {
        **frame(case),
        **progress_of(case, rubric, draft),
        "sections": sections,
        "coverage": _coverage(case, rubric, draft),
        "heard": [one for one in heard if one.section == EVIDENCE],
        "extended": _extended(case),
        "competencies": [_edit_competency(rubric, line, draft) for line in rubric.competencies],
        "share": forms.ShareForm(formdata=None, shared=case.shared_with_manager),
        "asked_for": _asked_for(case),
        "gaps": gaps_for(session(), case.candidate, case),
    }


def _edit_section(
    section: Section, rubric: Rubric, draft: queries.Draft, heard: list[Said], bound: forms.Versioned | None
) -> EditSection:
    texts = draft.texts(section.code)
    form = bound or forms.section_form(section, formdata=None, data={**texts, "version": draft.version(section.code)})
    row = draft.sections.get(section.code)
    return EditSection(
        section,
        form,
        saved_label(row.saved_at) if row else "",
        empty_fields(section, texts),
        {f.code: style_hints(f, texts.get(f.code, "")) for f in section.fields},
        _asks(section, rubric),
        tuple(one for one in heard if one.section == section.code),
    )


def _asks(section: Section, rubric: Rubric) -> tuple[RubricCompetency, ...]:
    """The competencies whose expectations stand beside a section: the human ones beside the human skills, else all."""
    lines = tuple(line for line in rubric.competencies if line.expectation and line.expectation.text)
    human = tuple(line for line in lines if line.kind == HUMAN)
    return human if section.code == HUMAN_SKILLS.code and human else lines


def section_part(case: Case, section: Section) -> EditSection:
    """One section as the editor shows it."""
    return _edit_section(section, rubric_of(case), queries.draft(session(), case), [], None)


def covered(case: Case) -> dict[str, Any]:
    """The coverage matrix alone."""
    rubric = rubric_of(case)
    found = _coverage(case, rubric, queries.draft(session(), case))
    return {"case": case, "rubric": rubric, "coverage": found}


def _coverage(case: Case, rubric: Rubric, draft: queries.Draft) -> tuple[Covered, ...]:
    rows = [
        Row(e.id, e.competency_id, e.claim, e.period, e.link, tuple(f.sha256 for f in draft.files.get(e.id, ())))
        for e in draft.evidence
    ]
    return coverage(rubric, rows, draft.assessed, case.cycle.opens_at.year)


def _extended(case: Case) -> bool:
    """Whether this person has more time than the cycle gives."""
    return case.submit_by > case.cycle.submit_by


def _edit_competency(rubric: Rubric, line: RubricCompetency, draft: queries.Draft) -> EditCompetency:
    value = draft.assessed.get(line.id)
    chosen = "" if value is None else f"{value:g}"
    form = forms.self_form(rubric, line.id, formdata=None, data={"competency": line.id, "value": chosen})
    return EditCompetency(line, form, rows_of(draft, line.id))


def rows_of(draft: queries.Draft, competency_id: str) -> tuple[ReadEvidence, ...]:
    rows = (row for row in draft.evidence if row.competency_id == competency_id)
    return tuple(read_evidence(row, [queries.file_data(f) for f in draft.files.get(row.id, ())]) for row in rows)


def rows_context(case: Case, competency_id: str) -> dict[str, Any]:
    """The rows of one competency, as the editor and the answer to htmx show them."""
    rows = rows_of(queries.draft(session(), case), competency_id)
    return {"case": case, "line": rubric_of(case).competency(competency_id), "rows": rows}


def progress(case: Case) -> dict[str, Any]:
    """The completion list alone."""
    return progress_of(case, rubric_of(case), queries.draft(session(), case))


def progress_of(case: Case, rubric: Rubric, draft: queries.Draft) -> dict[str, Any]:
    written = {code: row.texts for code, row in draft.sections.items()}
    found = completion(case.grade, rubric, written, {row.competency_id for row in draft.evidence}, case.case_type)
    return {
        "case": case,
        "rubric": rubric,
        "completion": found,
        "extended": _extended(case),
        "completion_sentence": completion_sentence(found),
        "referees_note": referees_note(case),
        "submit_reasons": submit_reasons(case),
    }


def referees_note(case: Case) -> str:
    """What is still to be said about the referees beside the list; it closes no step."""
    more, crossing = policy.referees_wanted(case, queries.referees(session(), case))
    if more and crossing:
        words = ngettext(
            "One more referee should be asked, somebody from another job family.",
            "%(num)s more referees should be asked, one of them from another job family.",
            more,
        )
    elif more:
        words = ngettext("One more referee should be asked.", "%(num)s more referees should be asked.", more)
    else:
        words = _("One referee should come from another job family.") if crossing else ""
    return str(words)


def submit_reasons(case: Case) -> tuple[Reason, ...]:
    found = step(case.state, Action.SUBMIT)
    return unmet(found, facts_for(session(), case)) if found else ()


def completion_sentence(found: Completion) -> str:
    """“5 of 6 sections complete; missing: Result 2: How.”"""
    if not found.gaps:
        return _("All %(total)s sections complete.", total=found.total)
    missing = "; ".join(_gap_words(g.section, g.fields) for g in found.gaps)
    return _(
        "%(done)s of %(total)s sections complete; missing: %(missing)s.",
        done=found.done,
        total=found.total,
        missing=missing,
    )


def _gap_words(section: Section, fields: tuple[str, ...]) -> str:
    if len(section.fields) == 1 or len(fields) == len(section.fields):
        return _(section.title)
    return f"{_(section.title)}: {', '.join(_(f) for f in fields)}"


def _asked_for(case: Case) -> str:
    """What was said when the case was last returned, while it is back in the candidate's hands."""
    last = case.events[-1] if case.events else None
    return last.note if last and last.action is Action.RETURN else ""
