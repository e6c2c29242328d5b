"""Changing a draft: table by table, row by row, the grid of expectations; then publishing or discarding it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.adapters.rubrics import library_for
from portal.domain.ladder import NotOnLadder
from portal.domain.problems import InvalidInput, Refused
from portal.domain.rubric_edit import TABLES, rows_of, typed
from portal.domain.rubric_files import Library, RubricFileErrors
from portal.ladders import commands, policy, queries
from portal.ladders.drafting import draft_page, family_of, grid_page, next_version, publish_page, row_page, table_page
from portal.ladders.forms import PublishForm, row_data, row_form, typed_in
from portal.ladders.queries import Ladder
from portal.ladders.routes.blueprint import folder, ladders, load_ladder, me, today
from portal.models.ladder import LadderDraft
from portal.web.database import session
from portal.web.forms import Form
from portal.web.fragments import answer, fragment, refused, wants_fragment


@dataclass(frozen=True)
class DraftRow:
    """A table of a draft, and the number of the row in it; None for the table as a whole or a new row."""

    draft: LadderDraft
    table: str
    number: int | None = None


@dataclass(frozen=True)
class DraftTrack:
    draft: LadderDraft
    track_id: str


def _table(s: Session, *, family_id: str, table: str, number: int | None = None) -> DraftRow | None:
    draft = queries.draft(s, family_id=family_id)
    if draft is None or table not in TABLES:
        return None
    if number is not None and number >= len(rows_of(draft.family_text, table)):
        return None
    return DraftRow(draft, table, number)


def _track(s: Session, *, family_id: str, track_id: str) -> DraftTrack | None:
    draft = queries.draft(s, family_id=family_id)
    try:
        return DraftTrack(draft, family_of(draft).track(track_id).id) if draft else None
    except NotOnLadder:
        return None


def _current(draft: LadderDraft) -> Ladder | None:
    return queries.ladder(session(), folder=folder(), on=today(), family_id=draft.family_id)


def library() -> Library:
    """What is in force today. Broken files stop whatever would have to fit them, with the place to look."""
    try:
        return library_for(session(), folder=folder(), on=today())
    except RubricFileErrors:
        raise Refused(_("The rubric files cannot be read. The page Ladders shows what is wrong.")) from None


@ladders.post("/<string:family_id>/draft", load=load_ladder, access=policy.can_edit)
def start_draft(ladder: Ladder) -> ResponseReturnValue:
    commands.start_draft(session(), ladder=ladder, actor=me(), at=now())
    flash(_("Here is your draft. Nobody but people partners sees it until it is published."))
    return redirect(url_for("ladders.draft", family_id=ladder.family.id), 303)


@ladders.get("/<string:family_id>/draft", load=queries.draft, access=policy.can_edit)
def draft(draft: LadderDraft) -> ResponseReturnValue:
    return render_template("ladders/draft.html", **draft_page(draft, _current(draft)))


@ladders.get("/<string:family_id>/draft/tables/<string:table>", load=_table, access=policy.can_edit)
def draft_table(at: DraftRow) -> ResponseReturnValue:
    return render_template("ladders/draft_table.html", **table_page(at.draft, at.table))


def _form_of(at: DraftRow, number: int | None) -> Form:
    rows = rows_of(at.draft.family_text, at.table)
    values = typed(at.table, rows[number]) if number is not None else {}
    return row_form(at.table, family_of(at.draft), formdata=None, data=row_data(values, at.draft.version))


def _row_page(at: DraftRow, number: int | None) -> dict[str, Any]:
    return row_page(at.draft, at.table, number, _form_of(at, number))


@ladders.get("/<string:family_id>/draft/tables/<string:table>/new", load=_table, access=policy.can_edit)
def new_row(at: DraftRow) -> ResponseReturnValue:
    return render_template("ladders/draft_row.html", **_row_page(at, None))


@ladders.get("/<string:family_id>/draft/tables/<string:table>/<int:number>", load=_table, access=policy.can_edit)
def draft_row(at: DraftRow) -> ResponseReturnValue:
    return render_template("ladders/draft_row.html", **_row_page(at, at.number))


@ladders.post("/<string:family_id>/draft/tables/<string:table>/new", load=_table, access=policy.can_edit)
def add_row(at: DraftRow) -> ResponseReturnValue:
    return _saved(at)


@ladders.post("/<string:family_id>/draft/tables/<string:table>/<int:number>", load=_table, access=policy.can_edit)
def save_row(at: DraftRow) -> ResponseReturnValue:
    return _saved(at)


def _saved(at: DraftRow) -> ResponseReturnValue:
    """Save a row and answer with what the rules now say of it: the panel to htmx, its page to everyone else."""
    form = row_form(at.table, family_of(at.draft))
    try:
        commands.save_row(
            session(),
            draft=at.draft,
            actor=me(),
            table=at.table,
            number=at.number,
            fields=typed_in(at.table, form),
            version=form["version"].data or 0,
            at=now(),
        )
    except InvalidInput as e:
        form.blame(e)
        page = row_page(at.draft, at.table, at.number, form)
        if wants_fragment():
            return fragment("ladders/_row.html", status=422, **page, saved=False)
        return refused("ladders/draft_row.html", **page)
    number = at.number if at.number is not None else len(rows_of(at.draft.family_text, at.table)) - 1
    back = url_for("ladders.draft_row", family_id=at.draft.family_id, table=at.table, number=number)
    if not wants_fragment():
        flash(_("Saved. Below is what the rules say of it now."))
    return answer("ladders/_row.html", back=back, **_row_page(at, number), saved=True)


@ladders.post(
    "/<string:family_id>/draft/tables/<string:table>/<int:number>/remove", load=_table, access=policy.can_edit
)
def remove_row(at: DraftRow) -> ResponseReturnValue:
    version = request.form.get("version", type=int) or 0
    number = at.number or 0
    try:
        commands.remove_row(
            session(), draft=at.draft, actor=me(), table=at.table, number=number, version=version, at=now()
        )
    except InvalidInput as e:
        form = _form_of(at, number)
        form.blame(e)
        return refused("ladders/draft_row.html", **row_page(at.draft, at.table, number, form))
    flash(_("Removed from the draft."))
    return redirect(url_for("ladders.draft_table", family_id=at.draft.family_id, table=at.table), 303)


@ladders.get("/<string:family_id>/draft/expectations/<string:track_id>", load=_track, access=policy.can_edit)
def grid(at: DraftTrack) -> ResponseReturnValue:
    return render_template("ladders/draft_grid.html", **grid_page(at.draft, at.track_id))


@ladders.post("/<string:family_id>/draft/expectations/<string:track_id>", load=_track, access=policy.can_edit)
def save_grid(at: DraftTrack) -> ResponseReturnValue:
    keys = list(grid_page(at.draft, at.track_id)["texts"])
    names = {key: f"text-{key[0]}|{key[1]}" for key in keys}
    sent = {key: request.form[name] for key, name in names.items() if name in request.form}
    texts = {key: text.replace("\r\n", "\n").strip() for key, text in sent.items()}
    version = request.form.get("version", type=int) or 0
    commands.save_expectations(session(), draft=at.draft, actor=me(), texts=texts, version=version, at=now())
    flash(_("The expectations are saved."))
    return redirect(url_for("ladders.grid", family_id=at.draft.family_id, track_id=at.track_id), 303)


@ladders.get("/<string:family_id>/draft/publish", load=queries.draft, access=policy.can_edit)
def publish_form(draft: LadderDraft) -> ResponseReturnValue:
    current = _current(draft)
    label = next_version(current.family.version if current else None, today())
    start = {"label": label, "effective_on": today(), "version": draft.version}
    form = PublishForm(formdata=None, data=start)
    return render_template("ladders/draft_publish.html", **publish_page(draft, current, form))


@ladders.post("/<string:family_id>/draft/publish", load=queries.draft, access=policy.can_edit)
def publish(draft: LadderDraft) -> ResponseReturnValue:
    form = PublishForm()
    if not form.was_sent_and_is_valid():
        return refused("ladders/draft_publish.html", **publish_page(draft, _current(draft), form))
    day: date = form.effective_on.data
    family_id = draft.family_id
    try:
        commands.publish(
            session(),
            draft=draft,
            library=library(),
            actor=me(),
            label=str(form.label.data).strip(),
            effective_on=day,
            announcement=str(form.announcement.data),
            version=form.version.data or 0,
            at=now(),
        )
    except (InvalidInput, Refused) as e:
        form.blame(e)
        return refused("ladders/draft_publish.html", **publish_page(draft, _current(draft), form))
    flash(_("Published. Everyone gets a mail; cycles that are under way keep the version they started with."))
    place = url_for("ladders.show", family_id=family_id) if _is_listed(family_id) else url_for("ladders.index")
    return redirect(place, 303)


def _is_listed(family_id: str) -> bool:
    """A new family that takes effect later has no page before its day."""
    return queries.ladder(session(), folder=folder(), on=today(), family_id=family_id) is not None


@ladders.get("/<string:family_id>/draft/discard", load=queries.draft, access=policy.can_edit)
def discard_form(draft: LadderDraft) -> ResponseReturnValue:
    return render_template("ladders/draft_discard.html", **draft_page(draft, _current(draft)))


@ladders.post("/<string:family_id>/draft/discard", load=queries.draft, access=policy.can_edit)
def discard(draft: LadderDraft) -> ResponseReturnValue:
    commands.discard_draft(session(), draft=draft, actor=me(), at=now())
    flash(_("The draft is discarded. The published version is as it was."))
    return redirect(url_for("ladders.index"), 303)
