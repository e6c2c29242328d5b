"""Who may know of a trial, and who ends it. A trial is part of the released decision: whoever may read that letter."""

from portal.cases.policy import Hat, hats
from portal.decisions.policy import Sight, sight
from portal.domain.access import Verdict, allow, deny, hide
from portal.models.person import Person
from portal.models.trial import Trial


def can_see(actor: Person, trial: Trial) -> Verdict:
    if sight(actor, trial.decision) in (Sight.ALL, Sight.LETTER):
        return allow("may read the letter")
    return hide("no letter this person may read")


def can_confirm(actor: Person, trial: Trial) -> Verdict:
    if not (seen := can_see(actor, trial)):
        return seen
    if Hat.PEOPLE_PARTNER in hats(actor, trial.case):
        return allow("runs the cycle")
    return deny("A people partner without a conflict records how a trial ended.")


def can_return(actor: Person, trial: Trial) -> Verdict:
    if not (seen := can_see(actor, trial)):
        return seen
    if hats(actor, trial.case) & {Hat.CANDIDATE, Hat.PEOPLE_PARTNER}:
        return allow("it is their way home, or they run the cycle")
    return deny("Going home is the right of the person on trial; a people partner may record it.")
