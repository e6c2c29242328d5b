"""Asking colleagues for feedback, and giving it."""

from flask import Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.cases import queries as cases
from portal.cases.fragments import frame
from portal.cases.policy import Hat, hats
from portal.cases.routes import me
from portal.domain.problems import InvalidInput, Refused, StaleVersion
from portal.models.case import Case
from portal.models.packet import Referee, RefereeState
from portal.models.person import Person
from portal.models.unsent import UnsentForm
from portal.packets import commands, forms, policy, queries
from portal.packets.commands import referees as rules
from portal.packets.fragments import kept_label
from portal.packets.routes.blueprint import kept, not_saved, packets, unsaved
from portal.people.naming import Named, named_in
from portal.web.database import session
from portal.web.fragments import is_autosave, refused
from portal.web.prose import prose


@packets.get("/referees", load=cases.case, access=policy.can_open_referees, reads="feedback")
def referees(case: Case) -> ResponseReturnValue:
    words = request.args.get("q", "")[:100]
    proposing = policy.can_propose(me(), case).allowed and case.state in rules.PROPOSABLE
    found = [_found(case, p) for p in queries.found_people(session(), words)] if proposing else []
    return render_template(
        "packets/referees.html",
        **frame(case),
        words=words,
        found=found,
        proposing=proposing,
        **_asked(case),
        feedback=_feedback(case) if policy.can_read_feedback(me(), case) else None,
    )


def _asked(case: Case) -> dict[str, object]:
    rows = queries.referees(session(), case) if policy.can_see_referees(me(), case) else None
    going = policy.asked(case)
    return {
        "rows": rows,
        "asked": len(going),
        "fewest": policy.FEWEST_REFEREES,
        "most": policy.MOST_REFEREES,
        "wants_other_family": policy.referees_wanted(case, rows or ())[1],
        "may_read_refusals": Hat.PEOPLE_PARTNER in hats(me(), case),
    }


def _found(case: Case, person: Person) -> tuple[Person, str]:
    if any(r.person_id == person.id for r in case.referees):
        return person, _("Asked already.")
    return person, policy.not_eligible(person, case, queries.grade_of(case.cycle, person))


def _feedback(case: Case) -> list[dict[str, object]]:
    """Under the names of the reader's own group. The candidate reads only what its writer was told they would read."""
    own = me().id == case.candidate_id
    rows = [row for row in queries.feedback(session(), case) if not own or row.told == rules.TOLD]
    shown = [(row.pseudonym_for_candidate if own else row.pseudonym, row) for row in rows]
    return [
        {
            "pseudonym": name,
            "answers": [(rules.LABELS[c], prose(row.answers[c])) for c in rules.ANSWERS if c in row.answers],
            "reason_not_to": prose(row.reason_not_to),
        }
        for name, row in sorted(shown, key=lambda one: one[0])
    ]


@packets.post("/referees", load=cases.case, access=policy.can_propose)
def propose_referee(case: Case) -> ResponseReturnValue:
    person = queries.active_person(session(), request.form.get("person_id", ""))
    if person is None:
        raise InvalidInput(_("Choose a person from the list."))
    commands.propose_referee(session(), case=case, actor=me(), person=person, at=now())
    flash(_("%(name)s is asked for feedback, by a mail that holds a link and nothing else.", name=person.name))
    return redirect(url_for("packets.referees", case_id=case.id), 303)


def _own(case: Case) -> Referee:
    found = queries.own_referee(session(), case, me())
    if found is None:
        raise Refused(_("You were not asked for feedback here."))
    return found


