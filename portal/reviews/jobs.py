"""Searches for reviewers in the background: says how far it is, stops when told to, and keeps what it found.
And chasing: who owes what is reminded by the rules, and people partners are told of what stays overdue."""

import time
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.database import begin_write
from portal.domain.assignment import Bounds, Plan, Problem, assign
from portal.domain.chasing import Rules, Step, step_due
from portal.domain.ladder import Family
from portal.domain.ladder_org import Policy
from portal.domain.problems import Problem as Refusal
from portal.domain.rubric_files import read_pinned
from portal.models.cycle import CyclePin
from portal.models.ladder import RubricVersion
from portal.models.person import Person
from portal.models.planning import AssignmentRun, RunState
from portal.reviews import queries
from portal.reviews.commands.applying import apply_some
from portal.reviews.commands.chasing import remind
from portal.reviews.queries.chasing import Waited, policies_of, waited_for

STAGES = ("gathering", "seats", "links", "precision", "done")
_PAUSE = 0.25  # seconds between transactions in which whoever waits may write
_LOOK_EVERY = 1.0  # seconds between looks at whether to stop


class Stopped(Exception):
    """The search was cancelled, or another worker has ended it."""


class ReviewerSearch:
    """Does rows {"run": id}. A run that has ended is left as it is, so that being called twice does no harm."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self, payload: dict[str, Any], key: str) -> None:
        progress = _Progress(self._engine, payload["run"])
        try:
            progress.reach("gathering")
            problem, families = self._problem(payload["run"])
            plan = assign(problem, progress.reach, lambda family, grade: _title(families, family, grade))
            progress.finish(plain(problem, plan))
        except Stopped:
            return
        except Refusal as refusal:
            progress.fail(refusal.message)
        except Exception as error:
            progress.fail("The search broke off; nothing was changed. Try again, or tell the operator.")
            raise error

    def _problem(self, run_id: str) -> tuple[Problem, dict[str, Family]]:
        with Session(self._engine) as s:
            run = s.get_one(AssignmentRun, run_id)
            actor = s.get_one(Person, run.asked_by_id)
            asked = run.request["asked"]
            found = queries.ground(s, run.cycle_id, actor, asked=asked)
            bounds = Bounds(run.request["most"], run.request["least"])
            anchored = queries.anchored(s, run.cycle_id)
            return queries.problem_of(found, bounds, asked=asked, anchored=anchored), _families(s, run.cycle_id)


class PlanApplier:
    """Does rows {"run": id}: applies an ordered proposal in short transactions, until none is left."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self, payload: dict[str, Any], key: str) -> None:
        while self._some(payload["run"]):
            time.sleep(_PAUSE)

    def _some(self, run_id: str) -> bool:
        with Session(self._engine) as s:
            begin_write(s)
            run = s.get(AssignmentRun, run_id, with_for_update=True)
            more = run is not None and apply_some(s, run=run, at=now())
            s.commit()
            return more


def _families(s: Session, cycle_id: str) -> dict[str, Family]:
    q = select(RubricVersion).join(CyclePin, CyclePin.content_hash == RubricVersion.content_hash)
    rows = s.scalars(q.where(CyclePin.cycle_id == cycle_id).order_by(CyclePin.family_id))
    return {family.id: family for row in rows for family in [read_pinned(row.org_text, row.family_text)]}


def _title(families: dict[str, Family], family: str, grade: int) -> str:
    return f"{families[family].name if family in families else family}, grade {grade}"


def plain(problem: Problem, plan: Plan) -> dict[str, Any]:
    """The plan as it is kept: ids, numbers and sentences."""
    cases, people = problem.cases, problem.reviewers
    ties = [
        {
            **asdict(tie),
            "link": tie.link._asdict(),
            "precision": {k: v if abs(v) < float("inf") else None for k, v in tie.precision._asdict().items()},
        }
        for tie in plan.ties
    ]
    return {
        "cases": [case.id for case in cases],
        "people": [person.id for person in people],
        "added": [[cases[i].id, people[r].id] for i, r in plan.added],
        "shortages": [lack._asdict() for lack in plan.shortages],
        "ties": ties,
        "gap": plan.gap,
        "seconds": round(plan.seconds, 1),
    }


class _Progress:
    """Writes each stage in a short transaction of its own, and looks now and then whether to go on."""

    def __init__(self, engine: Engine, run_id: str) -> None:
        self._engine, self._run_id = engine, run_id
        self._stage, self._looked = "", 0.0

    def reach(self, stage: str) -> None:
        if stage == self._stage and time.monotonic() - self._looked < _LOOK_EVERY:
            return
        self._stage, self._looked = stage, time.monotonic()
        self._write(RunState.RUNNING, STAGES.index(stage))

    def finish(self, result: dict[str, Any]) -> None:
        self._write(RunState.DONE, STAGES.index("done"), result=result)

    def fail(self, problem: str) -> None:
        try:
            self._write(RunState.FAILED, STAGES.index(self._stage or "gathering"), problem=problem)
        except Stopped:
            return

    def _write(self, state: RunState, stage: int, *, result: dict[str, Any] | None = None, problem: str = "") -> None:
        with Session(self._engine) as s:
            begin_write(s)
            run = s.get(AssignmentRun, self._run_id, with_for_update=True)
            if run is None or not run.is_open:
                raise Stopped
            run.state, run.stage, run.result, run.problem = state, stage, result, problem
            run.finished_at = _ended(state)
            s.commit()


def _ended(state: RunState) -> datetime | None:
    return None if state is RunState.RUNNING else now()


def chase(engine: Engine) -> int:
    """Send each reminder that is due and was not sent; gives how many. A short transaction for each, so that one that
    fails holds up no other; run by two workers at once, each is still written once."""
    at = now()
    with Session(engine) as s:
        policies = policies_of(s)
        found = [(one, _step(one, policies.get(one.slug, Policy()))) for one in waited_for(s)]
    done = 0
    for waited, step in found:
        if step is None:
            continue
        with Session(engine, expire_on_commit=False) as s:
            begin_write(s)
            done += remind(s, waited=waited, step=step, at=at)
            s.commit()
    return done


def _step(waited: Waited, policy: Policy) -> Step | None:
    rules = Rules(policy.remind_days, policy.escalate_days)
    if not waited.here:
        return Step("left", waited.asked_at, escalates=True)
    return step_due(rules, waited.asked_at, waited.due, now())
