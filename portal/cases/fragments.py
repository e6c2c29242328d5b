"""The context of a case's own fragments, and what this room offers on the case page."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms import SelectChoice

from portal.adapters.clock import now
from portal.cases import listing, openings, policy, queries
from portal.cases.forms import OpenForm
from portal.cases.previous import gaps_for
from portal.domain.case_flow import ROAD, Action, State, reached, step, steps_from, unmet, words
from portal.domain.case_types import KINDS, Kind, Opener
from portal.models.case import Case
from portal.models.person import Person, Role
from portal.people.queries import suggestions
from portal.web.database import session
from portal.web.offers import Offer, Tab

TYPE_NAMES = {code: kind.name for code, kind in KINDS.items()}
TRACKS = {"ic": "Individual contributor", "manager": "Manager", "lead": "Technical lead", "advisor": "Advisor"}
OPENERS = {
    Opener.PERSON: "Only the person themself opens it.",
    Opener.PERSON_OR_MANAGER: "The person opens it, or their manager nominates them.",
    Opener.PEOPLE_PARTNER: "A people partner opens it.",
}


def frame(case: Case) -> dict[str, Any]:
    """What the head of every page about one case shows."""
    shown = policy.shown_state(current_user._get_current_object(), case)
    return {
        "case": case,
        "rubric": queries.rubric_of(case),
        "shown_state": shown,
        "from_title": queries.from_title(case),
        "type_name": _(TYPE_NAMES[case.case_type]),
        "carried": queries.carried_of(case),
        "steps": progress(shown),
    }


def list_page(actor: Person, given: Mapping[str, str]) -> dict[str, Any]:
    """The list of cases. `given` are the query's arguments; what is no state, track or number narrows nothing."""
    asked = listing.Asked(
        name=given.get("name", "").strip()[:200],
        cycle=given.get("cycle", "")[:60],
        state=given.get("state", "") if given.get("state") in set(State) else "",
        track=given.get("track", "") if given.get("track") in TRACKS else "",
    )
    number = int(given["page"]) if given.get("page", "").isdecimal() and len(given["page"]) < 7 else 1
    page = listing.page_for(session(), actor, asked, number=number)
    kept = {key: value for key, value in vars(asked).items() if value}
    return {
        "page": page,
        "asked": asked,
        "titles": queries.level_titles(session(), [row.rubric_hash for row in page.rows]),
        "types": TYPE_NAMES,
        "cycles": [(row.slug, row.name) for row in listing.cycles_of(session(), actor)],
        "states": [(state.value, _(words(state))) for state in State],
        "tracks": [(kind, _(name)) for kind, name in TRACKS.items()],
        "page_url": lambda n: url_for("cases.index", **kept, page=n),
    }


def show_page(actor: Person, case: Case) -> dict[str, Any]:
    """The case's own page: what is scored, what is carried, and the last letter's gaps for those who may read it."""
    crossing = queries.path_of(case)
    return {
        **frame(case),
        "hats": policy.hats(actor, case),
        "means": _(KINDS[case.case_type].means),
        "crossing": crossing,
        "gaps": gaps_for(session(), actor, case),
        "has_dates": bool(calendar_dates(actor, case, now())),
        "why_now": case.reason if _reads_reason(actor, case) else "",
    }


def _reads_reason(actor: Person, case: Case) -> bool:
    """Why a case lies outside the dates concerns those who answer for it, not who scores it."""
    reads = {policy.Hat.CANDIDATE, policy.Hat.MANAGER, policy.Hat.PEOPLE_PARTNER}
    return bool(policy.hats(actor, case) & reads)


def new_page(actor: Person, person: Person, form: OpenForm) -> dict[str, Any]:
    """What can be opened for one person, by type, with what each type means and who opens it."""
    choice = openings.choice_for(session(), actor, person, now())
    form.person.data = person.id
    form.opening.choices = [SelectChoice(o.key, _opening_words(o)) for o in choice.possible]
    looks_up = actor.has(Role.PEOPLE_PARTNER)
    listed = {o.case_type for o in (*choice.possible, *choice.closed)}
    reasons = {o.why_not for o in choice.closed}
    return {
        "form": form,
        "person": person,
        "choice": choice,
        "groups": _by_type(choice.possible),
        "closed": _by_type(choice.closed),
        "only_reason": reasons.pop() if len(reasons) == 1 and not choice.possible else "",
        "people": openings.people_for(session(), actor),
        "own_dates": any(o.case_type in openings.OWN_DATES for o in choice.possible),
        "looks_up": looks_up,
        "suggestions": suggestions(session()) if looks_up else [],
        "others": [kind for code, kind in KINDS.items() if code not in listed],
        "openers": OPENERS,
    }


def _by_type(found: tuple[openings.Opening, ...]) -> list[tuple[Kind, list[openings.Opening]]]:
    return [(KINDS[code], list(group)) for code, group in groupby(found, key=lambda o: o.case_type)]


def _opening_words(opening: openings.Opening) -> str:
    level, cycle = opening.level, opening.cycle
    if level is None or cycle is None:
        return ""
    if level.grade is None:
        return str(_("to %(level)s, %(cycle)s", level=level.title, cycle=cycle.name))
    return str(_("to %(level)s (grade %(grade)s), %(cycle)s", level=level.title, grade=level.grade, cycle=cycle.name))


def calendar_dates(actor: Person, case: Case, at: datetime) -> list[tuple[str, str, datetime]]:
    """The dates of a case that concern this person and lie ahead, for a calendar file; not whose case it is."""
    worn, shown = policy.hats(actor, case), policy.shown_state(actor, case)
    runs = policy.Hat.PEOPLE_PARTNER in worn
    here = url_for("cases.show", case_id=case.id)
    found = []
    if shown is State.DRAFT and (runs or worn & {policy.Hat.CANDIDATE, policy.Hat.MANAGER}):
        found.append((here, _("packet due"), case.submit_by))
    if shown in (State.SUBMITTED, State.IN_REVIEW) and (runs or policy.Hat.REVIEWER in worn):
        found.append((here, _("reviews due"), case.cycle.review_by))
    if shown in (State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.IN_CALIBRATION):
        found.append((here, _("decision due"), case.cycle.decide_by))
    return [one for one in found if one[2] > at]


def progress(shown: State) -> list[dict[str, str]]:
    """The road with where the case stands on it; a withdrawn case is on no road."""
    if shown is State.WITHDRAWN:
        return []
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
