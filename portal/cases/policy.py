"""What a person is to a case, and what that lets them see. Pure: everything it asks is on the loaded case.

The columns of the confidentiality matrix are hats. On one's own case only the candidate's hat counts; a conflict takes
away every hat but the manager's and the referee's, whatever other role the person holds."""

from enum import StrEnum

from portal.domain.access import Verdict, allow, deny, hide
from portal.domain.case_flow import FROM_CALIBRATION, FROM_REVIEW, State
from portal.models.case import Case
from portal.models.packet import RefereeState
from portal.models.person import Person, Role

UNSEEN = frozenset({State.DRAFT, State.WITHDRAWN})


class Hat(StrEnum):
    CANDIDATE = "candidate"
    MANAGER = "manager"
    REFEREE = "referee"
    REVIEWER = "reviewer"
    COMMITTEE = "committee"
    CHAIR = "chair"
    PEOPLE_PARTNER = "people_partner"
    AUDITOR = "auditor"
    CONFLICTED = "conflicted"


def conflict(person: Person, case: Case) -> str | None:
    """Why this person must stay away from the case, or None. Computed from the org chart, referees, statement writers,
    recusals in force and bonds on record; of a bond it says that there is one, never which."""
    candidate = case.candidate
    if person.id == candidate.id:
        return "It is their own case."
    if person.is_above(candidate):
        return f"{candidate.name} is in their reporting line."
    if candidate.is_above(person):
        return f"They are in the reporting line of {candidate.name}."
    if any(r.person_id == person.id and r.state is not RefereeState.DECLINED for r in case.referees):
        return "They are a referee on this case."
    if person.id in case.statement_writer_ids:
        return "They wrote a statement on this case."
    if person.id in case.recused_ids:
        return "They are recused from this case."
    if person.id in case.kept_apart_ids:
        return f"They are kept apart from {candidate.name}."
    return None


def hats(actor: Person, case: Case) -> frozenset[Hat]:
    """Every column of the matrix that applies to this person on this case."""
    if actor.id == case.candidate_id:
        return frozenset({Hat.CANDIDATE})
    kept = set()
    if actor.id == case.candidate.manager_id:
        kept.add(Hat.MANAGER)
    if any(r.person_id == actor.id for r in case.referees):
        kept.add(Hat.REFEREE)
    if conflict(actor, case):
        return frozenset(kept | {Hat.CONFLICTED})
    return frozenset(kept | _panel_hats(actor, case) | _office_hats(actor))


def _panel_hats(actor: Person, case: Case) -> set[Hat]:
    found = set()
    if any(a.reviewer_id == actor.id for a in case.active_assignments):
        found.add(Hat.REVIEWER)
    committee = case.committee
    if committee and actor.id in committee.member_ids:
        found.add(Hat.COMMITTEE)
        if actor.id == committee.chair_id or (actor.id == committee.deputy_id and _chair_is_away(case)):
            found.add(Hat.CHAIR)
    return found


def presiding(case: Case) -> Person | None:
    """The chair of the case's committee, or the deputy in their place; nobody where both must stay away or left."""
    committee = case.committee
    if committee is None or not _chair_is_away(case):
        return committee.chair if committee else None
    deputy = committee.deputy
    return deputy if deputy and deputy.active and conflict(deputy, case) is None else None


def _chair_is_away(case: Case) -> bool:
    """The standing deputy presides in the place of a chair who has a conflict with the case, or who has left."""
    chair = case.committee.chair if case.committee else None
    return chair is not None and (not chair.active or conflict(chair, case) is not None)


def _office_hats(actor: Person) -> set[Hat]:
    offices = {Role.PEOPLE_PARTNER: Hat.PEOPLE_PARTNER, Role.AUDITOR: Hat.AUDITOR}
    return {hat for role, hat in offices.items() if actor.has(role)}


def can_see(actor: Person, case: Case) -> Verdict:
    """May this person know that the case exists? Its content is each room's own question."""
    worn = hats(actor, case)
    if worn & {Hat.CANDIDATE, Hat.MANAGER, Hat.PEOPLE_PARTNER, Hat.AUDITOR}:
        return allow("a party to the case or its keeper")
    if Hat.CHAIR in worn and case.state not in UNSEEN:
        return allow("chairs its committee")
    if Hat.COMMITTEE in worn and case.state in FROM_CALIBRATION:
        return allow("decides it")
    if Hat.REVIEWER in worn and case.state in FROM_REVIEW:
        return allow("reviews it")
    return hide("no part in this case at this stage")


def sees_decision(actor: Person, case: Case) -> bool:
    """Before release a decision exists for those who make and release it, and for nobody else."""
    return bool(hats(actor, case) & {Hat.COMMITTEE, Hat.CHAIR, Hat.PEOPLE_PARTNER})


def shown_state(actor: Person, case: Case) -> State:
    """The state as this person may know it: a decided case is still in calibration to all who wait for its release."""
    if case.state is State.DECIDED and not sees_decision(actor, case):
        return State.IN_CALIBRATION
    return case.state


def can_list(actor: Person, _thing: object = None) -> Verdict:
    return allow("everyone has a list; it holds what they may see")


def can_open(actor: Person, _thing: object = None) -> Verdict:
    return allow("everyone may open a case of their own")


def can_withdraw(actor: Person, case: Case) -> Verdict:
    if not (seen := can_see(actor, case)):
        return seen
    if Hat.CANDIDATE in hats(actor, case):
        if case.state in FROM_CALIBRATION:  # one answer for all that follows, or it would tell that a decision exists
            return deny("A case can be withdrawn until calibration begins.")
        return allow("own case")
    if Hat.PEOPLE_PARTNER in hats(actor, case) and not case.candidate.active:
        return allow("the candidate has left")
    return deny("Only the candidate withdraws a case.")


def can_accept(actor: Person, case: Case) -> Verdict:
    return _only(Hat.CANDIDATE, actor, case, "Only the person nominated accepts or declines.")


def can_revive(actor: Person, case: Case) -> Verdict:
    return _only(Hat.CANDIDATE, actor, case, "Only the candidate takes up a withdrawn case again.")


def can_run(actor: Person, case: Case) -> Verdict:
    """Move the case between its stages, grant an extension."""
    return _only(Hat.PEOPLE_PARTNER, actor, case, "Only a people partner without a conflict moves a case on.")


def can_return(actor: Person, case: Case) -> Verdict:
    if not (seen := can_see(actor, case)):
        return seen
    if hats(actor, case) & {Hat.PEOPLE_PARTNER, Hat.CHAIR}:
        return allow("runs the cycle or chairs the committee")
    return deny("Only a people partner or the chair returns a case for evidence.")


def can_see_history(actor: Person, case: Case) -> Verdict:
    return _only(Hat.PEOPLE_PARTNER, actor, case, "The full history is kept by the people partner.", also=Hat.CHAIR)


def _only(hat: Hat, actor: Person, case: Case, why: str, also: Hat | None = None) -> Verdict:
    if not (seen := can_see(actor, case)):
        return seen
    return allow(hat.value) if hats(actor, case) & {hat, also} else deny(why)
