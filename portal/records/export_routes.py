"""The addresses under which a cycle's tables, and everything about oneself, are taken away as files."""

from collections.abc import Iterator

from flask import Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from portal.adapters.clock import now
from portal.adapters.tables import WORKBOOK, write_csv, write_workbook
from portal.cycles.fragments import frame as cycle_frame
from portal.decisions.queries import cycle as load_cycle
from portal.letters.policy import can_collect
from portal.models.cycle import Cycle
from portal.models.person import Person
from portal.records import exports
from portal.records.exports import Export
from portal.records.subject import subject_file
from portal.web.database import session
from portal.web.files import DOWNLOAD_CSP, storage
from portal.web.offers import Tab
from portal.web.routing import GuardedBlueprint, note_readings, signed_in

takeaway = GuardedBlueprint("exports", __name__)
CYCLE = "/cycles/<string:slug>/export"


def cycle_tabs(actor: Person, cycle: Cycle) -> Iterator[Tab]:
    if exports.can_export(actor, cycle):
        yield Tab(_("Export"), url_for("exports.index", slug=cycle.slug))


def me() -> Person:
    actor: Person = current_user._get_current_object()
    return actor


@takeaway.get(CYCLE, load=load_cycle, access=exports.can_export)
def index(cycle: Cycle) -> ResponseReturnValue:
    tables = exports.tables_for(me(), cycle)
    page = {"tables": tables, "formats": exports.FORMATS, "letters": bool(can_collect(me(), cycle))}
    return render_template("records/export.html", **cycle_frame(cycle, now()), **page)


@takeaway.get(f"{CYCLE}/<string:table>.<string:fmt>", load=exports.export, access=exports.can_take)
def table(wanted: Export) -> ResponseReturnValue:
    """One table, cut to what this person may see; each case whose text it holds is noted as read."""
    found = exports.taken(session(), wanted, me())
    name = f"evenbar-{wanted.cycle.slug}-{wanted.table}.{wanted.format}"
    if found.read:
        note_readings(found.read, f"export_{wanted.table}")
    if wanted.format == "csv":
        return _file(write_csv(found.header, found.rows), "text/csv; charset=utf-8", name)
    return _file(write_workbook(found.header, found.rows, sheet=wanted.table), WORKBOOK, name)


@takeaway.get("/records/mine.zip", load=None, access=signed_in)
def mine() -> ResponseReturnValue:
    """What the portal holds about whoever asks, as far as they may know it today."""
    return _file(subject_file(session(), person=me(), storage=storage()), "application/zip", "evenbar-about-me.zip")


def _file(content: bytes, mimetype: str, name: str) -> Response:
    answer = make_response(content)
    answer.headers["Content-Type"] = mimetype
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = DOWNLOAD_CSP
    return answer
