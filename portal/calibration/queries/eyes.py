"""Somebody who looks, left open: the same statement serves everybody, so that it is put together once and not for each
screen that asks. What a person may see is filled in with the statement's other values."""

from types import SimpleNamespace
from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, and_, bindparam, exists, not_, or_, select
from sqlalchemy.orm import aliased

from portal.cycles.sight import in_conflict
from portal.domain.case_flow import FROM_CALIBRATION
from portal.models.calibration_session import CalibrationSession
from portal.models.case import Case
from portal.models.cycle import CommitteeSeat
from portal.models.person import Person, Role

ME: Any = SimpleNamespace(id=bindparam("me", type_=String), chain=bindparam("my_chain", type_=String))


def who(actor: Person) -> dict[str, Any]:
    """The values of whoever looks."""
    return {"me": actor.id, "my_chain": actor.chain, "office": actor.has(Role.PEOPLE_PARTNER)}


def on_table_for_me() -> ColumnElement[bool]:
    """`policy.in_room` as a condition, without the state; joins Case.candidate as Person."""
    deciding = exists().where(CommitteeSeat.committee_id == Case.committee_id, CommitteeSeat.person_id == ME.id)
    return and_(
        not_(in_conflict(ME)), or_(bindparam("office", type_=Boolean), deciding.correlate_except(CommitteeSeat))
    )


def lies_there() -> Any:
    """The id of the case on a session's table: a case that has left calibration since, as
    one that was withdrawn, lies there for nobody."""
    lies = aliased(Case)
    q = select(lies.id).where(lies.id == CalibrationSession.on_table_id, lies._state.in_(FROM_CALIBRATION))
    return q.correlate(CalibrationSession).scalar_subquery()
