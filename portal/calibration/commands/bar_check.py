"""Running the check of the two bars at one grade: what could be said, with what it was said from, kept as it was."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy.orm import Session

from portal.calibration.queries.checks import evidence_hash, question_for
from portal.calibration.queries.evidence import facts_of, pooled, to_plain
from portal.calibration.queries.figures import measure
from portal.calibration.queries.rooms import cases_at, earlier_facts, families_of
from portal.calibration.queries.scores import sheets_at
from portal.domain.problems import InvalidInput
from portal.models.audit import record
from portal.models.calibration import BarCheck
from portal.models.cycle import Cycle
from portal.models.person import Person


def run_bar_check(s: Session, *, cycle: Cycle, family_id: str, grade: int, actor: Person, at: datetime) -> BarCheck:
    """Compute the verdict from the first sealed reviews and the decisions so far, of this cycle and of closed cycles at
    the same grade, and store it with its evidence. It says "not enough evidence" where that is so.

    Raises InvalidInput for a ladder the cycle does not hold or a grade the ladder does not have."""
    family = next((f for f in families_of(cycle) if f.id == family_id), None)
    if family is None:
        raise InvalidInput(f"{cycle.name} holds no cases of the ladder “{family_id}”.")
    if grade not in family.grades():
        raise InvalidInput(f"The ladder “{family_id}” has no grade {grade}.")
    now = facts_of(cases_at(s, cycle, family_id, grade), sheets_at(s, cycle_id=cycle.id, grade=grade))
    facts = pooled(now, earlier_facts(s, cycle, family_id, grade))
    question = question_for(family, grade, cycle.margin)
    figures = measure(facts, question)
    check = BarCheck(
        cycle_id=cycle.id,
        grade=grade,
        family_id=family_id,
        margin=question.margin,
        verdict=figures["verdict"],
        sentence=figures["sentence"],
        figures={**figures, "evidence": to_plain(facts), "question": asdict(question)},
        inputs_hash=evidence_hash(facts, question),
        run_by=actor,
        run_at=at,
    )
    s.add(check)
    s.flush()
    payload = {"verdict": check.verdict, "margin": check.margin, "inputs": check.inputs_hash}
    record(s, actor=actor, action="bar_checked", thing=f"bar_check:{check.id}", at=at, payload=payload)
    return check
