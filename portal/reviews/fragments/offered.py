"""What the room puts on the page of a case: its tabs, and what may be done next."""

from collections.abc import Iterator

from flask import url_for
from flask_babel import gettext as _

from portal.cases.fragments import closed_or_open
from portal.domain.case_flow import Action, State, steps_from
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.person import Person
from portal.reviews import policy
from portal.web.offers import Offer, Tab


def tabs(actor: Person, case: Case) -> Iterator[Tab]:
    if policy.can_review(actor, case):
        yield Tab(_("My review"), url_for("reviews.write", case_id=case.id))
    if policy.can_read_reviews(actor, case):
        yield Tab(_("Reviews"), url_for("reviews.read", case_id=case.id))
    if case.state is not State.DRAFT and policy.can_assign(actor, case):
        yield Tab(_("Reviewers"), url_for("assignments.reviewers", case_id=case.id))
    if policy.can_keep_conflicts(actor, case):
        yield Tab(_("Conflicts"), url_for("assignments.conflicts", case_id=case.id))


def cycle_tabs(actor: Person, cycle: Cycle) -> Iterator[Tab]:
    if policy.can_see_board(actor, cycle):
        yield Tab(_("Assignments"), url_for("assignments.board", slug=cycle.slug))
        yield Tab(_("Chasing"), url_for("assignments.chase", slug=cycle.slug))
    if policy.can_keep_anchors(actor, cycle):
        yield Tab(_("Anchors"), url_for("anchors.index", slug=cycle.slug))


def offers(actor: Person, case: Case) -> Iterator[Offer]:
    if policy.can_write(actor, case) or (policy.can_review(actor, case) and policy.owes_review(actor, case)):
        yield Offer(_("Write my review"), url_for("reviews.write", case_id=case.id), kind="primary")
    if policy.can_decline(actor, case):
        yield Offer(_("Decline the review"), url_for("reviews.decline_form", case_id=case.id), kind="quiet")
    if policy.can_assign(actor, case):
        if case.state in policy.ASSIGNABLE:
            yield Offer(_("Choose reviewers"), url_for("assignments.reviewers", case_id=case.id))
        yield from steps(case)
    if policy.can_declare(actor, case):
        yield Offer(_("Declare a conflict of interest"), url_for("reviews.declare_form", case_id=case.id), kind="quiet")


def side(kind: str) -> str:
    """The side of the ladder a person or a case stands on, in words."""
    names: dict[str, str] = {"ic": _("IC"), "manager": _("Manager"), "lead": _("Lead"), "advisor": _("Advisor")}
    return names.get(kind, kind)


def steps(case: Case) -> Iterator[Offer]:
    """The steps of the flow table that this room takes, open or closed with the table's reasons."""
    possible = {s.action for s in steps_from(case.state)}
    if Action.OPEN_REVIEW in possible:
        yield closed_or_open(case, Action.OPEN_REVIEW, _("Open the review"), "assignments.open_review", "")
    if Action.SEND_TO_CALIBRATION in possible:
        label = _("Send to calibration")
        yield closed_or_open(case, Action.SEND_TO_CALIBRATION, label, "assignments.send_to_calibration", "")
