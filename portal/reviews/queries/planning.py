"""What a search for reviewers starts from: the cases a people partner runs, who could be asked, who may not review
what and why. And the searches asked for, with what each proposes.

Only cases this people partner may run are in it; nothing of a search tells of any other."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.domain.assignment import Bounds, Problem, Reviewer, WantedCase
from portal.domain.problems import Refused
from portal.models.anchor import AnchorPacket, AnchorState
from portal.models.case import Assignment, Case
from portal.models.cycle import Cycle
from portal.models.packet import Statement
from portal.models.person import Person
from portal.models.planning import AssignmentRun
from portal.reviews.policy import ASSIGNABLE, Standing, fitness
from portal.reviews.queries.assignments import load_by_person, may_run
from portal.reviews.queries.fitness import Standings, cycle_standings
from portal.reviews.queries.sealed import Candidate

MOST_ASKED = 1_000
NOT_NAMED = "They are not among those who may be asked."
TAKEN_OFF = "They were taken off this case, or released from it."
TOO_LOW = "They stand more than one grade below the target."
_FOR_FITNESS = (joinedload(Case.candidate), joinedload(Case.cycle), selectinload(Case.referees))
_AND_SEATS = (selectinload(Case.recusals), selectinload(Case.assignments).joinedload(Assignment.review))


@dataclass(frozen=True)
class Ground:
    """What a search is made from, and what its answer is applied to."""

    cases: list[Case]
    people: list[Person]
    places: Standings
    writers: Mapping[str, frozenset[str]]
    loads: Mapping[str, int]

    def busy(self) -> list[int]:
        """Reviews each of the people has in this cycle of cases that are past review."""
        here = Counter(a.reviewer_id for case in self.cases for a in counted(case))
        return [self.loads.get(person.id, 0) - here[person.id] for person in self.people]

    def standing(self, person: Person) -> Standing | None:
        return self.places.get((person.family_id or "", person.level_id or ""))


def ground(s: Session, cycle_id: str, actor: Person, *, asked: Collection[str] = ()) -> Ground:
    """Cases before and in review that this person runs; people with a place on the cycle's ladders who stand high
    enough for the lowest of them, or of these only `asked` (ids); whoever reviews already. Ten statements."""
    cases = runnable(s, cycle_id, actor)
    places = cycle_standings(s, cycle_id)
    seated = {a.reviewer_id for case in cases for a in case.active_assignments}
    lowest = min((case.grade for case in cases), default=0) - 1
    high = [key for key, place in places.items() if place.grade >= lowest]
    able = tuple_(Person.family_id, Person.level_id).in_(high)
    wanted = Person.id.in_(asked) if asked else able
    q = select(Person).where(Person.active, wanted).options(selectinload(Person.grants))
    people = list(s.scalars(q.order_by(Person.name, Person.id).limit(MOST_ASKED + 1))) if cases else []
    if len(people) > MOST_ASKED:
        raise Refused(f"More than {MOST_ASKED} people stand high enough. Name those who may be asked.")
    missing = seated - {person.id for person in people}
    more = select(Person).where(Person.id.in_(missing)).options(selectinload(Person.grants))
    people += list(s.scalars(more.order_by(Person.name, Person.id)))
    loads = load_by_person(s, cycle_id, actor)
    return Ground(cases, people, places, _writers(s, [case.id for case in cases]), loads)


def runnable(s: Session, cycle_id: str, actor: Person) -> list[Case]:
    """Cases before and in review that this person runs, by candidate's name."""
    q = select(Case).join(Candidate, Candidate.id == Case.candidate_id)
    q = q.where(Case.cycle_id == cycle_id, Case._state.in_(ASSIGNABLE), may_run(actor))
    return list(s.scalars(q.options(*_FOR_FITNESS, *_AND_SEATS).order_by(Candidate.name, Case.id)))


