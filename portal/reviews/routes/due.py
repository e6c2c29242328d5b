"""More time, or less, for one reviewer or one referee."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.cases.forms import ExtensionForm
from portal.cases.fragments import frame
from portal.domain.problems import InvalidInput
from portal.models.case import Assignment, Case
from portal.models.packet import Referee
from portal.models.person import Person
from portal.reviews import commands, policy, queries
from portal.reviews.routes.answers import me
from portal.web.database import session
from portal.web.fragments import refused
from portal.web.routing import GuardedBlueprint

due = GuardedBlueprint("due", __name__, url_prefix="/cases/<string:case_id>")
REVIEW, FEEDBACK = "/reviewers/<string:person_id>/due", "/referees/<string:person_id>/due"


def _page(case: Case, person: Person, part: str, form: ExtensionForm) -> dict[str, Any]:
    back = "assignments.reviewers" if part == "review" else "packets.referees"
    return {
        **frame(case),
        "person": person,
        "part": part,
        "form": form,
        "back": url_for(back, case_id=case.id),
        "action": url_for(f"due.{part}", case_id=case.id, person_id=person.id),
    }


@due.get(REVIEW, load=queries.assignment, access=policy.can_change_assignment)
def review_form(assignment: Assignment) -> ResponseReturnValue:
    page = _page(assignment.case, assignment.reviewer, "review", ExtensionForm(formdata=None))
    return render_template("reviews/due.html", **page)


@due.post(REVIEW, load=queries.assignment, access=policy.can_change_assignment)
def review(assignment: Assignment) -> ResponseReturnValue:
    form = ExtensionForm()
    page = _page(assignment.case, assignment.reviewer, "review", form)
    return _set(page, form, partial(commands.set_review_due, session(), assignment=assignment))


@due.get(FEEDBACK, load=queries.referee, access=policy.can_set_feedback_due)
def feedback_form(referee: Referee) -> ResponseReturnValue:
    page = _page(referee.case, referee.person, "feedback", ExtensionForm(formdata=None))
    return render_template("reviews/due.html", **page)


@due.post(FEEDBACK, load=queries.referee, access=policy.can_set_feedback_due)
def feedback(referee: Referee) -> ResponseReturnValue:
    form = ExtensionForm()
    page = _page(referee.case, referee.person, "feedback", form)
    return _set(page, form, partial(commands.set_feedback_due, session(), referee=referee))


def _set(page: dict[str, Any], form: ExtensionForm, act: Callable[..., None]) -> ResponseReturnValue:
    if not form.was_sent_and_is_valid():
        return refused("reviews/due.html", **page)
    try:
        act(actor=me(), until=form.end, reason=str(form.reason.data), at=now())
    except InvalidInput as problem:
        form.blame(problem)
        return refused("reviews/due.html", **page)
    flash(_("%(name)s has another day now, and is told by mail.", name=page["person"].name))
    return redirect(page["back"], 303)
