"""The scoring form beside the packet: what is asked, what was given, how far one is, and where in the queue."""

from typing import Any

from babel.dates import format_time
from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.cases.fragments import frame
from portal.cases.queries import rubric_of
from portal.domain.case_flow import State
from portal.domain.ladder import Rubric, RubricCompetency
from portal.domain.packet import sections_for
from portal.models.case import Case
from portal.models.packet import Snapshot
from portal.models.person import Person
from portal.models.review import AmendedScore, Amendment, Review, Score
from portal.models.unsent import UnsentForm
from portal.packets import queries as packets
from portal.packets.fragments import kept_label
from portal.packets.reading import reading
from portal.packets.word_diff import changes
from portal.people.naming import Named
from portal.reviews import policy, queries
from portal.reviews.commands import latest_version, version_number
from portal.reviews.forms import (
    CANNOT_ASSESS,
    AmendForm,
    ReviewForm,
    choice_of,
    cites_of,
    filled,
    rationale_of,
    review_form,
)
from portal.web.database import session
from portal.web.filters import viewer_zone, zone_name
from portal.web.prose import prose


def writing(
    actor: Person, case: Case, form: ReviewForm | None = None, kept: queries.Wanted = queries.EVERYTHING
) -> dict[str, Any]:
    """The form beside the packet: what is asked, what was given, how far one is, and where in the queue."""
    mine = policy.own_assignment(actor, case)
    review = mine.review if mine else None
    snapshot = packet_for(case, review)
    evidence = evidence_of(snapshot)
    writable = policy.can_write(actor, case)
    form = form or review_form(rubric_of(case), evidence, formdata=None, data=filled(review))
    return {
        **_page(actor, case, review, snapshot, form),
        "kept": kept,
        "place": queries.place_in(queries.queue(session(), actor), case.id, kept),
        "versions": later_versions(rubric_of(case), review),
        "version": version_number(review) if review and review.sealed_at else 0,
        "dated": True,
        "may_amend": bool(policy.can_amend(actor, case)),
        "others_open": bool(policy.can_read_reviews(actor, case)),
        "open_to_write": bool(writable),
        "why_closed": writable.why,
    }


def amending(actor: Person, case: Case, form: ReviewForm | None = None, named: Named | None = None) -> dict[str, Any]:
    """The same form over a sealed review, filled with what its writer said last, and a reason to give."""
    mine = policy.own_assignment(actor, case)
    review = mine.review if mine else None
    snapshot = packet_for(case, review)
    begun = packets.unsent(session(), case, actor, UnsentForm.AMENDMENT)
    if form is None and review is not None:
        data = dict(begun.texts) if begun and begun.texts else filled(latest_version(review))
        data |= {"version": version_number(review), "kept": begun.version if begun else 0}
        form = review_form(rubric_of(case), evidence_of(snapshot), AmendForm, formdata=None, data=data)
    assert form is not None
    page = _page(actor, case, review, snapshot, form)
    return {**page, "kept": queries.EVERYTHING, "place": None, "named": named, "waiting": kept_label(begun)}


def packet_for(case: Case, review: Review | None) -> Snapshot | None:
    """The newest packet while the case is in review; afterwards the one a sealed review was last said to rest on."""
    if review and review.sealed_at and case.state is not State.IN_REVIEW:
        return latest_version(review).snapshot
    return packets.latest_snapshot(session(), case)


def _page(
    actor: Person, case: Case, review: Review | None, snapshot: Snapshot | None, form: ReviewForm
) -> dict[str, Any]:
    framed = frame(case)
    rubric: Rubric = framed["rubric"]
    evidence = evidence_of(snapshot)
    return {
        **framed,
        "form": form,
        "review": review,
        "given": given(rubric, review),
        "summary": prose(review.summary) if review else "",
        "snapshot": snapshot,
        **_since(case, rubric, review, snapshot),
        "blocks": [_block(form, line, evidence, points_of(rubric)) for line in rubric.competencies],
        "saved": saved_words(rubric, review),
        "reading": reading(rubric, case.grade, snapshot.content) if snapshot else None,
        "feedback": _feedback(case),
    }


def _since(case: Case, rubric: Rubric, review: Review | None, snapshot: Snapshot | None) -> dict[str, Any]:
    """Whether the packet moved on under a review, and what changed in it, word by word."""
    if snapshot is None:
        return {"changed_since": None, "changes": (), "diff_from": 0, "diff_href": ""}
    before = latest_version(review).snapshot if review else snapshot
    moved = before.id != snapshot.id
    return {
        "changed_since": before if moved else None,
        "changes": changes(case.grade, rubric, before.content, snapshot.content, case.case_type) if moved else (),
        "diff_from": snapshot.number - 1,
        "diff_href": url_for("packets.snapshot", case_id=case.id, number=snapshot.number, _anchor="changes"),
    }


