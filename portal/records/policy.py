"""Who may read the audit log, and which of its lines."""

from collections.abc import Collection

from portal.cases.policy import Hat, hats
from portal.domain.access import Verdict, allow, deny, hide
from portal.domain.case_flow import AFTER_RELEASE
from portal.models.case import Case
from portal.models.person import Person, Role

PARTS = ("reviewer", "committee", "people_partner", "auditor", "manager", "other")


def can_read_log(actor: Person, _thing: object = None) -> Verdict:
    """Auditors and people partners, each with the lines `queries.events_for` leaves them. Others see their own acts."""
    return allow("everyone sees their own acts; auditors and people partners see more")


def can_verify(actor: Person, _thing: object = None) -> Verdict:
    if actor.has(Role.AUDITOR) or actor.has(Role.OPERATOR):
        return allow("checks the chain")
    return deny("Only auditors and operators check the chain.")


def sees_all(actor: Person) -> bool:
    return actor.has(Role.AUDITOR) or actor.has(Role.PEOPLE_PARTNER)


def can_export(actor: Person, _thing: object = None) -> Verdict:
    """The lines one may see as a file, which holds no more than the page."""
    return allow("keeps or checks the log") if sees_all(actor) else deny("Auditors and people partners export the log.")


def can_see_openings(actor: Person, case: Case) -> Verdict:
    """Who opened the packet, by part in the case: for its candidate, once the decision is released."""
    if Hat.CANDIDATE in hats(actor, case) and case.state in AFTER_RELEASE:
        return allow("own packet, released")
    return hide("no packet of theirs that was decided")


def part_in(person: Person, case: Case, voted: Collection[str]) -> str:
    """The part in which somebody opened a packet, one of PARTS. `voted` are ids from the ballots of the case."""
    seats = case.committee.member_ids if case.committee else frozenset[str]()
    if any(a.reviewer_id == person.id for a in case.assignments):
        return "reviewer"
    if person.id in seats or person.id in voted:
        return "committee"
    if person.has(Role.PEOPLE_PARTNER):
        return "people_partner"
    if person.has(Role.AUDITOR):
        return "auditor"
    return "manager" if person.id == case.candidate.manager_id else "other"
