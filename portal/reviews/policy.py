"""Who may review, read reviews, and assign. Pure: everything asked is on the loaded case.

Whoever owes a review reads no other review of that case, through any hat, until their own is sealed."""

from collections.abc import Collection
from dataclasses import dataclass

from portal.cases.policy import Hat, can_run, can_see, conflict, hats
from portal.domain.access import Verdict, allow, deny, hide
from portal.domain.case_flow import FROM_CALIBRATION, FROM_REVIEW, State
from portal.models.anchor import AnchorPacket, AnchorReview, AnchorState
from portal.models.case import Assignment, Case, Recusal
from portal.models.cycle import Cycle
from portal.models.packet import Referee
from portal.models.person import Person, Role
from portal.models.planning import AssignmentRun

ASSIGNABLE = frozenset({State.SUBMITTED, State.IN_REVIEW})
PARTIES = frozenset({Hat.REVIEWER, Hat.COMMITTEE, Hat.CHAIR, Hat.PEOPLE_PARTNER, Hat.AUDITOR})
SEES_ALL_REVIEWS = {Role.PEOPLE_PARTNER: "a people partner", Role.AUDITOR: "an auditor"}


@dataclass(frozen=True)
class Standing:
    """Where a possible reviewer stands on their own ladder: the kind of their track, and their grade."""

    track_kind: str
    grade: int


@dataclass(frozen=True)
class Asked:
    """An anchor packet before one person: the side they review from at its grade ("" for none) and their scores."""

    anchor: AnchorPacket
    home: str
    review: AnchorReview | None


@dataclass(frozen=True)
class Fitness:
    """Whether somebody can be asked to review a case: not at all and why, or with a warning, or simply yes."""

    refusal: str = ""
    warning: str = ""


def fitness(person: Person, case: Case, standing: Standing | None, writer_ids: Collection[str]) -> Fitness:
    """May this person review this case? `writer_ids` wrote a statement on it.

    At or above the target grade is right, one below is a warning, further below cannot judge the level."""
    if why := why_not(person, case, writer_ids):
        return Fitness(refusal=why)
    if standing is None:
        return Fitness(refusal="They have no graded level on a ladder of this cycle.")
    below = case.grade - standing.grade
    if below > 1:
        return Fitness(refusal=f"Their grade is {standing.grade}; the case is for grade {case.grade}.")
    if below == 1:
        return Fitness(warning=f"Grade {standing.grade}, one below the target grade.")
    return Fitness()


def why_not(person: Person, case: Case, writer_ids: Collection[str]) -> str:
    """What rules a person out whatever their level, or nothing."""
    if not person.active:
        return "They have left."
    if why := conflict(person, case):
        return why
    if person.id in writer_ids:
        return "They wrote a statement on this case."
    office = next((name for role, name in SEES_ALL_REVIEWS.items() if person.has(role)), None)
    return f"As {office} they could read the other reviews before sealing their own." if office else ""


def own_assignment(actor: Person, case: Case) -> Assignment | None:
    return next((a for a in case.active_assignments if a.reviewer_id == actor.id), None)


def is_sealed(assignment: Assignment) -> bool:
    return bool(assignment.review and assignment.review.sealed_at)


def owes_review(actor: Person, case: Case) -> bool:
    """Asked to review, not waived, not sealed: until then nothing of the other reviews may reach this person."""
    mine = own_assignment(actor, case)
    return mine is not None and mine.waived_at is None and not is_sealed(mine)


def can_list(actor: Person, _thing: object = None) -> Verdict:
    return allow("everyone has a queue; it holds their own reviews")


def can_review(actor: Person, case: Case) -> Verdict:
    """Open one's own review, to write or to read. For anybody else there is none."""
    if Hat.REVIEWER in hats(actor, case) and case.state in FROM_REVIEW:
        return allow("own review")
    return hide("no review of theirs on this case")


def can_write(actor: Person, case: Case) -> Verdict:
    if not (seen := can_review(actor, case)):
        return seen
    mine = own_assignment(actor, case)
    if mine is None or mine.no_conflict_at is None:
        return deny("First say whether you have a conflict of interest.")
    if is_sealed(mine):
        return deny("You have sealed this review; it is not changed.")
    if mine.waived_at is not None:
        return deny("You were released from this review.")
    if case.state is not State.IN_REVIEW:
        return deny("This case is no longer in review.")
    return allow("own open review")


def can_amend(actor: Person, case: Case) -> Verdict:
    """Add a version to one's own sealed review. One answer for all that follows the review, or it would tell that a
    decision exists."""
    if not (seen := can_review(actor, case)):
        return seen
    mine = own_assignment(actor, case)
    if mine is None or not is_sealed(mine):
        return deny("Your review is not sealed; it can simply be changed.")
    if case.state is not State.IN_REVIEW:
        return deny("A sealed review gets no new version once its case has left the review.")
    return allow("own sealed review")


def can_decline(actor: Person, case: Case) -> Verdict:
    """Say that one cannot do a review: from being asked until sealing it."""
    if not (seen := can_review(actor, case)):
        return seen
    if case.state is State.IN_REVIEW and owes_review(actor, case):
        return allow("own open review")
    return deny("There is no review of yours left to decline.")