def _block(
    form: ReviewForm, line: RubricCompetency, evidence: list[dict[str, Any]], points: list[dict[str, Any]]
) -> dict[str, Any]:
    """One competency of the form. Evidence the candidate put under it comes first, the rest behind a fold."""
    options = list(form[cites_of(line.id)])
    score = list(form[choice_of(line.id)])
    own = {row["id"] for row in evidence if row["competency"] == line.id}
    return {
        "line": line,
        "score": form[choice_of(line.id)],
        "points": list(zip(score, points, strict=False)),
        "no_score": score[len(points) :],
        "why": form[rationale_of(line.id)],
        "cites": [option for option in options if option.data in own],
        "other_cites": [option for option in options if option.data not in own],
        "cited_elsewhere": any(option.checked for option in options if option.data not in own),
    }


def points_of(rubric: Rubric) -> list[dict[str, Any]]:
    points = rubric.scale.points if rubric.scale else ()
    return [{"value": int(p.value), "name": p.name, "anchor": p.anchor} for p in points]


def saved_words(rubric: Rubric, review: Review | None) -> str:
    """How far the review is, and when it was last kept, by the viewer's clock, the zone named."""
    done = sum(row.given for row in review.scores) if review else 0
    far: str = _("%(done)s of %(all)s scored", done=done, all=len(rubric.competencies))
    if review is None:
        return far
    moment = format_time(review.saved_at.astimezone(viewer_zone()), "HH:mm", locale=str(get_locale() or "en"))
    kept: str = _("saved %(time)s", time=f"{moment} {zone_name(review.saved_at)}")
    return f"{far} · {kept}"


def evidence_of(snapshot: Snapshot | None) -> list[dict[str, Any]]:
    return list(snapshot.content.get("evidence", ())) if snapshot else []


def _feedback(case: Case) -> list[dict[str, Any]]:
    """What colleagues say, under their pseudonyms."""
    names = {section.code: _(section.title) for section in sections_for(case.grade, case.case_type)}
    return [
        {
            "who": row.pseudonym,
            "answers": [(names.get(code, code), prose(text)) for code, text in sorted(row.answers.items())],
            "reason_not_to": prose(row.reason_not_to),
        }
        for row in packets.feedback(session(), case)
    ]


# What was given, in words


def later_versions(rubric: Rubric, review: Review | None) -> list[dict[str, Any]]:
    """What a writer said after the seal, version by version: only what differs from the version before."""
    if review is None:
        return []
    found, before = [], given(rubric, review)
    for row in review.amendments:
        now = given(rubric, row)
        told = [(old["said"], new) for old, new in zip(before, now, strict=True) if _differs(old, new)]
        found.append({"row": row, "changed": told, "summary": prose(row.summary), "said": now})
        before = now
    return found


def _differs(old: dict[str, Any], new: dict[str, Any]) -> bool:
    return any(old[part] != new[part] for part in ("said", "why", "cites"))


def given(rubric: Rubric, review: Review | Amendment | None) -> list[dict[str, Any]]:
    """One row a competency: the score in words, the rationale as text, the claims it rests on."""
    rows = {row.competency_id: row for row in review.scores} if review else {}
    claims = {row["id"]: row["claim"] for row in evidence_of(review.snapshot if review else None)}
    return [_given(rubric, line, rows.get(line.id), claims) for line in rubric.competencies]


def _given(
    rubric: Rubric, line: RubricCompetency, row: Score | AmendedScore | None, claims: dict[str, str]
) -> dict[str, Any]:
    return {
        "line": line,
        "said": said(rubric, row),
        "short": "–" if row is None or row.value is None else str(row.value),
        "why": prose(row.rationale) if row else "",
        "cites": [claims[cited] for cited in row.cites if cited in claims] if row else [],
    }


def said(rubric: Rubric, row: Score | AmendedScore | None) -> str:
    """A score in words: number and name of the point, or why there is none."""
    if row is None or not row.given:
        return "–"
    if row.no_score is not None:
        return str(_("cannot assess: %(why)s", why=CANNOT_ASSESS[row.no_score]))
    point = rubric.scale.point(float(row.value or 0)) if rubric.scale else None
    return f"{row.value} · {_(point.name)}" if point else str(row.value)
