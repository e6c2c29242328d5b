"""The audit log as a page."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.models.person import Person
from portal.records import policy, queries
from portal.web.database import session
from portal.web.routing import GuardedBlueprint

records = GuardedBlueprint("records", __name__, url_prefix="/records")


@records.get("", load=None, access=policy.can_read_log)
def index() -> ResponseReturnValue:
    actor: Person = current_user._get_current_object()
    action = request.args.get("action", "")[:60]
    total = queries.count_for(session(), actor, action=action)
    pages = max(1, -(-total // queries.PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render_template(
        "records/index.html",
        rows=queries.events_for(session(), actor, page=page, action=action),
        total=total,
        page=page,
        pages=pages,
        first=(page - 1) * queries.PAGE + 1,
        last=min(page * queries.PAGE, total),
        action=action,
        page_url=lambda n: url_for("records.index", page=n, action=action or None),
        may_verify=bool(policy.can_verify(actor)),
        everything=policy.sees_all(actor),
    )


@records.get("/verify", load=None, access=policy.can_verify)
def verify() -> ResponseReturnValue:
    return render_template("records/verify.html", chain=queries.verify(session()))
