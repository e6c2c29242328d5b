"""The context of the appeal's pages: what candidate and people partner see of it, and the record for its panel."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from portal.cases import queries as cases
from portal.cases.policy import Hat, hats
from portal.cases.words import step_in_words
from portal.decisions import policy, queries
from portal.decisions.commands import can_come_to_a_result, needed, result_of
from portal.decisions.forms import ANSWERS, AnswerForm, AppointForm, FindingForm, PickForm, StepAsideForm
from portal.domain.appeals import allowed
from portal.domain.case_flow import Action, State, step, unmet, words
from portal.domain.packet import sections_for
from portal.models.appeal import Appeal, AppealPanel
from portal.models.case import Case
from portal.models.decision import Decision, Outcome
from portal.models.person import Person
from portal.web.database import session
from portal.web.offers import Offer
from portal.web.prose import prose

OUTCOME_WORDS = {
    Outcome.APPROVED: "approved",
    Outcome.APPROVED_ON_TRIAL: "approved on trial",
    Outcome.NOT_YET: "not yet",
    Outcome.DEFERRED: "deferred",
    Outcome.DECLINED: "declined",
}


def appeal_page(actor: Person, case: Case) -> dict[str, Any]:
    """The newest appeal as one person may know it, and what they can do about it."""
    decision = next((d for d in reversed(case.decisions) if d.released_at), None)
    found = step(case.state, Action.APPEAL)
    waiting = policy.open_appeal(case)
    partner = waiting is not None and bool(policy.can_appoint(actor, case))
    filing = may_file(actor, case, decision)
    return {
        "case": case,
        "appeal": None if filing else case.appeals[-1] if case.appeals else None,
        "earlier": [a for a in case.appeals[:-1] if a.answered_at] if not filing else list(case.appeals),
        "decision": decision,
        "words": OUTCOME_WORDS,
        "state_words": words,
        "until": cases.appeal_until(case, decision),
        "may_file": filing,
        "closed": unmet(found, cases.facts_for(session(), case)) if found else (),
        "panel": waiting.panel if waiting and partner else None,
        "count": _count(actor, waiting.panel) if waiting and partner else None,
        "presiding": policy.presides(case) if partner else None,
        "may_appoint": partner and not (waiting and _has_result(waiting)),
        "short": bool(partner and waiting and waiting.panel and not can_come_to_a_result(waiting.panel)),
        "prose": prose,
        "letter_jobs": queries.letter_jobs(session(), case),
        "may_retry": Hat.PEOPLE_PARTNER in hats(actor, case),
    }


def may_file(actor: Person, case: Case, decision: Decision | None) -> bool:
    used = policy.appeal_against(case, decision) is not None if decision else True
    return case.state in (State.RELEASED, State.CLOSED) and not used and bool(policy.can_file(actor, case))


def _count(actor: Person, panel: AppealPanel | None) -> Any:
    return result_of(panel) if panel and policy.can_read_count(actor, panel) else None


def _has_result(waiting: Appeal) -> bool:
    panel = waiting.panel
    return panel is not None and panel.closed_at is not None and can_come_to_a_result(panel)


def picked(actor: Person, case: Case, given: Mapping[str, Any], form: AppointForm | None = None) -> dict[str, Any]:
    """Choosing a panel in two steps without a script: tick and search as often as wanted, then say who presides.
    Everyone on the page can be appointed; whoever cannot is not there, and why is not said."""
    pick = PickForm(given)
    mine = queries.chosen(session(), case, actor, pick.member.data or [])
    found = queries.eligible(session(), case, actor, pick.find.data or "")
    listed = [*mine, *(person for person in found if person not in mine)]
    titles = {level.id: level.title for level in cases.family_of(case).levels}
    pick.member.choices = [SelectChoice(p.id, _said(p, case, titles)) for p in listed]
    if form is None:
        waiting = policy.open_appeal(case)
        form = AppointForm(formdata=None, seen=len(waiting.panels) if waiting else 0)
        form.presides.data = mine[0].id if mine else None
    form.presides.choices = [SelectChoice(p.id, p.name) for p in mine]
    capped = len(found) == queries.MOST_OFFERED
    return {"pick": pick, "chosen": mine, "appoint_form": form, "needed": needed(case), "capped": capped}


def _said(person: Person, case: Case, titles: Mapping[str, str]) -> str:
    """Name, level where it is of the case's ladder, and address: two people may share a name."""
    title = titles.get(str(person.level_id)) if person.family_id == case.family_id else None
    return ", ".join(part for part in (person.name, title, person.email) if part)


def answer_page(actor: Person, case: Case) -> dict[str, Any]:
    """The record and the vote, for the members of the panel: their own answer, no count before the vote is closed."""
    waiting = policy.open_appeal(case)
    panel = waiting.panel if waiting else None
    seat = policy.seat_of(actor, case)
    if waiting is None or panel is None or seat is None:
        raise LookupError("the appeal has no panel on which this person sits")
    first = policy.presides(case)
    finding = FindingForm(formdata=None, finding=seat.finding.value if seat.finding else None)
    return {
        **_record(case, waiting.decision),
        "case": case,
        "appeal": waiting,
        "words": OUTCOME_WORDS,
        "prose": prose,
        "panel": panel,
        "seat": seat,
        "presiding": first,
        "presides": first is seat,
        "count": _count(actor, panel),
        "finding_form": finding,
        "aside_form": StepAsideForm(formdata=None),
        "form": answer_form(AnswerForm(formdata=None), panel),
    }


def answer_form(form: AnswerForm, panel: AppealPanel) -> AnswerForm:
    """Only the answers that agree with the panel's count can be chosen; the only one is chosen."""
    possible = allowed(result_of(panel)) if panel.closed_at else ()
    form.action.choices = [SelectChoice(a.value, ANSWERS[a]) for a in possible]
    if len(possible) == 1 and not form.action.data:
        form.action.data = possible[0].value
    return form


def _record(case: Case, decision: Decision) -> dict[str, Any]:
    """The decision, the vote, the steps, the packet, the statement, what calibration changed, the reviews by
    pseudonym."""
    snapshot = queries.last_snapshot(session(), case)
    content = snapshot.content if snapshot else {"sections": {}, "evidence": []}
    rubric = cases.rubric_of(case)
    return {
        "decision": decision,
        "rubric": rubric,
        "names": {line.id: line.name for line in rubric.competencies},
        "tally": cases.count(decision.ballot),
        "sections": [(sec, content["sections"].get(sec.code, {})) for sec in sections_for(case.grade, case.case_type)],
        "evidence": content["evidence"],
        "steps": [(line.at, step_in_words(line.action)) for line in case.events if line.at <= decision.recorded_at],
        "changes": queries.changes_of(session(), case, decision.recorded_at),
        "statement": queries.statement_of(session(), case),
        "reviews": [(a.pseudonym, a.review) for a in case.active_assignments if a.review and a.review.sealed_at],
    }


def appeal_offers(actor: Person, case: Case) -> Iterator[Offer]:
    waiting = policy.open_appeal(case)
    there = url_for("decisions.appeal", case_id=case.id)
    if waiting and policy.can_appoint(actor, case) and Hat.PEOPLE_PARTNER in hats(actor, case):
        short = waiting.panel is None or not can_come_to_a_result(waiting.panel)
        if short:
            yield Offer(_("Appoint who answers the appeal"), there, kind="primary")
