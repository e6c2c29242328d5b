"""Who may know what was decided, and who may act on it: the row "decision" of the confidentiality matrix, before and
after its release."""

from enum import StrEnum
from typing import Protocol

from portal.cases.policy import Hat, can_see, conflict, hats
from portal.domain.access import Verdict, allow, deny, hide
from portal.domain.appeals import counted
from portal.domain.case_flow import AFTER_RELEASE, FROM_CALIBRATION, Action, State, step
from portal.models.appeal import Appeal, AppealMember, AppealPanel
from portal.models.calibration import Standing
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.decision import Decision
from portal.models.person import Person, Role


class OfCase(Protocol):
    @property
    def case(self) -> Case: ...


DECIDING = frozenset({Hat.CHAIR, Hat.COMMITTEE, Hat.PEOPLE_PARTNER})


class Sight(StrEnum):
    """How much of one decision a person may know."""

    NOTHING = "nothing"
    HASH = "hash"
    OUTCOME = "outcome"
    BRIEF = "brief"
    LETTER = "letter"
    ALL = "all"


def sight(actor: Person, decision: Decision) -> Sight:
    case = decision.case
    if not can_see(actor, case):
        return Sight.NOTHING
    worn = hats(actor, case)
    if worn & DECIDING:
        return Sight.ALL
    if decision.released_at:
        return _after_release(worn)
    return Sight.BRIEF if Hat.MANAGER in worn and is_briefed(actor, decision) else Sight.NOTHING


def is_briefed(actor: Person, decision: Decision) -> bool:
    """Was told of the decision ahead of its release, which has not been taken back and is not kept by an appeal."""
    return decision.planned is not None and decision.planned.briefed_id == actor.id and can_leave(decision.case)


def can_leave(case: Case) -> bool:
    """Whether a letter about the case can be released as it stands now."""
    return step(case.state, Action.RELEASE) is not None


def _after_release(worn: frozenset[Hat]) -> Sight:
    if worn & {Hat.CANDIDATE, Hat.MANAGER}:
        return Sight.LETTER
    if Hat.REVIEWER in worn:
        return Sight.OUTCOME
    return Sight.HASH if Hat.AUDITOR in worn else Sight.NOTHING


def newest_seen(actor: Person, case: Case) -> Decision | None:
    """The newest version of the decision that this person may know of."""
    return next((d for d in reversed(case.decisions) if sight(actor, d) is not Sight.NOTHING), None)


def may_decide(actor: Person, case: Case) -> bool:
    """Sees the decision while it is made: from calibration on."""
    return case.state in FROM_CALIBRATION and bool(can_see(actor, case)) and bool(hats(actor, case) & DECIDING)


def can_see_decision(actor: Person, case: Case) -> Verdict:
    if may_decide(actor, case):
        return allow("decides it or runs the cycle")
    if newest_seen(actor, case):
        return allow("it was released")
    return hide("nothing was decided that this person may know")


def can_record(actor: Person, case: Case) -> Verdict:
    if not (seen := can_see_decision(actor, case)):
        return seen
    if Hat.CHAIR in hats(actor, case):
        return allow("chairs the committee")
    return deny("Only the chair records a decision, or the deputy while the chair has a conflict.")


def can_confirm(actor: Person, case: Case) -> Verdict:
    """A second member who could vote on it, and who is not the one who recorded it."""
    if not (seen := can_see_decision(actor, case)):
        return seen
    if not case.decisions or Hat.COMMITTEE not in hats(actor, case):
        return deny("A member of the committee confirms a decision once it is recorded.")
    return _second_member(actor, case.decisions[-1])


def _second_member(actor: Person, decision: Decision) -> Verdict:
    if actor.id == decision.recorded_by_id:
        return deny("Whoever recorded a decision does not confirm it; a second member does.")
    standings = {e.person_id: e.standing for e in decision.ballot.electors}
    if standings.get(actor.id) is not Standing.ELIGIBLE:
        return deny("Only a member who could vote on this case confirms the decision.")
    return allow("a second member")


def can_list(actor: Person, cycle: Cycle) -> Verdict:
    if actor.has(Role.PEOPLE_PARTNER) or any(actor.id in c.member_ids for c in cycle.committees):
        return allow("decides or runs the cycle")
    return hide("no part in this cycle's decisions")


def can_acknowledge(actor: Person, case: Case) -> Verdict:
    found = newest_seen(actor, case)
    if found is None or not found.released_at:
        return hide("nothing was released")
    if Hat.CANDIDATE in hats(actor, case):
        return allow("own letter")
    return deny("Only the candidate acknowledges the letter.")


def can_file(actor: Person, case: Case) -> Verdict:
    verdict = can_acknowledge(actor, case)
    return verdict if verdict or verdict.hidden else deny("Only the candidate appeals.")


def appeal_against(case: Case, decision: Decision) -> Appeal | None:
    """The appeal against what this version decides, also where it was filed before the words were corrected."""
    same = decision.appealed_as
    return next((a for a in case.appeals if a.decision.appealed_as is same), None)


def correction_waits(case: Case) -> bool:
    """A corrected version of the released decision is on record and not released: nobody beyond those who decide and
    release knows of it."""
    after = case.state in (State.RELEASED, State.CLOSED)
    return after and bool(case.decisions) and case.decisions[-1].released_at is None


