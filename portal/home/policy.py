"""Who may see what of the house itself."""

from portal.domain.access import Verdict, allow, hide
from portal.models.person import Person, Role


def can_see_outbox(actor: Person, _thing: object = None) -> Verdict:
    """How much waits to be sent; never what it is about."""
    return allow("keeps the portal running") if actor.has(Role.OPERATOR) else hide("only operators")
