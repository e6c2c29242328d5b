"""A proposal of very many cases is applied beside the requests: ordered once, done some cases at a time, each case
whole, and taken up where it stood when a worker died."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.problems import Refused
from portal.models.audit import record
from portal.models.outbox import enqueue
from portal.models.person import Person
from portal.models.planning import AssignmentRun, RunState
from portal.reviews.commands.planning import apply_plan

APPLY = "apply_reviewers"
AT_ONCE = 200  # cases that one request, or one step of the work beside it, asks for: two to four seconds


def order_plan(s: Session, *, run: AssignmentRun, actor: Person, case_ids: Collection[str], at: datetime) -> None:
    """Have the proposal applied to these cases by the worker. How far it is stands in the request of the search."""
    if run.asked_by_id != actor.id or run.state is not RunState.DONE or run.result is None:
        raise Refused("There is no proposal to apply.")
    if is_applying(run):
        raise Refused("This proposal is being applied already.")
    wanted = [case_id for case_id in run.result["cases"] if case_id in case_ids]
    order = {"cases": wanted, "done": 0, "asked": 0, "refused": 0, "said": [], "ended": False}
    run.request = {**run.request, "applying": order}
    s.flush()
    enqueue(s, kind=APPLY, key=f"{APPLY}:{run.id}:{at:%Y%m%d%H%M%S%f}", payload={"run": run.id}, at=at)
    thing, payload = f"assignment_run:{run.id}", {"cases": len(wanted)}
    record(s, actor=actor, action="plan_ordered", thing=thing, at=at, payload=payload)


def is_applying(run: AssignmentRun) -> bool:
    order = run.request.get("applying")
    return order is not None and not order["ended"]


def apply_some(s: Session, *, run: AssignmentRun, at: datetime) -> bool:
    """The next cases of an order, with how far it then is in the same transaction; gives whether more are left."""
    if not is_applying(run):
        return False
    order = dict(run.request["applying"])
    part = order["cases"][order["done"] : order["done"] + AT_ONCE]
    try:
        asked, refusals = apply_plan(s, run=run, actor=run.asked_by, case_ids=set(part), at=at)
    except Refused as why:  # nothing was written; the rest would meet the same
        asked, refusals, part = 0, [why.message], order["cases"][order["done"] :]
    order |= {"done": order["done"] + len(part), "asked": order["asked"] + asked}
    order |= {"refused": order["refused"] + len(refusals), "said": [*order["said"], *refusals][:10]}
    order["ended"] = order["done"] >= len(order["cases"])
    run.request = {**run.request, "applying": order}
    s.flush()
    return not order["ended"]
