"""A second member's confirmation, without which nothing is released."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.decisions.policy import can_confirm, correction_waits
from portal.domain.case_flow import State
from portal.domain.problems import NotPermitted, Refused
from portal.models.audit import record
from portal.models.decision import Decision
from portal.models.person import Person


def confirm(s: Session, *, decision: Decision, actor: Person, at: datetime, seen: int | None = None) -> None:
    """Confirm the newest version. `seen` is the number of the version the member read: another one is not confirmed
    unread. Refused to whoever recorded it and to anyone who could not vote."""
    case = decision.case
    newest = case.decisions[-1]
    if decision is not newest or (seen is not None and seen != newest.number):
        raise Refused(f"Version {newest.number} replaced the one you read. Read that one, then confirm it.")
    if decision.confirmed_at is not None:
        raise Refused("A second member has confirmed this decision already.")
    if case.state is not State.DECIDED and not correction_waits(case):
        raise Refused("Only a decision that waits for its release can be confirmed.")
    if not (verdict := can_confirm(actor, case)):
        raise NotPermitted(verdict.why)
    decision.confirmed_at, decision.confirmed_by_id = at, actor.id
    s.flush()
    record(
        s,
        actor=actor,
        action="decision_confirmed",
        thing=f"decision:{decision.id}",
        at=at,
        case_id=case.id,
        stage=case.state.value,
        payload={"number": decision.number},
    )
