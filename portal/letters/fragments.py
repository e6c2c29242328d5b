"""The context of the letter's pages and of the batch's progress, and what this room offers on the case page."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from flask import current_app, url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from portal.adapters.clock import now
from portal.cases import fragments as case_fragments
from portal.cases import queries as cases
from portal.cycles.fragments import frame as cycle_frame
from portal.decisions.fragments import OUTCOME_WORDS
from portal.decisions.policy import can_acknowledge, correction_waits
from portal.domain.case_flow import Action, State, step, unmet
from portal.letters import policy, queries
from portal.letters.bundle import SUPERSEDED
from portal.letters.forms import PlanForm
from portal.letters.queries import Batch, Stage
from portal.letters.releases import policy_of
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.decision import Outcome
from portal.models.letter import Letter
from portal.models.person import Person
from portal.web.database import session
from portal.web.offers import Offer, Tab

FormOfPlan = TypeVar("FormOfPlan", bound=PlanForm)
STAGES = {
    Stage.UNDECIDED: "not decided yet",
    Stage.UNCONFIRMED: "waits for a second member to confirm",
    Stage.PREPARING: "being prepared",
    Stage.UNPREPARED: "to be prepared",
    Stage.OTHER_DAY: "dated another day: to be prepared again",
    Stage.SETTING: "being set",
    Stage.FAILED: "could not be made",
    Stage.READY: "ready",
    Stage.PLANNED: "ordered to leave",
    Stage.RELEASED: "released",
    Stage.APPEALED: "corrected, but an appeal waits for its answer",
}
STALLED = timedelta(minutes=3)  # longer than a lease: whoever held the letter is gone
TONES = {
    Stage.READY: "approved",
    Stage.RELEASED: "released",
    Stage.FAILED: "fail",
    Stage.SETTING: "in_review",
    Stage.PREPARING: "in_review",
    Stage.PLANNED: "planned",
}


def letter_page(actor: Person, case: Case, letter: Letter) -> dict[str, Any]:
    released = letter.decision.released_at
    return {
        **case_fragments.frame(case),
        "letter": letter,
        "data": letter.data,
        "day_of": date.fromisoformat,
        "released": released,
        "superseded": queries.is_superseded(letter),
        "others": [one for one in queries.issued_of(case) if one.code != letter.code],
        "words": OUTCOME_WORDS,
        "may_acknowledge": _may_acknowledge(actor, case),
    }


def _may_acknowledge(actor: Person, case: Case) -> bool:
    waiting = case.state is State.RELEASED and case.acknowledged_at is None
    return waiting and bool(can_acknowledge(actor, case))


def batch_page(actor: Person, cycle: Cycle) -> dict[str, Any]:
    """The list of a cycle's letters, with the progress of those being set."""
    found = queries.batch(session(), cycle, actor, now())
    return {
        "batch": found,
        "released": queries.count_issued(session(), cycle, actor),
        "planned": [(one, outcomes_said(one.counts)) for one in queries.planned(session(), cycle, found)],
        "at": now(),
        "titles": cases.level_titles(session(), [line.case.rubric_hash for line in found.lines]),
        "day_of": date.fromisoformat,
        "stages": STAGES,
        "tones": TONES,
        "words": OUTCOME_WORDS,
        **cycle_frame(cycle, now()),
        **progress(cycle, found),
    }


def progress(cycle: Cycle, found: Batch) -> dict[str, Any]:
    since = found.waiting_since
    return {
        "cycle": cycle,
        "rendered": found.rendered,
        "total": found.total,
        "to_prepare": len(found.to_prepare),
        "setting": found.on_the_way,
        "stalled": since if since and now() - since > STALLED else None,
    }


def bundle_words() -> dict[str, str]:
    """The outcomes and "superseded" in words, for the outline of a merged PDF."""
    return {outcome.value: _(word) for outcome, word in OUTCOME_WORDS.items()} | {SUPERSEDED: _("superseded")}


def release_sentence(found: Batch) -> str:
    """ "Release 43 letters: 21 approved, 15 not yet, 7 deferred"."""
    noun = _("letter") if len(found.ready) == 1 else _("letters")
    return _("Release %(n)s %(noun)s: %(parts)s", n=len(found.ready), noun=noun, parts=outcomes_said(found.counts))


def outcomes_said(counts: dict[Outcome, int]) -> str:
    return ", ".join(f"{n} {_(OUTCOME_WORDS[outcome])}" for outcome, n in counts.items())


def plan_form(found: Batch, form: FormOfPlan) -> FormOfPlan:
    """The form with the letters that are ready to choose from."""
    form.case.choices = [SelectChoice(case.id, case.candidate.name) for case in found.ready]
    return form


def release_page(cycle: Cycle, found: Batch, form: PlanForm) -> dict[str, Any]:
    """What would leave when, restated before it is ordered."""
    chosen = found.only(form.case.data or ())
    return {
        "cycle": cycle,
        "all": found,
        "batch": chosen,
        "sentence": release_sentence(chosen),
        "small": queries.small_panels(session(), chosen.ready),
        "form": form,
        "moment": form.moment.moment if form.moment.data else None,
        "brief": form.brief.data,
        "undo": current_app.config["SETTINGS"].undo_minutes,
        "may_brief": bool(found.ready) and all(policy_of(case).manager_brief != "none" for case in found.ready),
    }


def moment_of(form: PlanForm, at: datetime) -> datetime:
    """The moment that was named, or the end of the time in which what is ordered at `at` can be taken back."""
    if form.moment.data:
        return form.moment.moment
    return at + timedelta(minutes=current_app.config["SETTINGS"].undo_minutes)


def tabs(actor: Person, case: Case) -> Iterator[Tab]:
    if policy.can_read(actor, case):
        yield Tab(_("Letter"), url_for("letters.show", case_id=case.id))


def cycle_tabs(actor: Person, cycle: Cycle) -> Iterator[Tab]:
    if policy.can_run(actor, cycle):
        yield Tab(_("Letters"), url_for("letters.index", slug=cycle.slug))


def offers(actor: Person, case: Case) -> Iterator[Offer]:
    if not (case.state is State.DECIDED or correction_waits(case)) or not policy.can_release(actor, case):
        return
    found = step(case.state, Action.RELEASE)
    reasons = unmet(found, cases.facts_for(session(), case)) if found else ()
    confirmed = all(reason.code != "not_confirmed" for reason in reasons)
    href = url_for("letters.index", slug=case.cycle.slug)
    if confirmed:
        yield Offer(_("Prepare and release letters of this cycle"), href, kind="primary")
    else:
        yield Offer(_("Release the letter"), href, reasons=reasons, who=_("the committee"))
