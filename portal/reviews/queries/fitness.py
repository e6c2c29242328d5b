"""Who could review a case: where people stand on the ladders the cycle pinned, and who wrote about the case."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.ladder import Family
from portal.domain.rubric_files import read_pinned
from portal.models.case import Case
from portal.models.cycle import CyclePin
from portal.models.ladder import RubricVersion
from portal.models.packet import Statement
from portal.models.person import Person
from portal.reviews.policy import Standing

Standings = dict[tuple[str, str], Standing]
"""Where each level of the cycle's ladders stands, by family and level id."""


def standings(s: Session, case: Case) -> Standings:
    """Of every graded level of every ladder the cycle pinned, as it was pinned. One statement."""
    q = (
        select(RubricVersion.org_text, RubricVersion.family_text)
        .join(CyclePin, CyclePin.content_hash == RubricVersion.content_hash)
        .where(CyclePin.cycle_id == case.cycle_id)
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
