"""What somebody can open now: for whom, of which type, to which level, in which cycle; and why not the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from portal.cases.previous import Gaps, latest_refusal
from portal.cycles.sight import free_of_conflict
from portal.domain.case_flow import ENDED, State
from portal.domain.case_types import KINDS, CaseType, Opener, targets, why_not
from portal.domain.ladder import Family, Level
from portal.domain.rubric_files import read_pinned
from portal.models.case import Case
from portal.models.cycle import Cycle, CyclePin
from portal.models.decision import Decision
from portal.models.person import KeptApart, Person, Role
from portal.models.trial import Trial, TrialDecision
from portal.people.queries import reports_of

OVER = (State.RELEASED, *sorted(ENDED))
OWN_DATES = frozenset(code for code, kind in KINDS.items() if kind.opener is Opener.PEOPLE_PARTNER)
"""The types opened by a people partner, at any time while a cycle runs, with a reason and a deadline of their own."""


@dataclass(frozen=True)
class Opening:
    """A case that somebody could open, or why they cannot. `level` is None where nothing of the type is possible."""

    person: Person
    case_type: CaseType
    cycle: Cycle | None
    level: Level | None
    why_not: str = ""
    previous: Gaps | None = None

    @property
    def key(self) -> str:
        """What stands in the form: type, cycle and level; the person is in the address."""
        cycle, level = self.cycle, self.level
        return f"{self.case_type}:{cycle.id if cycle else ''}:{level.id if level else ''}"


@dataclass(frozen=True)
class Choice:
    """All types for one person, in the order of the table; `possible` can be opened, `closed` say why not."""

    person: Person
    possible: tuple[Opening, ...]
    closed: tuple[Opening, ...]


def people_for(s: Session, actor: Person) -> list[Person]:
    """For whom one may open a case without looking anybody up: oneself, then one's reports by name."""
    return [actor, *reports_of(s, actor.id)]


def person_for(s: Session, actor: Person, person_id: str) -> Person | None:
    """The person of this id, if this actor may open a case for them; None for all others, known or not."""
    found = s.scalar(select(Person).where(Person.id == person_id, Person.active))
    return found if found is not None and openers_for(s, actor, found) else None


def openers_for(s: Session, actor: Person, person: Person) -> frozenset[Opener]:
    """As what this actor may open cases for that person. Nobody acts as people partner for whom they must stay away
    from: why a case cannot be opened would tell them of one they may not know."""
    if actor.id == person.id:
        return frozenset({Opener.PERSON, Opener.PERSON_OR_MANAGER})
    found = {Opener.PERSON_OR_MANAGER} if actor.id == person.manager_id else set()
    if actor.has(Role.PEOPLE_PARTNER) and not _stays_away(s, actor, person):
        found.add(Opener.PEOPLE_PARTNER)
    return frozenset(found)


def _stays_away(s: Session, actor: Person, person: Person) -> bool:
    """In one line with them, kept apart, or in conflict with a case of theirs that is open or led to a trial."""
    if actor.is_above(person) or person.is_above(actor):
        return True
    bond = select(KeptApart.id).where(
        KeptApart.person_id == person.id, KeptApart.away_id == actor.id, KeptApart.ended_at.is_(None)
    )
    alive = or_(is_open(), exists().where(Trial.case_id == Case.id))
    case = select(Case.id).join(Case.candidate).where(Person.id == person.id, alive, ~free_of_conflict(actor))
    return s.scalar(select(or_(bond.exists(), case.exists()))) is True


def running_cycles(s: Session, at: datetime, *, also_late: bool = False) -> list[Cycle]:
    """The cycles that take new cases at this moment, the first to end first; `also_late` those past their dates too."""
    q = select(Cycle).where(Cycle.closed_at.is_(None), Cycle.opens_at <= at)
    q = q if also_late else q.where(Cycle.submit_by > at)
    loaded = q.options(selectinload(Cycle.pins).joinedload(CyclePin.rubric_version))
    return list(s.scalars(loaded.order_by(Cycle.submit_by, Cycle.id)))


def choice_for(s: Session, actor: Person, person: Person, at: datetime) -> Choice:
    """What this actor can open for this person now, and why not the rest of what they could open at another time."""
    may = openers_for(s, actor, person)
    types = [code for code, kind in KINDS.items() if kind.opener in may]
    if reason := why_nothing(s, person, at):
        return Choice(person, (), tuple(Opening(person, code, None, None, reason) for code in types))
    regular = running_cycles(s, at)
    late = running_cycles(s, at, also_late=True)
    refusal = latest_refusal(s, person)
    found = [
        opening
        for code in types
        for opening in _of_type(person, code, late if code in OWN_DATES else regular, refusal, at)
    ]
    return Choice(
        person, tuple(o for o in found if not o.why_not), tuple(_first_of_each(o for o in found if o.why_not))
    )


