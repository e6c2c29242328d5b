"""Beginning a session fixes the order of business and the seed it came from."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.calibration.commands.sitting.table import noted
from portal.calibration.queries.agenda import agenda
from portal.calibration.queries.rooms import cases_at, families_of
from portal.calibration.queries.scores import sheets_at
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, Refused
from portal.models.calibration_session import CalibrationSession
from portal.models.cycle import Cycle
from portal.models.person import Person

BOX = range(1, 121)  # minutes


def begin_session(
    s: Session, *, cycle: Cycle, family_id: str, grade: int, actor: Person, box_minutes: int, at: datetime
) -> CalibrationSession:
    """Open the room at one grade of one ladder with a time box of so many minutes a case.

    Raises Refused when a session is going on there already or nothing is to be calibrated, InvalidInput for a ladder
    the cycle does not hold or a time box that is none."""
    if family_id not in {f.id for f in families_of(cycle)}:
        raise InvalidInput(f"{cycle.name} holds no cases of the ladder “{family_id}”.")
    if box_minutes not in BOX:
        raise InvalidInput("Time box: Give between 1 and 120 minutes a case.")
    here = (
        CalibrationSession.cycle_id == cycle.id,
        CalibrationSession.family_id == family_id,
        CalibrationSession.grade == grade,
    )
    seed = f"{cycle.slug}/{family_id}/{grade}/{1 + (s.scalar(select(func.count()).where(*here)) or 0)}"
    cases = [c for c in cases_at(s, cycle, family_id, grade) if c.state is State.IN_CALIBRATION]
    if not cases:
        raise Refused("No case waits for calibration at this grade. The people partner sends one on first.")
    items = agenda(cases, sheets_at(s, cycle_id=cycle.id, grade=grade), seed)
    live = CalibrationSession(
        cycle=cycle,
        family_id=family_id,
        grade=grade,
        seed=seed,
        agenda=[item.case.id for item in items],
        box_minutes=box_minutes,
        opened_by=actor,
        opened_at=at,
        touched_at=at,
    )
    try:
        with s.begin_nested():
            s.add(live)
    except IntegrityError:
        raise Refused("A session is going on at this grade already; join it instead.") from None
    noted(s, live, None, actor, "session_begun", at, {"seed": seed, "agenda": live.agenda})
    return live