def _writers(s: Session, case_ids: Collection[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for case_id, writer in s.execute(
        select(Statement.case_id, Statement.writer_id).where(Statement.case_id.in_(case_ids))
    ):
        found.setdefault(case_id, set()).add(writer)
    return {case_id: frozenset(ids) for case_id, ids in found.items()}


def problem_of(
    found: Ground, bounds: Bounds, *, asked: Collection[str], anchored: Iterable[tuple[str, int]]
) -> Problem:
    """The same as plain data. Policy alone says who may review what."""
    number = {person.id: at for at, person in enumerate(found.people)}
    bars = _Bars(found, frozenset(asked))
    table = [[bars.code(case, person) for person in found.people] for case in found.cases]
    kept = [
        (at, number[a.reviewer_id])
        for at, case in enumerate(found.cases)
        for a in counted(case)
        if not table[at][number[a.reviewer_id]] or bars.reasons[table[at][number[a.reviewer_id]] - 1] == NOT_NAMED
    ]
    return Problem(
        cases=[_wanted(case) for case in found.cases],
        reviewers=[_reviewer(found, person) for person in found.people],
        bounds=bounds,
        bar=np.array(table, dtype=np.int64).reshape(len(found.cases), len(found.people)),
        reasons=tuple(bars.reasons),
        kept=tuple(kept),
        anchored=frozenset(anchored),
        busy=found.busy(),
    )


def counted(case: Case) -> list[Assignment]:
    """Reviewers who are asked and not released; whether they are free of conflict is policy's to say."""
    return [a for a in case.active_assignments if a.waived_at is None]


class _Bars:
    """Numbers for reasons, so that a table of two thousand by three hundred holds no sentence twice."""

    def __init__(self, found: Ground, asked: frozenset[str]) -> None:
        self._found, self._asked = found, asked
        self._places = {person.id: found.standing(person) for person in found.people}
        self.reasons: list[str] = []
        self._numbers: dict[str, int] = {}

    def code(self, case: Case, person: Person) -> int:
        """0 where the person may review the case."""
        if not (reason := self._reason(case, person)):
            return 0
        if reason not in self._numbers:
            self.reasons.append(reason)
            self._numbers[reason] = len(self.reasons)
        return self._numbers[reason]

    def _reason(self, case: Case, person: Person) -> str:
        standing = self._places[person.id]
        if standing is not None and case.grade - standing.grade > 1:
            return TOO_LOW
        fit = fitness(person, case, standing, self._found.writers.get(case.id, ()))
        if fit.refusal:
            return fit.refusal
        if any(a.reviewer_id == person.id and (a.ended_at or a.waived_at) for a in case.assignments):
            return TAKEN_OFF
        return NOT_NAMED if self._asked and person.id not in self._asked else ""


def _wanted(case: Case) -> WantedCase:
    return WantedCase(case.id, case.candidate.name, case.family_id, case.grade, case.track_kind, case.reviewers_needed)


def _reviewer(found: Ground, person: Person) -> Reviewer:
    place = found.standing(person)
    grade, track = (place.grade, place.track_kind) if place else (-1, "")
    return Reviewer(person.id, person.name, person.family_id or "", grade, track)


def anchored(s: Session, cycle_id: str) -> list[tuple[str, int]]:
    """Families and grades that have an open anchor packet."""
    q = select(AnchorPacket.family_id, AnchorPacket.grade).where(
        AnchorPacket.cycle_id == cycle_id, AnchorPacket.state == AnchorState.OPEN
    )
    return [(family, grade) for family, grade in s.execute(q.distinct().order_by(*q.selected_columns))]


def latest_run(s: Session, cycle: Cycle, actor: Person) -> AssignmentRun | None:
    """The newest search this person asked for; another's may hold cases that are not theirs to know."""
    q = select(AssignmentRun).where(AssignmentRun.cycle_id == cycle.id, AssignmentRun.asked_by_id == actor.id)
    return s.scalar(q.order_by(AssignmentRun.asked_at.desc(), AssignmentRun.id).limit(1))


def run(s: Session, *, slug: str, run_id: str) -> AssignmentRun | None:
    q = select(AssignmentRun).join(Cycle).where(Cycle.slug == slug, AssignmentRun.id == run_id)
    return s.scalar(q.options(joinedload(AssignmentRun.cycle)))


def ids_by_email(s: Session, emails: Collection[str]) -> dict[str, str]:
    q = select(Person.email, Person.id).where(Person.email.in_(emails), Person.active)
    return {email: person_id for email, person_id in s.execute(q)}


def pairs_of(s: Session, cycle: Cycle, actor: Person) -> list[tuple[str, str]]:
    """Who reviews what, as (case id, email), for the cases this person runs. Two statements and the cases'."""
    cases = runnable(s, cycle.id, actor)
    seats = [(case.id, a.reviewer_id) for case in cases for a in counted(case)]
    q = select(Person.id, Person.email).where(Person.id.in_({person for _, person in seats}))
    emails: dict[str, Any] = {person_id: email for person_id, email in s.execute(q)}
    return [(case_id, emails[person]) for case_id, person in seats]