def open_appeal(case: Case) -> Appeal | None:
    """The appeal that waits for an answer."""
    last = case.appeals[-1] if case.appeals else None
    return last if last and last.answered_at is None and case.state is State.UNDER_APPEAL else None


def can_see_appeal(actor: Person, case: Case) -> Verdict:
    """The candidate (to appeal, and to read the answer), the people partner once there is one, whoever answers it."""
    if Hat.CANDIDATE in hats(actor, case):
        return can_file(actor, case)
    if seat_of(actor, case):
        return allow("sits on the panel that answers it")
    if case.appeals and can_see(actor, case) and Hat.PEOPLE_PARTNER in hats(actor, case):
        return allow("appoints who answers")
    return hide("no part in an appeal")


def seat_of(actor: Person, case: Case) -> AppealMember | None:
    """The actor's place on the panel that answers an open appeal, from the appointment on until the answer; none for
    whoever got a conflict or a part in the case since."""
    waiting = open_appeal(case)
    members = waiting.panel.members if waiting and waiting.panel else []
    found = next((m for m in members if m.person_id == actor.id), None)
    return found if found and not why_not_on_panel(actor, case) else None


def presides(case: Case) -> AppealMember | None:
    """Who presides over the panel: its first member, or the next one who can; nobody where none can any more."""
    waiting = open_appeal(case)
    members = waiting.panel.members if waiting and waiting.panel else []
    return next((m for m in members if not why_not_on_panel(m.person, case)), None)


def can_appoint(actor: Person, case: Case) -> Verdict:
    if not (seen := can_see_appeal(actor, case)):
        return seen
    if seat_of(actor, case):
        return deny("Whoever sits on the panel appoints no other in its place; another people partner does.")
    if Hat.PEOPLE_PARTNER in hats(actor, case):
        return allow("runs the cycle")
    return deny("Only a people partner without a conflict appoints who answers an appeal.")


def can_find(actor: Person, case: Case) -> Verdict:
    """Say what one thinks of the decision, in secret; and step aside."""
    if not (seen := can_see_appeal(actor, case)):
        return seen
    return allow("sits on the panel") if seat_of(actor, case) else deny("Only the panel answers an appeal.")


def can_read_file(actor: Person, place: OfCase) -> Verdict:
    """A file of the record: the panel, as long as the record is open to it. Others have the packet's own address."""
    return allow("sits on the panel") if seat_of(actor, place.case) else hide("no part in answering an appeal")


def can_answer(actor: Person, case: Case) -> Verdict:
    """Close the panel's vote and record its answer."""
    if not (seen := can_see_appeal(actor, case)):
        return seen
    first = presides(case)
    if first is not None and first.person_id == actor.id:
        return allow("presides over the panel")
    return deny("Only the member who presides over the panel closes its vote and records its answer.")


def can_read_count(actor: Person, panel: AppealPanel) -> Verdict:
    """How the panel's vote came out: its members and the people partner, once it is closed with a quorum. Who said
    what, nobody; and of a few who answered the counts would tell it."""
    case = panel.appeal.case
    if not (can_find(actor, case) or can_appoint(actor, case)):
        return hide("no part in answering it")
    if panel.closed_at is None:
        return deny("Nobody sees counts before the panel's vote is closed.")
    if not counted([member.finding for member in panel.members], panel.quorum).quorum_met:
        return deny("Too few answered; what they said is shown to nobody.")
    return allow("closed")


def why_not_on_panel(person: Person, case: Case) -> str | None:
    """Why this person may not answer an appeal about the case, or None: nobody of the first panel, nobody near it."""
    if not person.active:
        return f"{person.name} has left."
    if why := conflict(person, case):
        return why
    if any(a.reviewer_id == person.id for a in case.assignments):
        return f"{person.name} was asked to review this case."
    if (case.committee and person.id in case.committee.member_ids) or _voted(person, case):
        return f"{person.name} is on the committee that decided."
    if person.id in _hands_on(case):
        return f"{person.name} took a step in this case."
    return None


def _voted(person: Person, case: Case) -> bool:
    return any(e.person_id == person.id for ballot in case.ballots for e in ballot.electors)


def _hands_on(case: Case) -> set[str | None]:
    """Whoever moved the case on, opened, closed, recorded, confirmed, chose a panel, or answered an earlier appeal
    about it."""
    steps = {line.by_id for line in case.events}
    ballots = {who for ballot in case.ballots for who in (ballot.opened_by_id, ballot.closed_by_id)}
    decisions = {who for d in case.decisions for who in (d.recorded_by_id, d.confirmed_by_id)}
    answered = [a.panel for a in case.appeals if a.answered_at and a.panel]
    chose = {panel.appointed_by_id for a in case.appeals for panel in a.panels}
    return steps | ballots | decisions | chose | {m.person_id for panel in answered for m in panel.members}


def asked_again(actor: Person, case: Case) -> Appeal | None:
    """The answered appeal that sent the case back, for whoever looks at it again, until a new decision is released."""
    last = case.appeals[-1] if case.appeals else None
    if last is None or last.sent_back_to is None or case.state in AFTER_RELEASE or not can_see(actor, case):
        return None
    worn = hats(actor, case)
    reviews = Hat.REVIEWER in worn and case.state is State.IN_REVIEW
    return last if worn & DECIDING or reviews else None