def can_declare(actor: Person, case: Case) -> Verdict:
    """Say that one has a conflict of interest. It takes away every hat on the case."""
    if not (seen := can_see(actor, case)):
        return seen
    if hats(actor, case) & PARTIES:
        return allow("has a part in the case")
    return deny("You have no part in this case that a conflict could touch.")


def can_read_reviews(actor: Person, case: Case) -> Verdict:
    """Read what reviewers wrote. Until one's own is sealed the page does not exist, so it cannot hint at anything."""
    worn = hats(actor, case)
    if owes_review(actor, case) or case.state not in FROM_REVIEW:
        return hide("nothing of other reviews before one's own is sealed")
    mine = own_assignment(actor, case)
    if Hat.REVIEWER in worn and mine is not None and is_sealed(mine):
        return allow("own review is sealed")
    if worn & {Hat.CHAIR, Hat.PEOPLE_PARTNER}:
        return allow("chairs the committee or keeps the case")
    if Hat.COMMITTEE in worn and case.state in FROM_CALIBRATION:
        return allow("decides the case")
    return hide("no part that reads reviews at this stage")


def can_see_names(actor: Person, case: Case) -> bool:
    """Committee, chair and people partner read reviews by name; fellow reviewers under pseudonyms."""
    if not can_read_reviews(actor, case):
        return False
    worn = hats(actor, case)
    deciding = Hat.COMMITTEE in worn and case.state in FROM_CALIBRATION
    return deciding or bool(worn & {Hat.CHAIR, Hat.PEOPLE_PARTNER})


def can_assign(actor: Person, case: Case) -> Verdict:
    """Choose, remove and release reviewers, and take the case into and out of review."""
    if owes_review(actor, case):
        return hide("who reviews and how far they are is closed until one's own review is sealed")
    return can_run(actor, case)


def can_change_assignment(actor: Person, assignment: Assignment) -> Verdict:
    return _or_hidden(can_assign(actor, assignment.case))


def can_set_feedback_due(actor: Person, referee: Referee) -> Verdict:
    return _or_hidden(can_run(actor, referee.case))


def _or_hidden(verdict: Verdict) -> Verdict:
    """Where the address names a person, a refusal in words would tell that they review the case or are recused."""
    return verdict if verdict else hide(verdict.why)


def can_keep_conflicts(actor: Person, case: Case) -> Verdict:
    """See and report who must stay away from a case, confirm and lift: people partners, and the chair as a second."""
    if owes_review(actor, case):
        return can_assign(actor, case)
    if Hat.CHAIR in hats(actor, case) and can_see(actor, case):
        return allow("presides over the case")
    return can_assign(actor, case)


def can_lift(actor: Person, recusal: Recusal) -> Verdict:
    """Nobody lifts their own recusal; being recused, they do not even see the case."""
    return _or_hidden(can_keep_conflicts(actor, recusal.case))


def can_confirm(actor: Person, recusal: Recusal) -> Verdict:
    """The person it is about, while it is a report; or a keeper of the case."""
    if recusal.pending and actor.id == recusal.person_id and can_see(actor, recusal.case):
        return allow("it is about them")
    return _or_hidden(can_keep_conflicts(actor, recusal.case))


def can_read_frozen(actor: Person, case: Case) -> Verdict:
    """A conflict leaves a writer nothing of the case but what they sealed themselves."""
    if actor.id != case.candidate_id and conflict(actor, case) and frozen_of(actor, case):
        return allow("own frozen review")
    return hide("no frozen review of theirs")


def frozen_of(actor: Person, case: Case) -> Assignment | None:
    mine = (a for a in case.assignments if a.reviewer_id == actor.id and is_sealed(a))
    return next(mine, None)


def can_keep_run(actor: Person, run: AssignmentRun) -> Verdict:
    """A search knows the cases of whoever asked for it, so nobody else sees it, stops it or applies it."""
    if actor.has(Role.PEOPLE_PARTNER) and actor.id == run.asked_by_id:
        return allow("asked for it")
    return hide("somebody else's search")


def can_keep_anchors(actor: Person, _thing: object = None) -> Verdict:
    """Write, copy, open and close anchor packets."""
    if actor.has(Role.PEOPLE_PARTNER):
        return allow("runs the cycle")
    return hide("anchor packets are known to those who keep and those who score them")


def can_keep_anchor(actor: Person, anchor: AnchorPacket) -> Verdict:
    """One anchor packet: not one that was copied from a case its keeper must stay away from, their own before all."""
    if anchor.copied_from is not None and conflict(actor, anchor.copied_from):
        return hide("copied from a case they must stay away from")
    return can_keep_anchors(actor)


def can_score_anchor(actor: Person, asked: Asked) -> Verdict:
    """Score an anchor packet, and afterwards read what was agreed: those who review at its grade, once it is open.
    Whoever keeps anchor packets knows what was agreed and scores none."""
    mine = asked.review is not None
    if asked.anchor.state is AnchorState.DRAFT or actor.has(Role.PEOPLE_PARTNER) or not (asked.home or mine):
        return hide("not asked to score it")
    if asked.anchor.state is AnchorState.CLOSED and not mine:
        return hide("closed before it was begun")
    return allow("asked to score it")


def can_see_board(actor: Person, cycle: Cycle) -> Verdict:
    if actor.has(Role.PEOPLE_PARTNER):
        return allow("runs the cycle")
    return deny("Only a people partner assigns reviewers.")
