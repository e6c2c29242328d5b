"""The context of a case's own fragments, and what this room offers on the case page."""

from collections.abc import Iterator
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal.cases import policy, queries
from portal.domain.case_flow import ROAD, Action, State, reached, step, steps_from, unmet, words
from portal.models.case import Case
from portal.models.person import Person
from portal.web.database import session
from portal.web.offers import Offer, Tab


def frame(case: Case) -> dict[str, Any]:
    """What the head of every page about one case shows."""
    shown = policy.shown_state(current_user._get_current_object(), case)
    return {
        "case": case,
        "rubric": queries.rubric_of(case),
        "shown_state": shown,
        "from_title": queries.from_title(case),
        "steps": progress(shown),
    }


def progress(shown: State) -> list[dict[str, str]]:
    done = list(reached(shown))
    return [{"name": _(words(s)), "state": _stand(s, done)} for s in ROAD]


def _stand(state: State, done: list[State]) -> str:
    if done and state is done[-1]:
        return "current"
    return "done" if state in done else "next"


def tabs(actor: Person, case: Case) -> Iterator[Tab]:
    yield Tab(_("Overview"), url_for("cases.show", case_id=case.id))
    if policy.can_see_history(actor, case):
        yield Tab(_("History"), url_for("cases.history", case_id=case.id))


def offers(actor: Person, case: Case) -> Iterator[Offer]:
    if policy.can_accept(actor, case) and not case.accepted:
        yield Offer(_("Accept the nomination"), url_for("cases.accept", case_id=case.id), post=True, kind="primary")
    possible = {s.action for s in steps_from(case.state)}
    if Action.RETURN in possible and policy.can_return(actor, case):
        yield Offer(_("Return for evidence"), url_for("cases.return_form", case_id=case.id))
    if case.state is State.DRAFT and policy.can_run(actor, case):
        yield Offer(_("Grant more time"), url_for("cases.extension_form", case_id=case.id))
    if Action.WITHDRAW in possible and policy.can_withdraw(actor, case):
        yield Offer(_("Withdraw"), url_for("cases.withdraw_form", case_id=case.id), kind="quiet")
    if Action.REVIVE in possible and policy.can_revive(actor, case):
        yield closed_or_open(case, Action.REVIVE, _("Take it up again"), "cases.revive", _("a people partner"))


def closed_or_open(case: Case, action: Action, label: str, endpoint: str, who: str) -> Offer:
    """A one-click step of the flow table: open, or closed with the table's reasons."""
    found = step(case.state, action)
    reasons = unmet(found, queries.facts_for(session(), case)) if found else ()
    href = url_for(endpoint, case_id=case.id)
    return Offer(label, href, post=True, reasons=reasons, who=who, kind="primary")
