"""Running the check of the two bars at one grade, or over all: what could be said, with what it was said from and the
margin it was held against, kept as it was."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.calibration.queries.checks import comparable_grades, evidence_hash, question_for
from portal.calibration.queries.evidence import CaseFacts, anchor_facts, pooled, to_plain
from portal.calibration.queries.figures import measure
from portal.calibration.queries.rooms import families_of, gathered
from portal.domain.ladder import Family
from portal.domain.problems import InvalidInput
from portal.models.audit import record
from portal.models.calibration import ALL_GRADES, BarCheck
from portal.models.cycle import Cycle
from portal.models.person import Person
from portal.reviews.queries import anchor_sheets


def run_bar_check(s: Session, *, cycle: Cycle, family_id: str, grade: int, actor: Person, at: datetime) -> BarCheck:
    """Compute the verdict from the first sealed reviews and the decisions so far, of this cycle and of closed cycles at
    the same grade, and store it with its evidence. It says "not enough evidence" where that is so.

    `grade` may be ALL_GRADES: every grade with comparable peers, each a stratum of its own. Raises InvalidInput for a
    ladder the cycle does not hold or a grade the ladder does not have."""
    family = next((f for f in families_of(cycle) if f.id == family_id), None)
    if family is None:
        raise InvalidInput(f"{cycle.name} holds no cases of the ladder “{family_id}”.")
    if grade != ALL_GRADES and grade not in family.grades():
        raise InvalidInput(f"The ladder “{family_id}” has no grade {grade}.")
    check = computed(s, cycle=cycle, family=family, grade=grade, actor=actor, at=at)
    payload = {"verdict": check.verdict, "margin": check.margin, "inputs": check.inputs_hash}
    record(s, actor=actor, action="bar_checked", thing=f"bar_check:{check.id}", at=at, payload=payload)
    return check


def computed(
    s: Session,
    *,
    cycle: Cycle,
    family: Family,
    grade: int,
    actor: Person,
    at: datetime,
    again: dict[str, Any] | None = None,
) -> BarCheck:
    """A new check of one place, stored. `again` says what made the check before it out of date."""
    facts = evidence_at(s, cycle=cycle, family=family, grade=grade)
    question = question_for(family, grade, cycle.margin)
    figures = measure(facts, question)
    kept = {"margins": margins_of(cycle), "evidence": to_plain(facts), "question": asdict(question)}
    check = BarCheck(
        cycle_id=cycle.id,
        grade=grade,
        family_id=family.id,
        margin=question.margin,
        verdict=figures["verdict"],
        sentence=figures["sentence"],
        figures={**figures, **kept, **({"again": again} if again else {})},
        inputs_hash=evidence_hash(facts, question),
        run_by=actor,
        run_at=at,
    )
    s.add(check)
    s.flush()
    return check


def evidence_at(s: Session, *, cycle: Cycle, family: Family, grade: int) -> tuple[CaseFacts, ...]:
    """Everything a check at this place rests on, whoever runs it."""
    one = None if grade == ALL_GRADES else grade
    found = gathered(s, cycle, one)
    anchors = anchor_facts(family, anchor_sheets(s, cycle_id=cycle.id, family_id=family.id, grade=one))
    facts = (*pooled(found.facts(family.id), found.earlier_facts(family.id)), *anchors)
    if one is not None:
        return facts
    kept = comparable_grades(family)
    return tuple(f for f in facts if f.grade in kept)


def margins_of(cycle: Cycle) -> list[dict[str, Any]]:
    """Every margin set, the one that counts last; `late` when it was set after the cycle had opened."""
    return [
        {
            "margin": setting.margin,
            "by": setting.set_by.name,
            "at": setting.set_at.isoformat(),
            "late": setting.set_at >= cycle.opens_at,
        }
        for setting in cycle.margins
    ]
