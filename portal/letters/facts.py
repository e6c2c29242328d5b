"""The facts of a letter that follow from the record one by one: where each stands in the letter, and how it is looked
up again in the tables and the pinned ladder. The vote, the last day of an appeal and the days of a trial are counted
here by another way than the one the letter was written by."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from portal.adapters.holiday_calendar import holidays_from
from portal.cases.queries import carried_of, family_of, path_of, rubric_of
from portal.domain.trials import after_months
from portal.domain.working_days import is_working_day
from portal.letters.contents import FORMAT, Sources, zone_of
from portal.letters.words import clause_words, pillar_words
from portal.models.audit import canonical
from portal.models.decision import Decision, Outcome

AGAIN = "Prepare the letter again."
_LONGEST = 60
Derive = Callable[[Sources, str], Any]


def _results(sources: Sources, language: str) -> Any:
    return pillar_words(rubric_of(sources.case), sources.decision.position, language)


def _expectations(sources: Sources, _language: str) -> Any:
    lines = family_of(sources.case).rubric(sources.case.to_level_id).competencies
    return [{"competency": x.name, "text": x.expectation.text} for x in lines if x.expectation]


def _carried(sources: Sources, _language: str) -> Any:
    return [one.pillar.name for one in carried_of(sources.case)]


def _clauses(sources: Sources, language: str) -> Any:
    rubric = rubric_of(sources.case)
    results = pillar_words(rubric, sources.decision.position, language)
    return clause_words(rubric, sources.decision.unmet, results, language)


def _earliest(sources: Sources, _language: str) -> Any:
    following = sources.next_cycle
    return {"cycle": following.name, "opens_on": following.opens_at.date().isoformat()} if following else None


def _support(sources: Sources, _language: str) -> Any:
    return list(rubric_of(sources.case).track.support) if sources.case.scored else []


def _met_on(sources: Sources, _language: str) -> Any:
    decision = sources.decision
    closed = decision.ballot.closed_at or decision.recorded_at
    return closed.astimezone(zone_of(decision.case)).date().isoformat()


def _cycles(sources: Sources, _language: str) -> Any:
    return family_of(sources.case).org.policy.deferred_cycles


def _role(sources: Sources, _language: str) -> Any:
    family = family_of(sources.case)
    return f"{family.level(sources.case.to_level_id).title}, {family.name}"


_EVERYWHERE: dict[str, Derive] = {
    "format": lambda _sources, _language: FORMAT,
    "case.id": lambda sources, _: sources.case.id,
    "case.cycle": lambda sources, _: sources.case.cycle.name,
    "rubric.family": lambda sources, _: family_of(sources.case).name,
    "results": _results,
    "appeal.path": lambda sources, _: f"/cases/{sources.case.id}/appeal",
    "appeal.working_days": lambda sources, _: sources.case.cycle.appeal_days,
}
_REFUSED: dict[str, Derive] = {"part.clauses": _clauses, "part.earliest": _earliest, "part.support": _support}
_OF_OUTCOME: dict[Outcome, dict[str, Derive]] = {
    Outcome.APPROVED: {"part.expectations": _expectations},
    Outcome.APPROVED_ON_TRIAL: {"part.expectations": _expectations, "part.carried": _carried},
    Outcome.DECLINED: _REFUSED,
    Outcome.NOT_YET: _REFUSED,
    Outcome.DEFERRED: {"part.met_on": _met_on, "part.cycles": _cycles, "part.role": _role},
}
PLACES = {outcome: (*_EVERYWHERE, *own) for outcome, own in _OF_OUTCOME.items()}
"""Where in the letter of each outcome such a fact stands."""


def about_facts(data: dict[str, Any], sources: Sources) -> Iterator[str]:
    """Each place at which the letter says something else than the record, with both."""
    language = str(data["language"])
    for place, derive in {**_EVERYWHERE, **_OF_OUTCOME[sources.decision.outcome]}.items():
        said, found = _at(data, place), derive(sources, language)
        if said != found:
            yield f"{place}: the letter says {_short(said)}, the record {_short(found)}. {AGAIN}"


def _at(data: dict[str, Any], place: str) -> Any:
    value: Any = data
    for key in place.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else canonical(value)
    return f"“{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}”"


def about_the_record(decision: Decision) -> Iterator[str]:
    """Whether the decision itself still rests on what it was made from."""
    ballot, case = decision.ballot, decision.case
    if ballot.case_id != case.id or ballot.closed_at is None:
        yield "The ballot behind the decision is not a closed one of this case. Record the decision again."
    if decision.position != ballot.position:
        yield "The decision's position against the bar is not the one that was voted on. Record the decision again."
    if decision.bar_check.grade != case.grade:
        yield "The check of the bars is of another grade. Run it at this grade, then record the decision again."
    seen = {clause["code"] for clause in ballot.position["unmet"]}
    if strangers := sorted({clause["code"] for clause in decision.unmet} - seen):
        yield f"The committee did not see these clauses as unmet: {', '.join(strangers)}. Record the decision again."
    if decision.outcome is Outcome.DEFERRED and seen:
        yield f"A deferral says the bar was met; it was not: {', '.join(sorted(seen))}. Record the decision again."


def recount(decision: Decision) -> dict[str, int]:
    """The vote, from the rows of the ballot one by one."""
    kinds = Counter(e.choice.value if e.choice else "absent" for e in decision.ballot.electors if _may_vote(e))
    recused = sum(not _may_vote(e) for e in decision.ballot.electors)
    return {kind: kinds[kind] for kind in ("for", "against", "abstain", "absent")} | {"recused": recused}


def _may_vote(elector: Any) -> bool:
    return bool(elector.standing.value == "eligible")


def working_days_between(issued_on: date, last_day: date, sources: Sources) -> int:
    """How many working days lie after the one and up to the other, by the calendar pinned with the case; -1 where the
    last one is none."""
    holidays = holidays_from(family_of(sources.case).org.policy.calendar, issued_on)
    days = [issued_on + timedelta(days=n) for n in range(1, (last_day - issued_on).days + 1)]
    worked = [day for day in days if is_working_day(day, holidays)]
    return len(worked) if worked and worked[-1] == last_day else -1


def trial_from_the_ladder(decision: Decision) -> dict[str, str] | None:
    """The trial's days counted from the months that the pinned ladder gives."""
    path, effective = path_of(decision.case), decision.effective_on
    if path is None or not path.trial_months or effective is None:
        return None
    home = max(path.return_months or 0, path.trial_months)
    ends_on, home_until = (after_months(effective, n) - timedelta(days=1) for n in (path.trial_months, home))
    named = {"starts_on": effective, "ends_on": ends_on, "return_until": home_until}
    return {name: day.isoformat() for name, day in named.items()}
