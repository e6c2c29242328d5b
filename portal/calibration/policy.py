"""Who may enter the calibration room, see a position, vote, and run the check of the bars. Pure.

Only the hats that decide count here. A candidate, a manager or a referee who also sits on the committee has a conflict
with that case: for them it is not in this room, whatever else they may know about it."""

from dataclasses import dataclass

from portal.cases.policy import Hat, can_see, hats
from portal.cases.queries import count
from portal.domain.access import Verdict, allow, deny, hide
from portal.domain.case_flow import AFTER_RELEASE, FROM_CALIBRATION
from portal.models.calibration import Ballot, Choice, Elector, PublishedStatement, Standing
from portal.models.calibration_session import CalibrationSession
from portal.models.case import Case
from portal.models.cycle import Committee, Cycle
from portal.models.person import Person, Role

DECIDING = frozenset({Hat.COMMITTEE, Hat.CHAIR, Hat.PEOPLE_PARTNER})
TELLERS = frozenset({Hat.CHAIR, Hat.PEOPLE_PARTNER})
NO_PART = "no part in deciding this case"


@dataclass(frozen=True)
class Place:
    """A grade of a cycle where a session may be going on, with who sits there and who leads, as ids: what a screen that
    asks for news needs to know, and nothing of any case."""

    cycle_id: str
    slug: str
    grade: int
    members: frozenset[str]
    leaders: frozenset[str]


@dataclass(frozen=True)
class Room:
    """One cycle's calibration, or with `grade` one grade of it. `cases` are all it holds, before anyone looks."""

    cycle: Cycle
    cases: tuple[Case, ...]
    grade: int | None = None

    @property
    def committees(self) -> list[Committee]:
        return [c for c in self.cycle.committees if self.grade is None or c.covers(self.grade)]

    @property
    def members(self) -> frozenset[str]:
        return frozenset(person_id for c in self.committees for person_id in c.member_ids)

    @property
    def leaders(self) -> frozenset[str]:
        return frozenset(one for c in self.committees for one in (c.chair_id, c.deputy_id) if one)

    @property
    def place(self) -> Place:
        return Place(self.cycle.id, self.cycle.slug, self.grade or 0, self.members, self.leaders)


@dataclass(frozen=True)
class Published:
    """What was published of one cycle."""

    cycle: Cycle
    rows: tuple[PublishedStatement, ...]


@dataclass(frozen=True)
class Sitting:
    """A session of one cycle, with the cycle's committees loaded."""

    cycle: Cycle
    live: CalibrationSession

    @property
    def room(self) -> Room:
        return Room(self.cycle, (), self.live.grade)


@dataclass(frozen=True)
class SittingCase:
    """One case in a session."""

    sitting: Sitting
    case: Case


def can_enter(actor: Person, room: Room | Place) -> Verdict:
    if actor.has(Role.PEOPLE_PARTNER):
        return allow("runs the cycle")
    if actor.id in room.members:
        return allow("sits on a committee of this cycle")
    return hide("no part in calibrating this cycle")


def can_check(actor: Person, room: Room) -> Verdict:
    """Run the check of the bars. The deputy does, once they preside over a case here in the chair's place."""
    if not (entered := can_enter(actor, room)):
        return entered
    if actor.has(Role.PEOPLE_PARTNER) or any(c.chair_id == actor.id for c in room.committees):
        return allow("runs the cycle or chairs the committee")
    if any(Hat.CHAIR in hats(actor, case) for case in room.cases):
        return allow("presides in the chair's place")
    return deny("Only the chair or a people partner runs the check of the bars.")


def can_see_reviewers(actor: Person, room: Room) -> Verdict:
    """How strict the reviewers were together: who calibrates here, and the auditor."""
    return allow("audits") if actor.has(Role.AUDITOR) else can_enter(actor, room)


def can_name_reviewers(actor: Person, room: Room) -> Verdict:
    """By name: the chair alone."""
    if any(c.chair_id == actor.id for c in room.committees):
        return allow("chairs a committee of this cycle")
    return deny("Strictness by name is for the chair.")


def can_see_own_strictness(actor: Person, room: Room) -> Verdict:
    """A reviewer of this cycle, of themself, once the cycle is over."""
    wrote = any(a.reviewer_id == actor.id for case in room.cases for a in case.active_assignments)
    if room.cycle.closed_at is None or not wrote:
        return hide("not over yet, or reviewed nothing here")
    return allow("their own")


def can_facilitate(actor: Person, room: Room | Place) -> Verdict:
    """Lead a session: chair or deputy of a committee of this grade. Which case they lead on is asked of the case."""
    if not (entered := can_enter(actor, room)):
        return entered
    if actor.id in room.leaders:
        return allow("chairs the committee or stands in for the chair")
    return deny("The chair or the deputy leads the session.")


