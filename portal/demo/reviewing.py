"""The reviewers' side: who is asked, what they give, and how strict each of them is."""

import random
from datetime import datetime
from functools import partial
from typing import Any

from portal.cases.queries import rubric_of
from portal.demo.phrases import voice
from portal.demo.play import Script
from portal.domain.ladder import RubricCompetency
from portal.models.audit import record
from portal.models.case import Assignment
from portal.models.person import Person
from portal.models.review import NoScore
from portal.packets.queries import latest_snapshot
from portal.reviews import commands as reviews
from portal.reviews import queries
from portal.reviews.commands import ScoreInput
from portal.reviews.policy import fitness
from portal.reviews.queries.fitness import standings

LOWEST, HIGHEST = 0, 4
# Few enough to read several cases each on both tracks, so that strict reviewing and a high bar can be told apart.
POOL = frozenset(
    (
        "Zeynep Kaya",
        "Oluwaseun Adeyemi",
        "Daniel Osterberg",
        "Mina Farahani",
        "Emeka Okafor",
        "Eszter Varga",
        "Diego Ibarra",
        "Arjun Mehta",
        "Clara Beaumont",
        "Leilani Kahale",
        "Mei Tanaka",
        "Aisha Bello",
        "Mateus Barbosa",
        "Sofia Kowalska",
        "Rui Figueira",
        "Selin Arslan",
        "Tuan Le",
        "Leon Fischbach",
        "Mirjam Keller",
        "Dalia Mizrahi",
        "Edgar Tamm",
    )
)
SEVERITY, NOISE, UNEVEN = 0.22, 0.34, 0.16  # standard deviations in points of the scale
UNSURE, QUOTING = 0.03, 0.4  # how often


def assign(script: Script, day: float, *, named: tuple[str, ...] = (), count: int = 3) -> None:
    """The people partner asks so many reviewers, those named first; the last comes from the other track."""

    def act(at: datetime) -> None:
        for person in _choose(script, named, count):
            _ask(script, person, at)

    script.add(day, act)


def _ask(script: Script, person: Person, at: datetime) -> Assignment:
    script.play.load[f"review:{person.id}"] += 1
    return reviews.assign(script.s, case=script.case, reviewer=person, actor=script.play.partner, at=at)


def _choose(script: Script, named: tuple[str, ...], count: int) -> list[Person]:
    case, org = script.case, script.play.org
    places = standings(script.s, case)
    writers = queries.statement_writers(script.s, case)
    panel = case.committee.member_ids if case.committee else frozenset()

    def place(person: Person) -> Any:
        return places.get((person.family_id or "", person.level_id or ""))

    taken = {a.reviewer_id for a in case.assignments} | set(panel) | {org[name].id for name in named}
    fit = [
        p
        for p in org.everyone()
        if p.id not in taken and p.family_id == case.family_id and not fitness(p, case, place(p), writers).refusal
    ]
    script.chance.shuffle(fit)
    fit.sort(key=lambda p: (p.name not in POOL, script.play.load[f"review:{p.id}"], place(p).grade < case.grade))
    here = [p for p in fit if place(p).track_kind == case.track_kind]
    across = [p for p in fit if place(p).track_kind != case.track_kind]
    chosen = [org[name] for name in named]
    crossing = sum(place(p).track_kind != case.track_kind for p in chosen)
    chosen += here[: max(0, count - len(chosen) - (0 if crossing else 1))]
    return chosen + across[: max(0, count - len(chosen))]


def open_review(script: Script, day: float) -> None:
    act = reviews.open_review
    script.add(day, lambda at: act(script.s, case=script.case, actor=script.play.partner, at=at))


def read(script: Script, day: float, how_far: tuple[str, ...] = ("sealed", "sealed", "sealed")) -> None:
    """Each reviewer in the order of assignment gets so far: asked, free, draft, sealed, waived or recused.

    Who is recused is replaced by another reviewer, who seals."""
    for number, stage in enumerate(how_far):
        begin = day + number * 1.5
        if stage == "recused":
            script.add(begin, partial(_stand_aside, script, number))
            script.add(begin + 1, partial(_replace, script))
            script.add(begin + 2, partial(_declare, script, -1))
            script.add(begin + 4, partial(_score, script, -1, True))
        if stage in ("free", "draft", "sealed"):
            script.add(begin, partial(_declare, script, number))
        if stage in ("draft", "sealed"):
            script.add(begin + 3, partial(_score, script, number, stage == "sealed"))
        if stage == "waived":
            script.add(begin + 4, partial(_waive, script, number))


