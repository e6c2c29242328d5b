"""What every verb of a session asks first: that the session is open, that nobody moved it meanwhile, and that whoever
acts may be in the room for the case."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.calibration.queries.pulse import AWAY as OUTSIDE
from portal.calibration.queries.sessions import NOTHING, locked, stand
from portal.cases.policy import conflict
from portal.domain.case_flow import FROM_CALIBRATION
from portal.domain.problems import NotPermitted, Refused, StaleVersion
from portal.models.audit import record
from portal.models.calibration_session import CalibrationSession, TableItem
from portal.models.case import Case
from portal.models.person import Person

TABLE = "On the table"
AWAY = "You must stay away from this case, so you neither read nor write about it here."


def held_open(s: Session, live: CalibrationSession) -> CalibrationSession:
    """The session as it is now and locked. Raises Refused once it is over."""
    found = locked(s, live)
    if found.closed_at is not None:
        raise Refused("This session is over. What was minuted and changed is kept on the page of the grade.")
    return found


def lying(live: CalibrationSession) -> Case | None:
    """The case on the table. One that has left calibration since, as one that was withdrawn, is there no more: nobody
    could see it, so everybody would be asked to leave the room for it."""
    case = live.on_table
    return case if case is not None and case.state in FROM_CALIBRATION else None


def seen_by(actor: Person, live: CalibrationSession) -> str:
    """Where the room stands, as this person's screen has it."""
    case = lying(live)
    if case is not None and conflict(actor, case):
        return OUTSIDE
    item = live.item_of(case.id) if case else None
    return stand(item.case_id, item.box_until, item.revealed_at is not None) if item else NOTHING


def refuse_if_moved(live: CalibrationSession, seen: str, wanted: str, actor: Person) -> None:
    """Two facilitators cannot move one session in two ways: the second is shown where it stands."""
    now = seen_by(actor, live)
    if now == seen:
        return
    there, case = "nothing", lying(live)
    if now == OUTSIDE:
        there = "a case you must stay away from"
    elif case is not None:
        there = case.candidate.name
        item = live.item_of(case.id)
        there += ", what everybody thinks is shown" if item and item.revealed_at else ""
    raise StaleVersion(
        "Somebody moved the session on while you pressed. Nothing was changed; look at the room and press again.",
        mine={TABLE: wanted},
        theirs={TABLE: there},
        version=live.version,
    )


def leads_alone(live: CalibrationSession) -> bool:
    """Whether nobody who leads may be in the room for the case on the table."""
    case = lying(live)
    committee = case.committee if case else None
    if case is None or committee is None:
        return False
    leads = [person for person in (committee.chair, committee.deputy) if person is not None and person.active]
    return all(conflict(person, case) for person in leads)


def refuse_if_away(actor: Person, case: Case) -> None:
    if conflict(actor, case):
        raise NotPermitted(AWAY)


def item_on_table(live: CalibrationSession, case: Case) -> TableItem:
    """The item of a case that is on the table now; Refused when another is."""
    item = live.item_of(case.id)
    if item is None or lying(live) is not case:
        raise Refused("This case is no longer on the table. Nothing was changed; what you wrote is still in the form.")
    return item


def touch(s: Session, live: CalibrationSession, at: datetime) -> None:
    """Count the session on: whoever holds an older state of its row is refused."""
    live.touched_at = at
    flag_modified(live, "touched_at")  # the version counts with every update, two in one moment among them
    s.flush()


def noted(
    s: Session, live: CalibrationSession, case: Case | None, actor: Person, action: str, at: datetime, payload: Any
) -> None:
    """One line in the record; a session's own lines carry no case."""
    where = {"case_id": case.id, "stage": case.state.value} if case else {}
    record(s, actor=actor, action=action, thing=f"calibration_session:{live.id}", at=at, payload=payload, **where)
