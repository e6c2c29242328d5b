"""Who must stay away from a case: reported, confirmed, lifted; and what a person is kept away from themselves."""

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.adapters.clock import now
from portal.cases.queries import case as load_case
from portal.cases.queries import rubric_of
from portal.models.case import Case, Recusal
from portal.people.queries import by_email
from portal.reviews import commands, fragments, policy, queries
from portal.reviews.forms import RecordConflictForm
from portal.reviews.routes.answers import me, reason_page, to
from portal.reviews.routes.assigning import assignments
from portal.reviews.routes.reviewing import reviews
from portal.web.database import session
from portal.web.forms import ReasonForm
from portal.web.fragments import refused
from portal.web.prose import prose


@assignments.get("/cases/<string:case_id>/conflicts", load=load_case, access=policy.can_keep_conflicts)
def conflicts(case: Case) -> ResponseReturnValue:
    form = RecordConflictForm(formdata=None)
    return render_template("reviews/conflicts.html", **fragments.keeping(case), form=form)


@assignments.post("/cases/<string:case_id>/conflicts", load=load_case, access=policy.can_keep_conflicts)
def record_conflict(case: Case) -> ResponseReturnValue:
    form = RecordConflictForm()
    person = by_email(session(), str(form.email.data)) if form.was_sent_and_is_valid() else None
    if not form.errors and person is None:
        form.email.errors = (_("Nobody here has that address."),)
    if form.errors or person is None:
        return refused("reviews/conflicts.html", **fragments.keeping(case), form=form)
    commands.recuse(session(), case=case, person=person, actor=me(), reason=str(form.reason.data), at=now())
    if person.id == me().id:
        flash(_("You are recused. The case has left your pages; the candidate is not told who or why."))
    else:
        flash(_("Reported. It counts once %(name)s or another keeper of the case confirms it.", name=person.name))
    return to("reviews.queue") if person.id == me().id else to("assignments.conflicts", case_id=case.id)


_RECUSAL = "/cases/<string:case_id>/conflicts/<string:person_id>/lift"


@assignments.get(_RECUSAL, load=queries.recusal, access=policy.can_lift)
def lift_form(recusal: Recusal) -> ResponseReturnValue:
    form = ReasonForm(formdata=None)
    return render_template("reviews/reason.html", **reason_page(recusal.case, "lift", recusal.person, form))


@assignments.post(_RECUSAL, load=queries.recusal, access=policy.can_lift)
def lift(recusal: Recusal) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.was_sent_and_is_valid():
        return refused("reviews/reason.html", **reason_page(recusal.case, "lift", recusal.person, form))
    if commands.lift_recusal(session(), recusal=recusal, actor=me(), reason=str(form.reason.data), at=now()):
        flash(_("The recusal of %(name)s is lifted.", name=recusal.person.name))
    else:
        flash(_("Noted. Another person without a conflict has to lift it too."))
    return to("assignments.conflicts", case_id=recusal.case_id)


@assignments.post(
    "/cases/<string:case_id>/conflicts/<string:person_id>/confirm", load=queries.recusal, access=policy.can_confirm
)
def confirm(recusal: Recusal) -> ResponseReturnValue:
    commands.confirm_recusal(session(), recusal=recusal, actor=me(), at=now())
    flash(_("Confirmed: from now on %(name)s has no part in this case.", name=recusal.person.name))
    if recusal.person_id == me().id:
        return to("reviews.away")
    return to("assignments.conflicts", case_id=recusal.case_id)


@reviews.get("/conflicts", load=None, access=policy.can_list)
def away() -> ResponseReturnValue:
    return render_template("reviews/away.html", rows=queries.away_from(session(), me()))


@reviews.get("/conflicts/<string:case_id>/review", load=load_case, access=policy.can_read_frozen)
def frozen(case: Case) -> ResponseReturnValue:
    """What one sealed before one was kept away; nothing else of the case."""
    mine = policy.frozen_of(me(), case)
    review = mine.review if mine else None
    given = fragments.given(rubric_of(case), review)
    return render_template(
        "reviews/frozen.html", case=case, given=given, review=review, summary=prose(review.summary) if review else ""
    )
