"""Who may see what of the house itself."""

from portal.domain.access import Verdict, allow, deny, hide
from portal.models.person import Person, Role


def can_see_outbox(actor: Person, _thing: object = None) -> Verdict:
    """What became of the mails; never what they say. Which rows, `queries.mails` decides."""
    if actor.has(Role.OPERATOR) or actor.has(Role.PEOPLE_PARTNER):
        return allow("keeps the portal or runs the cycles")
    return hide("only operators and people partners")


def can_retry(actor: Person, _thing: object = None) -> Verdict:
    if not (seen := can_see_outbox(actor)):
        return seen
    return (
        allow("keeps the portal running") if actor.has(Role.OPERATOR) else deny("Only an operator tries a mail again.")
    )


def can_keep_dates(actor: Person, _thing: object = None) -> Verdict:
    return allow("one's own dates")
