"""The contexts of the packet's pages and of the editor's fragments, and what this room puts on the case page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_datetime
from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.adapters.clock import now
from portal.cases.fragments import frame
from portal.cases.policy import Hat, hats
from portal.cases.previous import gaps_for
from portal.cases.queries import facts_for, rubric_of
from portal.domain.case_flow import AFTER_RELEASE, Action, Reason, State, step, unmet
from portal.domain.ladder import Rubric, RubricCompetency
from portal.domain.packet import Section, sections_for
from portal.models.case import Case
from portal.models.person import Person
from portal.packets import forms, policy, queries
from portal.packets.commands import statement
from portal.packets.completion import Completion, completion, empty_fields
from portal.packets.hints import style_hints
from portal.packets.reading import ReadEvidence, read_evidence, reading
from portal.web.database import session
from portal.web.filters import viewer_zone, zone_name
from portal.web.offers import Offer, Tab


@dataclass(frozen=True)
class EditSection:
    section: Section
    form: forms.Versioned
    status: str
    missing: tuple[str, ...]
    hints: dict[str, tuple[Reason, ...]]


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
    sections = [_edit_section(s, draft, bound if s.code == bound_code else None) for s in asked]
    return {
        **frame(case),
        **_progress(case, rubric, draft),
        "sections": sections,
        "competencies": [_edit_competency(rubric, line, draft) for line in rubric.competencies],
        "share": forms.ShareForm(formdata=None, shared=case.shared_with_manager),
        "asked_for": _asked_for(case),
        "gaps": gaps_for(session(), case.candidate, case),
    }


def _edit_section(section: Section, draft: queries.Draft, bound: forms.Versioned | None) -> EditSection:
    texts = draft.texts(section.code)
    form = bound or forms.section_form(section, formdata=None, data={**texts, "version": draft.version(section.code)})
    row = draft.sections.get(section.code)
    hints = {f.code: style_hints(f, texts.get(f.code, "")) for f in section.fields}
    return EditSection(section, form, saved_label(row.saved_at) if row else "", empty_fields(section, texts), hints)


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
    return _progress(case, rubric_of(case), queries.draft(session(), case))


def _progress(case: Case, rubric: Rubric, draft: queries.Draft) -> dict[str, Any]:
    written = {code: row.texts for code, row in draft.sections.items()}
    found = completion(case.grade, rubric, written, {row.competency_id for row in draft.evidence}, case.case_type)
    return {
        "case": case,
        "completion": found,
        "completion_sentence": completion_sentence(found),
        "submit_reasons": submit_reasons(case),
    }


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


def saved_label(at: datetime) -> str:
    """“Saved at 14:02 CET” by the viewer's clock; with the day when it was another."""
    zone = viewer_zone()
    local = at.astimezone(zone)
    pattern = "HH:mm" if local.date() == now().astimezone(zone).date() else "d MMM, HH:mm"
    text = format_datetime(local, pattern, tzinfo=zone, locale=str(get_locale() or "en"))
    return _("Saved at %(time)s", time=f"{text} {zone_name(at)}")


def packet_page(actor: Person, case: Case) -> dict[str, Any]:
    """The draft as reviewers will see it, for those who may read a draft; else what was submitted last."""
    rubric = rubric_of(case)
    shared = {**frame(case), "snapshots": queries.snapshots(session(), case), "own": actor.id == case.candidate_id}
    latest = queries.latest_snapshot(session(), case)
    if policy.can_read_draft(actor, case) or latest is None:
        draft = queries.draft(session(), case)
        content = queries.content_of(case, draft)
        shared |= _progress(case, rubric, draft) if shared["own"] else {}
        return shared | {"reading": reading(rubric, case.grade, content, case.case_type), "snapshot": None}
    return shared | {"reading": reading(rubric, case.grade, latest.content, case.case_type), "snapshot": latest}


# What the room puts on the case page


def tabs(actor: Person, case: Case) -> Iterator[Tab]:
    if _has_packet(actor, case):
        yield Tab(_("Packet"), url_for("packets.show", case_id=case.id))
    if policy.can_open_statement(actor, case):
        yield Tab(_("Statement"), url_for("packets.statement", case_id=case.id))
    if policy.can_open_referees(actor, case):
        yield Tab(_("Referees"), url_for("packets.referees", case_id=case.id))
    if _may_open_need(actor, case):
        yield Tab(_("Need for the role"), url_for("packets.justification", case_id=case.id))


def _has_packet(actor: Person, case: Case) -> bool:
    if Hat.CANDIDATE in hats(actor, case) or policy.can_read_draft(actor, case):
        return True
    return case.state not in (State.DRAFT, State.WITHDRAWN) and bool(policy.can_read_submitted(actor, case))


def _may_open_need(actor: Person, case: Case) -> bool:
    """The ballot and the decision are asked for only where the answer depends on them."""
    worn = hats(actor, case)
    if worn & {Hat.COMMITTEE, Hat.CHAIR} or (Hat.CANDIDATE in worn and case.state in AFTER_RELEASE):
        return bool(policy.can_open_need(actor, queries.need_of(session(), case)))
    return bool(worn & {Hat.MANAGER, Hat.PEOPLE_PARTNER})


def offers(actor: Person, case: Case) -> Iterator[Offer]:
    if case.state is State.DRAFT and policy.can_edit(actor, case):
        yield Offer(_("Write the packet"), url_for("packets.edit", case_id=case.id), kind="primary")
        href = url_for("packets.submit_form", case_id=case.id)
        yield Offer(_("Submit the packet"), href, reasons=submit_reasons(case))
    if case.state in statement.WRITABLE and policy.can_write_statement(actor, case):
        yield from _statement_offer(actor, case)


def _statement_offer(actor: Person, case: Case) -> Iterator[Offer]:
    row = queries.statement_by(session(), case, actor)
    if row is None or row.signed_at is None:
        label = _("Go on with your statement") if row else _("Write your statement")
        yield Offer(label, url_for("packets.statement", case_id=case.id), kind="primary")
