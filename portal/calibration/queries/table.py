"""The cases that came to calibration as rows: one statement for any number of them, and no object behind a row. With
somebody's eyes, only the cases that are on the table for them: `policy.in_room` as a condition."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, exists, false, func, or_, select
from sqlalchemy.orm import Session

from portal.calibration.queries.eyes import ME, on_table_for_me, who
from portal.cases.queries import presides
from portal.domain.case_flow import AFTER_RELEASE, FROM_CALIBRATION, State
from portal.domain.case_types import CaseType, rubric_for
from portal.domain.ladder import Family, Rubric
from portal.domain.rubric_files import read_pinned
from portal.models.calibration import Ballot
from portal.models.case import Assignment, Case, Recusal
from portal.models.cycle import Committee, Cycle
from portal.models.decision import Decision, Outcome
from portal.models.ladder import RubricVersion
from portal.models.person import Person

HAS_DECISION = frozenset({State.DECIDED}) | AFTER_RELEASE
KEPT = 32  # ladders held in memory, each under the hash of its text


@dataclass(frozen=True)
class Pinned:
    """A rubric with what tells it from every other: the hash of its ladder's text, type and levels."""

    key: tuple[str, str, str, str]
    rubric: Rubric = field(compare=False)


_families: dict[str, Family] = {}
_rubrics: dict[tuple[str, str, str, str], Pinned] = {}


class Candidate(NamedTuple):
    id: str
    name: str


class CaseRow(NamedTuple):
    """One case as the room lays it out. `rounds` and `closed` count ballots, `recusals` those in force; `outcome`
    and `shown` are of the decision that stands, None while there is none; `waived`: a review of it was; `presided`: by
    whoever looks, as a deputy in the chair's place."""

    id: str
    candidate: Candidate
    case_type: CaseType
    family_id: str
    pinned: Pinned
    track_kind: str
    grade: int
    scored: bool
    state: State
    committee_id: str | None
    cycle_id: str
    cycle_name: str
    waived: bool
    rounds: int
    closed: int
    recusals: int
    outcome: Outcome | None
    shown: float | None
    presided: bool

    @property
    def rubric(self) -> Rubric:
        return self.pinned.rubric


def case_rows(
    s: Session, cycle_id: str, *, grade: int | None = None, eyes: Person | None = None, before: datetime | None = None
) -> list[CaseRow]:
    """The cases of a cycle at one grade (None: at any) as far as `eyes` see them (None: all there are).

    `before` adds those of closed cycles that opened before, whoever asks: they are counted, never shown. In the order
    of grade, creation and id."""
    given: dict[str, Any] = {"cycle": cycle_id, **(who(eyes) if eyes is not None else {})}
    if grade is not None:
        given["grade"] = grade
    if before is not None:
        given["before"] = before
    found = s.execute(_statement(eyes is not None, grade is not None, before is not None), given)
    return [_row(s, *columns) for columns in found]


def _row(
    s: Session, case_id: str, person_id: str, name: str, case_type: CaseType, family_id: str, *rest: Any
) -> CaseRow:
    content_hash, own, target, *others = rest
    pinned = _pinned(s, content_hash, case_type, own, target)
    return CaseRow(case_id, Candidate(person_id, name), case_type, family_id, pinned, *others)


@cache
def _statement(sighted: bool, graded: bool, pooled: bool) -> Any:
    """Built once for each of its shapes; the values come with each question."""
    where: ColumnElement[bool] = Case.cycle_id == bindparam("cycle")
    if sighted:
        where = and_(where, on_table_for_me())
    if pooled:
        closed = (Cycle.closed_at.is_not(None), Cycle.opens_at < bindparam("before"), Cycle.id != bindparam("cycle"))
        where = or_(where, and_(*closed))
    q = _rows(sighted).where(where, Case._state.in_(FROM_CALIBRATION))
    if graded:
        q = q.where(Case.grade == bindparam("grade"))
    return q.order_by(Case.grade, Case.created_at, Case.id)


class Glance(NamedTuple):
    """As much of a case as a count needs."""

    id: str
    family_id: str
    grade: int
    track_kind: str
    decided: bool
    presided: bool


