"""The packet as it is read: the draft for those who may read one, else what was submitted last."""

from typing import Any

from babel.dates import format_datetime

from portal.cases.fragments import frame
from portal.cases.queries import rubric_of
from portal.models.case import Case
from portal.models.person import Person
from portal.models.unsent import UnsentForm
from portal.packets import forms, policy, queries
from portal.packets.fragments.comments import choices, said
from portal.packets.fragments.editor import progress_of
from portal.packets.fragments.saving import kept_label
from portal.packets.reading import reading
from portal.packets.typesetting import Head, page
from portal.web.database import session


def packet_page(actor: Person, case: Case) -> dict[str, Any]:
    """The draft as reviewers will see it, for those who may read a draft; else what was submitted last."""
    rubric = rubric_of(case)
    shared = {**frame(case), "snapshots": queries.snapshots(session(), case), "own": actor.id == case.candidate_id}
    shared |= {"comment_form": None}
    latest = queries.latest_snapshot(session(), case)
    if policy.can_read_draft(actor, case) or latest is None:
        draft = queries.draft(session(), case)
        content = queries.content_of(case, draft)
        shared |= progress_of(case, rubric, draft) if shared["own"] else {}
        shared |= commenting(actor, case) if policy.can_comment(actor, case) else {}
        return shared | {"reading": reading(rubric, case.grade, content, case.case_type), "snapshot": None}
    return shared | {"reading": reading(rubric, case.grade, latest.content, case.case_type), "snapshot": latest}


def packet_pdf(actor: Person, case: Case) -> str:
    """The HTML that becomes the PDF of exactly what the page of the packet shows this person."""
    shown = packet_page(actor, case)
    snapshot, rubric, name = shown["snapshot"], shown["rubric"], case.candidate.name
    if snapshot:
        day = format_datetime(snapshot.taken_at, "d MMMM y, HH:mm", locale="en")
        stand, proof = f"Snapshot {snapshot.number}, submitted {day} UTC", f"SHA-256 {snapshot.content_hash}"
    else:
        stand, proof = "A draft that was not submitted", "No content hash: a draft may still change"
    grade = f", grade {case.grade}" if rubric.grade is not None else ""
    about = f"{shown['from_title']} to {rubric.level.title}{grade} · {rubric.family_name} · {case.cycle.name}"
    return page(Head(f"Packet: {name}, {rubric.level.title}", about, stand, proof), shown["reading"])


def commenting(actor: Person, case: Case, form: forms.CommentForm | None = None) -> dict[str, Any]:
    """The manager's own comments on a shared draft, and the form for another."""
    begun = queries.unsent(session(), case, actor, UnsentForm.COMMENT)
    held = {**begun.texts, "kept": begun.version} if begun else {"kept": 0}
    form = form or forms.CommentForm(formdata=None, data=held)
    form.section.choices = choices(case)
    own = [row for row in queries.comments(session(), case) if row.writer_id == actor.id]
    return {"comment_form": form, "comments": said(case, own), "comment_status": kept_label(begun)}
