"""Recorded checks of the bars, and how each person may read them.

A check is run on every case at its grade, because that is what the committee is held to. Somebody with a conflict must
not learn from it what became of the case they stay away from. So whoever may not see all cases that went in gets the
figures computed from the others alone: byte for byte what they would read in a world in which the case does not exist.
Withholding the figures instead would have told them that there is such a case; for the same reason a check that adds
nothing to what they may see is not in their list."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.calibration.queries.evidence import CaseFacts, from_plain, to_plain
from portal.calibration.queries.figures import Figures, Question, measure
from portal.domain.ladder import Family
from portal.domain.lint import BAR_RULES, RULES, Finding, bar_unknowns
from portal.models.audit import digest
from portal.models.calibration import ALL_GRADES, BarCheck
from portal.models.case import Case
from portal.models.cycle import Cycle


@dataclass(frozen=True)
class Reading:
    """A recorded check as one person may read it; `evidence_hash` is over the evidence that this reading rests on.

    `again`: it was computed again because a decision changed; then `before` is what this person read until then, never
    what the record says that was: it may rest on a case they stay away from."""

    check: BarCheck
    verdict: str
    sentence: str
    figures: Figures
    evidence_hash: str
    again: bool = False
    before: "Reading | None" = None


KINDS = (("ic", "manager"), ("ic", "lead"), ("manager", "lead"))


def question_for(family: Family, grade: int, margin: float) -> Question:
    """What is asked at one grade of one family, or at ALL_GRADES: the organisation's prior, the declared peers, the
    written bars."""
    policy = family.org.policy
    found = [("|".join(pair), _standing_against(family, grade, pair)) for pair in KINDS]
    return Question(
        place=_place(family, grade),
        margin=margin,
        prior=(policy.prior_bar_mean, policy.prior_bar_sd, policy.prior_log_slope_mean, policy.prior_log_slope_sd),
        pillars=tuple((p.id, p.name) for p in family.org.pillars),
        obstacles=tuple((pair, reason) for pair, reason in found if reason is not None),
    )


def _place(family: Family, grade: int) -> str:
    if grade == ALL_GRADES:
        return "over all grades"
    grades = {g.rank: g.name for g in family.org.grades}
    return f"at grade {grade} ({grades[grade]})" if grade in grades else f"at grade {grade}"


def comparable_grades(family: Family, pair: tuple[str, str] = KINDS[0]) -> frozenset[int]:
    """The grades at which nothing written stands against comparing the pair; only they enter the whole ladder's
    comparison."""
    return frozenset(grade for grade in family.grades() if _obstacle(family, grade, pair) is None)


def _standing_against(family: Family, grade: int, pair: tuple[str, str]) -> str | None:
    """Of all grades: an obstacle only where every grade with both tracks has one."""
    if grade != ALL_GRADES:
        return _obstacle(family, grade, pair)
    found = [_obstacle(family, one, pair) for one in family.grades()]
    told = [reason for reason in found if reason not in (None, "peers_undeclared")]
    return None if None in found else (told or ["peers_undeclared"])[0]


def _obstacle(family: Family, grade: int, pair: tuple[str, str]) -> str | None:
    """Why nothing may be claimed at this grade whatever was decided, or None."""
    sides = [[x for x in family.levels_at(grade) if family.track_of(x.id).kind == kind] for kind in pair]
    statuses = {family.peer_status(a.id, b.id) for a in sides[0] for b in sides[1]}
    if not statuses or "undeclared" in statuses:
        return "peers_undeclared"
    if "not_peers" in statuses:
        return "not_peers"
    unknown = bar_unknowns(_on_bars(family), [x.id for side in sides for x in side])
    return "written_bar_unknown" if unknown else None


def _on_bars(family: Family) -> list[Finding]:
    return [finding for rule in RULES if rule.id in BAR_RULES for finding in rule.findings(family)]


def evidence_hash(facts: tuple[CaseFacts, ...], question: Question) -> str:
    return digest({"evidence": to_plain(facts), "question": asdict(question)})


def checks_of(s: Session, cycle: Cycle, grade: int | None = None) -> list[BarCheck]:
    """The recorded checks of a cycle, the latest first."""
    q = select(BarCheck).where(BarCheck.cycle_id == cycle.id)
    if grade is not None:
        q = q.where(BarCheck.grade == grade)
    return list(s.scalars(q.options(joinedload(BarCheck.run_by)).order_by(BarCheck.id.desc())))


def checked_at(s: Session, case: Case) -> bool:
    """Whether the bars were ever checked where this case is decided."""
    q = select(BarCheck.id).where(
        BarCheck.cycle_id == case.cycle_id, BarCheck.grade == case.grade, BarCheck.family_id == case.family_id
    )
    return s.scalar(q.limit(1)) is not None


def readings_of(checks: Iterable[BarCheck], visible: Collection[str]) -> list[Reading]:
    """The checks of one grade for somebody who may see the cases `visible` of this cycle, the latest first.

    `checks` come latest first. Of several that say the same to them the first run stands; a check of nothing they may
    see is left out, and so is one that was computed again because of a case they may not see."""
    kept: list[Reading] = []
    for check in reversed(list(checks)):
        again = check.figures.get("again")
        if again is not None and again["case"] not in visible and not _is_earlier(check, again["case"]):
            continue
        if not any(row["case"] in visible for row in check.figures.get("evidence", ())):
            continue
        reading = reading_of(check, visible)
        if not kept or kept[-1].evidence_hash != reading.evidence_hash:
            last = replace(kept[-1], before=None) if kept and again else None
            kept.append(replace(reading, again=again is not None, before=last))
    return kept[::-1]


def _is_earlier(check: BarCheck, case_id: str) -> bool:
    """Whether the case is one of a closed cycle: those are in nobody's room and in everybody's figures."""
    return any(row["case"] == case_id and row["earlier"] for row in check.figures["evidence"])


def reading_of(check: BarCheck, visible: Collection[str]) -> Reading:
    """The check for somebody who may see the cases `visible` (ids) of this cycle."""
    facts = from_plain(check.figures.get("evidence", ()))
    question = _question_from(check.figures.get("question"))
    kept = tuple(f for f in facts if f.earlier or f.anchor or f.case in visible)
    if kept == facts or question is None:
        return Reading(check, check.verdict, check.sentence, check.figures, check.inputs_hash)
    figures = measure(kept, question) | {"margins": check.figures.get("margins", [])}
    return Reading(check, figures["verdict"], figures["sentence"], figures, evidence_hash(kept, question))


def _question_from(row: dict[str, Any] | None) -> Question | None:
    if row is None:
        return None
    pillars, obstacles = (tuple((a, b) for a, b in row[key]) for key in ("pillars", "obstacles"))
    return Question(**{**row, "prior": tuple(row["prior"]), "pillars": pillars, "obstacles": obstacles})