def why_nothing(s: Session, person: Person, at: datetime) -> str:
    """Why no case of any type can be opened for this person now; "" when one can."""
    if not person.level_id or not person.family_id:
        return f"{person.name} has no level on a ladder yet; a people partner can set it."
    if s.scalar(select(Case.id).where(Case.candidate_id == person.id, is_open()).limit(1)):
        return "There is an open case already; there is one at a time."
    return why_on_trial(s, person)


def why_on_trial(s: Session, person: Person) -> str:
    """That the person is on trial and nothing is decided yet, so that no level is theirs to go on from; "" else."""
    ends_on = s.scalar(undecided_trials(person).limit(1))
    if ends_on is None:
        return ""
    return f"They are on trial until {ends_on:%d %b %Y}. Once its end is decided, a case can be opened."


def undecided_trials(person: Person) -> Select[date]:
    """When the person's trials end whose end is not decided yet, by decisions that still hold."""
    its, later, its_case = aliased(Decision), aliased(Decision), aliased(Case)
    after = later.case_id == Trial.case_id, later.number > its.number, later.released_at.is_not(None)
    return (
        select(Trial.ends_on)
        .join(its_case, its_case.id == Trial.case_id)
        .join(its, its.id == Trial.decision_id)
        .where(its_case.candidate_id == person.id, ~exists().where(*after))
        .where(~exists().where(TrialDecision.trial_id == Trial.id))
    )


def is_open() -> ColumnElement[bool]:
    return Case._state.not_in(OVER)


def _first_of_each(found: Iterator[Opening]) -> Iterator[Opening]:
    """One line a type: the same reason need not be read once a level."""
    seen = set()
    for opening in found:
        if (opening.case_type, opening.why_not) not in seen:
            seen.add((opening.case_type, opening.why_not))
            yield opening


def _of_type(
    person: Person, code: CaseType, cycles: Sequence[Cycle], refusal: Gaps | None, at: datetime
) -> Iterator[Opening]:
    if not cycles:
        yield Opening(person, code, None, None, "No cycle takes new cases at the moment.")
    for cycle in cycles:
        yield from _in_cycle(person, code, cycle, refusal, at)


def _in_cycle(person: Person, code: CaseType, cycle: Cycle, refusal: Gaps | None, at: datetime) -> Iterator[Opening]:
    family = pinned_family(cycle, person)
    own = str(person.level_id)
    if family is None:
        yield Opening(person, code, cycle, None, f"{cycle.name} does not take cases of this ladder.")
        return
    if not any(level.id == own for level in family.levels):
        yield Opening(person, code, cycle, None, f"The ladder of {cycle.name} does not have their level.")
        return
    if code is CaseType.RESUBMISSION and (reason := why_not_again(refusal, own, cycle)):
        yield Opening(person, code, cycle, None, reason)
        return
    previous = refusal if code is CaseType.RESUBMISSION else None
    levels = sorted(targets(family, code, own), key=lambda level: -(level.grade or 0))  # the nearest first
    for level in levels:
        yield Opening(person, code, cycle, level, "", previous)
    if not levels:
        yield Opening(person, code, cycle, None, _nothing_of(family, code, own))


def _nothing_of(family: Family, code: CaseType, own: str) -> str:
    """Why there is no level at all to ask for."""
    title = family.level(own).title
    return {
        CaseType.SWITCH: f"The ladder has no way across from {title}.",
        CaseType.STEP_DOWN: f"There is no smaller role than {title} on this track.",
        CaseType.TO_ADVISOR: f"The ladder has no conversion to advisor from {title}.",
        CaseType.FROM_ADVISOR: f"{title} is not an advisor's place.",
        CaseType.CONFIRMATION: why_not(family, code, own, own),
    }.get(code, "There is no level above on this track.")


def why_not_again(refusal: Gaps | None, own: str, cycle: Cycle) -> str:
    """Why a resubmission cannot be opened in this cycle; "" when it can."""
    if refusal is None:
        return "Only after a letter that said “not yet”."
    if refusal.from_level_id != own:
        return "The last “not yet” was about another level."
    if cycle.id == refusal.cycle_id:
        return "From the next cycle on; the last letter was about this one."
    if refusal.earliest and cycle.opens_at.date() < date.fromisoformat(refusal.earliest):
        return f"The last letter names {refusal.earliest} as the earliest day a cycle may open for it."
    return ""


def pinned_family(cycle: Cycle, person: Person) -> Family | None:
    """The person's ladder as this cycle pinned it; None where the cycle does not take it."""
    pin = next((p for p in cycle.pins if p.family_id == person.family_id), None)
    return read_pinned(pin.rubric_version.org_text, pin.rubric_version.family_text) if pin else None
