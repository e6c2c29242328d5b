"""Who is stuck since when, one click to remind; and a reviewer who says that they cannot do it."""

from typing import Any

from flask import abort, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.cases.queries import case as load_case
from portal.cycles.fragments import frame as cycle_frame
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.reviews import commands, policy, queries
from portal.reviews.commands.chasing import PAUSE
from portal.reviews.queries import chasing
from portal.reviews.routes.answers import me, to
from portal.reviews.routes.assigning import assignments
from portal.reviews.routes.reviewing import reviews
from portal.web.database import session
from portal.web.forms import ReasonForm
from portal.web.fragments import refused


@assignments.get("/cycles/<string:slug>/chasing", load=queries.cycle, access=policy.can_see_board)
def chase(cycle: Cycle) -> ResponseReturnValue:
    s, at = session(), now()
    rows = chasing.waited_for(s, cycle=cycle, actor=me())
    page = {"rows": rows, "reminded": chasing.reminded(s, rows), "declined": chasing.declined(s, cycle, me())}
    return render_template("reviews/chasing.html", **cycle_frame(cycle, at), **page, at=at, pause=PAUSE, words=_words())


def _words() -> dict[str, str]:
    return {"review": _("review"), "feedback": _("feedback"), "statement": _("statement"), "packet": _("packet")}


def _cycle_and_key(s: Session, *, slug: str, key: str) -> tuple[Cycle, str] | None:
    found = queries.cycle(s, slug=slug)
    return (found, key) if found else None


def _can_remind(actor: Any, place: tuple[Cycle, str]) -> Any:
    return policy.can_see_board(actor, place[0])


@assignments.post("/cycles/<string:slug>/chasing/<string:key>", load=_cycle_and_key, access=_can_remind)
def remind(place: tuple[Cycle, str]) -> ResponseReturnValue:
    cycle, key = place
    mine = chasing.waited_for(session(), cycle=cycle, actor=me())
    waited = next((one for one in mine if one.key == key), None) or abort(404)
    commands.nudge(session(), waited=waited, actor=me(), at=now())
    flash(_("%(name)s is reminded, by a mail that holds a link and nothing else.", name=waited.person))
    return to("assignments.chase", slug=cycle.slug)


@reviews.get("/cases/<string:case_id>/review/decline", load=load_case, access=policy.can_decline)
def decline_form(case: Case) -> ResponseReturnValue:
    return render_template("reviews/decline.html", case=case, form=ReasonForm(formdata=None))


@reviews.post("/cases/<string:case_id>/review/decline", load=load_case, access=policy.can_decline)
def decline(case: Case) -> ResponseReturnValue:
    form, mine = ReasonForm(), policy.own_assignment(me(), case)
    if mine is None or not form.was_sent_and_is_valid():
        return refused("reviews/decline.html", case=case, form=form)
    commands.decline_review(session(), assignment=mine, actor=me(), reason=str(form.reason.data), at=now())
    flash(_("You have declined. Thank you for saying so; somebody else will be asked."))
    return to("reviews.queue")
