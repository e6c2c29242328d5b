"""A reviewer's queue, the question before the packet opens, the form, the seal, and what is open afterwards."""

from flask import abort, flash, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.adapters.clock import now
from portal.cases.queries import case as load_case
from portal.cases.queries import rubric_of
from portal.domain.problems import InvalidInput, Refused
from portal.models.case import Assignment, Case
from portal.models.review import Review
from portal.models.unsent import UnsentForm
from portal.packets.commands.unsent import StaleUnsent, settle_unsent
from portal.packets.fragments import kept_label
from portal.packets.queries import latest_snapshot
from portal.people.naming import named_in
from portal.reviews import commands, fragments, policy, queries
from portal.reviews.forms import (
    AffirmForm,
    AmendForm,
    DeclareForm,
    ReviewForm,
    SealForm,
    amend_form_of,
    given_in,
    review_form,
)
from portal.reviews.routes.answers import me, to
from portal.web.database import session
from portal.web.fragments import is_autosave, refused
from portal.web.routing import GuardedBlueprint

KEPT_AS = UnsentForm.AMENDMENT
reviews = GuardedBlueprint("reviews", __name__)


@reviews.get("/reviews", load=None, access=policy.can_list)
def queue() -> ResponseReturnValue:
    return render_template("reviews/queue.html", **fragments.waiting(me(), _kept()))


def _kept() -> queries.Wanted:
    """The part of the queue that the address names; it goes along from review to review."""
    return queries.wanted(request.args)


@reviews.get("/cases/<string:case_id>/review", load=load_case, access=policy.can_review, reads="packet")
def write(case: Case) -> ResponseReturnValue:
    if not _own(case).no_conflict_at:
        abort(to("reviews.ask", case_id=case.id))  # leaves before the kit notes that the packet was read
    if first := queries.anchor_first(session(), case, _own(case)):
        flash(_("Before this case opens, score the anchor packet of its grade."))
        abort(to("anchors.score", anchor_id=first.id))
    return render_template("reviews/write.html", **fragments.writing(me(), case, kept=_kept()))


def _own(case: Case) -> Assignment:
    found = policy.own_assignment(me(), case)
    return found or abort(404)


@reviews.get("/cases/<string:case_id>/review/before", load=load_case, access=policy.can_review)
def ask(case: Case) -> ResponseReturnValue:
    if _own(case).no_conflict_at:
        return to("reviews.write", case_id=case.id)
    return render_template("reviews/before.html", case=case, first=queries.anchor_first(session(), case, _own(case)))


@reviews.post("/cases/<string:case_id>/review/no-conflict", load=load_case, access=policy.can_review)
def no_conflict(case: Case) -> ResponseReturnValue:
    commands.declare_no_conflict(session(), assignment=_own(case), actor=me(), at=now())
    return to("reviews.write", case_id=case.id)


@reviews.post("/cases/<string:case_id>/review", load=queries.case_for_saving, access=policy.can_write)
def save(case: Case) -> ResponseReturnValue:
    form = review_form(rubric_of(case), [])
    if not form.was_sent_and_is_valid():
        return _refused_form(case, [], _("Something in it is too long or not a choice."))
    try:
        review = _saved(case, form)
    except InvalidInput as e:
        return _refused_form(case, [e.message, *e.problems], " ".join((e.message, *e.problems)))
    if is_autosave():
        return jsonify(version=review.version, label=fragments.saved_words(rubric_of(case), review))
    return _onward(case, review)


def _saved(case: Case, form: ReviewForm) -> Review:
    return commands.save_review(
        session(),
        assignment=_own(case),
        actor=me(),
        scores=given_in(form, rubric_of(case)),
        summary=str(form.summary.data),
        version=int(form.version.data or 0),
        at=now(),
    )


def _refused_form(case: Case, problems: list[str], why: str) -> ResponseReturnValue:
    """The page again with everything that was written, this time with the packet's evidence to choose from."""
    if is_autosave():
        return jsonify(message=why), 422
    form = review_form(rubric_of(case), fragments.evidence_of(latest_snapshot(session(), case)))
    form.validate()
    form.form_errors = [*form.form_errors, *problems]
    return refused("reviews/write.html", **fragments.writing(me(), case, form, _kept()))


def _onward(case: Case, review: Review) -> ResponseReturnValue:
    """Where the pressed button leads: stay, the newer packet, the next review of the queue, or the page that seals."""
    wish = request.form.get("then", "")
    if wish in ("stands", "revise"):
        return _take_over(case, review, stands=wish == "stands")
    if wish == "seal":
        return to("reviews.seal_form", case_id=case.id)
    kept = _kept()
    place = queries.place_in(queries.queue(session(), me()), case.id, kept)
    if wish == "next" and place and place.next:
        return to("reviews.write", case_id=place.next, **kept.words)
    flash(_("Saved. Nobody else sees it before you seal it."))
    return to("reviews.write", case_id=case.id, **kept.words)


