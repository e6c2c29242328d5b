"""Who may read the audit log, and which of its lines."""

from portal.domain.access import Verdict, allow, deny
from portal.models.person import Person, Role


def can_read_log(actor: Person, _thing: object = None) -> Verdict:
    """Auditors and people partners, each with the lines `queries.events_for` leaves them. Others see their own acts."""
    return allow("everyone sees their own acts; auditors and people partners see more")


def can_verify(actor: Person, _thing: object = None) -> Verdict:
    if actor.has(Role.AUDITOR) or actor.has(Role.OPERATOR):
        return allow("checks the chain")
    return deny("Only auditors and operators check the chain.")


def sees_all(actor: Person) -> bool:
    return actor.has(Role.AUDITOR) or actor.has(Role.PEOPLE_PARTNER)
