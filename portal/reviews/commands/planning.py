"""A search for reviewers of a cycle's cases: asked for, stopped, and applied as far as a people partner wants."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.domain.problems import InvalidInput, Refused
from portal.models.audit import record
from portal.models.cycle import Cycle
from portal.models.outbox import enqueue
from portal.models.person import Person
from portal.models.planning import AssignmentRun, RunState
from portal.reviews import queries
from portal.reviews.commands.assigning import seat

FIND = "find_reviewers"
LEAST_MOST = 40


def find_reviewers(
    s: Session, *, cycle: Cycle, actor: Person, most: int, least: int, asked: Collection[str], at: datetime
) -> AssignmentRun:
    """Ask for a proposal: `most` reviews a person at most, `least` at least where it can be had; `asked` are addresses
    of those who may be asked, nobody named means everybody who stands high enough. Nothing changes until it is applied.
    """
    if not 1 <= most <= LEAST_MOST or not 0 <= least <= most:
        raise InvalidInput(f"Most reviews each: a number from 1 to {LEAST_MOST}, and at least no more than that.")
    found = queries.ids_by_email(s, asked)
    if unknown := sorted(set(asked) - set(found)):
        raise InvalidInput(f"Who may be asked: nobody here has {', '.join(unknown[:5])}.")
    before = queries.latest_run(s, cycle, actor)
    if before is not None and before.is_open:
        raise Refused("A search is under way already; stop it first, or wait for it.")
    run = AssignmentRun(
        cycle_id=cycle.id,
        asked_by_id=actor.id,
        asked_at=at,
        request={"most": most, "least": least, "asked": sorted(found.values())},
    )
    s.add(run)
    s.flush()
    enqueue(s, kind=FIND, key=f"{FIND}:{run.id}", payload={"run": run.id}, at=at)
    _note(s, run, actor, "reviewers_searched", at, payload=run.request)
    return run


def cancel(s: Session, *, run: AssignmentRun, actor: Person, at: datetime) -> None:
    """Stop a search; what it found is not kept."""
    if not run.is_open:
        raise Refused("This search has ended.")
    run.state, run.finished_at = RunState.CANCELLED, at
    s.flush()
    _note(s, run, actor, "search_cancelled", at)


def apply_plan(
    s: Session, *, run: AssignmentRun, actor: Person, case_ids: Collection[str], at: datetime
) -> tuple[int, list[str]]:
    """Ask the people the search proposes for these cases. What has changed since is looked at again, pair by pair:
    gives how many were asked, and a sentence for each that could not be."""
    if run.asked_by_id != actor.id or run.state is not RunState.DONE or run.result is None:
        raise Refused("There is no proposal to apply.")
    found = queries.ground(s, run.cycle_id, actor, asked=run.request["asked"])
    people = {person.id: person for person in found.people}
    cases = {case.id: case for case in found.cases}
    done, refusals = 0, []
    for case_id, person_id in run.result["added"]:
        if case_id not in case_ids or case_id not in cases or person_id not in people:
            continue
        case, person = cases[case_id], people[person_id]
        if any(a.reviewer_id == person_id for a in case.active_assignments):
            continue
        writers = found.writers.get(case_id, frozenset())
        try:
            seat(
                s,
                case=case,
                reviewer=person,
                standing=found.standing(person),
                writer_ids=writers,
                actor=actor,
                at=at,
            )
            done += 1
        except Refused as refusal:
            refusals.append(refusal.message)
    _note(s, run, actor, "plan_applied", at, payload={"asked": done, "refused": len(refusals)})
    return done, refusals


def _note(s: Session, run: AssignmentRun, actor: Person, action: str, at: datetime, payload: Any = None) -> None:
    record(s, actor=actor, action=action, thing=f"assignment_run:{run.id}", at=at, payload=payload)
