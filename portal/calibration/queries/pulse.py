"""Whether anything is new for somebody who looks at a session: one statement, asked every few seconds by every screen.

What it depends on is what that person may see, and nothing else: acts in a case they must stay away from, or thoughts
of others before they are shown, never make their screen stir, not even later."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Row, and_, bindparam, case, func, join, or_, select
from sqlalchemy.orm import Session

from portal.calibration.queries.eyes import ME, lies_there, on_table_for_me, who
from portal.domain.case_flow import FROM_CALIBRATION, State
from portal.models.calibration import Ballot
from portal.models.calibration_session import CalibrationSession, Minute, PositionChange, PreVote, TableItem
from portal.models.case import Case, Recusal
from portal.models.cycle import CommitteeSeat
from portal.models.person import Person

MARK, MARKED = 4, 500  # characters of a token for each case, and up to how many cases
AWAY = "away"  # one token as long as one must stay outside: not even that something happens is told


@dataclass(frozen=True)
class Pulse:
    """What a screen of somebody depends on. Two pulses with the same token show the same.

    `free` is False while the case on the table is one they must leave the room for."""

    session_id: str
    free: bool
    token: str


class Line(NamedTuple):
    """What a screen shows of one case: where it stands, and of the one on the table all that may change there. Whoever
    leads is told who leaves for the case that comes next, so `recusals` in force count there; 0 for everybody else."""

    case_id: str
    state: State
    box_until: datetime | None
    shown: bool
    manager_present: bool | None
    recusals: int = 0
    on_table: tuple[object, ...] = ()


class Lying(NamedTuple):
    """Of the case on the table: whether its time is over, counts of what was said and done, what the person thought,
    and for whoever leads how many have."""

    over: bool
    minutes: int
    changes: int
    recused: int
    opened: int
    closed: int
    mine: str | None
    given: int


def token_of(session_id: str, general: int, lines: Iterable[Line]) -> str:
    """Made of what a screen shows, by whoever draws it and by whoever asks whether it would be drawn otherwise: were it
    looked up apart from what is drawn, what happens in between would never reach the screen."""
    drawn = sorted(lines)
    return f"{''.join(_marks([line.case_id for line in drawn]))}.{_short((session_id, general, drawn))}"


def _short(what: object) -> str:
    return hashlib.blake2s(repr(what).encode(), digest_size=10).hexdigest()


def _marks(case_ids: Collection[str]) -> list[str]:
    """Four characters for each case. An address has an end: of very many, one mark for all of them."""
    named = case_ids if len(case_ids) <= MARKED else ["/".join(case_ids)]
    return [urlsafe_b64encode(hashlib.blake2s(one.encode(), digest_size=3).digest()).decode() for one in named]


def has_lost_a_case(before: str, after: str, sees: Iterable[str]) -> bool:
    """Whether somebody who had the one token must stay away from what they saw then, by what each `sees` now, as ids:
    the whole page goes, not only the part that asks. One case more is no reason to take a page away in which somebody
    may be writing."""
    if AWAY in (before, after):
        return before != after
    had, dot, _ = before.partition(".")
    now = set(_marks(sorted(sees)))
    return bool(dot) and any(had[at : at + MARK] not in now for at in range(0, len(had), MARK))


def pulse(
    s: Session, actor: Person, *, cycle_id: str, family_id: str, grade: int, leads: bool, at: datetime
) -> Pulse | None:
    """One statement, whatever is going on; None without an open session. Whoever `leads` is told how many have said
    what they think before the talk; for nobody else does it change anything."""
    where = {"cycle": cycle_id, "family": family_id, "grade": grade}
    rows = s.execute(_statement(), {"leads": leads, **where, **who(actor)}).all()
    if not rows:
        return None
    first = rows[0]
    if first.on_table_id is not None and all(row.case_id != first.on_table_id for row in rows):
        return Pulse(first.session_id, False, AWAY)
    lines = [_line(row, leads, at) for row in rows if row.case_id is not None]
    return Pulse(first.session_id, True, token_of(first.session_id, first.general, lines))


def _line(row: Row[Any], leads: bool, at: datetime) -> Line:
    seen = Line(row.case_id, row.state, row.box_until, bool(row.shown), row.manager_present)
    seen = seen._replace(recusals=row.recusals if leads else 0)
    if row.case_id != row.on_table_id or row.box_until is None:
        return seen
    mine = row.mine.value if row.mine else None
    counts = (row.minutes, row.changes, row.recusals, row.opened, row.closed)
    return seen._replace(on_table=Lying(at >= row.box_until, *counts, mine, row.given if leads else 0))


@cache
def _statement() -> Any:
    """Built once: a row for each case of the place that the person may see, or one empty row."""
    live, item = CalibrationSession, TableItem
    here = and_(
        Case.cycle_id == live.cycle_id,
        Case.family_id == live.family_id,
        Case.grade == live.grade,
        Case._state.in_(FROM_CALIBRATION),
        on_table_for_me(),
    )
    return (
        select(
            live.id.label("session_id"),
            lies_there().label("on_table_id"),
            _count(Minute.id, Minute.session_id == live.id, Minute.case_id.is_(None)).label("general"),
            Case.id.label("case_id"),
            Case._state.label("state"),
            item.box_until,
            item.revealed_at.is_not(None).label("shown"),
            item.manager_present,
            *_on_the_table(),
        )
        .select_from(live)
        .outerjoin(join(Case, Person, Case.candidate_id == Person.id), here)
        .outerjoin(item, (item.session_id == live.id) & (item.case_id == Case.id))
        .where(live.cycle_id == bindparam("cycle"), live.family_id == bindparam("family"))
        .where(live.grade == bindparam("grade"), live.closed_at.is_(None))
    )


LEADS = bindparam("leads", type_=Boolean)


def _on_the_table() -> list[Any]:
    """Columns that are looked up for the case on the table alone; recusals for every case where somebody leads."""
    live = CalibrationSession
    in_force = (Recusal.case_id == Case.id, Recusal.lifted_at.is_(None), Recusal.pending.is_(False))
    thought = (PreVote.session_id == live.id, PreVote.case_id == Case.id)
    seats = select(CommitteeSeat.person_id).where(CommitteeSeat.committee_id == Case.committee_id).correlate(Case)
    mine = select(PreVote.choice).where(*thought, PreVote.person_id == ME.id).correlate(live, Case)
    asked = {
        "minutes": _count(Minute.id, Minute.session_id == live.id, Minute.case_id == Case.id),
        "changes": _count(PositionChange.id, PositionChange.case_id == Case.id),
        "opened": _count(Ballot.id, Ballot.case_id == Case.id),
        "closed": _count(Ballot.closed_at, Ballot.case_id == Case.id),
        "given": _count(PreVote.person_id, *thought, PreVote.person_id.in_(seats)),
        "mine": mine.scalar_subquery(),
    }
    said = [case((Case.id == live.on_table_id, what)).label(name) for name, what in asked.items()]
    recusals = case((or_(Case.id == live.on_table_id, LEADS), _count(Recusal.id, *in_force))).label("recusals")
    return [*said, recusals]


def _count(column: Any, *where: Any) -> Any:
    return select(func.count(column)).where(*where).correlate(CalibrationSession, Case).scalar_subquery()
