"""Who could review a case: where people stand on the ladders the cycle pinned, and who wrote about the case."""

from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, selectinload

from portal.domain.ladder import Family
from portal.domain.rubric_files import read_pinned
from portal.models.case import Case
from portal.models.cycle import CyclePin
from portal.models.ladder import RubricVersion
from portal.models.packet import Statement
from portal.models.person import Person
from portal.reviews.policy import Fitness, Standing, fitness
from portal.reviews.queries.assignments import load_by_person

Standings = dict[tuple[str, str], Standing]
"""Where each level of the cycle's ladders stands, by family and level id."""


def standings(s: Session, case: Case) -> Standings:
    """Of every graded level of every ladder the case's cycle pinned, as it was pinned. One statement."""
    return cycle_standings(s, case.cycle_id)


def cycle_standings(s: Session, cycle_id: str) -> Standings:
    q = (
        select(RubricVersion.org_text, RubricVersion.family_text)
        .join(CyclePin, CyclePin.content_hash == RubricVersion.content_hash)
        .where(CyclePin.cycle_id == cycle_id)
        .order_by(CyclePin.family_id)
    )
    return {key: place for row in s.execute(q) for key, place in _of_family(read_pinned(*row)).items()}


def _of_family(family: Family) -> Standings:
    return {
        (family.id, level.id): Standing(family.track(level.track).kind, level.grade)
        for level in family.levels
        if level.grade is not None
    }


def standing_of(s: Session, case: Case, person: Person) -> Standing | None:
    """Where this person stands, None without a graded level on a ladder of the cycle."""
    return standings(s, case).get((person.family_id or "", person.level_id or ""))


def statement_writers(s: Session, case: Case) -> frozenset[str]:
    """Ids of everybody who wrote a statement on this case."""
    return frozenset(s.scalars(select(Statement.writer_id).where(Statement.case_id == case.id)))


@dataclass(frozen=True)
class Choice:
    """One person who might review a case: where they stand, how many reviews they have, and what speaks against."""

    person: Person
    standing: Standing | None
    load: int
    fitness: Fitness


SHOWN = 80


def choices(s: Session, case: Case, actor: Person, *, named: str = "") -> list[Choice]:
    """People to choose reviewers from, the fittest first. Without a name: everybody who stands high enough; with one:
    everybody of that name, so that the reason is shown also for those who do not. At most SHOWN. Five statements."""
    places = standings(s, case)
    q = select(Person).where(Person.active).options(selectinload(Person.grants)).order_by(Person.name, Person.id)
    if named:
        q = q.where(Person.name.icontains(named, autoescape=True))
    else:
        high = [key for key, place in places.items() if place.grade >= case.grade - 1]
        q = q.where(tuple_(Person.family_id, Person.level_id).in_(high))
    taken = {a.reviewer_id for a in case.active_assignments if a.waived_at is None}
    people = list(s.scalars(q.where(Person.id.not_in(taken)).limit(SHOWN)))
    writers, loads = statement_writers(s, case), load_by_person(s, case.cycle_id, actor)
    found = []
    for person in people:
        standing = places.get((person.family_id or "", person.level_id or ""))
        found.append(Choice(person, standing, loads.get(person.id, 0), fitness(person, case, standing, writers)))
    return sorted(found, key=lambda choice: _rank(case, choice))


def _rank(case: Case, choice: Choice) -> tuple[bool, bool, bool, int, str]:
    """The free first; while the other track is not represented, its people before others; then by load."""
    crossed = any(a.track_kind != case.track_kind for a in case.active_assignments)
    same_side = choice.standing is None or choice.standing.track_kind == case.track_kind
    fit = choice.fitness
    return bool(fit.refusal), not crossed and same_side, bool(fit.warning), choice.load, choice.person.name
