"""The context of the decision's pages, and what this room offers on the case page and a cycle's."""

from collections.abc import Iterator
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from portal.cases import fragments as case_fragments
from portal.cases import queries as cases
from portal.cases.policy import presiding
from portal.decisions import policy, queries
from portal.decisions.forms import OUTCOMES, DecisionForm
from portal.decisions.fragments.appeal import OUTCOME_WORDS, appeal_offers, may_file
from portal.domain.case_flow import Action, Reason, State, step, unmet
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.person import Person
from portal.web.database import session
from portal.web.offers import Offer, Tab
from portal.web.prose import prose


def decision_page(actor: Person, case: Case, form: DecisionForm | None = None) -> dict[str, Any]:
    """What one person may know of the decision, by their sight; the chair's form where they may write."""
    decision = policy.newest_seen(actor, case)
    deciding = policy.may_decide(actor, case)
    page = {
        **case_fragments.frame(case),
        "decision": decision,
        "sight": policy.sight(actor, decision) if decision else None,
        "words": OUTCOME_WORDS,
        "deciding": deciding,
        "form": None,
        "closed": (),
        "reasons": prose(decision.reasons) if decision else "",
        "asked_again": policy.asked_again(actor, case),
        "prose": prose,
    }
    return page | (_deciding(actor, case, form) if deciding else {})


def _deciding(actor: Person, case: Case, form: DecisionForm | None) -> dict[str, Any]:
    found = queries.closed_ballot(session(), case)
    closed, after = record_reasons(case), case.state in (State.RELEASED, State.CLOSED)
    writes = bool(policy.can_record(actor, case)) and not closed and found is not None
    return {
        "tally": found[1] if found else None,
        "clauses": queries.unmet_in(found[0]) if found else [],
        "check": queries.last_check(session(), case),
        "earlier": list(reversed(case.decisions[:-1])),
        "closed": closed,
        "corrects": case.state is State.DECIDED or after,
        "corrects_released": after,
        "nobody_presides": case.state in (State.IN_CALIBRATION, State.DECIDED) and presiding(case) is None,
        "chairs": bool(policy.can_record(actor, case)),
        "form": (form or decision_form(case, formdata=None)) if writes else None,
        "may_confirm": waits_for(actor, case),
    }


def record_reasons(case: Case) -> tuple[Reason, ...]:
    """Why no decision can be recorded now; empty when one can, or a corrected version of it."""
    if case.state is State.DECIDED or case.state in (State.RELEASED, State.CLOSED):
        return ()
    found = step(case.state, Action.DECIDE)
    if found is None:
        return (Reason("not_now", "A decision is recorded in calibration and corrected until its release."),)
    return unmet(found, cases.facts_for(session(), case))


def decision_form(case: Case, **kwargs: Any) -> DecisionForm:
    """The form with the clauses and outcomes of the closed ballot; a sent form keeps every outcome, so that one the
    ballot forbids is refused with the reason."""
    newest = case.decisions[-1] if case.decisions else None
    given = {"obj": newest} if newest and "formdata" in kwargs else {}
    form = DecisionForm(**kwargs, **given)
    found = queries.closed_ballot(session(), case)
    form.unmet.choices = [SelectChoice(c["code"], c["sentence"]) for c in queries.unmet_in(found[0])] if found else []
    if "formdata" in kwargs:
        form.seen.data = len(case.decisions)
        form.unmet.data = [c["code"] for c in newest.unmet] if newest else []
        form.correction.data = ""
        form.outcome.data = newest.outcome.value if newest else None
        offer_allowed(form, case)
    return form


def offer_allowed(form: DecisionForm, case: Case) -> None:
    """Leave only the outcomes the ballot allows to choose from; the only one is chosen."""
    found = queries.closed_ballot(session(), case)
    allowed = queries.outcomes_of(case, found[1]) if found else ()
    form.outcome.choices = [SelectChoice(o.value, OUTCOMES[o]) for o in allowed]
    if len(allowed) == 1:
        form.outcome.data = allowed[0].value


def waits_for(actor: Person, case: Case) -> bool:
    """This person may confirm a decision that nobody has confirmed yet."""
    newest = case.decisions[-1] if case.decisions else None
    stands = case.state is State.DECIDED or policy.correction_waits(case)
    waiting = newest is not None and newest.confirmed_at is None and stands
    return waiting and bool(policy.can_confirm(actor, case))


def tabs(actor: Person, case: Case) -> Iterator[Tab]:
    if policy.can_see_decision(actor, case):
        yield Tab(_("Decision"), url_for("decisions.show", case_id=case.id))
    if case.appeals and policy.can_see_appeal(actor, case):
        yield Tab(_("Appeal"), url_for("decisions.appeal", case_id=case.id))


def cycle_tabs(actor: Person, cycle: Cycle) -> Iterator[Tab]:
    if policy.can_list(actor, cycle):
        yield Tab(_("Decisions"), url_for("decisions.index", slug=cycle.slug))


def offers(actor: Person, case: Case) -> Iterator[Offer]:
    yield from _committee_offers(actor, case)
    yield from _candidate_offers(actor, case)
    yield from appeal_offers(actor, case)


def _committee_offers(actor: Person, case: Case) -> Iterator[Offer]:
    there = url_for("decisions.show", case_id=case.id)
    if case.state is State.IN_CALIBRATION and policy.can_record(actor, case):
        yield Offer(
            _("Record the decision"), there, reasons=record_reasons(case), who=_("the committee"), kind="primary"
        )
    if waits_for(actor, case):
        yield Offer(_("Read and confirm the decision"), there, kind="primary")


def _candidate_offers(actor: Person, case: Case) -> Iterator[Offer]:
    if case.state not in (State.RELEASED, State.CLOSED) or not policy.can_acknowledge(actor, case):
        return
    if case.acknowledged_at is None and case.state is State.RELEASED:
        href = url_for("decisions.acknowledge", case_id=case.id)
        hint = _("You confirm that you have read it, not that you agree. You can still appeal.")
        yield Offer(_("Acknowledge the letter"), href, post=True, kind="primary", hint=hint)
    newest = policy.newest_seen(actor, case)
    if may_file(actor, case, newest):
        found = step(case.state, Action.APPEAL)
        reasons = unmet(found, cases.facts_for(session(), case)) if found else ()
        yield Offer(_("Appeal"), url_for("decisions.appeal", case_id=case.id), reasons=reasons)
