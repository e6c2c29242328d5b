"""People files: looked at first, then imported whole or not at all; and everyone written to one."""

from typing import Any

from flask import Response, current_app, flash, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.adapters.tables import WORKBOOK
from portal.domain.problems import InvalidInput
from portal.people import commands, policy, queries
from portal.people.forms import ImportForm
from portal.people.fragments import ladders
from portal.people.routes.blueprint import me, people
from portal.people.sheet import COLUMNS, as_text, read_people, write_people, write_people_workbook
from portal.web.database import session
from portal.web.fragments import refused
from portal.web.uploads import content_of

MOST_SHOWN = 200


def _page(**found: Any) -> dict[str, Any]:
    most = {"most": MOST_SHOWN, "most_mb": current_app.config["SETTINGS"].upload_mb}
    return {"columns": COLUMNS, "outcome": None, "text": "", "problems": (), "message": ""} | most | found


@people.get("/people/import", load=None, access=policy.can_keep_people)
def import_form() -> ResponseReturnValue:
    return render_template("people/import.html", **_page())


@people.post("/people/import", load=None, access=policy.can_keep_people, takes_files=True)
def look_at_file() -> ResponseReturnValue:
    """A dry run: what the file would change, with a button that imports the very same rows."""
    form = ImportForm()
    try:
        lines = read_people(content_of(form.file.data))
        outcome = commands.import_people(session(), actor=me(), lines=lines, ladders=ladders(), at=now(), dry_run=True)
    except InvalidInput as e:
        return refused("people/import.html", **_page(message=e.message, problems=e.problems))
    return render_template("people/import.html", **_page(outcome=outcome, text=as_text(lines)))


@people.post("/people/import/apply", load=None, access=policy.can_keep_people, takes_files=True)
def import_file() -> ResponseReturnValue:
    form = ImportForm()
    try:
        lines = read_people(str(form.text.data or "").encode())
        outcome = commands.import_people(session(), actor=me(), lines=lines, ladders=ladders(), at=now())
        invited = commands.invite_new(session(), actor=me(), outcome=outcome, at=now()) if form.invite.data else 0
    except InvalidInput as e:
        return refused("people/import.html", **_page(message=e.message, problems=e.problems))
    flash(_("%(added)s added, %(changed)s changed.", added=outcome.added, changed=outcome.changed))
    if invited:
        flash(ngettext("%(num)s invitation is on its way.", "%(num)s invitations are on their way.", invited))
    return redirect(url_for("people.index"), 303)


@people.get("/people/export.csv", load=None, access=policy.can_keep_people)
def export() -> Response:
    return _download(write_people(queries.export_people(session())), "text/csv; charset=utf-8", "people.csv")


@people.get("/people/export.xlsx", load=None, access=policy.can_keep_people)
def export_workbook() -> Response:
    return _download(write_people_workbook(queries.export_people(session())), WORKBOOK, "people.xlsx")


def _download(content: bytes, kind: str, name: str) -> Response:
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
