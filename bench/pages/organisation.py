"""A cycle as large as asked for, written with the driver's own speed: every case with its snapshot and three sealed
reviews of six scores, a third of them voted on and decided."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.adapters.rubrics import library_at
from portal.domain.case_flow import Action, State
from portal.models.calibration import Ballot, BarCheck, Choice, Elector, Standing
from portal.models.case import Assignment, Case, CaseEvent, CaseType
from portal.models.cycle import Committee, CommitteeSeat, Cycle, CyclePin, MarginSetting
from portal.models.decision import Decision, Outcome
from portal.models.ladder import RubricVersion
from portal.models.packet import Snapshot
from portal.models.person import Person, Role, RoleGrant
from portal.models.review import Review, Score
from portal.people import commands as people
from portal.settings import ROOT

PASSWORD = "a-long-bench-password-1"
REVIEWERS, MEMBERS, PER_CASE = 300, 9, 3
STEPS = (
    ("senior", "se2"),
    ("em", "senior"),
    ("staff", "senior"),
    ("sem", "em"),
    ("principal", "staff"),
    ("director", "sem"),
)
BAR = 2.7
Rows = dict[type, list[dict[str, Any]]]


class Places(NamedTuple):
    """Where to look: a case with three sealed reviews, one that its reviewer is still writing, and the signed in."""

    case_id: str
    writing_id: str


def build(s: Session, cases: int, at: datetime) -> Places:
    """Fill the database. The same size gives the same scores; ids are random as ever."""
    chance = random.Random(cases)
    family = library_at(ROOT / "rubrics").families["engineering"]
    partner = _person(s, "partner", at)
    people.set_password(s, person=partner, password=PASSWORD, at=at)
    s.add(RoleGrant(person=partner, role=Role.PEOPLE_PARTNER, granted_at=at))
    levels = ("staff", "sem", "principal", "director")
    reviewers = [_person(s, f"reviewer.{n}", at, levels[n % 4]) for n in range(REVIEWERS)]
    people.set_password(s, person=reviewers[0], password=PASSWORD, at=at)
    members = [_person(s, f"member.{n}", at, levels[n % 4]) for n in range(MEMBERS)]
    people.set_password(s, person=members[0], password=PASSWORD, at=at)
    cycle = _cycle(s, partner, members, at)
    s.flush()
    checks = _checks(s, cycle, members[0], at)
    rows: Rows = {}
    ids = []
    for n in range(cases):
        to_level, from_level = STEPS[n % len(STEPS)]
        candidate = Person(
            email=f"candidate.{n}@example.org", name=f"Candidate {n:05}", created_at=at, **_level(from_level)
        )
        s.add(candidate)
        s.flush()
        chosen = [reviewers[(n * PER_CASE + k) % REVIEWERS] for k in range(PER_CASE)]
        case = _Case(cycle, family, candidate, to_level, from_level, chosen, members, checks, at, chance, n)
        ids.append(case.write(s, rows))
    for model in (Snapshot, Assignment, Review, Score, CaseEvent, Ballot, Elector, Decision):
        s.execute(insert(model), rows.get(model, []))
    s.commit()
    return Places(ids[2], ids[0])


def _level(level: str) -> dict[str, str]:
    return {"family_id": "engineering", "level_id": level}


def _person(s: Session, name: str, at: datetime, level: str = "") -> Person:
    person = Person(email=f"{name}@example.org", name=name.title(), created_at=at, **(_level(level) if level else {}))
    s.add(person)
    s.flush()
    return person


def _cycle(s: Session, partner: Person, members: list[Person], at: datetime) -> Cycle:
    library = library_at(ROOT / "rubrics")
    version = RubricVersion(
        content_hash=library.content_hash("engineering"),
        family_id="engineering",
        family_version=str(library.families["engineering"].version),
        org_text=library.org_text,
        family_text=library.texts["engineering"],
        first_pinned_at=at,
    )
    cycle = Cycle(
        slug="large",
        name="Large",
        opens_at=at - timedelta(days=60),
        submit_by=at - timedelta(days=40),
        review_by=at + timedelta(days=5),
        decide_by=at + timedelta(days=30),
        min_reviewers=PER_CASE,
        quorum=0.67,
        majority=0.5,
        appeal_days=15,
        created_by_id=partner.id,
        created_at=at - timedelta(days=60),
        pins=[CyclePin(family_id="engineering", rubric_version=version)],
        margins=[MarginSetting(margin=0.5, set_by_id=partner.id, set_at=at)],
    )
    seats = [CommitteeSeat(person=member) for member in members]
    cycle.committees = [
        Committee(name="All", grade_from=3, grade_to=5, chair=members[0], deputy=members[1], seats=seats)
    ]
    s.add(cycle)
    return cycle


def _checks(s: Session, cycle: Cycle, by: Person, at: datetime) -> dict[int, int]:
    """One recorded check a grade, by grade."""
    said = {"margin": 0.5, "verdict": "not_enough_evidence", "sentence": "The data cannot say.", "figures": {}}
    made = {
        grade: BarCheck(
            cycle_id=cycle.id,
            grade=grade,
            family_id="engineering",
            inputs_hash="0" * 64,
            run_by_id=by.id,
            run_at=at,
            **said,
        )
        for grade in (3, 4, 5)
    }
    s.add_all(made.values())
    s.flush()
    return {grade: check.id for grade, check in made.items()}


class _Case:
    """The rows of one case. Every third is in review with one review unsealed, in calibration, or decided."""

    def __init__(self, cycle, family, candidate, to_level, from_level, reviewers, members, checks, at, chance, n):
        self.cycle, self.rubric, self.candidate = cycle, family.rubric(to_level), candidate
        self.reviewers, self.members, self.checks, self.at, self.chance, self.n = (
            reviewers,
            members,
            checks,
            at,
            chance,
            n,
        )
        self.state = (State.IN_REVIEW, State.IN_CALIBRATION, State.DECIDED)[(n // len(STEPS)) % 3]
        self.from_level = from_level
        self.quality = chance.gauss(BAR + 0.1, 0.6)

    def write(self, s: Session, rows: Rows) -> str:
        level, track = self.rubric.level, self.rubric.track
        case = Case(
            cycle=self.cycle,
            candidate=self.candidate,
            case_type=CaseType.PROMOTION,
            family_id="engineering",
            rubric_hash=self.cycle.pins[0].content_hash,
            from_level_id=self.from_level,
            to_level_id=level.id,
            track_id=track.id,
            track_kind=track.kind,
            grade=level.grade,
            committee=self.cycle.committees[0],
            _state=self.state,
            state_since=self.at,
            created_at=self.at,
        )
        s.add(case)
        s.flush()
        for model, row in self._rows(case):
            rows.setdefault(model, []).append(row)
        return case.id

    def _rows(self, case: Case) -> Iterator[tuple[type, dict[str, Any]]]:
        yield Snapshot, _snapshot(case, self.rubric, self.n + 1, self.at)
        step = {"by_id": case.candidate_id, "at": self.at, "note": "", "case_id": case.id}
        yield (
            CaseEvent,
            {"action": Action.SUBMIT, "source": State.DRAFT, "target": State.SUBMITTED, "id": self.n + 1, **step},
        )
        for k, reviewer in enumerate(self.reviewers):
            sealed = not (self.state is State.IN_REVIEW and k == 0)
            yield from self._review(case, reviewer, self.n * PER_CASE + k + 1, sealed)
        if self.state is State.DECIDED:
            yield from self._decision(case)

    def _review(self, case: Case, reviewer: Person, number: int, sealed: bool) -> Iterator[tuple[type, dict[str, Any]]]:
        side = "manager" if reviewer.level_id in ("sem", "director") else "ic"
        yield (
            Assignment,
            {
                "id": number,
                "case_id": case.id,
                "reviewer_id": reviewer.id,
                "track_kind": side,
                "pseudonym": f"Reviewer {number % PER_CASE}",
                "no_conflict_at": self.at,
                "assigned_by_id": self.cycle.created_by_id,
                "assigned_at": self.at,
            },
        )
        times = {"started_at": self.at, "saved_at": self.at, "sealed_at": self.at if sealed else None}
        yield (
            Review,
            {
                "id": number,
                "assignment_id": number,
                "case_id": case.id,
                "snapshot_id": self.n + 1,
                "summary": "Clear results.",
                "version": 1,
                **times,
            },
        )
        for competency in self.rubric.competencies:
            value = min(4, max(0, round(self.chance.gauss(self.quality, 0.7))))
            yield (
                Score,
                {
                    "review_id": number,
                    "competency_id": competency.id,
                    "value": value,
                    "no_score": None,
                    "rationale": "The cited evidence shows it.",
                    "cites": [],
                },
            )

    def _decision(self, case: Case) -> Iterator[tuple[type, dict[str, Any]]]:
        carried = self.quality > BAR
        shown = min(4.0, max(0.0, self.quality))
        where = {"overall": shown, "lines": [], "unmet": []}
        by = self.members[0].id
        yield (
            Ballot,
            {
                "id": f"ballot{self.n:06}",
                "case_id": case.id,
                "round": 1,
                "quorum": 0.67,
                "majority": 0.5,
                "shown": shown,
                "position": where,
                "opened_at": self.at,
                "opened_by_id": by,
                "closed_at": self.at,
                "closed_by_id": by,
                "version": 1,
            },
        )
        for member in self.members:
            choice = Choice.FOR if carried else Choice.AGAINST
            yield (
                Elector,
                {
                    "ballot_id": f"ballot{self.n:06}",
                    "person_id": member.id,
                    "standing": Standing.ELIGIBLE,
                    "choice": choice,
                    "voted_at": self.at,
                },
            )
        yield (
            Decision,
            {
                "id": f"decided{self.n:05}",
                "case_id": case.id,
                "number": 1,
                "ballot_id": f"ballot{self.n:06}",
                "bar_check_id": self.checks[case.grade],
                "outcome": Outcome.APPROVED if carried else Outcome.NOT_YET,
                "reasons": "As the reviews say.",
                "unmet": [],
                "position": where,
                "effective_on": self.at.date() if carried else None,
                "recorded_by_id": by,
                "recorded_at": self.at,
                "confirmed_by_id": self.members[1].id,
                "confirmed_at": self.at,
                "version": 1,
            },
        )


def _snapshot(case: Case, rubric: Any, number: int, at: datetime) -> dict[str, Any]:
    evidence = [
        {
            "id": f"row{k}",
            "competency": c.id,
            "claim": f"Shows {c.name}.",
            "contribution": "Led it.",
            "period": "2026",
            "link": "",
        }
        for k, c in enumerate(rubric.competencies)
    ]
    content = {
        "sections": {"summary": {"summary": "What changed, and why it mattered. " * 20}},
        "evidence": evidence,
        "self_assessment": {},
    }
    return {
        "id": number,
        "case_id": case.id,
        "number": 1,
        "content": content,
        "content_hash": "0" * 64,
        "taken_at": at,
        "taken_by_id": case.candidate_id,
    }
