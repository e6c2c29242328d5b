"""What was given, said once more before it is sealed; and sealed reviews side by side, once they are open."""

from typing import Any

from flask_babel import gettext as _

from portal.cases.fragments import frame
from portal.domain.ladder import Rubric
from portal.models.case import Case
from portal.models.person import Person
from portal.models.review import Review
from portal.packets import queries as packets
from portal.people.naming import Named, named_in
from portal.reviews import policy, queries
from portal.reviews.commands import unfinished
from portal.reviews.fragments.offered import side
from portal.reviews.fragments.writing import given, later_versions
from portal.web.database import session
from portal.web.prose import prose


def sealing(actor: Person, case: Case) -> dict[str, Any]:
    """What was given, said once more before it is locked."""
    framed = frame(case)
    rubric: Rubric = framed["rubric"]
    mine = policy.own_assignment(actor, case)
    review = mine.review if mine else None
    latest = packets.latest_snapshot(session(), case)
    missing = list(unfinished(rubric, review))
    if review and latest and review.snapshot_id != latest.id:
        missing.append(_("The packet has changed: look at what is new, and say whether your scores stand."))
    rows = given(rubric, review)
    return {
        **framed,
        "review": review,
        "given": rows,
        "summary": prose(review.summary) if review else "",
        "uncited": [row["line"].name for row in rows if row["short"] != "–" and not row["cites"]],
        "missing": missing,
        "named": _named(actor, case, review),
        "snapshot": latest,
    }


def _named(actor: Person, case: Case, review: Review | None) -> Named:
    texts = [review.summary, *(row.rationale for row in review.scores)] if review else []
    return named_in(session(), texts, writer=actor, about=case.candidate)


def reading(actor: Person, case: Case) -> dict[str, Any]:
    """Sealed reviews side by side, and the manager's statement. Names only for those who may have them."""
    s = session()
    framed = frame(case)
    rubric: Rubric = framed["rubric"]
    named = policy.can_see_names(actor, case)
    columns = [_column(rubric, review, actor, named) for review in queries.sealed_reviews(s, case)]
    newest = packets.latest_snapshot(s, case)
    statements = [
        {
            "writer": row.writer.name,
            "supports": row.supports,
            "parts": [
                (_("Strengths"), prose(row.strengths)),
                (_("Gaps"), prose(row.gaps)),
                (_("At the current level"), prose(row.current_level)),
            ],
        }
        for row in packets.signed_statements(s, case)
    ]
    return {**framed, "columns": columns, "named": named, "newest": newest, "statements": statements}


def _column(rubric: Rubric, review: Review, actor: Person, named: bool) -> dict[str, Any]:
    """One review. Fellow reviewers get no name, no side and no time: each could tell who wrote it."""
    assignment = review.assignment
    mine = assignment.reviewer_id == actor.id
    return {
        "who": assignment.reviewer.name if named else _("You") if mine else assignment.pseudonym,
        "kind": assignment.track_kind if named else "",
        "side": side(assignment.track_kind) if named else "",
        "snapshot": review.snapshot,
        "summary": prose(review.summary),
        "sealed_at": review.sealed_at if named or mine else None,
        "cells": {row["line"].id: row for row in given(rubric, review)},
        "versions": later_versions(rubric, review),
        "dated": named or mine,
    }
