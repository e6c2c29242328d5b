"""Who may read a letter, and who prepares and releases them. Before its release a letter is the decision itself."""

from portal.cases.policy import Hat, can_see, hats
from portal.decisions.policy import Sight, can_list, can_see_appeal, sight
from portal.domain.access import Verdict, allow, deny, hide
from portal.models.appeal import Appeal
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.letter import AppealLetter, Letter
from portal.models.person import Person, Role
from portal.models.release import Release

ANSWERED = frozenset({Hat.CANDIDATE, Hat.PEOPLE_PARTNER})


def letter_seen(actor: Person, case: Case) -> Letter | None:
    """The newest letter of the case that this person may read."""
    may = (Sight.ALL, Sight.LETTER)
    return next((d.letter for d in reversed(case.decisions) if d.letter and sight(actor, d) in may), None)


def can_read(actor: Person, case: Case) -> Verdict:
    return allow("may read the letter") if letter_seen(actor, case) else hide("no letter this person may read")


def can_read_this(actor: Person, letter: Letter) -> Verdict:
    """One letter of several: whoever may read the newest may read those it superseded, once they were released."""
    if sight(actor, letter.decision) in (Sight.ALL, Sight.LETTER):
        return allow("may read the letter")
    return hide("no letter this person may read")


def can_read_answer(actor: Person, letter: AppealLetter) -> Verdict:
    """The letter that answers an appeal: the candidate, and the people partner who may see the appeal."""
    case = letter.appeal.case
    if letter.appeal.answered_at and can_see_appeal(actor, case) and hats(actor, case) & ANSWERED:
        return allow("appealed, or keeps the appeal")
    return hide("no letter this person may read")


def can_retry_answer(actor: Person, appeal: Appeal) -> Verdict:
    """Have the letter of an answer made again that could not be made; to who knows of no appeal there is none."""
    seen = can_see_appeal(actor, appeal.case)
    return can_release(actor, appeal.case) if seen else seen


def can_collect(actor: Person, cycle: Cycle) -> Verdict:
    """Fetch the released letters of a cycle as one file; which of them, `sight` says."""
    return allow("decides or runs the cycle") if can_list(actor, cycle) else hide("no part in this cycle's letters")


def can_run(actor: Person, cycle: Cycle) -> Verdict:
    """Prepare and release the letters of a cycle; which of its cases, `can_release` says."""
    return allow("runs the cycle") if actor.has(Role.PEOPLE_PARTNER) else hide("no part in releasing letters")


def can_edit_templates(actor: Person, _thing: object = None) -> Verdict:
    """Write what stands around the facts of all letters."""
    return allow("runs cycles") if actor.has(Role.PEOPLE_PARTNER) else hide("no part in writing letters")


def can_release(actor: Person, case: Case) -> Verdict:
    if not (seen := can_see(actor, case)):
        return seen
    if Hat.PEOPLE_PARTNER in hats(actor, case):
        return allow("runs the cycle")
    return deny("Only a people partner without a conflict releases a letter.")


def can_take_back(actor: Person, release: Release) -> Verdict:
    """Of an ordered release a people partner knows the cases they run; without any it is not there for them."""
    if not any(can_release(actor, item.decision.case) for item in release.items):
        return hide("no part in this release")
    return allow("runs the cycle")
