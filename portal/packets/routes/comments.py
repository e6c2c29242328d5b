"""Comments on a shared draft: the manager writes them below the draft, the candidate settles them in the editor."""

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.cases import queries as cases
from portal.cases.routes import me
from portal.domain.problems import InvalidInput, Refused, StaleVersion
from portal.models.case import Case
from portal.packets import commands, forms, policy, queries
from portal.packets.fragments import commenting, packet_page, said
from portal.packets.fragments.comments import choices
from portal.packets.routes.blueprint import kept, not_saved, packets, unsaved
from portal.web.database import session
from portal.web.fragments import answer, is_autosave, refused


@packets.post("/packet/comments", load=cases.case, access=policy.can_comment)
def add_comment(case: Case) -> ResponseReturnValue:
    form = forms.CommentForm()
    form.section.choices = choices(case)
    if is_autosave():
        return _keep(case, form)
    if not form.was_sent_and_is_valid():
        return _again(case, form)
    section, text = str(form.section.data), str(form.text.data)
    here = url_for("packets.show", case_id=case.id, _anchor="comments")
    try:
        commands.add_comment(
            session(), case=case, actor=me(), section=section, text=text, kept=form.seen_kept, at=now()
        )
    except StaleVersion as problem:
        action = url_for("packets.add_comment", case_id=case.id)
        return unsaved(problem, case=case, form=form, action=action, back=here)
    except (InvalidInput, Refused) as problem:
        form.blame(problem)
        return _again(case, form)
    flash(_("%(name)s reads your comment beside the section, and nobody else does.", name=case.candidate.name))
    return redirect(here, 303)


def _keep(case: Case, form: forms.CommentForm) -> Response:
    if not form.was_sent_and_is_valid() and form.text.data:
        return not_saved(form)
    section, text, seen = str(form.section.data or ""), str(form.text.data or ""), form.seen_kept
    return kept(
        commands.keep_comment(session(), case=case, actor=me(), section=section, text=text, kept=seen, at=now())
    )


def _again(case: Case, form: forms.CommentForm) -> ResponseReturnValue:
    return refused("packets/show.html", **packet_page(me(), case) | commenting(me(), case, form))


@packets.post("/packet/comments/<string:comment_id>", load=queries.comment_place, access=policy.can_settle_comment)
def settle_comment(place: queries.CommentPlace) -> ResponseReturnValue:
    resolved = request.form.get("resolved") == "yes"
    row = commands.resolve_comment(
        session(), case=place.case, comment=place.comment, actor=me(), resolved=resolved, at=now()
    )
    back = url_for("packets.edit", case_id=place.case.id, _anchor=f"comment-{row.id}")
    return answer("packets/_comment.html", back=back, case=place.case, one=said(place.case, [row])[0])
