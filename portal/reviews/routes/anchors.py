"""Anchor packets: kept under their cycle, scored under an address of their own."""

from typing import Any

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.cases.queries import case as load_case
from portal.cycles.queries import cycle as load_cycle
from portal.domain.problems import InvalidInput, Refused
from portal.models.anchor import AnchorPacket
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.reviews import commands, fragments, policy, queries
from portal.reviews.forms import AnchorForm, CopyForm, anchor_form, choice_of, given_in, rationale_of, review_form
from portal.reviews.routes.answers import me, to
from portal.web.database import session
from portal.web.fragments import refused
from portal.web.routing import GuardedBlueprint

anchors = GuardedBlueprint("anchors", __name__)
LIST = "/cycles/<string:slug>/anchors"
ONE = f"{LIST}/<string:anchor_id>"


@anchors.get(LIST, load=load_cycle, access=policy.can_keep_anchors)
def index(cycle: Cycle) -> ResponseReturnValue:
    return render_template("reviews/anchors.html", **fragments.anchor_list(me(), cycle))


@anchors.get(f"{LIST}/new", load=load_cycle, access=policy.can_keep_anchors)
def new(cycle: Cycle) -> ResponseReturnValue:
    return render_template("reviews/anchor_edit.html", **fragments.new_anchor(cycle, AnchorForm(formdata=None)))


@anchors.post(f"{LIST}/copy", load=load_cycle, access=policy.can_keep_anchors)
def copy(cycle: Cycle) -> ResponseReturnValue:
    """The form that writes a packet, filled with a finished one without its names. Nothing is kept yet but that it was
    read."""
    form = CopyForm()
    case = _finished(str(form.case.data) if form.was_sent_and_is_valid() else "")
    text = commands.copied_text(session(), case=case, actor=me(), at=now())
    place = f"{case.family_id}/{case.to_level_id}"
    data = {"text": text, "place": place, "comes_first": True, "copied_from": case.id}
    filled = AnchorForm(formdata=None, data=data)
    left = queries.names_left(session(), text)
    return render_template("reviews/anchor_edit.html", **fragments.new_anchor(cycle, filled, left))


def _finished(case_id: str) -> Case:
    """A case this person may copy from, said by its id; for any other there is one answer."""
    found = load_case(session(), case_id=case_id)
    if found is None or found not in queries.to_copy(session(), me()):
        raise Refused(_("There is no such finished case to copy from."))
    return found


@anchors.post(LIST, load=load_cycle, access=policy.can_keep_anchors)
def write(cycle: Cycle) -> ResponseReturnValue:
    form = AnchorForm()
    if not form.was_sent_and_is_valid():
        return refused("reviews/anchor_edit.html", **fragments.new_anchor(cycle, form))
    source = _finished(str(form.copied_from.data)) if form.copied_from.data else None
    try:
        found = commands.write_anchor(
            session(),
            cycle=cycle,
            actor=me(),
            place=str(form.place.data or ""),
            copied_from=source,
            at=now(),
            **_written(form),
        )
    except InvalidInput as problem:
        form.blame(problem)
        return refused("reviews/anchor_edit.html", **fragments.new_anchor(cycle, form))
    flash(_("Kept as a draft. Now enter the scores that were agreed on."))
    return to("anchors.show", slug=cycle.slug, anchor_id=found.id)


def _written(form: AnchorForm) -> dict[str, Any]:
    return {"title": str(form.title.data), "text": str(form.text.data), "comes_first": bool(form.comes_first.data)}


@anchors.get(ONE, load=queries.anchor, access=policy.can_keep_anchor)
def show(anchor: AnchorPacket) -> ResponseReturnValue:
    return render_template("reviews/anchor_edit.html", **fragments.one_anchor(anchor))


@anchors.post(ONE, load=queries.anchor, access=policy.can_keep_anchor)
def change(anchor: AnchorPacket) -> ResponseReturnValue:
    rubric = queries.anchor_rubric(anchor)
    form = anchor_form(rubric)
    if not form.was_sent_and_is_valid():
        return refused("reviews/anchor_edit.html", **fragments.one_anchor(anchor, form))
    agreed = {
        line.id: (int(form[choice_of(line.id)].data or -1), str(form[rationale_of(line.id)].data or ""))
        for line in rubric.competencies
        if form[choice_of(line.id)].data
    }
    try:
        commands.change_anchor(
            session(),
            anchor=anchor,
            actor=me(),
            version=int(form.version.data or 0),
            agreed=agreed,
            at=now(),
            **_written(form),
        )
        if request.form.get("then") == "open":
            commands.open_anchor(session(), anchor=anchor, actor=me(), at=now())
    except InvalidInput as problem:
        form.blame(problem)
        session().rollback()
        return refused("reviews/anchor_edit.html", **fragments.one_anchor(anchor, form))
    flash(_("Saved."))
    return to("anchors.show", slug=anchor.cycle.slug, anchor_id=anchor.id)


@anchors.post(f"{ONE}/close", load=queries.anchor, access=policy.can_keep_anchor)
def close(anchor: AnchorPacket) -> ResponseReturnValue:
    commands.close_anchor(session(), anchor=anchor, actor=me(), at=now())
    flash(_("Nobody is asked to score it any more."))
    return to("anchors.index", slug=anchor.cycle.slug)


def load_asked(s: Session, *, anchor_id: str) -> policy.Asked | None:
    """An anchor packet as it stands before whoever asks."""
    found = queries.anchor_by_id(s, anchor_id=anchor_id)
    if found is None:
        return None
    actor = current_user._get_current_object()
    return policy.Asked(found, queries.asked_as(s, found, actor), queries.anchor_review(s, found, actor))


@anchors.get("/anchors/<string:anchor_id>", load=load_asked, access=policy.can_score_anchor)
def score(asked: policy.Asked) -> ResponseReturnValue:
    return render_template("reviews/anchor.html", **fragments.scoring_anchor(asked))


@anchors.post("/anchors/<string:anchor_id>", load=load_asked, access=policy.can_score_anchor)
def save(asked: policy.Asked) -> ResponseReturnValue:
    rubric = queries.anchor_rubric(asked.anchor)
    form = review_form(rubric, [])
    seal = request.form.get("then") == "seal"
    if not form.was_sent_and_is_valid():
        return refused("reviews/anchor.html", **fragments.scoring_anchor(asked, form))
    try:
        commands.save_anchor_scores(
            session(),
            anchor=asked.anchor,
            actor=me(),
            scores=given_in(form, rubric),
            version=int(form.version.data or 0),
            seal=seal,
            at=now(),
        )
    except InvalidInput as problem:
        form.form_errors = [*form.form_errors, problem.message]
        return refused("reviews/anchor.html", **fragments.scoring_anchor(asked, form))
    flash(_("Sealed. Here is how far you were from what was agreed.") if seal else _("Saved."))
    return to("anchors.score", anchor_id=asked.anchor.id)
