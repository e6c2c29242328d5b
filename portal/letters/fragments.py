"""The context of the letter's pages and of the batch's progress, and what this room offers on the case page."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal.adapters.clock import now
from portal.cases import fragments as case_fragments
from portal.cases import queries as cases
from portal.cycles.fragments import frame as cycle_frame
from portal.decisions.fragments import OUTCOME_WORDS
from portal.decisions.policy import can_acknowledge
from portal.domain.case_flow import Action, State, step, unmet
from portal.letters import policy, queries
from portal.letters.bundle import SUPERSEDED
from portal.letters.queries import Batch, Stage
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.letter import Letter
from portal.models.person import Person
from portal.web.database import session
from portal.web.offers import Offer, Tab

STAGES = {
    Stage.UNDECIDED: "not decided yet",
    Stage.UNCONFIRMED: "waits for a second member to confirm",
    Stage.PREPARING: "being prepared",
    Stage.UNPREPARED: "to be prepared",
    Stage.OTHER_DAY: "dated another day: to be prepared again",
    Stage.SETTING: "being set",
    Stage.FAILED: "could not be made",
    Stage.READY: "ready",
    Stage.RELEASED: "released",
}
STALLED = timedelta(minutes=3)  # longer than a lease: whoever held the letter is gone
TONES = {
    Stage.READY: "approved",
    Stage.RELEASED: "released",
    Stage.FAILED: "fail",
    Stage.SETTING: "in_review",
    Stage.PREPARING: "in_review",
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
        "released": len(queries.issued_in(session(), cycle, actor)),
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
        "setting": found.on_the_way,
        "stalled": since if since and now() - since > STALLED else None,
    }


def bundle_words() -> dict[str, str]:
    """The outcomes and "superseded" in words, for the outline of a merged PDF."""
    return {outcome.value: _(word) for outcome, word in OUTCOME_WORDS.items()} | {SUPERSEDED: _("superseded")}


def release_sentence(found: Batch) -> str:
    """ "Release 43 letters: 21 approved, 15 not yet, 7 deferred"."""
    parts = [f"{n} {_(OUTCOME_WORDS[outcome])}" for outcome, n in found.counts.items()]
    noun = _("letter") if len(found.ready) == 1 else _("letters")
    return _("Release %(n)s %(noun)s: %(parts)s", n=len(found.ready), noun=noun, parts=", ".join(parts))


def tabs(actor: Person, case: Case) -> Iterator[Tab]:
    if policy.can_read(actor, case):
        yield Tab(_("Letter"), url_for("letters.show", case_id=case.id))


def cycle_tabs(actor: Person, cycle: Cycle) -> Iterator[Tab]:
    if policy.can_run(actor, cycle):
        yield Tab(_("Letters"), url_for("letters.index", slug=cycle.slug))


def offers(actor: Person, case: Case) -> Iterator[Offer]:
    if case.state is not State.DECIDED or not policy.can_release(actor, case):
        return
    found = step(case.state, Action.RELEASE)
    reasons = unmet(found, cases.facts_for(session(), case)) if found else ()
    confirmed = all(reason.code != "not_confirmed" for reason in reasons)
    href = url_for("letters.index", slug=case.cycle.slug)
    if confirmed:
        yield Offer(_("Prepare and release letters of this cycle"), href, kind="primary")
    else:
        yield Offer(_("Release the letter"), href, reasons=reasons, who=_("the committee"))
