"""Shared by the room's tests: recusing somebody, more candidates at grade 4, decided cases of an earlier cycle."""

from datetime import timedelta

from portal.domain.case_flow import State
from portal.models.case import Case, ConflictSource, Recusal
from portal.models.cycle import Committee, CommitteeSeat, Cycle, CyclePin, MarginSetting
from portal.models.decision import Outcome
from portal.models.person import Person
from portal.people import commands as people
from tests.world import NOW, World

ROOM = "/cycles/spring-2026/calibration"
GRADE = f"{ROOM}/4"


def recuse(world: World, case: Case, person: Person) -> None:
    declared = {"source": ConflictSource.DECLARED, "reason": "friends", "declared_by_id": person.id}
    case.recusals.append(Recusal(person=person, at=NOW, **declared))
    world.s.flush()


def newcomer(world: World, key: str, level: str) -> str:
    """One more candidate in the branch of max (senior) or dana (em)."""
    people.add_person(
        world.s,
        actor=None,
        email=f"{key}@example.org",
        name=f"New {key}",
        manager=world.max if level == "senior" else world.dana,
        family_id="engineering",
        level_id=level,
        at=NOW - timedelta(days=100),
    )
    return key


def table(world: World, cases: int) -> list[Case]:
    """So many cases in calibration at grade 4, the tracks in turn."""
    found = []
    for n in range(cases):
        key = newcomer(world, f"c{n}", "em" if n % 2 else "senior")
        found.append(world.case(key, State.IN_CALIBRATION, scores=(3, 3, n % 4)))
    return found


def closed_cycle(world: World, *, approved: int, refused: int, level: str = "senior") -> Cycle:
    """An earlier cycle, now closed, with released cases at grade 4 of one track."""
    now = world.cycle
    version = now.pins[0].rubric_version
    earlier = Cycle(
        slug="autumn-2025",
        name="Autumn 2025",
        opens_at=NOW - timedelta(days=200),
        submit_by=NOW - timedelta(days=180),
        review_by=NOW - timedelta(days=160),
        decide_by=NOW - timedelta(days=140),
        min_reviewers=3,
        quorum=0.67,
        majority=0.5,
        appeal_days=15,
        created_by_id=world.pia.id,
        created_at=NOW - timedelta(days=210),
        closed_at=NOW - timedelta(days=100),
        pins=[CyclePin(family_id="engineering", rubric_version=version)],
        margins=[MarginSetting(margin=0.5, set_by_id=world.pia.id, set_at=NOW - timedelta(days=210))],
        committees=[
            Committee(name="Then", grade_from=3, grade_to=5, chair=world.kim, seats=[CommitteeSeat(person=world.kim)])
        ],
    )
    world.s.add(earlier)
    world.s.flush()
    for n in range(approved + refused):
        outcome = Outcome.APPROVED if n < approved else Outcome.NOT_YET
        case = world.case(newcomer(world, f"old{n}", level), State.RELEASED, outcome=outcome)
        case.cycle = earlier
    world.s.flush()
    return earlier
