"""Who may do what with people and accounts."""

from portal.domain.access import Verdict, allow, deny, hide
from portal.models.person import Person, Role


def is_people_partner(actor: Person) -> bool:
    return actor.has(Role.PEOPLE_PARTNER)


def can_see_directory(actor: Person, _thing: object = None) -> Verdict:
    return allow("everyone signed in sees who works here")


def can_see(actor: Person, person: Person) -> Verdict:
    return allow("everyone signed in sees who works here")


def can_keep_people(actor: Person, _thing: object = None) -> Verdict:
    """Add people, change reporting lines, mark a leaver."""
    if is_people_partner(actor) or actor.has(Role.OPERATOR):
        return allow("keeps the list of people")
    return deny("Only people partners and operators keep the list of people.")


def can_keep_apart(actor: Person, _thing: object = None) -> Verdict:
    """Who is kept apart, and why, is for people partners; which bonds one of them sees, the query decides."""
    return allow("runs the cycles") if is_people_partner(actor) else hide("only people partners")


def can_grant_roles(actor: Person, person: Person) -> Verdict:
    if not actor.has(Role.OPERATOR):
        return deny("Only operators grant roles.")
    if actor.id == person.id:
        return deny("Nobody changes their own roles; ask another operator.")
    return allow("operator")


def can_keep_own_account(actor: Person, _thing: object = None) -> Verdict:
    return allow("one's own account")
