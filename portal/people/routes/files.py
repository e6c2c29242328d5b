"""People files: looked at first, then imported whole or not at all; and everyone written to one."""

from typing import Any

from flask import Response, flash, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.domain.problems import InvalidInput
from portal.people import commands, policy, queries
from portal.people.forms import ImportForm
from portal.people.fragments import ladders
from portal.people.routes.blueprint import me, people
from portal.people.sheet import COLUMNS, read_people, write_people
from portal.web.database import session
from portal.web.fragments import refused

MOST_SHOWN = 200


def _page(**found: Any) -> dict[str, Any]:
    return {"columns": COLUMNS, "outcome": None, "text": "", "problems": (), "message": "", "most": MOST_SHOWN} | found


@people.get("/people/import", load=None, access=policy.can_keep_people)
def import_form() -> ResponseReturnValue:
    return render_template("people/import.html", **_page())


@people.post("/people/import", load=None, access=policy.can_keep_people)
def look_at_file() -> ResponseReturnValue:
    """A dry run: what the file would change, with a button that imports the very same rows."""
    form = ImportForm()
    content = form.file.data.read() if form.file.data else b""
    try:
        lines = read_people(content)
        outcome = commands.import_people(session(), actor=me(), lines=lines, ladders=ladders(), at=now(), dry_run=True)
    except InvalidInput as e:
        return refused("people/import.html", **_page(message=e.message, problems=e.problems))
    return render_template("people/import.html", **_page(outcome=outcome, text=content.decode("utf-8-sig")))


@people.post("/people/import/apply", load=None, access=policy.can_keep_people)
def import_file() -> ResponseReturnValue:
    form = ImportForm()
    try:
        lines = read_people(str(form.text.data or "").encode())
        outcome = commands.import_people(session(), actor=me(), lines=lines, ladders=ladders(), at=now())
    except InvalidInput as e:
        return refused("people/import.html", **_page(message=e.message, problems=e.problems))
    flash(_("%(added)s added, %(changed)s changed.", added=outcome.added, changed=outcome.changed))
    return redirect(url_for("people.index"), 303)


@people.get("/people/export.csv", load=None, access=policy.can_keep_people)
def export() -> Response:
    answer = make_response(write_people(queries.export_people(session())))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="people.csv"'
    return answer
