"""Who may do what with a cycle. What concerns one of its cases is asked of that case."""

from portal.domain.access import Verdict, allow, deny
from portal.models.person import Person, Role


def can_see(actor: Person, _thing: object = None) -> Verdict:
    return allow("everyone signed in sees when cycles run and on which rubrics")


def can_run(actor: Person, _thing: object = None) -> Verdict:
    """Create and set up cycles, name committees, and see where the cases stand."""
    if actor.has(Role.PEOPLE_PARTNER):
        return allow("runs the cycles")
    return deny("Only people partners run a cycle.")