def _feedback_page(
    case: Case, row: Referee, form: forms.FeedbackForm, decline: forms.DeclineForm, named: Named | None = None
) -> dict[str, object]:
    answered = row.state is RefereeState.ANSWERED
    begun = queries.unsent(session(), case, me(), UnsentForm.FEEDBACK)
    stages = rules.CHANGEABLE if answered else rules.ANSWERABLE
    return {
        "case": case,
        "row": row,
        "form": form,
        "status": kept_label(begun),
        "decline": decline,
        "answered": answered,
        "named": named,
        "declined": row.state is RefereeState.DECLINED,
        "open": case.state in stages,
        "answer_fields": [form[code] for code in rules.ANSWERS],
        "read": [(rules.LABELS[c], prose(row.answers[c])) for c in rules.ANSWERS if c in row.answers],
        "read_reason": prose(row.reason_not_to),
    }


@packets.get("/feedback", load=cases.case, access=policy.can_give_feedback)
def feedback(case: Case) -> ResponseReturnValue:
    row = _own(case)
    begun = queries.unsent(session(), case, me(), UnsentForm.FEEDBACK)
    texts = (begun.texts if begun else {}) or {**row.answers, rules.REASON: row.reason_not_to}
    held = {**texts, "version": row.version, "kept": begun.version if begun else 0}
    form = forms.FeedbackForm(formdata=None, data=held)
    return render_template("packets/feedback.html", **_feedback_page(case, row, form, forms.DeclineForm(formdata=None)))


@packets.post("/feedback", load=cases.case, access=policy.can_give_feedback)
def give_feedback(case: Case) -> ResponseReturnValue:
    row, form, here = _own(case), forms.FeedbackForm(), url_for("packets.feedback", case_id=case.id)
    if is_autosave():
        return _keep(row, form)
    if not form.was_sent_and_is_valid():
        return refused("packets/feedback.html", **_feedback_page(case, row, form, forms.DeclineForm(formdata=None)))
    answers = {code: str(form[code].data) for code in rules.ANSWERS}
    reason = str(form.reason_not_to.data)
    named = named_in(session(), [*answers.values(), reason], writer=me(), about=case.candidate)
    if named and not named.accepted(request.form.get("named", "")):
        page = _feedback_page(case, row, form, forms.DeclineForm(formdata=None), named)
        return refused("packets/feedback.html", **page)
    try:
        commands.answer_referee(
            session(),
            referee=row,
            actor=me(),
            answers=answers,
            reason_not_to=reason,
            version=form.seen_version,
            kept=form.seen_kept,
            at=now(),
        )
    except InvalidInput as problem:
        form.form_errors.append(problem.message)
        return refused("packets/feedback.html", **_feedback_page(case, row, form, forms.DeclineForm(formdata=None)))
    except (StaleVersion, Refused) as problem:
        return unsaved(problem, case=case, form=form, action=here, back=here, with_frame=False)
    flash(_("Thank you. Your feedback is kept."))
    return redirect(here, 303)


def _keep(row: Referee, form: forms.FeedbackForm) -> Response:
    if not form.was_sent_and_is_valid():
        return not_saved(form)
    answers, reason = {code: str(form[code].data) for code in rules.ANSWERS}, str(form.reason_not_to.data)
    row_kept = commands.keep_feedback(
        session(), referee=row, actor=me(), answers=answers, reason_not_to=reason, kept=form.seen_kept, at=now()
    )
    return kept(row_kept)


@packets.post("/feedback/decline", load=cases.case, access=policy.can_give_feedback)
def decline_feedback(case: Case) -> ResponseReturnValue:
    row, form = _own(case), forms.DeclineForm()
    if not form.was_sent_and_is_valid() or not form.reason.data:
        form.reason.errors = [*form.reason.errors, _("Say why, in a few words; only the people partner reads it.")]
        held = forms.FeedbackForm(formdata=None, data={"version": row.version})
        return refused("packets/feedback.html", **_feedback_page(case, row, held, form))
    commands.decline_referee(session(), referee=row, actor=me(), reason=str(form.reason.data), at=now())
    flash(_("You have declined. Thank you for saying so."))
    return redirect(url_for("packets.feedback", case_id=case.id), 303)
