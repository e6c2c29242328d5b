"""Who may write and read the packet, the statement, the justification and the referees' words: the confidentiality
matrix row by row. Pure: everything it asks is on the loaded case or in the place that was loaded."""

from collections.abc import Collection
from typing import Protocol

from portal.cases.policy import Hat, can_see, hats
from portal.domain.access import Verdict, allow, deny, hide
from portal.domain.case_flow import AFTER_RELEASE, FROM_CALIBRATION, FROM_REVIEW, Action, State
from portal.domain.packet import SCOPE_FROM_GRADE, asks_referees
from portal.models.case import Assignment, Case
from portal.models.packet import Referee, RefereeState
from portal.models.person import Person

FEWEST_REFEREES, MOST_REFEREES = 3, 6
NO_PART = "no part in this at this stage"
NO_RESULTS = "referees speak about results, and this packet has none"


class OnCase(Protocol):
    """A part of a case, loaded together with it."""

    @property
    def case(self) -> Case: ...


class Packet(OnCase, Protocol):
    @property
    def submitted(self) -> bool: ...


class File(OnCase, Protocol):
    @property
    def in_draft(self) -> bool: ...
    @property
    def submitted(self) -> bool: ...


class Need(OnCase, Protocol):
    """The business justification with what its readers depend on."""

    @property
    def ballot_closed(self) -> bool: ...
    @property
    def deferred(self) -> bool: ...


# The packet


def can_edit(actor: Person, case: Case) -> Verdict:
    """The candidate, at any stage: what is closed after submission says so where the text was written."""
    if Hat.CANDIDATE not in hats(actor, case):
        return hide("only the candidate writes the packet")
    if not case.accepted:
        return deny("Accept the nomination first; then the packet is yours to write.")
    return allow("own packet")


def can_edit_part(actor: Person, place: OnCase) -> Verdict:
    return can_edit(actor, place.case)


def can_read_draft(actor: Person, case: Case) -> Verdict:
    if case.state is not State.DRAFT:
        return hide("there is no draft")
    worn = hats(actor, case)
    if Hat.CANDIDATE in worn:
        return allow("own draft")
    if Hat.MANAGER in worn and case.shared_with_manager:
        return allow("the candidate shares the draft")
    return hide("a draft is the candidate's own")


def can_read_submitted(actor: Person, case: Case) -> Verdict:
    """What was submitted. A reviewer first says whether there is a conflict; only then the packet opens."""
    worn = hats(actor, case)
    if worn & {Hat.CANDIDATE, Hat.MANAGER, Hat.PEOPLE_PARTNER} or _presides(actor, case):
        return allow("a party to the case, or its keeper")
    if _decides(actor, case):
        return allow("decides it")
    if Hat.REVIEWER in worn and case.state in FROM_REVIEW:
        if _own_assignment(actor, case).no_conflict_at:
            return allow("reviews it")
        return deny("Before the packet opens, say on your review page that you have no conflict of interest.")
    return hide(NO_PART)


def can_read(actor: Person, packet: Packet) -> Verdict:
    """The page of the packet: the draft for those who may read it, else what was submitted last."""
    if Hat.CANDIDATE in hats(actor, packet.case) or can_read_draft(actor, packet.case):
        return allow("may read the draft")
    if not packet.submitted:
        return hide("nothing was submitted")
    return can_read_submitted(actor, packet.case)


def can_read_snapshot(actor: Person, place: OnCase) -> Verdict:
    return can_read_submitted(actor, place.case)


def can_read_file(actor: Person, file: File) -> Verdict:
    """Exactly those who may read what it is attached to: the draft, or a snapshot that holds it."""
    if Hat.CANDIDATE in hats(actor, file.case) or (file.in_draft and can_read_draft(actor, file.case)):
        return allow("may read the draft it is attached to")
    if not file.submitted:
        return hide("it was never submitted")
    return can_read_submitted(actor, file.case)


def can_comment(actor: Person, case: Case) -> Verdict:
    """The manager, on a draft the candidate shares."""
    if Hat.MANAGER in hats(actor, case) and can_read_draft(actor, case):
        return allow("the candidate shares the draft")
    return hide("only the manager comments, and only on a shared draft")


def can_settle_comment(actor: Person, place: OnCase) -> Verdict:
    if Hat.CANDIDATE in hats(actor, place.case) and place.case.state is State.DRAFT:
        return allow("it was said to them")
    return hide("comments are between the manager and the candidate, while there is a draft")


# The manager's statement


def can_write_statement(actor: Person, case: Case) -> Verdict:
    if Hat.MANAGER in hats(actor, case):
        return allow("manager of the candidate")
    return hide("only the candidate's manager writes the statement")


def can_read_statement(actor: Person, case: Case) -> Verdict:
    """What was signed. Reviewers after their own review is sealed; the candidate after release."""
    worn = hats(actor, case)
    if Hat.CANDIDATE in worn and case.state in AFTER_RELEASE:
        return allow("released")
    if Hat.PEOPLE_PARTNER in worn or _presides(actor, case) or _decides(actor, case):
        return allow("keeps or decides the case")
    if Hat.REVIEWER in worn and case.state in FROM_REVIEW and _has_sealed(actor, case):
        return allow("own review is sealed")
    return hide(NO_PART)


