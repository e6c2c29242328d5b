"""Who was asked for feedback, what they wrote, and who could be asked."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.domain.ladder import NotOnLadder
from portal.domain.rubric_files import read_pinned
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.packet import Referee, RefereeState
from portal.models.person import Person

MOST_FOUND = 12


def referees(s: Session, case: Case) -> list[Referee]:
    """Everyone asked, by name."""
    q = select(Referee).where(Referee.case_id == case.id).options(joinedload(Referee.person)).join(Referee.person)
    return list(s.scalars(q.order_by(Person.name, Referee.id)))


def feedback(s: Session, case: Case) -> list[Referee]:
    """What referees wrote, in the order of their pseudonyms; the names are not loaded."""
    q = select(Referee).where(Referee.case_id == case.id, Referee.state == RefereeState.ANSWERED)
    return list(s.scalars(q.order_by(Referee.pseudonym)))


def own_referee(s: Session, case: Case, person: Person) -> Referee | None:
    return s.scalar(select(Referee).where(Referee.case_id == case.id, Referee.person_id == person.id))


def found_people(s: Session, words: str) -> list[Person]:
    """People who are here and whose name or email holds the words, by name; at most a dozen."""
    wanted = words.strip().lower()
    if not wanted:
        return []
    match = or_(
        func.lower(Person.name).contains(wanted, autoescape=True), Person.email.contains(wanted, autoescape=True)
    )
    return list(
        s.scalars(select(Person).where(Person.active, match).order_by(Person.name, Person.id).limit(MOST_FOUND))
    )


def active_person(s: Session, person_id: str) -> Person | None:
    return s.scalar(select(Person).where(Person.id == person_id, Person.active))


def grade_of(cycle: Cycle, person: Person) -> int | None:
    """The grade of a person's level on the rubrics this cycle pinned; None where it is not known."""
    pin = next((p for p in cycle.pins if p.family_id == person.family_id), None)
    if pin is None or not person.level_id:
        return None
    try:
        return read_pinned(pin.rubric_version.org_text, pin.rubric_version.family_text).level(person.level_id).grade
    except NotOnLadder:
        return None
