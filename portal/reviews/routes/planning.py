"""Searching for reviewers of a whole cycle, and assignments as files."""

from typing import Any

from flask import Response, current_app, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.adapters.clock import now
from portal.adapters.tables import WORKBOOK
from portal.cycles.fragments import frame as cycle_frame
from portal.domain.problems import InvalidInput
from portal.models.cycle import Cycle
from portal.models.planning import AssignmentRun
from portal.people.sheet import as_text
from portal.reviews import commands, fragments, policy, queries
from portal.reviews.forms import ApplyForm, AssignmentFileForm, FindForm
from portal.reviews.routes.answers import me, to
from portal.reviews.routes.assigning import assignments, board_page
from portal.reviews.sheet import read_assignments, write_assignments, write_assignments_workbook
from portal.web.database import session
from portal.web.fragments import fragment, refused
from portal.web.uploads import content_of

BOARD = "/cycles/<string:slug>/assignments"
RUN = f"{BOARD}/searches/<string:run_id>"


@assignments.post(f"{BOARD}/search", load=queries.cycle, access=policy.can_see_board)
def search(cycle: Cycle) -> ResponseReturnValue:
    form = FindForm()
    if not form.was_sent_and_is_valid():
        return refused("reviews/board.html", **board_page(cycle, form))
    bounds = {"most": int(form.most.data or 0), "least": int(form.least.data or 0)}
    try:
        run = commands.find_reviewers(session(), cycle=cycle, actor=me(), asked=form.addresses(), at=now(), **bounds)
    except InvalidInput as problem:
        form.blame(problem)
        return refused("reviews/board.html", **board_page(cycle, form))
    return to("assignments.plan", slug=cycle.slug, run_id=run.id)


@assignments.get(RUN, load=queries.run, access=policy.can_keep_run)
def plan(run: AssignmentRun) -> ResponseReturnValue:
    shown = fragments.plan_page(me(), run, page=request.args.get("page", 1, type=int))
    return render_template("reviews/plan.html", **shown, page_url=lambda n: _plan_url(run, n))


def _plan_url(run: AssignmentRun, page: int) -> str:
    return url_for("assignments.plan", slug=run.cycle.slug, run_id=run.id, page=page)


@assignments.get(f"{RUN}/progress", load=queries.run, access=policy.can_keep_run)
def plan_progress(run: AssignmentRun) -> ResponseReturnValue:
    """Polled while a search is under way; nothing when nothing is new, the whole page once it has ended."""
    if not run.is_open:
        answer = make_response("", 200)
        answer.headers["HX-Refresh"] = "true"
        return answer
    if request.args.get("since") == str(run.stage):
        return Response(status=204)
    return fragment("reviews/_search_progress.html", cycle=run.cycle, **fragments.search_progress(run))


@assignments.post(f"{RUN}/cancel", load=queries.run, access=policy.can_keep_run)
def cancel_search(run: AssignmentRun) -> ResponseReturnValue:
    commands.cancel(session(), run=run, actor=me(), at=now())
    flash(_("The search is stopped. Nothing was changed."))
    return to("assignments.board", slug=run.cycle.slug)


@assignments.post(f"{RUN}/apply", load=queries.run, access=policy.can_keep_run)
def apply_search(run: AssignmentRun) -> ResponseReturnValue:
    form = ApplyForm()
    everything = run.result["cases"] if run.result and form.everything.data else []
    chosen = set(everything or form.cases.data or ())
    if not chosen:
        flash(_("Tick the cases whose reviewers are to be asked."), "error")
        return to("assignments.plan", slug=run.cycle.slug, run_id=run.id)
    if len(chosen) > commands.AT_ONCE:
        commands.order_plan(session(), run=run, actor=me(), case_ids=chosen, at=now())
        return to("assignments.plan", slug=run.cycle.slug, run_id=run.id)
    done, refusals = commands.apply_plan(session(), run=run, actor=me(), case_ids=chosen, at=now())
    flash(ngettext("Asked: %(num)s review.", "Asked: %(num)s reviews.", done))
    for message in refusals[:10]:
        flash(message, "error")
    return to("assignments.plan", slug=run.cycle.slug, run_id=run.id)


@assignments.get(f"{BOARD}/export.csv", load=queries.cycle, access=policy.can_see_board)
def export_csv(cycle: Cycle) -> Response:
    content = write_assignments(queries.pairs_of(session(), cycle, me()))
    return _download(content, "text/csv; charset=utf-8", f"assignments-{cycle.slug}.csv")


@assignments.get(f"{BOARD}/export.xlsx", load=queries.cycle, access=policy.can_see_board)
def export_xlsx(cycle: Cycle) -> Response:
    content = write_assignments_workbook(queries.pairs_of(session(), cycle, me()))
    return _download(content, WORKBOOK, f"assignments-{cycle.slug}.xlsx")


def _download(content: bytes, kind: str, name: str) -> Response:
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _file_page(cycle: Cycle, **found: Any) -> dict[str, Any]:
    most = current_app.config["SETTINGS"].upload_mb
    blank = {"outcome": None, "text": "", "problems": (), "message": "", "most_mb": most}
    return cycle_frame(cycle, now()) | blank | found


@assignments.get(f"{BOARD}/import", load=queries.cycle, access=policy.can_see_board)
def import_form(cycle: Cycle) -> ResponseReturnValue:
    return render_template("reviews/assignment_file.html", **_file_page(cycle))


@assignments.post(f"{BOARD}/import", load=queries.cycle, access=policy.can_see_board, takes_files=True)
def look_at_file(cycle: Cycle) -> ResponseReturnValue:
    """A dry run: whom the file would ask, with a button that takes in the very same rows."""
    try:
        lines = read_assignments(content_of(AssignmentFileForm().file.data))
        outcome = commands.take_in_assignments(session(), cycle=cycle, actor=me(), lines=lines, at=now(), dry_run=True)
    except InvalidInput as e:
        return refused("reviews/assignment_file.html", **_file_page(cycle, message=e.message, problems=e.problems))
    return render_template("reviews/assignment_file.html", **_file_page(cycle, outcome=outcome, text=as_text(lines)))


@assignments.post(f"{BOARD}/import/apply", load=queries.cycle, access=policy.can_see_board, takes_files=True)
def import_file(cycle: Cycle) -> ResponseReturnValue:
    try:
        lines = read_assignments(str(AssignmentFileForm().text.data or "").encode())
        outcome = commands.take_in_assignments(session(), cycle=cycle, actor=me(), lines=lines, at=now())
    except InvalidInput as e:
        return refused("reviews/assignment_file.html", **_file_page(cycle, message=e.message, problems=e.problems))
    flash(ngettext("Asked: %(num)s review.", "Asked: %(num)s reviews.", len(outcome.rows)))
    return to("assignments.board", slug=cycle.slug)