def can_lead(actor: Person, sitting: Sitting) -> Verdict:
    return can_facilitate(actor, sitting.room)


def can_change(actor: Person, at: SittingCase) -> Verdict:
    """Record a change to a position: whoever leads the session, if they may be in the room for the case."""
    if not (seen := can_see_position(actor, at.case)):
        return seen
    return can_lead(actor, at.sitting)


def can_read_minutes(actor: Person, case: Case) -> Verdict:
    """Minutes and changes: who decides the case or keeps it, and after release the manager of the person asking."""
    if can_see_position(actor, case):
        return allow("decides the case or keeps it")
    if Hat.MANAGER in hats(actor, case) and case.state in AFTER_RELEASE:
        return allow("manages the person, after release")
    return hide(NO_PART)


def can_take_part(actor: Person, sitting: Sitting) -> Verdict:
    return can_speak(actor, sitting.room)


def can_speak(actor: Person, room: Room | Place) -> Verdict:
    """Say what one thinks, and write minutes: the committee's members. A people partner looks on."""
    if not (entered := can_enter(actor, room)):
        return entered
    if actor.id in room.members:
        return allow("sits on the committee")
    return deny("The committee's members speak here; you look on.")


def can_publish(actor: Person, _room: Room) -> Verdict:
    """Publish the statement of a cycle; the people partners' whole-cycle sight is asked for a forecast, too."""
    if actor.has(Role.PEOPLE_PARTNER):
        return allow("runs the cycle")
    return hide("does not run the cycle")


def can_read_statement(_actor: Person, statements: Published) -> Verdict:
    """Everybody signed in, once there is something published."""
    return allow("published for everybody") if statements.rows else hide("nothing is published")


def in_room(actor: Person, case: Case) -> bool:
    """Whether this case is on the table for this person: they decide it or keep it, and have no conflict with it."""
    return case.state in FROM_CALIBRATION and bool(hats(actor, case) & DECIDING)


def can_see_position(actor: Person, case: Case) -> Verdict:
    """The position against the bar, and that there is a ballot. Who knows of the case but does not decide it is told
    the same as someone who does not."""
    if not can_see(actor, case) or not hats(actor, case) & DECIDING:
        return hide(NO_PART)
    if case.state not in FROM_CALIBRATION:
        return deny("The position opens when the case is sent to calibration.")
    return allow("decides the case or keeps it")


def can_open_ballot(actor: Person, case: Case) -> Verdict:
    if not (seen := can_see_position(actor, case)):
        return seen
    return allow("presides") if Hat.CHAIR in hats(actor, case) else deny("Only the chair opens a ballot.")


def elector_of(actor: Person, ballot: Ballot) -> Elector | None:
    """The actor's own place on the ballot, if they may vote."""
    return next((e for e in ballot.electors if e.person_id == actor.id and e.standing is Standing.ELIGIBLE), None)


def can_cast(actor: Person, ballot: Ballot) -> Verdict:
    if not (seen := can_see_position(actor, ballot.case)):
        return seen
    if elector_of(actor, ballot) is None:
        return deny("Those who vote were fixed when the ballot opened, and you are not among them.")
    return allow("votes")


def can_close(actor: Person, ballot: Ballot) -> Verdict:
    if not (seen := can_see_position(actor, ballot.case)):
        return seen
    return allow("presides") if Hat.CHAIR in hats(actor, ballot.case) else deny("Only the chair closes a ballot.")


def can_read_tally(actor: Person, ballot: Ballot) -> Verdict:
    """Counts exist for nobody before the ballot is closed, the chair among them."""
    if not (seen := can_see_position(actor, ballot.case)):
        return seen
    return allow("closed") if ballot.closed_at is not None else deny("Nobody sees counts before the ballot is closed.")


def can_dissent(actor: Person, ballot: Ballot) -> Verdict:
    """Whoever voted otherwise than a closed ballot came out; a tie did not carry."""
    if not (read := can_read_tally(actor, ballot)):
        return read
    place = elector_of(actor, ballot)
    counted = count(ballot)
    if place is None or place.choice is not (Choice.AGAINST if counted.carried else Choice.FOR):
        return deny("A dissent is for a member who voted otherwise than the ballot came out.")
    return allow("voted otherwise")


def can_read_votes(actor: Person, ballot: Ballot) -> Verdict:
    """Single votes by name, after the ballot was closed."""
    if not (read := can_read_tally(actor, ballot)):
        return read
    if hats(actor, ballot.case) & TELLERS:
        return allow("keeps the record of the vote")
    return deny("Single votes are for the chair and the people partner.")