def glances(s: Session, cycle_id: str, eyes: Person) -> list[Glance]:
    """The cases of a cycle that somebody sees, to be counted: those of `case_rows` at a fraction of their cost."""
    return [Glance(*row) for row in s.execute(_glances(), {"cycle": cycle_id, **who(eyes)})]


@cache
def _glances() -> Any:
    decided = and_(_has_decision(), exists().where(Decision.case_id == Case.id))
    what = (Case.id, Case.family_id, Case.grade, Case.track_kind, decided, _in_the_chairs_place())
    q = select(*what).join(Case.candidate).where(Case.cycle_id == bindparam("cycle"), on_table_for_me())
    return q.where(Case._state.in_(FROM_CALIBRATION)).order_by(Case.grade, Case.created_at, Case.id)


def _rows(sighted: bool) -> Any:
    ballots = select(func.count(Ballot.id)).where(Ballot.case_id == Case.id)
    closed = ballots.with_only_columns(func.count(Ballot.closed_at)).correlate(Case).scalar_subquery()
    in_force = (Recusal.case_id == Case.id, Recusal.lifted_at.is_(None), Recusal.pending.is_(False))
    recusals = select(func.count(Recusal.id)).where(*in_force).correlate(Case).scalar_subquery()
    waived = exists().where(
        Assignment.case_id == Case.id, Assignment.ended_at.is_(None), Assignment.waived_at.is_not(None)
    )
    stands = and_(Decision.case_id == Case.id, Decision.number == _standing(), or_(_elsewhere(), _has_decision()))
    shown = select(Ballot.shown).where(Ballot.id == Decision.ballot_id).correlate(Decision).scalar_subquery()
    return (
        select(
            Case.id,
            Person.id,
            Person.name,
            Case.case_type,
            Case.family_id,
            Case.rubric_hash,
            Case.from_level_id,
            Case.to_level_id,
            Case.track_kind,
            Case.grade,
            Case.scored,
            Case._state,
            Case.committee_id,
            Case.cycle_id,
            Cycle.name,
            waived,
            ballots.correlate(Case).scalar_subquery(),
            closed,
            recusals,
            Decision.outcome,
            shown,
            _in_the_chairs_place() if sighted else false(),
        )
        .join(Case.candidate)
        .join(Case.cycle)
        .outerjoin(Decision, stands)
    )


def _standing() -> Any:
    """The number of the decision that stands: of a case that waits for its release the newest, of every other the
    newest released. A corrected version that waits is told by its own page alone: figures of closed cycles reach
    people who must not know of it."""
    waits = and_(Case._state == State.DECIDED, Case.cycle_id == bindparam("cycle"))
    q = select(func.max(Decision.number)).where(Decision.case_id == Case.id)
    return q.where(or_(waits, Decision.released_at.is_not(None))).correlate(Case).scalar_subquery()


def _elsewhere() -> ColumnElement[bool]:
    return Case.cycle_id != bindparam("cycle")


def _has_decision() -> ColumnElement[bool]:
    return Case._state.in_(HAS_DECISION)


def _in_the_chairs_place() -> ColumnElement[bool]:
    stands_in = exists().where(Committee.id == Case.committee_id, Committee.deputy_id == ME.id)
    return and_(stands_in, presides(ME))


def family_pinned(s: Session, content_hash: str) -> Family:
    """The ladder of this hash, as it was pinned. The hash is over its text, so it is read once in the life of the
    process."""
    found = _families.get(content_hash)
    if found is None:
        version = s.get_one(RubricVersion, content_hash)
        found = read_pinned(version.org_text, version.family_text)
        if len(_families) >= KEPT:
            _families.clear()
            _rubrics.clear()
        _families[content_hash] = found
    return found


def _pinned(s: Session, content_hash: str, case_type: CaseType, own: str, target: str) -> Pinned:
    """`cases.queries.rubric_of`, from the columns."""
    key = (content_hash, case_type.value, own, target)
    found = _rubrics.get(key)
    if found is None:
        family = family_pinned(s, content_hash)
        found = _rubrics[key] = Pinned(key, rubric_for(family, case_type, own, target))
    return found