def _assignment(script: Script, number: int) -> Assignment:
    return script.case.assignments[number]


def _declare(script: Script, number: int, at: datetime) -> None:
    mine = _assignment(script, number)
    reviews.declare_no_conflict(script.s, assignment=mine, actor=mine.reviewer, at=at)
    opens_packet(script, mine.reviewer, at)


def opens_packet(script: Script, person: Person, at: datetime) -> None:
    """What opening the page would have left in the log, so that a candidate is told of it."""
    case = script.case
    packet = f"packet:{case.id}"
    record(script.s, actor=person, action="read", thing=packet, at=at, case_id=case.id, stage=case.state.value)


def _stand_aside(script: Script, number: int, at: datetime) -> None:
    person = _assignment(script, number).reviewer
    reason = "We worked on the second result together."
    reviews.recuse(script.s, case=script.case, person=person, actor=person, reason=reason, at=at)


def _replace(script: Script, at: datetime) -> None:
    kinds = {a.track_kind for a in script.case.active_assignments}
    choices = _choose(script, (), 2)
    if script.case.track_kind in kinds and len(kinds) == 1:
        choices.reverse()
    _ask(script, choices[0], at)


def _waive(script: Script, number: int, at: datetime) -> None:
    reason = "Away on parental leave earlier than expected; the other reviews agree."
    reviews.waive(script.s, assignment=_assignment(script, number), actor=script.play.partner, reason=reason, at=at)


def _score(script: Script, number: int, sealed: bool, at: datetime) -> None:
    mine = _assignment(script, number)
    lines = rubric_of(script.case).competencies
    chance = script.play.chance("review", script.stage.slug, script.candidate.email, mine.reviewer.email)
    given = {line.id: _given(script, line, mine, chance) for line in lines}
    if not sealed:
        given = dict(list(given.items())[: len(given) // 2])
    values = [one.value for one in given.values() if one.value is not None]
    review = reviews.save_review(
        script.s,
        assignment=mine,
        actor=mine.reviewer,
        scores=given,
        summary=_summary(script, values, chance) if sealed else "",
        version=mine.review.version if mine.review else 0,
        at=at,
    )
    if sealed:
        reviews.seal(script.s, review=review, actor=mine.reviewer, at=at)


def _given(script: Script, line: RubricCompetency, mine: Assignment, chance: random.Random) -> ScoreInput:
    """A score from the strength of the case on this competency, the reviewer's severity and noise."""
    uneven = script.play.chance("uneven", script.stage.slug, script.candidate.email, line.id).gauss(0, UNEVEN)
    severity = script.play.chance("severity", mine.reviewer.email).gauss(0, SEVERITY)
    value = min(HIGHEST, max(LOWEST, round(script.strength + uneven - severity + chance.gauss(0, NOISE))))
    if chance.random() < UNSURE and line.must_have is None:
        return ScoreInput(no_score=NoScore.OUTSIDE_MY_FIELD, rationale="I cannot judge this part from where I stand.")
    snapshot = latest_snapshot(script.s, script.case)
    rows = [row for row in snapshot.content["evidence"] if row["competency"] == line.id] if snapshot else []
    cites = tuple(row["id"] for row in rows[:2])
    said = voice(f"score.s{value}", chance)
    if rows and chance.random() < QUOTING:
        said += f" I go by: “{rows[0]['claim']}”"
    return ScoreInput(value=value, rationale=said, cites=cites)


def _summary(script: Script, values: list[int], chance: random.Random) -> str:
    mean = sum(values) / len(values) if values else 0.0
    kind = "high" if mean >= 3.0 else "middle" if mean >= 2.6 else "low"
    return voice(f"review.{kind}", chance, script.candidate.name)


def send(script: Script, day: float) -> None:
    act = reviews.send_to_calibration
    script.add(day, lambda at: act(script.s, case=script.case, actor=script.play.partner, at=at))
