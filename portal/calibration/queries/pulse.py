"""Whether anything is new for somebody who looks at a session: one statement, asked every few seconds by every screen.

What it depends on is what that person may see, and nothing else: acts in a case they must stay away from, or thoughts
of others before they are shown, never make their screen stir, not even later."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, bindparam, case, func, join, select
from sqlalchemy.orm import Session

from portal.calibration.queries.eyes import ME, on_table_for_me, who
from portal.domain.case_flow import FROM_CALIBRATION, State
from portal.models.calibration import Ballot
from portal.models.calibration_session import CalibrationSession, Minute, PositionChange, PreVote, TableItem
from portal.models.case import Case, Recusal
from portal.models.cycle import CommitteeSeat
from portal.models.person import Person

AWAY = "away"  # one token as long as one must stay outside: not even that something happens is told


@dataclass(frozen=True)
class Pulse:
    """What a screen of somebody depends on. Two pulses with the same token show the same.

    `free` is False while the case on the table is one they must leave the room for."""

    session_id: str
    free: bool
    token: str


class Line(NamedTuple):
    """What a screen shows of one case: where it stands, and of the one on the table all that may change there."""

    case_id: str
    state: State
    box_until: datetime | None
    shown: bool
    manager_present: bool | None
    on_table: tuple[object, ...] = ()


class Lying(NamedTuple):
    """Of the case on the table: whether its time is over, counts of what was said and done, what the person thought,
    and for whoever leads how many have."""

    over: bool
    minutes: int
    changes: int
    recusals: int
    opened: int
    closed: int
    mine: str | None
    given: int


def token_of(session_id: str, general: int, lines: Iterable[Line]) -> str:
    """Made of what a screen shows, by whoever draws it and by whoever asks whether it would be drawn otherwise: were it
    looked up apart from what is drawn, what happens in between would never reach the screen."""
    drawn = sorted(lines)
    cases = [line.case_id for line in drawn]
    return f"{len(cases)}_{_short(cases)}_{_short((session_id, general, drawn))}"


def _short(what: object) -> str:
    return hashlib.blake2s(repr(what).encode(), digest_size=10).hexdigest()


def has_lost_a_case(before: str, after: str) -> bool:
    """Whether somebody who had the one token must stay away from what they saw then: the whole page goes, not only the
    part that asks. One case more is no reason to take a page away in which somebody may be writing."""
    if AWAY in (before, after):
        return before != after
    had, has = before.split("_"), after.split("_")
    if len(had) != len(has) or len(has) != 3 or not had[0].isdecimal():
        return False
    return had[1] != has[1] and int(has[0]) <= int(had[0])


def pulse(
    s: Session, actor: Person, *, cycle_id: str, family_id: str, grade: int, leads: bool, at: datetime
) -> Pulse | None:
    """One statement, whatever is going on; None without an open session. Whoever `leads` is told how many have said
    what they think before the talk; for nobody else does it change anything."""
    rows = s.execute(_statement(), {"cycle": cycle_id, "family": family_id, "grade": grade, **who(actor)}).all()
    if not rows:
        return None
    first = rows[0]
    if first.on_table_id is not None and all(row.case_id != first.on_table_id for row in rows):
        return Pulse(first.session_id, False, AWAY)
    lines = [_line(row, leads, at) for row in rows if row.case_id is not None]
    return Pulse(first.session_id, True, token_of(first.session_id, first.general, lines))


def _line(row: Row[Any], leads: bool, at: datetime) -> Line:
    seen = Line(row.case_id, row.state, row.box_until, bool(row.shown), row.manager_present)
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
            live.on_table_id,
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


def _on_the_table() -> list[Any]:
    """Columns that are looked up for the case on the table alone."""
    live = CalibrationSession
    in_force = (Recusal.case_id == Case.id, Recusal.lifted_at.is_(None), Recusal.pending.is_(False))
    thought = (PreVote.session_id == live.id, PreVote.case_id == Case.id)
    seats = select(CommitteeSeat.person_id).where(CommitteeSeat.committee_id == Case.committee_id).correlate(Case)
    mine = select(PreVote.choice).where(*thought, PreVote.person_id == ME.id).correlate(live, Case)
    asked = {
        "minutes": _count(Minute.id, Minute.session_id == live.id, Minute.case_id == Case.id),
        "changes": _count(PositionChange.id, PositionChange.case_id == Case.id),
        "recusals": _count(Recusal.id, *in_force),
        "opened": _count(Ballot.id, Ballot.case_id == Case.id),
        "closed": _count(Ballot.closed_at, Ballot.case_id == Case.id),
        "given": _count(PreVote.person_id, *thought, PreVote.person_id.in_(seats)),
        "mine": mine.scalar_subquery(),
    }
    return [case((Case.id == live.on_table_id, what)).label(name) for name, what in asked.items()]


def _count(column: Any, *where: Any) -> Any:
    return select(func.count(column)).where(*where).correlate(CalibrationSession, Case).scalar_subquery()
