"""Form and change the committees that decide: at least three members, chair and deputy among them, no grade twice."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.cycles.commands.settings import checked_name, refuse_if_closed
from portal.domain.case_flow import ENDED, State
from portal.domain.problems import InvalidInput, NotPermitted, Refused, StaleVersion
from portal.models.audit import record
from portal.models.case import Case
from portal.models.cycle import Committee, CommitteeSeat, Cycle
from portal.models.person import Person
from portal.people.bound import SETTLED, stays_away

FEWEST = 3
HIGHEST_GRADE = 99


def form_committee(
    s: Session,
    *,
    cycle: Cycle,
    actor: Person,
    name: str,
    grade_from: int,
    grade_to: int,
    chair: Person,
    deputy: Person | None,
    members: Sequence[Person],
    at: datetime,
) -> Committee:
    """A committee for all tracks at these grades. Cases of these grades that were submitted already come before it.

    Raises InvalidInput naming the field, Refused when another committee has one of the grades."""
    refuse_if_closed(cycle)
    _refuse_bad_grades(cycle, grade_from, grade_to)
    _refuse_own_panel(s, cycle, actor, grade_from, grade_to)
    _refuse_bad_panel(chair, deputy, members)
    _refuse_own_deputy(actor, chair, deputy, None)
    committee = Committee(
        cycle=cycle,
        name=checked_name(name),
        grade_from=grade_from,
        grade_to=grade_to,
        chair=chair,
        deputy=deputy,
        seats=[CommitteeSeat(person=person) for person in members],
    )
    s.add(committee)
    _touch(cycle)
    s.flush()
    _record(s, actor, "committee_formed", committee, at)
    _link_waiting_cases(s, committee)
    return committee


def change_committee(
    s: Session,
    *,
    committee: Committee,
    actor: Person,
    name: str,
    chair: Person,
    deputy: Person | None,
    members: Sequence[Person],
    version: int,
    at: datetime,
) -> None:
    """Another name or other people; its grades stay. `version` is the cycle's, which every change here moves on.

    Ballots that are open keep the people they were opened with."""
    refuse_if_closed(committee.cycle)
    _refuse_own_panel(s, committee.cycle, actor, committee.grade_from, committee.grade_to)
    _refuse_bad_panel(chair, deputy, members)
    _refuse_own_deputy(actor, chair, deputy, committee.deputy)
    if version != committee.cycle.version:
        theirs = _in_words(committee.name, committee.chair, committee.deputy, [seat.person for seat in committee.seats])
        mine = _in_words(name, chair, deputy, members)
        message = "Someone else changed this cycle since you opened the form."
        raise StaleVersion(message, mine=mine, theirs=theirs, version=committee.cycle.version)
    committee.name, committee.chair, committee.deputy = checked_name(name), chair, deputy
    kept = {seat.person_id: seat for seat in committee.seats}
    committee.seats = [kept.get(person.id) or CommitteeSeat(person=person) for person in members]
    _touch(committee.cycle)
    s.flush()
    _record(s, actor, "committee_changed", committee, at)


def _refuse_bad_grades(cycle: Cycle, grade_from: int, grade_to: int) -> None:
    if not 0 <= grade_from <= grade_to <= HIGHEST_GRADE:
        raise InvalidInput(f"Grades: {grade_from} to {grade_to} is not a range; give the lower grade first.")
    for other in cycle.committees:
        if other.grade_from <= grade_to and grade_from <= other.grade_to:
            held = f"{other.grade_from} to {other.grade_to}"
            raise Refused(f"Grades: “{other.name}” decides grades {held} already; no grade has two committees.")


def _refuse_own_panel(s: Session, cycle: Cycle, actor: Person, grade_from: int, grade_to: int) -> None:
    """Nobody chooses who decides their own case, or an open one that they have to stay away from, whatever other role
    they hold."""
    here = Case.cycle_id == cycle.id, Case.grade.between(grade_from, grade_to), Case._state != State.WITHDRAWN
    bound = or_(Case.candidate_id == actor.id, Case._state.not_in(SETTLED))
    if s.scalar(select(Case.id).where(*here, stays_away(actor), bound).limit(1)):
        raise NotPermitted(
            "This committee would decide your own case, or one you have to stay away from; another people partner has "
            "to name it."
        )


def _refuse_own_deputy(actor: Person, chair: Person, deputy: Person | None, before: Person | None) -> None:
    """A deputy presides where the chair must not; so the chair, being a people partner too, does not choose them."""
    if actor.id == chair.id and deputy is not None and deputy is not before:
        raise NotPermitted("You would choose the deputy who stands in for yourself; another people partner names them.")


def _refuse_bad_panel(chair: Person, deputy: Person | None, members: Sequence[Person]) -> None:
    ids = [person.id for person in members]
    problems = []
    if len(set(ids)) != len(ids):
        problems.append("Members: someone is named twice; name everyone once.")
    if len(set(ids)) < FEWEST:
        problems.append(f"Members: {len(set(ids))} named; a committee has at least {FEWEST}.")
    if chair.id not in ids:
        problems.append(f"Chair: {chair.name} is not among the members; add them or choose another chair.")
    if deputy is not None and deputy.id not in ids:
        problems.append(f"Deputy: {deputy.name} is not among the members; add them or choose another deputy.")
    if deputy is not None and deputy.id == chair.id:
        problems.append(f"Deputy: {deputy.name} is the chair; choose somebody else.")
    problems += [f"Members: {person.name} has left." for person in members if not person.active]
    if problems:
        raise InvalidInput("This cannot be a committee yet.", tuple(problems))


def _link_waiting_cases(s: Session, committee: Committee) -> None:
    waiting = select(Case).where(
        Case.cycle_id == committee.cycle_id,
        Case.grade.between(committee.grade_from, committee.grade_to),
        Case.committee_id.is_(None),
        Case._state.not_in([State.DRAFT, *ENDED]),
    )
    for case in s.scalars(waiting.order_by(Case.id)):
        case.committee = committee
    s.flush()


def _touch(cycle: Cycle) -> None:
    """A change to a committee is a change to the cycle: whoever holds an older form of either is told."""
    flag_modified(cycle, "name")


def _record(s: Session, actor: Person, action: str, committee: Committee, at: datetime) -> None:
    payload = {
        "grades": [committee.grade_from, committee.grade_to],
        "chair": committee.chair.id,
        "deputy": committee.deputy.id if committee.deputy else None,
        "members": sorted(committee.member_ids),
    }
    record(s, actor=actor, action=action, thing=f"committee:{committee.id}", at=at, payload=payload)


def _in_words(name: str, chair: Person, deputy: Person | None, members: Sequence[Person]) -> dict[str, str]:
    return {
        "Name": name,
        "Chair": chair.name,
        "Deputy": deputy.name if deputy else "–",
        "Members": ", ".join(sorted(person.name for person in members)),
    }
