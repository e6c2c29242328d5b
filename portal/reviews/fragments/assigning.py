"""Who reviews a case, who could and who cannot; and who must stay away from it."""

from typing import Any

from flask_babel import gettext as _

from portal.cases import policy as case_policy
from portal.cases.fragments import frame
from portal.domain.case_flow import State
from portal.models.case import Case
from portal.models.person import Person
from portal.reviews import policy, queries
from portal.reviews.fragments.offered import side, steps
from portal.web.database import session

SHOWN = 25  # people to choose from at once; the rest are found by name


def choosing(actor: Person, case: Case, named: str = "") -> dict[str, Any]:
    """Who reviews the case, who could, and who cannot and why."""
    people = queries.choices(session(), case, actor, named=named)
    active = sorted(case.active_assignments, key=lambda a: a.reviewer.name)
    free = [a for a in active if not case_policy.conflict(a.reviewer, case)]
    fitting = sorted((c for c in people if not c.fitness.refusal), key=lambda c: (bool(c.fitness.warning), c.load))
    return {
        **frame(case),
        "assigned": [{"row": a, "conflict": case_policy.conflict(a.reviewer, case), **_standing(a)} for a in active],
        "available": fitting[:SHOWN],
        "more": len(fitting[SHOWN:]),
        "unavailable": [c for c in people if c.fitness.refusal],
        "named": named,
        "needed": case.reviewers_needed,
        "missing": max(0, case.reviewers_needed - len(free)),
        "crosses": any(a.track_kind != case.track_kind for a in free),
        "can_change": case.state in policy.ASSIGNABLE,
        "step_offers": list(steps(case)),
        "side": side,
        "in_review": case.state is State.IN_REVIEW,
    }


def _standing(assignment: Any) -> dict[str, Any]:
    review = assignment.review
    code, words = "planned", _("asked")
    if assignment.no_conflict_at:
        words = _("has opened the packet")
    if review:
        code, words = "in_review", _("is writing")
    if assignment.waived_at:
        code, words = "absent", _("released by a waiver")
    if review and review.sealed_at:
        code, words = "sealed", _("sealed")
    return {"code": code, "words": words, "sealed": bool(review and review.sealed_at)}


def keeping(case: Case) -> dict[str, Any]:
    """Recusals in force and lifted, with who said so; the parties a conflict is most often recorded for."""
    ids = {r.declared_by_id for r in case.recusals} | {r.person_id for r in case.recusals}
    ids |= {i for r in case.recusals for i in (r.confirmed_by_id, r.lift_asked_by_id, r.lifted_by_id) if i}
    committee = case.committee
    parties = {a.reviewer.id for a in case.active_assignments} | (committee.member_ids if committee else frozenset())
    people = queries.people_by_id(session(), ids | parties)
    return {
        **frame(case),
        "people": people,
        "reported": [r for r in case.recusals if r.lifted_at is None and r.pending],
        "in_force": [r for r in case.recusals if r.lifted_at is None and not r.pending],
        "lifted": [r for r in case.recusals if r.lifted_at is not None],
        "parties": sorted((people[i] for i in parties - case.recused_ids), key=lambda p: (p.name, p.id)),
        "frozen": queries.frozen_reviews(case),
    }
