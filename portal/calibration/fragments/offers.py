"""What the room puts on the page of a case: where it stands, the ballot, and the way to its peers at the same grade."""

from collections.abc import Iterator

from flask import url_for
from flask_babel import gettext as _

from portal.calibration import policy, queries
from portal.calibration.commands.open_ballot import why_not_open
from portal.cases.queries import last_ballot
from portal.domain.case_flow import Reason, State
from portal.models.calibration import Ballot
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.person import Person
from portal.web.database import session
from portal.web.offers import Offer, Tab


def tabs(actor: Person, case: Case) -> Iterator[Tab]:
    if policy.can_see_position(actor, case):
        yield Tab(_("Position"), url_for("calibration.position", case_id=case.id))
        yield Tab(_("Votes"), url_for("calibration.votes", case_id=case.id))
    if policy.can_read_minutes(actor, case):
        yield Tab(_("Minutes"), url_for("calibration.minutes", case_id=case.id))


def cycle_tabs(actor: Person, cycle: Cycle) -> Iterator[Tab]:
    if policy.can_enter(actor, policy.Room(cycle, ())):
        yield Tab(_("Calibration"), url_for("calibration.overview", slug=cycle.slug))
    if policy.can_publish(actor, policy.Room(cycle, ())) and cycle.closed_at is None:
        yield Tab(_("Forecast"), url_for("calibration.forecast", slug=cycle.slug))
    if cycle.closed_at is not None and queries.published_in(session(), cycle):
        yield Tab(_("Equivalence"), url_for("calibration.published", slug=cycle.slug))


def offers(actor: Person, case: Case) -> Iterator[Offer]:
    if not policy.can_see_position(actor, case):
        return
    if case.state is State.IN_CALIBRATION:
        yield from _ballot_offers(actor, case, last_ballot(session(), case))
        there = url_for("calibration.grade", slug=case.cycle.slug, grade=case.grade, family=case.family_id)
        yield Offer(_("Compare with its peers at grade %(grade)s", grade=case.grade), there)


def _ballot_offers(actor: Person, case: Case, ballot: Ballot | None) -> Iterator[Offer]:
    if ballot is not None and ballot.closed_at is None:
        yield from _open_ballot_offers(actor, ballot)
    elif policy.can_open_ballot(actor, case) and (ballot is None or why_not_open(case, ballot) is None):
        reason = why_not_open(case, ballot)
        reasons = (Reason("no_ballot", reason),) if reason else ()
        href = url_for("calibration.open_ballot", case_id=case.id)
        yield Offer(_("Open the ballot"), href, post=True, reasons=reasons, who=_("a people partner"), kind="primary")


def _open_ballot_offers(actor: Person, ballot: Ballot) -> Iterator[Offer]:
    if policy.can_cast(actor, ballot):
        mine = policy.elector_of(actor, ballot)
        voted = mine is not None and mine.choice is not None
        label = _("Change your vote") if voted else _("Vote")
        yield Offer(
            label, url_for("calibration.votes", case_id=ballot.case_id), kind="secondary" if voted else "primary"
        )
    if policy.can_close(actor, ballot):
        yield Offer(_("Close the ballot"), url_for("calibration.close_form", case_id=ballot.case_id))