def can_open_statement(actor: Person, case: Case) -> Verdict:
    return can_write_statement(actor, case) or can_read_statement(actor, case)


# The business justification


def can_write_need(actor: Person, need: Need) -> Verdict:
    if Hat.MANAGER in hats(actor, need.case):
        return allow("manager of the candidate")
    return hide("only the candidate's manager writes the justification")


def can_open_need(actor: Person, need: Need) -> Verdict:
    """Never for a reviewer; for the committee once the ballot is closed; for the candidate once they were deferred."""
    case = need.case
    worn = hats(actor, case)
    if worn & {Hat.MANAGER, Hat.PEOPLE_PARTNER} or _presides(actor, case):
        return allow("wrote it, or keeps the case")
    if _decides(actor, case) and need.ballot_closed:
        return allow("the vote on readiness is over")
    if Hat.CANDIDATE in worn and case.state in AFTER_RELEASE and need.deferred:
        return allow("deferred for want of a role")
    return hide(NO_PART)


# Referees


def asked(case: Case) -> list[Referee]:
    """Those asked who did not decline, in the order of asking."""
    return [r for r in case.referees if r.state is not RefereeState.DECLINED]


def referees_wanted(case: Case, referees: Collection[Referee]) -> tuple[int, bool]:
    """How many more should be asked, and whether one of them from another job family: a question, never a gate."""
    if not asks_referees(case.case_type):
        return 0, False
    families = [r.person.family_id for r in referees if r.state is not RefereeState.DECLINED]
    crosses = any(family != case.family_id for family in families)
    return max(0, FEWEST_REFEREES - len(families)), case.grade >= SCOPE_FROM_GRADE and not crosses


def not_eligible(person: Person, case: Case, grade: int | None) -> str:
    """Why this person cannot be a referee, or an empty string. `grade`: of the person's level, None if unknown."""
    candidate = case.candidate
    if person.id == candidate.id:
        return "Nobody is a referee on their own case."
    if not person.active:
        return f"{person.name} no longer works here."
    if person.is_above(candidate):
        return f"{candidate.name} is in the reporting line of {person.name}."
    if candidate.is_above(person):
        return f"{person.name} is in the reporting line of {candidate.name}."
    if any(a.reviewer_id == person.id for a in case.active_assignments):
        return f"{person.name} is asked to review this case."
    if grade is None:
        return f"{person.name} has no level on a ladder of this cycle."
    if grade < case.grade:
        return f"{person.name} is at grade {grade}; referees are at grade {case.grade} or above, on any track."
    return ""


def can_propose(actor: Person, case: Case) -> Verdict:
    """Candidate and manager until the packet was submitted: whoever is asked later could be a reviewer, whom the asking
    would keep away from the case. From then on a people partner asks in place of those who decline."""
    worn = hats(actor, case)
    if not worn & {Hat.CANDIDATE, Hat.MANAGER, Hat.PEOPLE_PARTNER}:
        return hide("the candidate and the manager propose referees")
    if not asks_referees(case.case_type):
        return hide(NO_RESULTS)
    if not case.accepted:
        return deny("The nomination has not been accepted yet.")
    if Hat.PEOPLE_PARTNER not in worn and any(event.action is Action.SUBMIT for event in case.events):
        return deny("Referees are settled once the packet was submitted. A people partner can ask another one.")
    return allow("candidate, manager or people partner")


def can_see_referees(actor: Person, case: Case) -> Verdict:
    """Who was asked and whether they answered."""
    if hats(actor, case) & {Hat.CANDIDATE, Hat.MANAGER, Hat.PEOPLE_PARTNER}:
        return allow("a party to the case, or its keeper")
    return hide(NO_PART)


def can_read_feedback(actor: Person, case: Case) -> Verdict:
    """What referees wrote, under a pseudonym. Never the manager; the candidate after release, as writers are told."""
    worn = hats(actor, case)
    if Hat.CANDIDATE in worn and case.state in AFTER_RELEASE:
        return allow("released")
    if Hat.PEOPLE_PARTNER in worn or _presides(actor, case) or _decides(actor, case):
        return allow("keeps or decides the case")
    if Hat.REVIEWER in worn and case.state in FROM_REVIEW and _own_assignment(actor, case).no_conflict_at:
        return allow("reviews it")
    return hide(NO_PART)


def can_open_referees(actor: Person, case: Case) -> Verdict:
    if not asks_referees(case.case_type):
        return hide(NO_RESULTS)
    return can_see_referees(actor, case) or can_read_feedback(actor, case)


def can_give_feedback(actor: Person, case: Case) -> Verdict:
    if Hat.REFEREE in hats(actor, case):
        return allow("was asked")
    return hide("was not asked")


# Hats at a stage


def _presides(actor: Person, case: Case) -> bool:
    return Hat.CHAIR in hats(actor, case) and bool(can_see(actor, case))


def _decides(actor: Person, case: Case) -> bool:
    return Hat.COMMITTEE in hats(actor, case) and case.state in FROM_CALIBRATION


def _own_assignment(actor: Person, case: Case) -> Assignment:
    return next(a for a in case.active_assignments if a.reviewer_id == actor.id)


def _has_sealed(actor: Person, case: Case) -> bool:
    review = _own_assignment(actor, case).review
    return review is not None and review.sealed_at is not None
