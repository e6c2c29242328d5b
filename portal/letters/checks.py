"""Whether a letter says what the record says. Everything is looked up again, nothing is taken from the letter's word;
a letter with a single problem is not released."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from portal.cases.queries import family_of, rubric_of
from portal.decisions.policy import appeal_against
from portal.decisions.wording import names_in, raw_scores, unsaid
from portal.domain.case_types import CaseType
from portal.domain.ladder import Rubric
from portal.letters.contents import (
    Sources,
    appeal_opens,
    change_words,
    equivalence,
    last_day,
    level_facts,
    strongest,
    supersedes,
)
from portal.letters.facts import (
    AGAIN,
    about_facts,
    about_the_record,
    recount,
    trial_from_the_ladder,
    working_days_between,
)
from portal.letters.language import FIRST
from portal.letters.samples import sample
from portal.letters.typesetting import language_in
from portal.models.audit import digest
from portal.models.decision import Outcome

CORRECT = "Record a corrected decision that leaves it out."
_OWN_PART = {
    Outcome.APPROVED: {"effective_on", "expectations"},
    Outcome.APPROVED_ON_TRIAL: {"effective_on", "expectations", "carried", "trial"},
    Outcome.DECLINED: {"clauses", "earliest", "support"},
    Outcome.NOT_YET: {"clauses", "earliest", "support"},
    Outcome.DEFERRED: {"met_on", "cycles", "role"},
}


def problems_of(
    data: dict[str, Any], data_sha256: str, sources: Sources, *, forbidden_names: list[str]
) -> tuple[str, ...]:
    """Every way in which a letter disagrees with the record, one sentence each; empty when it may be issued.

    `data` is the letter's text, `data_sha256` the hash it was frozen with, `forbidden_names` are of people whose part
    in the case the candidate does not learn."""
    rubric = rubric_of(sources.case)
    if malformed := _misses(data):
        return (f"The frozen text lacks {', '.join(malformed)}. {AGAIN}",)
    found = [
        *about_the_record(sources.decision),
        *_about_the_decision(data, data_sha256, sources),
        *_about_the_person(data, sources),
        *_about_the_vote(data, sources),
        *_about_the_clauses(data, sources, rubric),
        *_about_quotations(data, sources, rubric),
        *_about_dates(data, sources),
        *about_facts(data, sources),
        *_about_what_stays_unsaid(data, sources, forbidden_names),
    ]
    return tuple(found)


def _misses(data: dict[str, Any]) -> list[str]:
    """What every letter has and this one has not."""
    whole = sample(Outcome.APPROVED, CaseType.PROMOTION, FIRST)
    return sorted(set(whole) - set(data))


def _about_the_decision(data: dict[str, Any], data_sha256: str, sources: Sources) -> Iterator[str]:
    decision = sources.decision
    if digest(data) != data_sha256:
        yield f"The frozen text was changed after it was prepared: its hash does not fit. {AGAIN}"
    if decision.number != len(sources.case.decisions):
        yield f"A newer version of the decision was recorded; its letter has to be prepared. {AGAIN}"
    if (data["case"]["version"], data["outcome"]) != (decision.number, decision.outcome.value):
        yield f"The letter says “{data['outcome']}”, the decision “{decision.outcome.value}”. {AGAIN}"
    if data["reasons"] != decision.reasons:
        yield f"The reasons are not those of the decision. {AGAIN}"
    if set(data["part"]) != _OWN_PART[decision.outcome]:
        yield f"The letter holds a part that belongs to another outcome. {AGAIN}"
    if data.get("supersedes") != supersedes(decision):
        yield f"What the letter says of the one it takes the place of is not what was released. {AGAIN}"


def _about_the_person(data: dict[str, Any], sources: Sources) -> Iterator[str]:
    if data["case"]["type"] != sources.case.case_type.value:
        yield f"The letter is about a {data['case']['type']}, the case is a {sources.case.case_type.value}. {AGAIN}"
    case, family = sources.case, family_of(sources.case)
    manager = case.candidate.manager.name if case.candidate.manager else ""
    if (data["candidate"], data["manager"]) != (case.candidate.name, manager):
        yield f"The names differ from the directory: {case.candidate.name}, {manager or 'no manager'}. {AGAIN}"
    if data["rubric"]["hash"] != case.rubric_hash:
        yield f"The letter names another rubric than the one the case is pinned to. {AGAIN}"
    for side, level_id in (("from", case.from_level_id), ("to", case.to_level_id)):
        if data[side] != level_facts(family, level_id):
            there = family.level(level_id).title
            yield f"The level “{data[side]['title']}” is not the one on the case ({there}). {AGAIN}"


def _about_the_vote(data: dict[str, Any], sources: Sources) -> Iterator[str]:
    counted = recount(sources.decision)
    if data["tally"] != counted:
        yield f"The tally in the letter, {_votes(data['tally'])}, is not the ballot's, {_votes(counted)}. {AGAIN}"
    if data.get("changes", []) != change_words(sources.changes, rubric_of(sources.case), data["language"]):
        yield f"The changes in the letter are not those the committee made. {AGAIN}"


def _votes(tally: dict[str, int]) -> str:
    return ", ".join(f"{n} {kind}" for kind, n in tally.items())


def _about_the_clauses(data: dict[str, Any], sources: Sources, rubric: Rubric) -> Iterator[str]:
    cited = [clause["code"] for clause in data["part"].get("clauses", [])]
    for code in cited:
        if not clause_exists(rubric, code):
            yield f"The rubric of this case has no clause “{code}”. Record a corrected decision."
    if cited != [clause["code"] for clause in sources.decision.unmet]:
        yield f"The clauses in the letter are not those the decision names. {AGAIN}"
    for clause in data["part"].get("clauses", []):
        if clause["expectation"] and clause["expectation"] != _expectation(rubric, clause["code"]):
            yield f"The expectation quoted for “{clause['title']}” is not the rubric's. {AGAIN}"


def clause_exists(rubric: Rubric, code: str) -> bool:
    """True when the bar of this rubric has the clause: `weighted_mean`, `minimum_each:<id>` or `must_have:<id>`."""
    kind, _, competency = code.partition(":")
    line = next((c for c in rubric.competencies if c.id == competency), None)
    if rubric.bar is None:
        return False
    if kind == "weighted_mean":
        return not competency and rubric.bar.weighted_mean is not None
    if kind == "minimum_each":
        return line is not None and rubric.bar.minimum_each is not None
    return kind == "must_have" and line is not None and line.must_have is not None


def _expectation(rubric: Rubric, code: str) -> str | None:
    competency = code.partition(":")[2]
    line = next((c for c in rubric.competencies if c.id == competency), None)
    return None if line is None else line.expectation.text if line.expectation else line.about


def _about_quotations(data: dict[str, Any], sources: Sources, rubric: Rubric) -> Iterator[str]:
    if data["equivalence"] != equivalence(sources.decision.bar_check, language_in(data)):
        yield f"The line about the two bars is not what the check at this grade says. {AGAIN}"
    if data["strongest"] != strongest(rubric, sources.decision, sources.snapshot):
        yield f"The evidence quoted is not what was submitted. {AGAIN}"


def _about_dates(data: dict[str, Any], sources: Sources) -> Iterator[str]:
    issued_on = date.fromisoformat(data["issued_on"])
    opened, last = appeal_opens(sources.decision, issued_on), last_day(sources.decision, issued_on)
    if data["appeal"]["last_day"] != last.isoformat():
        said = data["appeal"]["last_day"]
        yield f"The last day for an appeal would be {last.isoformat()}, the letter says {said}. {AGAIN}"
    elif working_days_between(opened, last, sources) != sources.case.cycle.appeal_days:
        yield "The last day for an appeal is not that many working days away. Check the calendar in the policy."
    used = appeal_against(sources.case, sources.decision) is not None
    if (data["appeal"].get("opened_on"), data["appeal"].get("used")) != (opened.isoformat(), used):
        yield f"What the letter says of an appeal is not what is open to the candidate now. {AGAIN}"
    effective = sources.decision.effective_on
    if data["part"].get("effective_on", "") != (effective.isoformat() if effective else ""):
        yield f"The day from which the level holds is not the decision's. {AGAIN}"
    tried = sources.decision.outcome is Outcome.APPROVED_ON_TRIAL
    if data["part"].get("trial") != (trial_from_the_ladder(sources.decision) if tried else None):
        yield f"The days of the trial are not those the ladder gives from the decision's day. {AGAIN}"


def _about_what_stays_unsaid(data: dict[str, Any], sources: Sources, forbidden_names: list[str]) -> Iterator[str]:
    """Quotations are left out: they are compared word by word above, and the candidate's own figures are their own."""
    quoted = {"strongest", "equivalence", "code", "rubric", "case", "candidate", "manager", "appeal", "issued_on"}
    said = "\n".join(_texts({key: value for key, value in data.items() if key not in quoted}))
    if scores := raw_scores(said, sources.decision.position):
        yield f"The letter gives away a score: {', '.join(scores)}. {CORRECT}"
    if sources.decision.outcome in (Outcome.NOT_YET, Outcome.DECLINED):
        for word in unsaid(data["reasons"]):
            yield f"The letter says “{word}”; that is no reason for this outcome. {CORRECT}"
    if names := names_in(said, forbidden_names):
        yield f"The letter names {', '.join(names)}, whose part in the case stays confidential. {CORRECT}"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for below in value.values():
            yield from _texts(below)
    elif isinstance(value, list):
        for below in value:
            yield from _texts(below)
    elif value is not None:
        yield str(value)
