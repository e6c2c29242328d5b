"""Who may read what of the ladders: everyone everything, except pay."""

from portal.domain.access import Verdict, allow, deny
from portal.models.person import Person, Role


def can_read(actor: Person, _thing: object = None) -> Verdict:
    return allow("ladders are published to everyone signed in")


def can_see_bands(actor: Person, _thing: object = None) -> Verdict:
    if actor.has(Role.PEOPLE_PARTNER):
        return allow("keeps the bands")
    return deny("Pay bands are shown to people partners only.")


def can_see_problems(actor: Person, _thing: object = None) -> Verdict:
    if actor.has(Role.PEOPLE_PARTNER) or actor.has(Role.OPERATOR):
        return allow("looks after the rubric files")
    return deny("What is wrong with the rubric files is shown to people partners and operators.")


def can_edit(actor: Person, _thing: object = None) -> Verdict:
    if actor.has(Role.PEOPLE_PARTNER):
        return allow("keeps the ladders")
    return deny("Ladders are changed by people partners only.")


def can_export(actor: Person, _thing: object = None) -> Verdict:
    if actor.has(Role.PEOPLE_PARTNER):
        return allow("keeps the ladders")
    return deny("The files hold pay bands, so people partners alone take them out.")
