"""What a letter says, put together from the record as plain data that can be frozen, hashed and set in type."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from portal.cases.queries import carried_of, family_of, last_appeal_day, path_of, rubric_of
from portal.decisions.policy import appeal_against
from portal.domain.case_types import APPROVALS
from portal.domain.ladder import Family, Rubric
from portal.domain.paper import paper_for
from portal.domain.trials import days_of
from portal.domain.voting import Tally
from portal.letters.language import FIRST, phrases
from portal.letters.words import clause_words, cut, pillar_words
from portal.models.calibration import BarCheck
from portal.models.calibration_session import PositionChange
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.decision import Decision, Outcome
from portal.models.letter import LetterTemplate
from portal.models.packet import Snapshot

FORMAT = "letter/2"
PUBLISHED_FROM = 10  # cases per track, below which no figure about the two bars leaves the committee


@dataclass(frozen=True)
class Sources:
    """The rows a letter is put together from."""

    decision: Decision
    tally: Tally
    snapshot: Snapshot | None
    next_cycle: Cycle | None
    changes: tuple[PositionChange, ...] = ()

    @property
    def case(self) -> Case:
        return self.decision.case


@dataclass(frozen=True)
class Style:
    """How letters are set: on `a4` or `letter`, or `auto` for the paper of the candidate's locale; `archive` makes
    PDF/A-3 with the record attached."""

    paper: str = "auto"
    archive: bool = False


PLAIN = Style()


def compose(
    sources: Sources, *, code: str, issued_on: date, template: LetterTemplate, style: Style = PLAIN
) -> dict[str, Any]:
    """The plain data of one letter, dated `issued_on`: the day of its release in the candidate's zone. `template` is
    the version it is written with, in the letter's language."""
    case, decision = sources.case, sources.decision
    family = family_of(case)
    rubric = rubric_of(case)
    language = template.language
    results = pillar_words(rubric, decision.position, language)
    return {
        "format": FORMAT,
        "language": language,
        "template": {"version": template.number, "sha256": template.sha256},
        "code": code,
        "issued_on": issued_on.isoformat(),
        "paper": paper_for(style.paper, case.candidate.locale),
        "archive": style.archive,
        "case": {"id": case.id, "version": decision.number, "type": case.case_type.value, "cycle": case.cycle.name},
        "rubric": {"family": family.name, "hash": case.rubric_hash},
        "candidate": case.candidate.name,
        "manager": case.candidate.manager.name if case.candidate.manager else "",
        "from": level_facts(family, case.from_level_id),
        "to": level_facts(family, case.to_level_id),
        "outcome": decision.outcome.value,
        "reasons": decision.reasons,
        "results": results,
        "strongest": strongest(rubric, decision, sources.snapshot),
        "changes": change_words(sources.changes, rubric, language),
        "tally": tally_facts(sources.tally),
        "appeal": appeal_facts(decision, issued_on),
        "equivalence": equivalence(decision.bar_check, language),
        "supersedes": supersedes(decision),
        "part": _part(sources, family, rubric, results, language),
    }


def level_facts(family: Family, level_id: str) -> dict[str, Any]:
    level = family.level(level_id)
    grade = family.org.grade(level.grade) if level.grade is not None else None
    return {
        "title": level.title,
        "track": family.track(level.track).name,
        "grade": level.grade,
        "grade_name": grade.name if grade else "",
    }


def change_words(changes: Sequence[PositionChange], rubric: Rubric, language: str) -> list[dict[str, str]]:
    """What the committee moved in calibration, in the order it was moved: which way and why, never by how much, nor who
    proposed it."""
    said, names = phrases(language)["change"], {line.id: line.name for line in rubric.competencies}
    return [
        {"competency": names[change.competency_id], "way": said[_way(change)], "why": said[change.reason.value]}
        for change in changes
        if change.competency_id in names
    ]


def _way(change: PositionChange) -> str:
    if change.old is None:
        return "assessed"
    return "raised" if change.new > change.old else "lowered"


def tally_facts(counted: Tally) -> dict[str, int]:
    return {
        "for": counted.votes_for,
        "against": counted.votes_against,
        "abstain": counted.abstentions,
        "absent": counted.absent,
        "recused": counted.recused,
    }


def appeal_facts(decision: Decision, issued_on: date) -> dict[str, Any]:
    """Where and until when an appeal is possible, from which day its days count, and whether it was used."""
    return {
        "path": f"/cases/{decision.case.id}/appeal",
        "opened_on": appeal_opens(decision, issued_on).isoformat(),
        "last_day": last_day(decision, issued_on).isoformat(),
        "working_days": decision.case.cycle.appeal_days,
        "used": appeal_against(decision.case, decision) is not None,
    }


def last_day(decision: Decision, issued_on: date) -> date:
    """The last day for an appeal: so many working days after the release, which does not count itself."""
    return last_appeal_day(decision.case, appeal_opens(decision, issued_on))


