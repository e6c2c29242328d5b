"""The audit log as a page and a file, and who opened a packet."""

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.adapters.tables import WORKBOOK, write_csv, write_workbook
from portal.cases.queries import case as load_case
from portal.models.case import Case
from portal.models.person import Person
from portal.records import chain, fragments, policy, queries
from portal.records.forms import LogForm
from portal.records.words import act_in_words, kind_in_words
from portal.web.database import session
from portal.web.filters import viewer_zone
from portal.web.routing import GuardedBlueprint

COLUMNS = ("at", "actor", "act", "in words", "on", "stage")
records = GuardedBlueprint("records", __name__, url_prefix="/records")


@records.get("", load=None, access=policy.can_read_log)
def index() -> ResponseReturnValue:
    actor, form = _me(), LogForm(request.args)
    asked = form.asked(viewer_zone())
    total = queries.count_for(session(), actor, asked=asked)
    pages = max(1, -(-total // queries.PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    rows = queries.events_for(session(), actor, page=page, asked=asked)
    return render_template(
        "records/index.html",
        rows=rows,
        candidates=queries.candidates_of(session(), actor, rows),
        offered=form.offered(queries.occurring_for(session(), actor)),
        total=total,
        page=page,
        pages=pages,
        first=(page - 1) * queries.PAGE + 1,
        last=min(page * queries.PAGE, total),
        form=form,
        page_url=lambda n: url_for("records.index", **form.words, page=n),
        may_verify=bool(policy.can_verify(actor)),
        may_export=bool(policy.can_export(actor)),
        everything=policy.sees_all(actor),
        act_in_words=act_in_words,
        kind_in_words=kind_in_words,
    )


def _me() -> Person:
    actor: Person = current_user._get_current_object()
    return actor


@records.get("/export.csv", load=None, access=policy.can_export)
def export() -> ResponseReturnValue:
    return _download(write_csv(COLUMNS, _rows()), "text/csv; charset=utf-8", "records.csv")


@records.get("/export.xlsx", load=None, access=policy.can_export)
def export_workbook() -> ResponseReturnValue:
    return _download(write_workbook(COLUMNS, _rows(), sheet="Records"), WORKBOOK, "records.xlsx")


def _rows() -> list[tuple[str, ...]]:
    """The lines of the page, all of them: who, when, what and on what, and never a text. No number or hash of the chain
    either: a gap in the one and a change of the other tell that something happened where the reader sees nothing."""
    lines = queries.all_events_for(session(), _me(), LogForm(request.args).asked(viewer_zone()))
    return [
        (
            x.at.isoformat(timespec="seconds"),
            x.actor or "",
            x.action,
            act_in_words(x.action, x.thing),
            x.thing,
            x.stage,
        )
        for x in lines
    ]


def _download(content: bytes, kind: str, name: str) -> Response:
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@records.get("/packets/<string:case_id>", load=load_case, access=policy.can_see_openings)
def openings(case: Case) -> ResponseReturnValue:
    return render_template("records/openings.html", **fragments.openings(case))


@records.get("/verify", load=None, access=policy.can_verify)
def verify() -> ResponseReturnValue:
    return render_template("records/verify.html", chain=chain.verify(session()))
