"""What a panel does before it answers: each member says in secret what they think, one may step aside, and the one who
presides closes the vote."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.cases.policy import conflict
from portal.decisions import queries
from portal.decisions.policy import can_answer, presides, seat_of, why_not_on_panel
from portal.domain.appeals import Finding, counted
from portal.domain.problems import NotPermitted, Refused
from portal.domain.voting import Tally
from portal.models.appeal import Appeal, AppealMember, AppealPanel
from portal.models.audit import record
from portal.models.outbox import enqueue_mail
from portal.models.person import Person
from portal.reviews.commands import recuse


def held(s: Session, appeal: Appeal) -> Appeal:
    """The appeal as it is now with its panels, its row locked until the end of the transaction: appointing, saying,
    closing and answering come one after the other and never cross."""
    members = selectinload(Appeal.panels).selectinload(AppealPanel.members).joinedload(AppealMember.person)
    q = select(Appeal).where(Appeal.id == appeal.id).options(members).with_for_update(of=Appeal)
    return s.scalars(q, execution_options={"populate_existing": True}).one()


def result_of(panel: AppealPanel) -> Tally:
    """The count of a panel. Callers make sure that it is closed before they show it or act on it."""
    return counted([member.finding for member in panel.members], panel.quorum)


def say(s: Session, *, appeal: Appeal, actor: Person, finding: Finding, at: datetime) -> None:
    """Store or change what one member thinks of the decision.

    No audit event is written here, on purpose: a line would tell who has spoken and how many. Raises
    Refused once the vote is closed, NotPermitted for whoever has no place on the panel any
    more."""
    appeal = held(s, appeal)
    seat = seat_of(actor, appeal.case)
    if seat is None:
        raise NotPermitted("Only the panel answers an appeal.")
    if seat.panel.closed_at is not None:
        raise Refused("The panel's vote was closed before your answer arrived; it was not counted.")
    seat.finding, seat.said_at = finding, at
    s.flush()


def close_panel(s: Session, *, appeal: Appeal, actor: Person, at: datetime) -> Tally:
    """Close the panel's vote; the count is what the answer has to agree with. What somebody said who must stay away
    since is not counted. Without a quorum the people partners are asked to appoint another panel.

    The log has one line for the panel: one a member would name who answered, and its code could be guessed back to what
    they said."""
    appeal = held(s, appeal)
    if not (verdict := can_answer(actor, appeal.case)):
        raise NotPermitted(verdict.why)
    panel = appeal.panels[-1]
    if panel.closed_at is not None:
        raise Refused("The panel's vote is closed already.")
    panel.closed_at, panel.closed_by_id = at, actor.id
    for member in panel.members:
        if why_not_on_panel(member.person, appeal.case):
            member.finding = member.said_at = None
    s.flush()
    where = {"thing": f"appeal:{appeal.id}", "case_id": appeal.case_id, "stage": appeal.case.state.value}
    record(s, actor=actor, action="appeal_panel_closed", at=at, payload={"number": panel.number}, **where)
    count = result_of(panel)
    if not count.quorum_met:
        _ask_for_another(s, panel, at)
    return count


def step_aside(s: Session, *, appeal: Appeal, actor: Person, reason: str, at: datetime) -> None:
    """A member finds that they must stay away after all: recused from the case in every hat, from now on. The people
    partners are asked to appoint another panel where this one cannot come to a result any more."""
    appeal = held(s, appeal)
    seat = seat_of(actor, appeal.case)
    if seat is None:
        raise NotPermitted("Only the panel answers an appeal.")
    recuse(s, case=appeal.case, person=actor, actor=actor, reason=reason, at=at)
    if not can_come_to_a_result(seat.panel):
        _ask_for_another(s, seat.panel, at)


def look_after(s: Session, *, appeal: Appeal, at: datetime) -> bool:
    """What nobody does by hand when members of a panel leave, are recused or are kept apart from somebody: the people
    partners are asked for another panel once this one cannot come to a result, and whoever presides now is told. True
    where somebody was asked or told."""
    panel = held(s, appeal).panel
    if panel is None or panel.set_aside or panel.appeal.answered_at is not None:
        return False
    if not can_come_to_a_result(panel):
        _ask_for_another(s, panel, at)
        return True
    first, case = presides(panel.appeal.case), panel.appeal.case
    if first is None or first is panel.members[0]:
        return False
    told: dict[str, Any] = {
        "template": "appeal_to_preside",
        "key": f"appeal-presides:{panel.id}",
        "path": f"/cases/{case.id}/appeal",
    }
    return enqueue_mail(s, to_id=first.person_id, at=at, **told) is not None


def can_come_to_a_result(panel: AppealPanel) -> bool:
    """Whether those who are left are enough for a quorum, or have answered with one; and somebody presides."""
    case = panel.appeal.case
    if presides(case) is None:
        return False
    if panel.closed_at is not None:
        return result_of(panel).quorum_met
    able = [None if why_not_on_panel(m.person, case) else Finding.ABSTAIN for m in panel.members]
    return counted(able, panel.quorum).quorum_met


def _ask_for_another(s: Session, panel: AppealPanel, at: datetime) -> None:
    panel.set_aside = True
    s.flush()
    case = panel.appeal.case
    told: dict[str, Any] = {"template": "appeal_panel_short", "key": f"appeal-panel:{panel.id}", "at": at}
    for partner in queries.people_partners(s):
        if not conflict(partner, case):
            enqueue_mail(s, to_id=partner.id, path=f"/cases/{case.id}/appeal", **told)
