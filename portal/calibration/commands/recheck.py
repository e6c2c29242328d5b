"""A decision that a recorded check rests on has changed: the check is computed again in the same breath, beside the one
before, and the log and every page that shows it say so."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.calibration.commands.bar_check import computed
from portal.calibration.queries.evidence import facts_of, to_plain
from portal.calibration.queries.overtaken import checks_resting_on
from portal.calibration.queries.rooms import families_of
from portal.calibration.queries.table import case_rows
from portal.models.audit import record
from portal.models.calibration import BarCheck
from portal.models.decision import Decision
from portal.models.person import Person

COUNTS = ("outcome", "shown", "committee")  # what of a decision enters a check


def recheck(s: Session, *, decision: Decision, actor: Person, at: datetime) -> list[BarCheck]:
    """New checks of every place where what was said last rests on an earlier version of this decision; none for a first
    version, and none where the new one says the same in all that is measured. The checks before stay as they were.

    Asked for when a version is recorded and again when it is released: what corrects a released decision is measured
    from its release on, and so is anything in a later cycle, where others look who must not know of it before."""
    if decision.number == 1:
        return []
    case = decision.case
    rows = case_rows(s, case.cycle_id, grade=case.grade)
    found = to_plain(facts_of([row for row in rows if row.id == case.id], {}))
    now = {key: found[0][key] for key in COUNTS} if found else {}
    made = []
    for check, cycle, before in checks_resting_on(s, case):
        if cycle.id != case.cycle_id and decision.released_at is None:
            continue
        if {key: before[key] for key in COUNTS} == now:
            continue
        family = next(f for f in families_of(cycle) if f.id == check.family_id)
        again = _because(check, decision)
        made.append(computed(s, cycle=cycle, family=family, grade=check.grade, actor=actor, at=at, again=again))
        payload = {"before": check.id, "verdict": made[-1].verdict, "inputs": made[-1].inputs_hash}
        thing = f"bar_check:{made[-1].id}"
        what = {"action": "bar_checked_again", "thing": thing, "case_id": case.id, "reason": "decision changed"}
        record(s, actor=actor, at=at, payload=payload, **what)
    return made


def _because(check: BarCheck, decision: Decision) -> dict[str, Any]:
    """What the page tells of the check that was overtaken. The case is named so that whoever may not know of it is not
    shown a check that it brought about."""
    return {
        "case": decision.case_id,
        "before": check.id,
        "verdict": check.verdict,
        "sentence": check.sentence,
        "parts": check.figures.get("parts"),
        "at": check.run_at.isoformat(),
    }
