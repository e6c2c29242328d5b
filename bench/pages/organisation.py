"""A cycle as large as asked for, written with the driver's own speed: every case with its snapshot and three sealed
reviews of six scores, a third of them voted on and decided."""

import random
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.pages.rows import PER_CASE, STEPS, CaseRows, Rows
from portal.adapters.rubrics import library_at
from portal.models.calibration import Ballot, BarCheck, Elector
from portal.models.case import Assignment, CaseEvent
from portal.models.cycle import Committee, CommitteeSeat, Cycle, CyclePin, MarginSetting
from portal.models.decision import Decision
from portal.models.ladder import RubricVersion
from portal.models.packet import Snapshot
from portal.models.person import Person, Role, RoleGrant
from portal.models.review import Review, Score
from portal.people import commands as people
from portal.settings import ROOT

PASSWORD = "a-long-bench-password-1"
REVIEWERS, MEMBERS = 300, 9


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
        case = CaseRows(cycle, family, candidate, to_level, from_level, chosen, members, checks, at, chance, n)
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
