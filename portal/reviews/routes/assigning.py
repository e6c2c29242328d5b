"""The assignment board, the reviewers of one case, and the steps into and out of review."""

from functools import partial
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.adapters.clock import now
from portal.cases.queries import case as load_case
from portal.cycles.fragments import frame as cycle_frame
from portal.domain.problems import Refused
from portal.models.case import Assignment, Case
from portal.models.cycle import Cycle
from portal.packets.queries import active_person
from portal.reviews import commands, fragments, policy, queries
from portal.reviews.forms import AssignForm, FindForm, SearchForm
from portal.reviews.routes.answers import me, reason_page, to
from portal.web.database import session
from portal.web.forms import ReasonForm
from portal.web.fragments import refused
from portal.web.routing import GuardedBlueprint

assignments = GuardedBlueprint("assignments", __name__)


@assignments.get("/cycles/<string:slug>/assignments", load=queries.cycle, access=policy.can_see_board)
def board(cycle: Cycle) -> ResponseReturnValue:
    return render_template("reviews/board.html", **board_page(cycle))


def board_page(cycle: Cycle, form: FindForm | None = None) -> dict[str, Any]:
    """The board with the form that searches for reviewers, as it was sent or as first shown."""
    shown = queries.board(session(), cycle, me(), page=request.args.get("page", 1, type=int))
    return {
        **cycle_frame(cycle, now()),
        "board": shown,
        "form": form or fragments.search_form(shown),
        "run": queries.latest_run(session(), cycle, me()),
        "page_url": partial(_board_url, cycle.slug),
    }


def _board_url(slug: str, page: int) -> str:
    return url_for("assignments.board", slug=slug, page=page)


@assignments.get("/cases/<string:case_id>/reviewers", load=load_case, access=policy.can_assign)
def reviewers(case: Case) -> ResponseReturnValue:
    search = SearchForm(request.args)
    named = str(search.named.data or "").strip() if search.validate() else ""
    return render_template("reviews/reviewers.html", **fragments.choosing(me(), case, named), search=search)


@assignments.post("/cases/<string:case_id>/reviewers", load=load_case, access=policy.can_assign)
def assign(case: Case) -> ResponseReturnValue:
    form = AssignForm()
    person = active_person(session(), str(form.person.data)) if form.was_sent_and_is_valid() else None
    if person is None:
        raise Refused(_("There is no such person here. Choose one from the list."))
    commands.assign(session(), case=case, reviewer=person, actor=me(), at=now())
    flash(_("%(name)s is asked to review this case.", name=person.name))
    return to("assignments.reviewers", case_id=case.id)


_SEAT = "/cases/<string:case_id>/reviewers/<string:person_id>"


@assignments.get(f"{_SEAT}/remove", load=queries.assignment, access=policy.can_change_assignment)
def remove_form(assignment: Assignment) -> ResponseReturnValue:
    form = ReasonForm(formdata=None)
    return render_template("reviews/reason.html", **reason_page(assignment.case, "remove", assignment.reviewer, form))


@assignments.post(f"{_SEAT}/remove", load=queries.assignment, access=policy.can_change_assignment)
def remove(assignment: Assignment) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.was_sent_and_is_valid():
        return refused("reviews/reason.html", **reason_page(assignment.case, "remove", assignment.reviewer, form))
    commands.unassign(session(), assignment=assignment, actor=me(), reason=str(form.reason.data), at=now())
    flash(_("%(name)s no longer reviews this case.", name=assignment.reviewer.name))
    return to("assignments.reviewers", case_id=assignment.case_id)


@assignments.get(f"{_SEAT}/waive", load=queries.assignment, access=policy.can_change_assignment)
def waive_form(assignment: Assignment) -> ResponseReturnValue:
    form = ReasonForm(formdata=None)
    return render_template("reviews/reason.html", **reason_page(assignment.case, "waive", assignment.reviewer, form))


@assignments.post(f"{_SEAT}/waive", load=queries.assignment, access=policy.can_change_assignment)
def waive(assignment: Assignment) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.was_sent_and_is_valid():
        return refused("reviews/reason.html", **reason_page(assignment.case, "waive", assignment.reviewer, form))
    commands.waive(session(), assignment=assignment, actor=me(), reason=str(form.reason.data), at=now())
    flash(_("The case goes on without the review of %(name)s.", name=assignment.reviewer.name))
    return to("assignments.reviewers", case_id=assignment.case_id)


@assignments.post("/cases/<string:case_id>/open-review", load=load_case, access=policy.can_assign)
def open_review(case: Case) -> ResponseReturnValue:
    commands.open_review(session(), case=case, actor=me(), at=now())
    flash(_("The review is open, and every reviewer has been sent a link."))
    return to("cases.show", case_id=case.id)


@assignments.post("/cases/<string:case_id>/send-to-calibration", load=load_case, access=policy.can_assign)
def send_to_calibration(case: Case) -> ResponseReturnValue:
    commands.send_to_calibration(session(), case=case, actor=me(), at=now())
    flash(_("The case is before its committee now."))
    return to("cases.show", case_id=case.id)
