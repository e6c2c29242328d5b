"""The context of the trial's page, and what this room offers on the case page."""

from collections.abc import Iterator
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal.adapters.clock import now
from portal.cases import fragments as case_fragments
from portal.cases.queries import family_of
from portal.domain.case_flow import AFTER_RELEASE
from portal.domain.case_types import CaseType
from portal.domain.trials import DECIDE_WITHIN, Standing
from portal.models.case import Case
from portal.models.person import Person
from portal.models.trial import Trial, TrialEnd
from portal.trials import policy, queries
from portal.trials.forms import ConfirmForm, HomeForm
from portal.web.database import session
from portal.web.offers import Offer, Tab
from portal.web.prose import prose

STANDINGS = {
    Standing.COMING: "begins soon",
    Standing.RUNNING: "running",
    Standing.DUE: "to be decided",
    Standing.OVERDUE: "overdue: no decision is recorded",
    Standing.CONFIRMED: "confirmed",
    Standing.RETURNED: "back home",
}
ENDS = {TrialEnd.CONFIRMED: "Confirmed", TrialEnd.RETURNED: "Back home"}
UNDECIDED = frozenset({Standing.COMING, Standing.RUNNING, Standing.DUE, Standing.OVERDUE})
DECIDABLE = frozenset({Standing.DUE, Standing.OVERDUE})
TRIED = frozenset({CaseType.SWITCH, CaseType.TO_ADVISOR, CaseType.FROM_ADVISOR})


def trial_page(
    actor: Person, trial: Trial, confirming: ConfirmForm | None = None, going: HomeForm | None = None
) -> dict[str, Any]:
    case, today = trial.case, queries.today_of(trial.case, now())
    stands = queries.standing_of(trial, now())
    home = family_of(case).level(trial.home_level_id)
    may_confirm = bool(policy.can_confirm(actor, trial)) and stands in UNDECIDED
    may_go = bool(policy.can_return(actor, trial)) and _way_is_open(trial, stands, today)
    start = {"effective_on": max(today, trial.starts_on)}
    return {
        **case_fragments.frame(case),
        "trial": trial,
        "home": home,
        "standing": stands,
        "standing_words": _(STANDINGS[stands]),
        "ends": [(_(ENDS[end.outcome]), end, prose(end.reason)) for end in trial.ends],
        "confirming": (confirming or ConfirmForm(formdata=None)) if may_confirm and stands in DECIDABLE else None,
        "confirm_from": trial.ends_on - DECIDE_WITHIN if may_confirm and stands not in DECIDABLE else None,
        "going": (going or HomeForm(formdata=None, data=start)) if may_go else None,
        "own": actor.id == case.candidate_id,
        "directory": _directory_says(actor, trial, stands),
    }


def _way_is_open(trial: Trial, stands: Standing, today: Any) -> bool:
    return stands is not Standing.RETURNED and today <= trial.return_until


def _directory_says(actor: Person, trial: Trial, stands: Standing) -> str:
    """For whoever keeps the directory: the level it should name by now, where it names another. "" otherwise."""
    if not policy.can_confirm(actor, trial) or stands is Standing.COMING:
        return ""
    case = trial.case
    due = trial.home_level_id if stands is Standing.RETURNED else case.to_level_id
    return "" if case.candidate.level_id == due else family_of(case).level(due).title


def tabs(actor: Person, case: Case) -> Iterator[Tab]:
    trial = _seen(actor, case)
    if trial is not None:
        yield Tab(_("Trial"), url_for("trials.show", case_id=case.id))


def offers(actor: Person, case: Case) -> Iterator[Offer]:
    trial = _seen(actor, case)
    if trial is None:
        return
    stands, there = queries.standing_of(trial, now()), url_for("trials.show", case_id=case.id)
    if stands in DECIDABLE and policy.can_confirm(actor, trial):
        yield Offer(_("Record how the trial ended"), there, kind="primary")
    elif actor.id == case.candidate_id and _way_is_open(trial, stands, queries.today_of(case, now())):
        yield Offer(_("Your trial and the way home"), there)


def _seen(actor: Person, case: Case) -> Trial | None:
    """Asked for only where there can be one: most cases cost no statement."""
    if case.case_type not in TRIED or case.state not in AFTER_RELEASE:
        return None
    trial = queries.trial(session(), case_id=case.id)
    return trial if trial is not None and policy.can_see(actor, trial) else None
