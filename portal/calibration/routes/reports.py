"""What can be taken along from the room: figures as data, the table as CSV, the committee's report; and how strict the
reviewers were, each as far as they may know it."""

from flask import Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.adapters.pdf import render_pdf
from portal.adapters.tables import write_csv
from portal.calibration import policy, queries
from portal.calibration.fragments import grade_page, own_page, reviewers_page
from portal.calibration.fragments.given_away import COLUMNS, as_data, rows_of
from portal.calibration.policy import Room
from portal.calibration.routes.blueprint import ROOM, calibration, me
from portal.domain.problems import TooManyTries
from portal.settings import ROOT
from portal.web.limits import RateLimit

pdfs = RateLimit(most=10, seconds=60)


@calibration.get(f"{ROOM}/reviewers", load=queries.method_room, access=policy.can_see_reviewers)
def reviewers(room: Room) -> ResponseReturnValue:
    return render_template("calibration/reviewers.html", **reviewers_page(me(), room))


@calibration.get(
    "/cycles/<string:slug>/equivalence/mine", load=queries.overview_room, access=policy.can_see_own_strictness
)
def own_strictness(room: Room) -> ResponseReturnValue:
    return render_template("calibration/own.html", **own_page(me(), room))


@calibration.get(f"{ROOM}/<int:grade>/figures.json", load=queries.bare_room, access=policy.can_enter)
def figures_json(room: Room) -> ResponseReturnValue:
    return jsonify(as_data(grade_page(me(), room, request.args.get("family", ""))))


@calibration.get(f"{ROOM}/<int:grade>/cases.csv", load=queries.bare_room, access=policy.can_enter)
def cases_csv(room: Room) -> ResponseReturnValue:
    rows = rows_of(grade_page(me(), room, request.args.get("family", "")))
    body = write_csv(COLUMNS, [[_cell(row[key]) for key in COLUMNS] for row in rows])
    return _attachment(body, mimetype="text/csv", name=f"{room.cycle.slug}-grade-{room.grade}.csv")


@calibration.get(f"{ROOM}/<int:grade>/report.pdf", load=queries.bare_room, access=policy.can_enter)
def report(room: Room) -> ResponseReturnValue:
    """The committee's report: the page's own figures on paper. Ten a minute for each person."""
    if not pdfs.allows(me().id):
        raise TooManyTries(_("Ten reports a minute are set as PDF. Wait a minute, then try again."))
    html = render_template("calibration/report.html", **grade_page(me(), room, request.args.get("family", "")))
    body = render_pdf(html, assets=ROOT / "static" / "letters", stylesheets=("report.css",))
    return _attachment(body, mimetype="application/pdf", name=f"{room.cycle.slug}-grade-{room.grade}.pdf")


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _attachment(body: bytes, *, mimetype: str, name: str) -> Response:
    answer = make_response(body)
    answer.mimetype = mimetype
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