def _take_over(case: Case, review: Review, *, stands: bool) -> ResponseReturnValue:
    commands.take_over(session(), review=review, actor=me(), stands=stands, at=now())
    flash(_("Your scores stand on the new packet.") if stands else _("Your review rests on the new packet now."))
    return to("reviews.write", case_id=case.id, **_kept().words, **({} if stands else {"_anchor": "scoring"}))


@reviews.get("/cases/<string:case_id>/review/seal", load=load_case, access=policy.can_write)
def seal_form(case: Case) -> ResponseReturnValue:
    return render_template("reviews/seal.html", **fragments.sealing(me(), case))


@reviews.post("/cases/<string:case_id>/review/seal", load=load_case, access=policy.can_write)
def seal(case: Case) -> ResponseReturnValue:
    form, review = SealForm(), _own(case).review
    if review is None or not form.was_sent_and_is_valid():
        return refused("reviews/seal.html", **fragments.sealing(me(), case))
    try:
        commands.seal(session(), review=review, actor=me(), at=now(), version=form.version.data)
    except InvalidInput:
        return refused("reviews/seal.html", **fragments.sealing(me(), case))
    flash(_("Sealed. The reviews your colleagues have sealed are open to you now."))
    return to("reviews.read", case_id=case.id)


@reviews.get("/cases/<string:case_id>/review/amend", load=load_case, access=policy.can_amend, reads="packet")
def amend_form(case: Case) -> ResponseReturnValue:
    return render_template("reviews/amend.html", **fragments.amending(me(), case))


@reviews.post("/cases/<string:case_id>/review/amend", load=load_case, access=policy.can_amend)
def amend(case: Case) -> ResponseReturnValue:
    rubric = rubric_of(case)
    form = amend_form_of(rubric, fragments.evidence_of(latest_snapshot(session(), case)))
    if is_autosave():
        return _keep_amendment(case, form)
    if not form.was_sent_and_is_valid():
        return refused("reviews/amend.html", **fragments.amending(me(), case, form))
    scores = given_in(form, rubric)
    texts = [str(form.summary.data), str(form["reason"].data), *(one.rationale for one in scores.values())]
    named = named_in(session(), texts, writer=me(), about=case.candidate)
    if named and not named.accepted(request.form.get("named", "")):
        return refused("reviews/amend.html", **fragments.amending(me(), case, form, named))
    try:
        commands.amend(
            session(),
            review=_sealed(case),
            actor=me(),
            scores=scores,
            summary=str(form.summary.data),
            reason=str(form["reason"].data),
            version=int(form.version.data or 0),
            at=now(),
        )
        settle_unsent(
            session(), case=case, writer=me(), form=KEPT_AS, texts=form.typed(), seen=form.seen_kept, at=now()
        )
    except (InvalidInput, Refused, StaleUnsent) as problem:
        form.blame(problem)
        form.show_theirs(problem)
        return refused("reviews/amend.html", **fragments.amending(me(), case, form))
    flash(_("Your new version stands beside the sealed one."))
    return to("reviews.read", case_id=case.id)


def _keep_amendment(case: Case, form: AmendForm) -> ResponseReturnValue:
    if not form.was_sent_and_is_valid():
        return jsonify(message=_("Something in it is too long or not a choice.")), 422
    version, seen = int(form.version.data or 0), form.seen_kept
    row = commands.keep_amendment(
        session(), review=_sealed(case), actor=me(), typed=form.typed(), version=version, kept=seen, at=now()
    )
    return jsonify(label=kept_label(row), fields={"kept": row.version})


def _sealed(case: Case) -> Review:
    found = _own(case).review
    return found or abort(404)


@reviews.post("/cases/<string:case_id>/review/affirm", load=load_case, access=policy.can_amend)
def affirm(case: Case) -> ResponseReturnValue:
    form = AffirmForm()
    form.validate()
    commands.affirm(session(), review=_sealed(case), actor=me(), version=int(form.version.data or 0), at=now())
    flash(_("Your review stands on the new packet, and says so."))
    return to("reviews.write", case_id=case.id)


@reviews.get("/cases/<string:case_id>/reviews", load=load_case, access=policy.can_read_reviews, reads="reviews")
def read(case: Case) -> ResponseReturnValue:
    return render_template("reviews/read.html", **fragments.reading(me(), case))


@reviews.get("/cases/<string:case_id>/conflict", load=load_case, access=policy.can_declare)
def declare_form(case: Case) -> ResponseReturnValue:
    return render_template("reviews/declare.html", case=case, form=DeclareForm(formdata=None))


@reviews.post("/cases/<string:case_id>/conflict", load=load_case, access=policy.can_declare)
def declare(case: Case) -> ResponseReturnValue:
    form = DeclareForm()
    if not form.was_sent_and_is_valid():
        return refused("reviews/declare.html", case=case, form=form)
    commands.recuse(session(), case=case, person=me(), actor=me(), reason=str(form.reason.data), at=now())
    flash(_("You are recused. The case has left your pages; the candidate is not told who or why."))
    return to("reviews.queue")