def appeal_opens(decision: Decision, issued_on: date) -> date:
    """The day from which an appeal counts: the letter's own, or for a correction of the words alone that of the letter
    before."""
    first = decision.appealed_as
    opened = first.released_at if first is not decision else None
    return opened.astimezone(zone_of(decision.case)).date() if opened else issued_on


def supersedes(decision: Decision) -> dict[str, str] | None:
    """The released letter that this one takes the place of: its day and code, `because` of a correction (and what it
    puts right) or of an appeal; None for a first letter."""
    before = next((d for d in reversed(decision.case.decisions) if d.released_at and d.number < decision.number), None)
    if before is None or before.letter is None:
        return None
    corrected = decision.corrects is not None
    return {
        "issued_on": str(before.letter.data["issued_on"]),
        "code": before.letter.code,
        "because": "correction" if corrected else "appeal",
        "why": decision.correction if corrected else "",
    }


def zone_of(case: Case) -> ZoneInfo:
    return ZoneInfo(case.candidate.timezone)


def equivalence(check: BarCheck, language: str = FIRST) -> str:
    """What may be said outside the committee about the two bars at this grade, whatever the verdict was. In the
    language of the check its own sentence, in another the sentence for its verdict."""
    said = phrases(language)["equivalence"]
    counted = check.figures.get("n") or {}
    enough = min(counted.get("ic") or 0, counted.get("manager") or 0) >= PUBLISHED_FROM
    if not enough:
        return str(said["too_few"])
    return str(said.get(check.verdict, check.sentence))


def strongest(rubric: Rubric, decision: Decision, snapshot: Snapshot | None) -> dict[str, str] | None:
    """The candidate's first claim on the competency that was scored highest, among those with evidence; the heavier
    competency wins a tie."""
    rows = snapshot.content.get("evidence", []) if snapshot else []
    means = {row["id"]: row["mean"] for row in decision.position["competencies"] if row["mean"] is not None}
    lines = [c for c in rubric.competencies if c.id in means and any(row["competency"] == c.id for row in rows)]
    if not lines:
        return None
    best = max(lines, key=lambda c: (means[c.id], c.weight))
    row = next(row for row in rows if row["competency"] == best.id)
    return {"competency": best.name, "claim": cut(row["claim"]), "period": row["period"]}


def _part(
    sources: Sources, family: Family, rubric: Rubric, results: Sequence[dict[str, str]], language: str
) -> dict[str, Any]:
    """What only this outcome has. Nothing about budget in a "not yet", nothing about gaps in a deferral."""
    decision = sources.decision
    if decision.outcome in APPROVALS:
        return _approved(decision, family) | _tried(decision)
    if decision.outcome is Outcome.DEFERRED:
        return _deferred(decision, family, rubric)
    return {
        "clauses": clause_words(rubric, decision.unmet, results, language),
        "earliest": _earliest(sources.next_cycle),
        "support": list(rubric.track.support) if decision.case.scored else [],
    }


def _approved(decision: Decision, family: Family) -> dict[str, Any]:
    """What the level asks, all of it, also of whoever was scored on a part."""
    lines = family.rubric(decision.case.to_level_id).competencies
    expected = [{"competency": line.name, "text": line.expectation.text} for line in lines if line.expectation]
    effective = decision.effective_on.isoformat() if decision.effective_on else ""
    return {"effective_on": effective, "expectations": expected}


def _tried(decision: Decision) -> dict[str, Any]:
    """What is tried first: its days, the way home, and what was carried over without being scored."""
    if decision.outcome is not Outcome.APPROVED_ON_TRIAL:
        return {}
    carried = [one.pillar.name for one in carried_of(decision.case)]
    return {"carried": carried, "trial": trial_facts(decision)}


def trial_facts(decision: Decision) -> dict[str, str] | None:
    """The days of the trial that this decision begins, as ISO dates; None where it begins none."""
    effective = decision.effective_on
    days = days_of(path_of(decision.case), effective) if effective else None
    if days is None:
        return None
    named = (("starts_on", days.starts_on), ("ends_on", days.ends_on), ("return_until", days.return_until))
    return {name: day.isoformat() for name, day in named}


def _deferred(decision: Decision, family: Family, rubric: Rubric) -> dict[str, Any]:
    closed = decision.ballot.closed_at or decision.recorded_at
    return {
        "met_on": closed.astimezone(zone_of(decision.case)).date().isoformat(),
        "cycles": family.org.policy.deferred_cycles,
        "role": f"{rubric.level.title}, {rubric.family_name}",
    }


def _earliest(following: Cycle | None) -> dict[str, str] | None:
    if following is None:
        return None
    return {"cycle": following.name, "opens_on": following.opens_at.date().isoformat()}
